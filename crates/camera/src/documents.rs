//! The texts of cameras: names, addresses, descriptions, consents. They stand in tables (CSV) in the
//! vault, where no event can follow, and are read by row.

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

/// The texts of cameras share one key, which is not the one of what is public.
const OWNER: &str = "cameras";

/// How many documents' texts are kept in memory.
const KEPT: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// The columns with texts.
const COLUMNS: [&str; 4] = ["name", "address", "description", "consent_document"];

/// What was typed of a camera.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) description: String,
    pub(crate) consent_document: String,
}

impl Texts {
    fn cells(&self) -> [&str; 4] {
        [&self.name, &self.address, &self.description, &self.consent_document]
    }
}

/// A table of texts, a camera a row.
pub(crate) fn table<'a>(rows: impl IntoIterator<Item = &'a Texts>) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = std::iter::once(COLUMNS);
    for cells in header.chain(rows.into_iter().map(Texts::cells)) {
        table.write_record(cells).expect("four cells a row fit, and memory takes them");
    }
    table.into_inner().expect("memory takes them")
}

fn read(table: &[u8]) -> Vec<Texts> {
    let texts = |record: csv::StringRecord| {
        let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
        Texts { name: cell(0), address: cell(1), description: cell(2), consent_document: cell(3) }
    };
    csv::Reader::from_reader(table).into_records().filter_map(Result::ok).map(texts).collect()
}

/// The documents of a county.
pub(crate) struct Documents {
    vault: Vault,
    kept: Mutex<LruCache<RecordId, Arc<Vec<Texts>>>>,
}

impl Documents {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, kept: Mutex::new(LruCache::new(KEPT)) }
    }

    /// Keeps a document: as one record, or where it is too large for that as the numbered parts
    /// `<key>_0`, `<key>_1`, … Done twice is done once.
    pub(crate) async fn keep(&self, document: &RecordId, bytes: &[u8]) -> Result<(), ServiceError> {
        if bytes.len() <= MAX_RECORD_BYTES {
            return Ok(self.vault.seal(OWNER, document, bytes).await?);
        }
        for (number, part) in bytes.chunks(MAX_RECORD_BYTES).enumerate() {
            let record = part_of(document, number).map_err(ServiceError::internal)?;
            self.vault.seal(OWNER, &record, part).await?;
        }
        Ok(())
    }

    /// The texts in a row, from 1; empty ones if the document has no such row.
    pub(crate) async fn texts(&self, document: &str, row: i64) -> Result<Texts, ServiceError> {
        let document: RecordId = document.parse().map_err(ServiceError::corrupt)?;
        let rows = self.rows(document).await?;
        let place = usize::try_from(row - 1).ok();
        Ok(place.and_then(|place| rows.get(place)).cloned().unwrap_or_default())
    }

    async fn rows(&self, document: RecordId) -> Result<Arc<Vec<Texts>>, ServiceError> {
        let known = self.lock().get(&document).cloned();
        if let Some(rows) = known {
            return Ok(rows);
        }
        let Some(bytes) = self.bytes(&document).await? else { return Ok(Arc::default()) };
        let rows = Arc::new(read(&bytes));
        self.lock().put(document, Arc::clone(&rows));
        Ok(rows)
    }

    async fn bytes(&self, document: &RecordId) -> Result<Option<Vec<u8>>, VaultError> {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<RecordId, Arc<Vec<Texts>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record with the texts of a file: the same file, the same record.
pub(crate) fn record_of(county: Division, digest: Sha256) -> RecordId {
    RecordId::new(county, derived_key(&[b"cameras", &digest.0]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_from_their_table() {
        let text = |name: &str| Texts {
            name: name.into(),
            address: "一号, \"东\"街".into(),
            ..Default::default()
        };
        let rows = vec![text("村口"), text("学校\n门口")];
        assert_eq!(read(&table(&rows)), rows);
    }
}
