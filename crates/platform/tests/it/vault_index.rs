//! The vault's index: who a value belongs to, known to the vault alone and gone with its owner.

use platform::{
    nats_server::Account,
    vault::{CipherName, Vault},
};

use crate::vault::{LI, Stand, WANG, erased};

const PHONE: &str = "+8613800000000";

async fn owners(vault: &Vault, kind: &str, value: &str) -> Vec<String> {
    let mut owners = vault.index_find(kind, value).await.unwrap();
    owners.sort();
    owners
}

#[tokio::test]
async fn a_value_leads_to_its_owners_and_to_nobody_elses() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.index_put("phone", PHONE, LI).await.unwrap();
    vault.index_put("phone", PHONE, LI).await.unwrap();
    vault.index_put("phone", PHONE, WANG).await.unwrap();
    vault.index_put("login", "li", LI).await.unwrap();
    let other = stand.vault().await;
    assert_eq!(owners(&other, "phone", PHONE).await, [LI, WANG]);
    assert_eq!(owners(&other, "login", "li").await, [LI]);
    assert_eq!(owners(&other, "login", PHONE).await, [""; 0], "of another kind");
    assert_eq!(owners(&other, "phone", "+8613800000001").await, [""; 0]);
    vault.index_remove("phone", PHONE, WANG).await.unwrap();
    vault.index_remove("phone", PHONE, WANG).await.unwrap();
    assert_eq!(owners(&other, "phone", PHONE).await, [LI]);
    vault.index_put("phone", PHONE, WANG).await.unwrap();
    assert_eq!(owners(&other, "phone", PHONE).await, [LI, WANG]);
    // Longer than what `on_disk` looks for at least.
    let login = "li.xiaoming@pingchuan.example";
    vault.index_put("login", login, LI).await.unwrap();
    assert!(!stand.on_disk(login.as_bytes()), "only a hash lies there");
}

#[tokio::test]
async fn what_the_index_has_goes_with_its_owner() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.index_put("phone", PHONE, LI).await.unwrap();
    vault.index_put("phone", PHONE, WANG).await.unwrap();
    let subjects = subjects(&stand).await;
    let of_li = subjects.iter().find(|subject| subject.ends_with(LI)).unwrap();
    assert!(stand.on_disk(of_li.as_bytes()));
    vault.erase(LI).await.unwrap();
    assert_eq!(owners(&vault, "phone", PHONE).await, [WANG]);
    erased(&vault.index_put("phone", PHONE, LI).await);
    stand.ground.nats.crash().await;
    assert_eq!(owners(&vault, "phone", PHONE).await, [WANG]);
    assert!(!stand.on_disk(of_li.as_bytes()), "the entry is still in a file of the store");
}

#[tokio::test]
async fn a_copy_of_the_index_from_before_finds_nobody_who_was_erased() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.index_put("phone", PHONE, LI).await.unwrap();
    let subject = subjects(&stand).await.remove(0);
    vault.erase(LI).await.unwrap();
    let context = async_nats::jetstream::new(stand.ground.nats.client(Account::Vault).await);
    #[expect(clippy::disallowed_methods, reason = "a restored copy goes past the platform")]
    let sent = context.publish(subject, "".into()).await;
    sent.unwrap().await.unwrap();
    assert_eq!(owners(&vault, "phone", PHONE).await, [""; 0]);
}

#[tokio::test]
async fn another_cipher_finds_what_was_put_under_the_first() {
    let stand = Stand::new().await;
    let vault = stand.vault().await;
    vault.index_put("phone", PHONE, LI).await.unwrap();
    let sm4 = stand.vault_sealing(CipherName::Sm4Gcm).await;
    sm4.index_put("phone", PHONE, LI).await.unwrap();
    sm4.index_put("phone", PHONE, WANG).await.unwrap();
    assert_eq!(owners(&vault, "phone", PHONE).await, [LI, WANG]);
    sm4.index_remove("phone", PHONE, LI).await.unwrap();
    assert_eq!(owners(&vault, "phone", PHONE).await, [WANG]);
}

async fn subjects(stand: &Stand) -> Vec<String> {
    let client = stand.ground.nats.client(Account::Vault).await;
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("VAULT_INDEX_620821").await.unwrap();
    let mut subjects = Vec::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        subjects.push(stream.get_raw_message(sequence).await.unwrap().subject.to_string());
    }
    subjects
}
