//! The imported files: kept in the vault, where no event can follow, and read for the names in their
//! rows.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{
    Division,
    hash::Sha256,
    id::{InvalidId, RecordId},
};
use lru::LruCache;
use platform::{
    executor::derived_key,
    grpc::ServiceError,
    vault::{MAX_RECORD_BYTES, Vault, VaultError},
};

use crate::imports::{divisions, grids};

/// Names of places are nobody's secret: they share one key.
const PUBLIC: &str = "public";

/// How many documents' names are kept in memory.
const KEPT: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// The imported documents of a county.
pub(crate) struct Documents {
    vault: Vault,
    names: Mutex<LruCache<RecordId, Arc<Vec<String>>>>,
}

impl Documents {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, names: Mutex::new(LruCache::new(KEPT)) }
    }

    /// Keeps a document: as one record, or where it is too large for that as the numbered parts
    /// `<key>_0`, `<key>_1`, … Done twice is done once.
    pub(crate) async fn keep(&self, document: &RecordId, bytes: &[u8]) -> Result<(), ServiceError> {
        if bytes.len() <= MAX_RECORD_BYTES {
            return Ok(self.vault.seal(PUBLIC, document, bytes).await?);
        }
        for (number, part) in bytes.chunks(MAX_RECORD_BYTES).enumerate() {
            let record = part_of(document, number).map_err(ServiceError::internal)?;
            self.vault.seal(PUBLIC, &record, part).await?;
        }
        Ok(())
    }

    /// The name in a row, from 1; empty if the document has no such row.
    pub(crate) async fn name(&self, document: &str, row: i64) -> Result<String, ServiceError> {
        let document: RecordId = document.parse().map_err(ServiceError::corrupt)?;
        let names = self.names(document).await?;
        let place = usize::try_from(row - 1).ok();
        Ok(place.and_then(|place| names.get(place)).cloned().unwrap_or_default())
    }

    async fn names(&self, document: RecordId) -> Result<Arc<Vec<String>>, ServiceError> {
        let known = self.lock().get(&document).cloned();
        if let Some(names) = known {
            return Ok(names);
        }
        let Some(bytes) = self.read(&document).await? else { return Ok(Arc::default()) };
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let geojson = text.trim_start().starts_with('{');
        let names = Arc::new(if geojson { grids::names(text) } else { divisions::names(text) });
        self.lock().put(document, Arc::clone(&names));
        Ok(names)
    }

    async fn read(&self, document: &RecordId) -> Result<Option<Vec<u8>>, VaultError> {
        if let Some(whole) = self.vault.open_record(document).await? {
            return Ok(Some(whole));
        }
        let mut bytes = Vec::new();
        for number in 0.. {
            let Ok(record) = part_of(document, number) else { break };
            let Some(part) = self.vault.open_record(&record).await? else { break };
            bytes.extend(part);
        }
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<RecordId, Arc<Vec<String>>>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record of a file: the same file, the same record.
pub(crate) fn record_of(county: Division, digest: Sha256) -> RecordId {
    RecordId::new(county, derived_key(&[b"document", &digest.0]))
}

/// The SHA-256 of a file.
pub(crate) fn digest_of(bytes: &[u8]) -> Sha256 {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut sha256 = Sha256::default();
    sha256.0.copy_from_slice(digest.as_ref());
    sha256
}

fn part_of(document: &RecordId, number: usize) -> Result<RecordId, InvalidId> {
    let key = format!("{}_{number}", document.key()).parse()?;
    Ok(RecordId::new(document.division(), key))
}
