//! The vault: all that a person typed and all that names a person. Records are sealed with
//! AES-256-GCM under one key per person; the keys are sealed under a master key that is a file.
//! Erasing the key erases the person, and a tombstone stays so that no new key is ever made for them.

mod envelope;
mod master;

use std::{
    num::NonZeroUsize,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_nats::HeaderMap;
use futures::StreamExt as _;
use kernel::{Division, hash::Sha256, id::RecordId};
use lru::LruCache;
use tokio::time::Instant;

use crate::log::{
    hash_parts, header,
    stream::{StreamError, StreamHandle, StreamSettings, StreamState},
    writer::{AppendError, Commit, Run, Writer, WriterSettings, Written},
};
use envelope::PersonKey;
pub use master::MasterKey;

/// The most bytes that a record may have.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;

/// After this a key in memory is read again, for a tombstone may have passed unheard.
const KEY_AGE: Duration = Duration::from_mins(1);

pub(crate) const OWNER: &str = "weft-owner";
const STATE: &str = "weft-key";

/// How the vault's streams are made.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// The county.
    pub county: Division,
    /// The most that the records may take, in bytes; keys get a sixteenth of it.
    pub max_bytes: i64,
    /// Copies in a cluster.
    pub replicas: usize,
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
    master: MasterKey,
    /// Keys used lately, and when they were read. Erasing a person takes theirs out in every process
    /// that hears of the tombstone; one that does not asks the stream again after a while.
    cache: Mutex<LruCache<String, (PersonKey, Instant)>>,
}

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The owner was erased: nothing of theirs can be read or written any more.
    #[error("{0} was erased")]
    Erased(String),
    /// The record is larger than the vault takes.
    #[error("a record has at most {MAX_RECORD_BYTES} bytes, found {0}")]
    TooLarge(usize),
    /// What is stored cannot be opened with the key that belongs to it.
    #[error("the record {0} cannot be opened: it was changed, or the master key is another")]
    Unreadable(String),
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
        master: MasterKey,
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
        let records = StreamHandle::open(client, &stream("records", settings.max_bytes)).await?;
        check_master(&keys, county, &master).await?;
        let tombstones = format!("vault.keys.{county}.*");
        let tombstones = keys.client().subscribe(tombstones).await.map_err(|error| {
            StreamError::Unavailable { stream: keys.name().to_owned(), source: Box::new(error) }
        })?;
        let (key_writer, key_task) =
            Writer::new(keys.clone(), WriterSettings::default(), observe.clone());
        let (record_writer, record_task) =
            Writer::new(records.clone(), WriterSettings::default(), observe);
        let cache =
            Mutex::new(LruCache::new(NonZeroUsize::new(4_096).unwrap_or(NonZeroUsize::MIN)));
        let shared = Shared { county, keys, key_writer, records, record_writer, master, cache };
        let shared = Arc::new(shared);
        let hearing = hear(Arc::downgrade(&shared), tombstones);
        let task = async move {
            let writing = futures::future::join(key_task, record_task);
            // The writers end with the last handle; hearing never does.
            futures::future::select(pin!(writing), pin!(hearing)).await;
        };
        Ok((Self { shared }, task))
    }

    /// Seals a record under its owner's key and stores it. Done twice with the same id is done once:
    /// the first stays.
    pub async fn seal(
        &self,
        owner: &str,
        record: &RecordId,
        plain: &[u8],
    ) -> Result<(), VaultError> {
        if plain.len() > MAX_RECORD_BYTES {
            return Err(VaultError::TooLarge(plain.len()));
        }
        let key = self.key_for_writing(owner).await?;
        let sealed = key.seal(&aad(owner, record), plain);
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
        Ok(self.key_for_writing(owner).await?.seal(aad, plain))
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
        let key = self.key(owner).await?.ok_or_else(unreadable)?;
        key.open(aad, sealed).ok_or_else(unreadable)
    }

    /// Opens a record; none if there is no such record.
    pub async fn open_record(&self, record: &RecordId) -> Result<Option<Vec<u8>>, VaultError> {
        let found = self.shared.records.read_last(&[&self.record_subject(record)]).await?.pop();
        let Some(stored) = found else { return Ok(None) };
        let owner = stored.headers.get(OWNER).map_or("", |value| value.as_str());
        let unreadable = || VaultError::Unreadable(record.to_string());
        let key = self.key(owner).await?.ok_or_else(unreadable)?;
        key.open(&aad(owner, record), &stored.payload).ok_or_else(unreadable).map(Some)
    }

    /// A record as text; none if it is not there or its owner was erased.
    pub async fn text(&self, record: &RecordId) -> Result<Option<String>, VaultError> {
        match self.open_record(record).await {
            Ok(plain) => Ok(plain.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
            Err(VaultError::Erased(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Erases a person: the tombstone first, so that a crash between leaves them fenced, then the
    /// key, whose bytes on disk are overwritten. Done twice is done once.
    pub async fn erase(&self, owner: &str) -> Result<(), VaultError> {
        let subject = self.key_subject(owner);
        self.forget(owner);
        loop {
            let stored = self.shared.keys.read_subject(&subject, 1).await?;
            let fenced = stored.last().is_some_and(|last| is_tombstone(&last.headers));
            if !fenced {
                let expected = stored.last().map_or(0, |last| last.sequence);
                let mut headers = HeaderMap::new();
                headers.insert(STATE, "erased");
                let tombstone = run(subject.clone(), expected, headers, Vec::new());
                match self.shared.key_writer.append(tombstone).await {
                    Ok(_) => {}
                    // A key was made meanwhile: look again.
                    Err(AppendError::Conflict { .. }) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            for message in stored.iter().filter(|message| !is_tombstone(&message.headers)) {
                self.shared.keys.erase(message.sequence).await?;
            }
            self.forget(owner);
            return Ok(());
        }
    }

    /// Whether a person was erased.
    pub async fn is_erased(&self, owner: &str) -> Result<bool, VaultError> {
        match self.key(owner).await {
            Ok(_) => Ok(false),
            Err(VaultError::Erased(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The streams of the vault as they are now, by name: the persons' keys, the sealed records.
    pub async fn states(&self) -> Result<[(String, StreamState); 2], VaultError> {
        Ok([
            (self.shared.keys.name().to_owned(), self.shared.keys.state().await?),
            (self.shared.records.name().to_owned(), self.shared.records.state().await?),
        ])
    }

    /// The county whose vault this is.
    pub fn county(&self) -> Division {
        self.shared.county
    }

    async fn key_for_writing(&self, owner: &str) -> Result<PersonKey, VaultError> {
        loop {
            if let Some(key) = self.key(owner).await? {
                return Ok(key);
            }
            let key = PersonKey::generate();
            let sealed = self.shared.master.seal(owner.as_bytes(), key.bytes());
            let mut headers = HeaderMap::new();
            headers.insert(STATE, "active");
            let run = run(self.key_subject(owner), 0, headers, sealed);
            match self.shared.key_writer.append(run).await {
                Ok(_) => {
                    self.remember(owner, &key);
                    return Ok(key);
                }
                // Another process was first: theirs counts.
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn key(&self, owner: &str) -> Result<Option<PersonKey>, VaultError> {
        let cached =
            self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner).get(owner).cloned();
        if let Some((key, read)) = cached
            && read.elapsed() < KEY_AGE
        {
            return Ok(Some(key));
        }
        let Some(stored) = self.shared.keys.read_tail(&self.key_subject(owner)).await? else {
            return Ok(None);
        };
        if is_tombstone(&stored.headers) {
            return Err(VaultError::Erased(owner.to_owned()));
        }
        let key = self
            .shared
            .master
            .open(owner.as_bytes(), &stored.payload)
            .and_then(|bytes| PersonKey::from_bytes(&bytes))
            .ok_or_else(|| VaultError::Unreadable(format!("of the key of {owner}")))?;
        self.remember(owner, &key);
        Ok(Some(key))
    }

    fn remember(&self, owner: &str, key: &PersonKey) {
        let mut cache = self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.put(owner.to_owned(), (key.clone(), Instant::now()));
    }

    fn forget(&self, owner: &str) {
        self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner).pop(owner);
    }

    fn key_subject(&self, owner: &str) -> String {
        format!("vault.keys.{}.{owner}", self.shared.county)
    }

    fn record_subject(&self, record: &RecordId) -> String {
        format!("vault.records.{}.{record}", self.shared.county)
    }
}

/// The first thing that a vault holds is sealed under its master key: another key is refused before it
/// seals anything.
async fn check_master(
    keys: &StreamHandle,
    county: Division,
    master: &MasterKey,
) -> Result<(), StreamError> {
    const CHECK: &[u8] = b"weft.master";
    // No person's id looks so.
    let subject = format!("vault.keys.{county}.master");
    loop {
        if let Some(stored) = keys.read_tail(&subject).await? {
            if master.open(CHECK, &stored.payload).as_deref() == Some(CHECK) {
                return Ok(());
            }
            return Err(StreamError::Refused {
                stream: keys.name().to_owned(),
                description: "the master key is not the one that this vault was sealed with; \
                    restore keys/vault.master from where it is kept"
                    .to_owned(),
            });
        }
        // Two processes may start at once: the first seal counts, so it is read again.
        keys.create(&subject, master.seal(CHECK, CHECK)).await?;
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

/// Takes the keys of those who are erased, here or in another process, out of memory.
async fn hear(shared: Weak<Shared>, mut tombstones: async_nats::Subscriber) {
    while let Some(message) = tombstones.next().await {
        let Some(shared) = shared.upgrade() else { break };
        if message.headers.as_ref().is_some_and(is_tombstone) {
            let owner = message.subject.rsplit('.').next().unwrap_or_default();
            shared.cache.lock().unwrap_or_else(PoisonError::into_inner).pop(owner);
        }
    }
    futures::future::pending::<()>().await;
}

fn is_tombstone(headers: &HeaderMap) -> bool {
    headers.get(STATE).is_some_and(|state| state.as_str() == "erased")
}

/// What a sealed record is bound to: moved under another id or owner it does not open.
fn aad(owner: &str, record: &RecordId) -> Vec<u8> {
    format!("weft.record\0{owner}\0{record}").into_bytes()
}
