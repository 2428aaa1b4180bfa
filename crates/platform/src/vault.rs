//! The vault: all that a person typed and all that names a person. Records are sealed under one key
//! per person; the keys are sealed under a master key that is a file. Erasing the key erases the
//! person, and a tombstone stays so that no new key is ever made for them.
//!
//! | file | what |
//! |---|---|
//! | `vault/cipher.rs` | the algorithms, behind one trait |
//! | `vault/envelope.rs` | a key, and what is sealed under it |
//! | `vault/keyring.rs` | the keys that are files |
//! | `vault/keys.rs` | persons' keys: made, read, restricted, erased |
//! | `vault/rotation.rs` | a new master key |
//! | `vault/index.rs` | from a value to whose it is |

mod cipher;
mod envelope;
mod index;
mod keyring;
mod keys;
mod rotation;

use std::{
    num::NonZeroUsize,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

use async_nats::HeaderMap;
use kernel::{Division, hash::Sha256, id::RecordId};
use lru::LruCache;

use crate::log::{
    hash_parts, header,
    stream::{StreamError, StreamHandle, StreamSettings, StreamState},
    writer::{AppendError, Commit, Run, Writer, WriterSettings, Written},
};
pub use cipher::CipherName;
pub use envelope::SealingKey;
pub use keyring::Keyring;
pub use keys::Standing;
use keys::{Current, Known};
pub use rotation::Rotation;

/// The most bytes that a record may have.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;

/// What stands for a text of somebody whose data may be kept but not used.
pub const RESTRICTED: &str = "已限制处理";

pub(crate) const OWNER: &str = "weft-owner";
const STATE: &str = "weft-key";
const ERASED: &str = "erased";

/// How the vault's streams are made, and with what it seals.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// The county.
    pub county: Division,
    /// The most that the records may take, in bytes; keys and index get a sixteenth of it each.
    pub max_bytes: i64,
    /// Copies in a cluster.
    pub replicas: usize,
    /// With what new values are sealed. What is there opens whatever is chosen.
    pub cipher: CipherName,
}

/// The vault of a county, as one process reads and writes it.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
}

struct Shared {
    county: Division,
    keys: StreamHandle,
    key_writer: Writer,
    records: StreamHandle,
    record_writer: Writer,
    index: StreamHandle,
    keyring: Keyring,
    cipher: CipherName,
    /// Keys used lately, and when they were read. Erasing a person takes theirs out in every process
    /// that hears of the tombstone; one that does not asks the stream again after a while.
    cache: Mutex<LruCache<String, Known>>,
    /// Under which generation of the master key new keys are sealed.
    current: Mutex<Option<Current>>,
}

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The owner was erased: nothing of theirs can be read or written any more.
    #[error("{0} was erased")]
    Erased(String),
    /// What the owner left may be kept, but not used.
    #[error("the use of what {0} left is restricted")]
    Restricted(String),
    /// The record is larger than the vault takes.
    #[error("a record has at most {MAX_RECORD_BYTES} bytes, found {0}")]
    TooLarge(usize),
    /// What is stored cannot be opened with the key that belongs to it.
    #[error("the record {0} cannot be opened: it was changed, or the master key is another")]
    Unreadable(String),
    /// A person's key is sealed under a generation of the master key that is not here.
    #[error("generation {0} of the master key is not in the folder of the keys: restore its file")]
    NoMaster(u32),
    /// The stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The writer.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl Vault {
    /// Opens the vault over a connection of the vault's account. The returned future is its two
    /// writers and must run.
    pub async fn open<F: Fn(Written) + Clone + Send + 'static>(
        client: async_nats::Client,
        settings: &VaultSettings,
        keyring: Keyring,
        observe: F,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<F>), StreamError> {
        let county = settings.county;
        let stream = |kind: &str, max_bytes| StreamSettings {
            name: format!("VAULT_{}_{county}", kind.to_uppercase()),
            subjects: vec![format!("vault.{kind}.{county}.>")],
            max_bytes,
            replicas: settings.replicas,
            erasable: true,
        };
        let keys = stream("keys", settings.max_bytes / 16);
        let keys = StreamHandle::open(client.clone(), &keys).await?;
        let index = stream("index", settings.max_bytes / 16);
        let index = StreamHandle::open(client.clone(), &index).await?;
        let records = StreamHandle::open(client, &stream("records", settings.max_bytes)).await?;
        rotation::check_master(&keys, county, &keyring, settings.cipher).await?;
        let changes = format!("vault.keys.{county}.*");
        let changes = keys.client().subscribe(changes).await.map_err(|error| {
            StreamError::Unavailable { stream: keys.name().to_owned(), source: Box::new(error) }
        })?;
        let (key_writer, key_task) =
            Writer::new(keys.clone(), WriterSettings::default(), observe.clone());
        let (record_writer, record_task) =
            Writer::new(records.clone(), WriterSettings::default(), observe);
        let cache =
            Mutex::new(LruCache::new(NonZeroUsize::new(4_096).unwrap_or(NonZeroUsize::MIN)));
        let shared = Arc::new(Shared {
            county,
            keys,
            key_writer,
            records,
            record_writer,
            index,
            keyring,
            cipher: settings.cipher,
            cache,
            current: Mutex::default(),
        });
        let hearing = keys::hear(Arc::downgrade(&shared), changes);
        let task = async move {
            let writing = futures::future::join(key_task, record_task);
            // The writers end with the last handle; hearing never does.
            futures::future::select(pin!(writing), pin!(hearing)).await;
        };
        Ok((Self { shared }, task))
    }

    /// Seals a record under its owner's key and stores it. Done twice with the same id is done once:
    /// the first stays, also where it was erased since.
    pub async fn seal(
        &self,
        owner: &str,
        record: &RecordId,
        plain: &[u8],
    ) -> Result<(), VaultError> {
        if plain.len() > MAX_RECORD_BYTES {
            return Err(VaultError::TooLarge(plain.len()));
        }
        let sealed = self.seal_with(owner, &aad(owner, record), plain).await?;
        let mut headers = HeaderMap::new();
        headers.insert(OWNER, owner);
        let run = run(self.record_subject(record), 0, headers, sealed);
        match self.shared.record_writer.append(run).await {
            Ok(_) => Ok(()),
            // There already, unless the writer gave up among others' refusals.
            Err(AppendError::Conflict { .. }) => {
                match self.shared.records.read_tail(&self.record_subject(record)).await? {
                    Some(_) => Ok(()),
                    None => Err(AppendError::Busy.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Seals bytes under their owner's key, bound to `aad`. What is sealed is stored elsewhere.
    pub(crate) async fn seal_with(
        &self,
        owner: &str,
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        Ok(self.key_for_writing(owner).await?.seal(self.shared.cipher, aad, plain))
    }

    /// Opens what [`Vault::seal_with`] sealed; `name` says in an error what could not be opened.
    pub(crate) async fn open_with(
        &self,
        owner: &str,
        aad: &[u8],
        sealed: &[u8],
        name: &str,
    ) -> Result<Vec<u8>, VaultError> {
        let unreadable = || VaultError::Unreadable(name.to_owned());
        let known = self.key(owner).await?.ok_or_else(unreadable)?;
        if known.restricted {
            return Err(VaultError::Restricted(owner.to_owned()));
        }
        known.key.open(aad, sealed).ok_or_else(unreadable)
    }

    /// Opens a record; none if there is no such record, or it was erased by itself.
    pub async fn open_record(&self, record: &RecordId) -> Result<Option<Vec<u8>>, VaultError> {
        let Some((owner, sealed)) = self.stored(record).await? else { return Ok(None) };
        let aad = aad(&owner, record);
        self.open_with(&owner, &aad, &sealed, &record.to_string()).await.map(Some)
    }

    /// Opens a record whose use is restricted, too: for its owner's own export, and nothing else.
    pub async fn open_for_export(&self, record: &RecordId) -> Result<Option<Vec<u8>>, VaultError> {
        let Some((owner, sealed)) = self.stored(record).await? else { return Ok(None) };
        let unreadable = || VaultError::Unreadable(record.to_string());
        let known = self.key(&owner).await?.ok_or_else(unreadable)?;
        known.key.open(&aad(&owner, record), &sealed).ok_or_else(unreadable).map(Some)
    }

    /// Whether a record is there, whoever may open it; not one that was erased by itself.
    pub async fn has_record(&self, record: &RecordId) -> Result<bool, VaultError> {
        Ok(self.stored(record).await?.is_some())
    }

    /// Whose a record is, and its sealed bytes.
    async fn stored(
        &self,
        record: &RecordId,
    ) -> Result<Option<(String, bytes::Bytes)>, VaultError> {
        let found = self.shared.records.read_last(&[&self.record_subject(record)]).await?.pop();
        let stored = found.filter(|stored| !is_tombstone(&stored.headers));
        Ok(stored.map(|stored| {
            let owner = stored.headers.get(OWNER).map_or("", |value| value.as_str());
            (owner.to_owned(), stored.payload)
        }))
    }

    /// A record as text; none if it is not there or its owner was erased, and [`RESTRICTED`] where it
    /// may not be used.
    pub async fn text(&self, record: &RecordId) -> Result<Option<String>, VaultError> {
        match self.open_record(record).await {
            Ok(plain) => Ok(plain.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
            Err(VaultError::Erased(_)) => Ok(None),
            Err(VaultError::Restricted(_)) => Ok(Some(RESTRICTED.to_owned())),
            Err(error) => Err(error),
        }
    }

    /// Erases one record, whose bytes on disk are overwritten; its owner's others stay. A tombstone
    /// stays, so that a request which comes again does not bring it back. Done twice is done once.
    pub async fn erase_record(&self, record: &RecordId) -> Result<(), VaultError> {
        let subject = self.record_subject(record);
        let (records, writer) = (&self.shared.records, &self.shared.record_writer);
        bury(records, writer, &subject).await
    }

    /// The streams of the vault as they are now, by name: the persons' keys, the index, the sealed
    /// records.
    pub async fn states(&self) -> Result<[(String, StreamState); 3], VaultError> {
        let [keys, index, records] = [&self.shared.keys, &self.shared.index, &self.shared.records];
        Ok([
            (keys.name().to_owned(), keys.state().await?),
            (index.name().to_owned(), index.state().await?),
            (records.name().to_owned(), records.state().await?),
        ])
    }

    /// The county whose vault this is.
    pub fn county(&self) -> Division {
        self.shared.county
    }

    fn record_subject(&self, record: &RecordId) -> String {
        format!("vault.records.{}.{record}", self.shared.county)
    }
}

/// Writes a tombstone on a subject, so that a crash after it leaves the subject fenced; then overwrites
/// what stood there.
async fn bury(stream: &StreamHandle, writer: &Writer, subject: &str) -> Result<(), VaultError> {
    loop {
        let stored = stream.read_subject(subject, 1).await?;
        let fenced = stored.last().is_some_and(|last| is_tombstone(&last.headers));
        if !fenced {
            let expected = stored.last().map_or(0, |last| last.sequence);
            let mut headers = HeaderMap::new();
            headers.insert(STATE, ERASED);
            let tombstone = run(subject.to_owned(), expected, headers, Vec::new());
            match writer.append(tombstone).await {
                Ok(_) => {}
                // Something was written meanwhile: look again.
                Err(AppendError::Conflict { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        for message in stored.iter().filter(|message| !is_tombstone(&message.headers)) {
            stream.erase(message.sequence).await?;
        }
        return Ok(());
    }
}

/// One message as a commit.
fn run(subject: String, expected: u64, mut headers: HeaderMap, bytes: Vec<u8>) -> Commit {
    // The same bytes at the same place are the same commit: what a lost answer is resolved by.
    let id: Sha256 = hash_parts(&[subject.as_bytes(), &bytes]);
    headers.insert(header::COMMIT, id.to_string());
    Commit {
        id: id.to_string(),
        runs: vec![Run { subject, expected, messages: vec![(headers, bytes.into())] }],
    }
}

fn is_tombstone(headers: &HeaderMap) -> bool {
    headers.get(STATE).is_some_and(|state| state.as_str() == ERASED)
}

/// What a sealed record is bound to: moved under another id or owner it does not open.
fn aad(owner: &str, record: &RecordId) -> Vec<u8> {
    format!("weft.record\0{owner}\0{record}").into_bytes()
}

/// A lock whose holder never panics while it is held.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
