//! From a value, such as a phone number, to whose it is. What is stored is a keyed hash of the value:
//! without the key, which is a file, nobody finds a value by trying all there are. It is stored here
//! alone, never in an event, so that it goes when its owner is erased.

use async_nats::HeaderMap;

use super::{Vault, VaultError, cipher};

impl Vault {
    /// Notes that a value of this kind is an owner's. `kind` is a word of the program, such as `phone`;
    /// the value must have one form only, such as E.164. Done twice is done once. `VaultError::Erased`
    /// for who was erased.
    pub async fn index_put(&self, kind: &str, value: &str, owner: &str) -> Result<(), VaultError> {
        // Of one who was erased nothing is noted any more.
        self.key_for_writing(owner).await?;
        let token = self.token(cipher::named(self.shared.cipher), kind, value);
        let subject = self.index_subject(kind, &token, owner);
        Ok(self.shared.index.create_with(&subject, HeaderMap::new(), Vec::new()).await?)
    }

    /// The owners of a value, in no order; never one who was erased.
    pub async fn index_find(&self, kind: &str, value: &str) -> Result<Vec<String>, VaultError> {
        let mut owners = Vec::new();
        for cipher in cipher::ALL {
            let subject = self.index_subject(kind, &self.token(cipher, kind, value), "*");
            for stored in self.shared.index.read_subject(&subject, 1).await? {
                let owner = stored.subject.rsplit('.').next().unwrap_or_default().to_owned();
                if !owners.contains(&owner) && !self.is_erased(&owner).await? {
                    owners.push(owner);
                }
            }
        }
        Ok(owners)
    }

    /// Takes back that a value is an owner's; what was stored is overwritten. Done twice is done once.
    pub async fn index_remove(
        &self,
        kind: &str,
        value: &str,
        owner: &str,
    ) -> Result<(), VaultError> {
        for cipher in cipher::ALL {
            let token = self.token(cipher, kind, value);
            self.index_erase(&self.index_subject(kind, &token, owner)).await?;
        }
        Ok(())
    }

    /// Takes back everything that is noted of an owner.
    pub(super) async fn index_forget(&self, owner: &str) -> Result<(), VaultError> {
        self.index_erase(&self.index_subject("*", "*", owner)).await
    }

    async fn index_erase(&self, subjects: &str) -> Result<(), VaultError> {
        for stored in self.shared.index.read_subject(subjects, 1).await? {
            self.shared.index.erase(stored.sequence).await?;
        }
        Ok(())
    }

    /// What stands for a value: nobody else's, no other kind's and no other county's.
    fn token(&self, cipher: &dyn cipher::Cipher, kind: &str, value: &str) -> String {
        let input = format!("weft.index\0{kind}\0{}\0{value}", self.shared.county);
        let token = cipher.token(self.shared.keyring.index().bytes(), input.as_bytes());
        data_encoding::HEXLOWER.encode(&token)
    }

    fn index_subject(&self, kind: &str, token: &str, owner: &str) -> String {
        format!("vault.index.{}.{kind}.{token}.{owner}", self.shared.county)
    }
}
