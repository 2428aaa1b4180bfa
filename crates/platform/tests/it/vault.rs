//! The vault: sealed for its owner, kept for ever, and gone when the owner is erased.

use std::path::Path;

use kernel::id::RecordId;
use platform::{
    log::stream::StreamError,
    nats_server::Account,
    vault::{CipherName, Keyring, MAX_RECORD_BYTES, Vault, VaultError, VaultSettings},
};
use tempfile::TempDir;

use crate::ground::{Ground, county};

pub(crate) const LI: &str = "620821000000-li";
pub(crate) const WANG: &str = "620821000000-wang";
pub(crate) const TEXT: &[u8] = "李小明 13800000000 东街三号".as_bytes();

pub(crate) fn record(key: &str) -> RecordId {
    RecordId::new(county(), key.parse().unwrap())
}

pub(crate) struct Stand {
    pub(crate) ground: Ground,
    pub(crate) keys: TempDir,
}

impl Stand {
    pub(crate) async fn new() -> Self {
        Self { ground: Ground::new().await, keys: tempfile::tempdir().unwrap() }
    }

    /// The vault as another process opens it.
    pub(crate) async fn vault(&self) -> Vault {
        self.vault_with(".").await.unwrap()
    }

    pub(crate) async fn vault_with(&self, folder: &str) -> Result<Vault, StreamError> {
        self.opened(folder, CipherName::default()).await
    }

    /// A vault that seals with another cipher.
    pub(crate) async fn vault_sealing(&self, cipher: CipherName) -> Vault {
        self.opened(".", cipher).await.unwrap()
    }

    async fn opened(&self, folder: &str, cipher: CipherName) -> Result<Vault, StreamError> {
        let keyring = Keyring::load_or_create(&self.keys.path().join(folder)).unwrap();
        let settings = VaultSettings { county: county(), max_bytes: 64 << 20, replicas: 1, cipher };
        let client = self.ground.nats.client(Account::Vault).await;
        let (vault, task) = Vault::open(client, &settings, keyring, |_| {}).await?;
        self.ground.life.spawn("vault", async move {
            task.await;
            Ok::<(), std::convert::Infallible>(())
        });
        Ok(vault)
    }

    /// The sealed key of a person, as it lies in its stream.
    pub(crate) async fn sealed_key(&self, owner: &str) -> Vec<u8> {
        let client = self.ground.nats.client(Account::Vault).await;
        let stream = async_nats::jetstream::new(client).get_stream("VAULT_KEYS_620821").await;
        let subject = format!("vault.keys.620821.{owner}");
        let message = stream.unwrap().get_last_raw_message_by_subject(&subject).await.unwrap();
        message.payload.to_vec()
    }

    pub(crate) fn on_disk(&self, bytes: &[u8]) -> bool {
        assert!(bytes.len() > 16);
        found(&self.ground.nats.store_dir(), bytes)
    }
}

/// Whether any file below a folder holds these bytes.
pub(crate) fn found(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return found(&path, bytes);
        }
        // A file may go while the server runs.
        let content = std::fs::read(&path).unwrap_or_default();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

pub(crate) fn erased<T: std::fmt::Debug>(answer: &Result<T, VaultError>) {
    assert!(matches!(answer, Err(VaultError::Erased(_))), "{answer:?}");
}

#[tokio::test]
async fn what_is_sealed_is_opened_here_and_elsewhere_and_never_lies_open() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    assert_eq!(vault.open_record(&record("a")).await.unwrap().unwrap(), TEXT);
    let other = stand.vault().await;
    assert_eq!(other.text(&record("a")).await.unwrap().unwrap().as_bytes(), TEXT);
    assert_eq!(other.open_record(&record("b")).await.unwrap(), None);
    stand.ground.nats.crash().await;
    assert_eq!(other.open_record(&record("a")).await.unwrap().unwrap(), TEXT);
    assert!(!stand.on_disk(TEXT));
}

#[tokio::test]
async fn sealing_again_keeps_the_first() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.seal(LI, &record("a"), b"another text").await.unwrap();
    stand.vault().await.seal(LI, &record("a"), b"from elsewhere").await.unwrap();
    assert_eq!(vault.open_record(&record("a")).await.unwrap().unwrap(), TEXT);
}

#[tokio::test]
async fn two_that_seal_a_persons_first_records_at_once_agree_on_the_key() {
    let stand = Stand::new().await;
    let (one, other) = (stand.vault().await, stand.vault().await);
    let (a, b) = (record("a"), record("b"));
    let (first, second) = futures::join!(one.seal(LI, &a, TEXT), other.seal(LI, &b, TEXT));
    first.and(second).unwrap();
    let fresh = stand.vault().await;
    for record in [a, b] {
        assert_eq!(fresh.open_record(&record).await.unwrap().unwrap(), TEXT);
    }
}

#[tokio::test]
async fn the_record_of_one_does_not_open_as_anothers() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.seal(WANG, &record("b"), b"what Wang wrote").await.unwrap();
    // Somebody with the stream in his hands gives Li's record to Wang.
    let client = stand.ground.nats.client(Account::Vault).await;
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("VAULT_RECORDS_620821").await.unwrap();
    let subject = |key| format!("vault.records.620821.{}", record(key));
    let sealed = stream.get_last_raw_message_by_subject(&subject("a")).await.unwrap();
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("weft-owner", WANG);
    #[expect(clippy::disallowed_methods, reason = "an attack goes past the platform")]
    let sent = context.publish_with_headers(subject("c"), headers, sealed.payload).await;
    sent.unwrap().await.unwrap();
    let answer = vault.open_record(&record("c")).await;
    assert!(matches!(answer, Err(VaultError::Unreadable(_))), "{answer:?}");
    // With another master key the vault does not open at all, so that nothing is sealed under it.
    let refused = stand.vault_with("another").await.err().unwrap().to_string();
    assert!(refused.contains("restore keys/vault.master"), "{refused}");
}

#[tokio::test]
async fn erasing_a_person_takes_their_key_off_the_disk_and_nobody_elses() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.seal(WANG, &record("b"), TEXT).await.unwrap();
    let (of_li, of_wang) = (stand.sealed_key(LI).await, stand.sealed_key(WANG).await);
    assert!(stand.on_disk(&of_li) && stand.on_disk(&of_wang));
    vault.erase(LI).await.unwrap();
    vault.erase(LI).await.unwrap();
    assert!(!stand.on_disk(&of_li), "the key is still in a file of the store");
    assert!(stand.on_disk(&of_wang) && !stand.on_disk(TEXT));
    erased(&vault.open_record(&record("a")).await);
    assert_eq!(vault.text(&record("a")).await.unwrap(), None);
    assert!(vault.is_erased(LI).await.unwrap() && !vault.is_erased(WANG).await.unwrap());
    assert_eq!(vault.open_record(&record("b")).await.unwrap().unwrap(), TEXT);
    stand.ground.nats.crash().await;
    vault.open_record(&record("b")).await.unwrap().unwrap();
    assert!(!stand.on_disk(&of_li));
}

#[tokio::test]
async fn who_was_erased_never_gets_a_key_again() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.erase(LI).await.unwrap();
    // Also one of whom nothing was known yet.
    vault.erase(WANG).await.unwrap();
    stand.ground.nats.crash().await;
    for vault in [vault, stand.vault().await] {
        for owner in [LI, WANG] {
            erased(&vault.seal(owner, &record("b"), TEXT).await);
        }
        erased(&vault.open_record(&record("a")).await);
    }
}

#[tokio::test]
async fn another_process_that_knows_the_key_hears_of_the_erasure() {
    let stand = Stand::new().await;
    let (vault, other) = (stand.vault().await, stand.vault().await);
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    assert_eq!(other.open_record(&record("a")).await.unwrap().unwrap(), TEXT);
    vault.erase(LI).await.unwrap();
    testkit::until("the other process knows", || async {
        other.text(&record("a")).await.unwrap().is_none()
    })
    .await;
    erased(&other.seal(LI, &record("b"), TEXT).await);
}

#[tokio::test]
async fn a_record_that_is_too_large_is_refused() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    let large = vec![0; MAX_RECORD_BYTES + 1];
    let answer = vault.seal(LI, &record("a"), &large).await;
    assert!(matches!(answer, Err(VaultError::TooLarge(_))), "{answer:?}");
    vault.seal(LI, &record("a"), &large[1..]).await.unwrap();
    assert_eq!(vault.open_record(&record("a")).await.unwrap().unwrap().len(), MAX_RECORD_BYTES);
}
