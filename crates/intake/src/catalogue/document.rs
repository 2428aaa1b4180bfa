//! Documents with the names of categories and the schemas of forms, in the vault. A document belongs
//! to the public: its owner is `public`. One that is larger than a record goes on in records whose keys
//! are numbered.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{
    Division,
    hash::Sha256,
    id::{Key, RecordId},
};
use lru::LruCache;
use platform::{
    executor::derived_key,
    vault::{MAX_RECORD_BYTES, Vault, VaultError},
};

use super::{
    form::Form,
    table::{self, Names, RowNames},
};
use crate::projections::categories::CategoryRow;

/// Whose the documents are.
const OWNER: &str = "public";

/// How many documents are kept in memory: one is in force, a few older ones still name a category.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// How many forms are kept in memory.
const FORMS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// The words of each row of a document.
type Rows = Arc<[RowNames]>;

/// The documents of a county's catalogue.
#[derive(Clone)]
pub struct Documents {
    vault: Vault,
    kept: Arc<Mutex<LruCache<RecordId, Rows>>>,
    forms: Arc<Mutex<LruCache<Sha256, Arc<Form>>>>,
}

impl Documents {
    /// The documents in this vault.
    pub fn new(vault: Vault) -> Self {
        Self {
            vault,
            kept: Arc::new(Mutex::new(LruCache::new(KEPT))),
            forms: Arc::new(Mutex::new(LruCache::new(FORMS))),
        }
    }

    /// The id of a document: the same bytes are the same document.
    pub fn id(county: Division, bytes: &[u8]) -> RecordId {
        RecordId::new(county, derived_key(&[b"categories", bytes]))
    }

    /// Stores a document under its id. Done twice is done once.
    pub async fn store(&self, document: &RecordId, bytes: &[u8]) -> Result<(), VaultError> {
        for (place, chunk) in bytes.chunks(MAX_RECORD_BYTES).enumerate() {
            self.vault.seal(OWNER, &part(document, place), chunk).await?;
        }
        Ok(())
    }

    /// Stores the schema of a form under its hash. Done twice is done once.
    pub async fn store_form(&self, hash: Sha256, schema: &str) -> Result<(), VaultError> {
        self.vault.seal(OWNER, &self.of_form(hash), schema.as_bytes()).await
    }

    /// The form with this hash; none if its schema is gone.
    pub async fn form(&self, hash: Sha256) -> Result<Option<Arc<Form>>, VaultError> {
        let kept = self.forms.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        if kept.is_some() {
            return Ok(kept);
        }
        let schema = self.vault.text(&self.of_form(hash)).await?;
        let form = schema.and_then(|schema| Form::read(&schema).ok()).map(Arc::new);
        if let Some(form) = &form {
            let mut kept = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
            kept.put(hash, Arc::clone(form));
        }
        Ok(form)
    }

    /// The name of a category; empty if its document is gone.
    pub async fn name(&self, category: &CategoryRow) -> Result<Names, VaultError> {
        Ok(self.words(category).await?.of(category.is_leaf()).clone())
    }

    /// What the document says of a category in words; nothing if it is gone.
    pub async fn words(&self, category: &CategoryRow) -> Result<RowNames, VaultError> {
        let Some((document, row)) = category.source() else { return Ok(RowNames::default()) };
        let rows = self.rows(&document).await?;
        Ok(row.checked_sub(1).and_then(|row| rows.get(row)).cloned().unwrap_or_default())
    }

    fn of_form(&self, hash: Sha256) -> RecordId {
        RecordId::new(self.vault.county(), derived_key(&[b"form", &hash.0]))
    }

    async fn rows(&self, document: &RecordId) -> Result<Rows, VaultError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(document).cloned();
        if let Some(rows) = kept {
            return Ok(rows);
        }
        let rows = table::names(&self.load(document).await?);
        if !rows.is_empty() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.put(document.clone(), Arc::clone(&rows));
        }
        Ok(rows)
    }

    async fn load(&self, document: &RecordId) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        for place in 0.. {
            let Some(chunk) = self.vault.open_record(&part(document, place)).await? else { break };
            bytes.extend_from_slice(&chunk);
            if chunk.len() < MAX_RECORD_BYTES {
                break;
            }
        }
        Ok(bytes)
    }
}

/// The record of a part of a document: its own id, then `<key>_1`, `<key>_2`, …
fn part(document: &RecordId, place: usize) -> RecordId {
    let numbered = || -> Option<Key> { format!("{}_{place}", document.key()).parse().ok() };
    match place {
        0 => document.clone(),
        _ => {
            RecordId::new(document.division(), numbered().unwrap_or_else(|| document.key().clone()))
        }
    }
}
