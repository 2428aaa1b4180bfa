//! Documents with the names of categories, in the vault. A document belongs to the public: its owner
//! is `public`. One that is larger than a record goes on in records whose keys are numbered.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{
    Division,
    id::{Key, RecordId},
};
use lru::LruCache;
use platform::{
    executor::derived_key,
    vault::{MAX_RECORD_BYTES, Vault, VaultError},
};

use super::table;
use crate::projections::categories::CategoryRow;

/// Whose the documents are.
const OWNER: &str = "public";

/// How many documents are kept in memory: one is in force, a few older ones still name a category.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// The name of a category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Chinese.
    pub zh: String,
    /// English; empty for a group, which the table names in Chinese only.
    pub en: String,
}

/// The names of each row of a document: of the group, and of the leaf in Chinese and English.
type Rows = Arc<Vec<[String; 3]>>;

/// The documents of a county's catalogue.
#[derive(Clone)]
pub struct Documents {
    vault: Vault,
    kept: Arc<Mutex<LruCache<RecordId, Rows>>>,
}

impl Documents {
    /// The documents in this vault.
    pub fn new(vault: Vault) -> Self {
        Self { vault, kept: Arc::new(Mutex::new(LruCache::new(KEPT))) }
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

    /// The name of a category in force; empty if its document is gone.
    pub async fn name(&self, category: &CategoryRow) -> Result<Name, VaultError> {
        let Some((document, row)) = category.source() else { return Ok(Name::default()) };
        let rows = self.rows(&document).await?;
        let Some([group, zh, en]) = row.checked_sub(1).and_then(|row| rows.get(row)) else {
            return Ok(Name::default());
        };
        Ok(if category.leaf_kind().is_some() {
            Name { zh: zh.clone(), en: en.clone() }
        } else {
            Name { zh: group.clone(), en: String::new() }
        })
    }

    async fn rows(&self, document: &RecordId) -> Result<Rows, VaultError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(document).cloned();
        if let Some(rows) = kept {
            return Ok(rows);
        }
        let text = String::from_utf8_lossy(&self.load(document).await?).into_owned();
        let rows: Rows = Arc::new(table::names(&text));
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
