//! The vault's keys: a new master key while the suite runs, restriction, and the choice of cipher.

use std::fs;

use platform::vault::{CipherName, Keyring, RESTRICTED, Rotation, Standing, VaultError};

use crate::vault::{LI, Stand, TEXT, WANG, erased, record};

const NOBODY: &str = "620821000000-nobody";

#[tokio::test]
async fn a_rotation_seals_every_key_anew_and_the_old_master_may_go() {
    let stand = Stand::new().await;
    // Two processes, one of which never hears of the new file before it meets it.
    let (vault, other) = (stand.vault().await, stand.vault().await);
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.seal(WANG, &record("b"), TEXT).await.unwrap();
    vault.restrict(WANG).await.unwrap();
    vault.erase(NOBODY).await.unwrap();
    let before = stand.sealed_key(LI).await;
    assert_eq!(Keyring::create_next(stand.keys.path()).unwrap(), 2);
    let waiting =
        Rotation { generation: 1, current: 2, restricted: 1, erased: 1, ..Rotation::default() };
    assert_eq!(vault.rotation().await.unwrap(), waiting);

    let done = vault.rotate(&|_| {}).await.unwrap();
    assert_eq!(done, Rotation { generation: 2, ..waiting });
    assert!(!stand.on_disk(&before), "the old sealed key is still in a file of the store");
    assert_eq!(other.open_record(&record("a")).await.unwrap().unwrap(), TEXT);
    other.seal("620821000000-new", &record("c"), TEXT).await.unwrap();
    assert_eq!(other.standing(WANG).await.unwrap(), Standing::Restricted);
    erased(&other.seal(NOBODY, &record("d"), TEXT).await);
    assert_eq!(vault.rotate(&|_| {}).await.unwrap().current, 3, "again changes nothing");

    fs::remove_file(stand.keys.path().join("vault.master")).unwrap();
    let fresh = stand.vault().await;
    for key in ["a", "c"] {
        assert_eq!(fresh.open_record(&record(key)).await.unwrap().unwrap(), TEXT);
    }
    assert!(!stand.keys.path().join("vault.master").exists());
}

#[tokio::test]
async fn a_rotation_that_was_cut_short_says_what_is_left_and_goes_on() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    for number in 0..40 {
        let owner = format!("620821000000-p{number}");
        vault.seal(&owner, &record(&format!("r{number}")), TEXT).await.unwrap();
    }
    Keyring::create_next(stand.keys.path()).unwrap();
    let rotating = vault.clone();
    let life = stand.ground.life.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    let stopped = stop.clone();
    life.spawn("rotation", async move {
        tokio::select! {
            _done = rotating.rotate(&|_| {}) => {}
            () = stopped.cancelled() => {}
        }
        Ok::<(), std::convert::Infallible>(())
    });
    // In the middle of it, as far as that can be met: no key is ever missing or double for readers.
    testkit::until("some are sealed anew", || async {
        vault.rotation().await.unwrap().generation == 2
    })
    .await;
    stop.cancel();
    stand.ground.nats.crash().await;
    let halfway = vault.rotation().await.unwrap();
    assert_eq!(halfway.current + halfway.left, 40);
    let after = stand.vault().await;
    for number in 0..40 {
        let record = record(&format!("r{number}"));
        assert_eq!(after.open_record(&record).await.unwrap().unwrap(), TEXT);
    }
    let done = after.rotate(&|_| {}).await.unwrap();
    assert_eq!((done.current, done.left, done.replaced), (40, 0, 0));
}

#[tokio::test]
async fn a_key_under_a_generation_that_is_not_here_says_which_file_is_missing() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    Keyring::create_next(stand.keys.path()).unwrap();
    vault.rotate(&|_| {}).await.unwrap();
    fs::remove_file(stand.keys.path().join("vault.master.2")).unwrap();
    let refused = stand.vault_with(".").await.err().unwrap().to_string();
    assert!(refused.contains("restore keys/vault.master.2"), "{refused}");
}

#[tokio::test]
async fn what_is_restricted_is_kept_and_opened_for_export_alone() {
    let stand = Stand::new().await;
    let (vault, other) = (stand.vault().await, stand.vault().await);
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    assert_eq!(other.standing(LI).await.unwrap(), Standing::Active);
    vault.restrict(LI).await.unwrap();
    vault.restrict(LI).await.unwrap();
    testkit::until("the other process knows", || async {
        other.standing(LI).await.unwrap() == Standing::Restricted
    })
    .await;
    for vault in [&vault, &other] {
        let answer = vault.open_record(&record("a")).await;
        assert!(matches!(answer, Err(VaultError::Restricted(_))), "{answer:?}");
        assert_eq!(vault.text(&record("a")).await.unwrap().unwrap(), RESTRICTED);
        assert_eq!(vault.open_for_export(&record("a")).await.unwrap().unwrap(), TEXT);
    }
    // What is written meanwhile is kept too.
    vault.seal(LI, &record("b"), b"later").await.unwrap();
    vault.lift(LI).await.unwrap();
    testkit::until("the other process knows", || async {
        other.standing(LI).await.unwrap() == Standing::Active
    })
    .await;
    assert_eq!(other.open_record(&record("a")).await.unwrap().unwrap(), TEXT);
    assert_eq!(other.open_record(&record("b")).await.unwrap().unwrap(), b"later");
    vault.erase(LI).await.unwrap();
    erased(&vault.restrict(LI).await);
    erased(&vault.lift(LI).await);
    erased(&vault.open_for_export(&record("a")).await);
}

#[tokio::test]
async fn one_record_goes_and_its_owners_others_stay() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    vault.seal(LI, &record("b"), TEXT).await.unwrap();
    vault.erase_record(&record("a")).await.unwrap();
    vault.erase_record(&record("a")).await.unwrap();
    stand.ground.nats.crash().await;
    // The request that brought it comes again.
    vault.seal(LI, &record("a"), TEXT).await.unwrap();
    assert_eq!(vault.open_record(&record("a")).await.unwrap(), None);
    assert_eq!(vault.open_record(&record("b")).await.unwrap().unwrap(), TEXT);
}

#[tokio::test]
async fn a_vault_opens_what_it_sealed_before_the_cipher_was_changed() {
    let stand = Stand::new().await;
    let aes = stand.vault().await;
    aes.seal(LI, &record("a"), TEXT).await.unwrap();
    let sm4 = stand.vault_sealing(CipherName::Sm4Gcm).await;
    sm4.seal(LI, &record("b"), TEXT).await.unwrap();
    sm4.seal(WANG, &record("c"), TEXT).await.unwrap();
    for vault in [&aes, &sm4] {
        for key in ["a", "b", "c"] {
            assert_eq!(vault.open_record(&record(key)).await.unwrap().unwrap(), TEXT);
        }
    }
    assert!(!stand.on_disk(TEXT));
}
