//! The media: photos, sealed in pieces under their owner's key. They lie in a stream of their own,
//! whose size is limited by itself, so that photos never stop the log or the vault.
//!
//! The messages of a photo are `media.<county>.<key>.<n>`: 0 is its header, 1 and up are the pieces of
//! the photo and then of its thumbnail. They are stored as a whole or not at all, and once.

mod header;

use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use kernel::{Division, id::MediaId};

pub use header::{MediaHeader, NewMedia, Picture, PictureFacts, Variant};

use crate::{
    log::{
        hash_parts, header as names,
        stream::{StreamError, StreamHandle, StreamSettings},
        writer::{AppendError, Commit, Run, Writer, WriterSettings},
    },
    vault::{OWNER, Vault, VaultError},
};

/// The most bytes of a picture in one message; a message of the server has at most 1 MB.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// How the media's stream is made.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// The county.
    pub county: Division,
    /// The most that all photos may take, in bytes.
    pub max_bytes: i64,
    /// Copies in a cluster.
    pub replicas: usize,
}

/// The media of a county, as one process reads and writes them.
#[derive(Clone)]
pub struct MediaStore {
    shared: Arc<Shared>,
}

struct Shared {
    county: Division,
    stream: StreamHandle,
    writer: Writer,
    vault: Vault,
}

/// A photo as it is found when all are walked through, oldest first.
#[derive(Clone, Debug)]
pub struct Walked {
    /// Its id.
    pub id: MediaId,
    /// Where its header stands in the stream.
    pub sequence: u64,
    /// What is known of it; none if its owner was erased.
    pub header: Option<MediaHeader>,
}

impl MediaStore {
    /// Opens the media over a connection of the vault's account. The returned future is the writer and
    /// must run.
    pub async fn open(
        client: async_nats::Client,
        settings: &MediaSettings,
        vault: Vault,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), StreamError> {
        let county = settings.county;
        let stream = StreamSettings {
            name: format!("MEDIA_{county}"),
            subjects: vec![format!("media.{county}.>")],
            max_bytes: settings.max_bytes,
            replicas: settings.replicas,
            erasable: true,
        };
        let stream = StreamHandle::open(client, &stream).await?;
        // Messages are large here: few go together, and few may wait.
        let settings = WriterSettings { max_batch: 32, queue: 64, ..WriterSettings::default() };
        let (writer, task) = Writer::new(stream.clone(), settings, |_| {});
        Ok((Self { shared: Arc::new(Shared { county, stream, writer, vault }) }, task))
    }

    /// Seals a photo under its owner's key and stores it. Answers with the header that stands under the
    /// id: this one's, or that of the photo which was there first.
    pub async fn put(&self, id: &MediaId, photo: &NewMedia) -> Result<MediaHeader, VaultError> {
        let header = photo.header();
        let owner = header.owner.as_str();
        let count = header.count();
        let seal = |aad: Vec<u8>, plain: Bytes| async move {
            self.shared.vault.seal_with(owner, &aad, &plain).await
        };
        let plain = serde_json::to_vec(&header).map_err(|_| unreadable(id))?;
        let mut sealed = vec![seal(header_aad(owner, id), plain.into()).await?];
        let pictures = [&photo.full, &photo.thumbnail];
        let chunks = pictures.into_iter().flat_map(|picture| picture.bytes.chunks(CHUNK_BYTES));
        for (number, chunk) in (1..).zip(chunks) {
            let aad = chunk_aad(owner, id, number, count);
            sealed.push(seal(aad, Bytes::copy_from_slice(chunk)).await?);
        }
        match self.shared.writer.append(self.commit(id, owner, sealed)).await {
            Ok(_) => Ok(header),
            // There already, unless the writer gave up among others' refusals.
            Err(AppendError::Conflict { .. }) => {
                self.header(id).await?.ok_or_else(|| AppendError::Busy.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is known of a photo; none if there is no such photo. `VaultError::Erased` if its owner was
    /// erased.
    pub async fn header(&self, id: &MediaId) -> Result<Option<MediaHeader>, VaultError> {
        if id.division() != self.shared.county {
            return Ok(None);
        }
        let Some(stored) = self.shared.stream.read_tail(&self.subject(id, 0)).await? else {
            return Ok(None);
        };
        self.open_header(id, &stored.headers, &stored.payload).await.map(Some)
    }

    /// The bytes of a photo or its thumbnail, piece by piece as they are asked for.
    pub fn read(
        &self,
        id: &MediaId,
        header: &MediaHeader,
        variant: Variant,
    ) -> impl Stream<Item = Result<Vec<u8>, VaultError>> + Send + use<> {
        let (store, id, owner) = (self.clone(), id.clone(), header.owner.clone());
        let count = header.count();
        stream::iter(header.numbers(variant).map(Ok)).and_then(move |number| {
            let (store, id, owner) = (store.clone(), id.clone(), owner.clone());
            async move { store.chunk(&id, &owner, number, count).await }
        })
    }

    /// Overwrites all of a photo on the disk and takes it out. Done twice is done once.
    pub async fn erase(&self, id: &MediaId) -> Result<(), VaultError> {
        let all = format!("media.{}.{}.>", self.shared.county, id.key());
        let mut stored = self.shared.stream.read_last(&[&all]).await?;
        // The header last: while it stands, an erasure that was cut short is found again.
        stored.sort_by_key(|message| std::cmp::Reverse(message.sequence));
        for message in stored {
            self.shared.stream.erase(message.sequence).await?;
        }
        Ok(())
    }

    /// The photos whose header stands after this sequence of the stream, oldest first.
    pub async fn walk(&self, after: u64) -> Result<Vec<Walked>, VaultError> {
        let headers = format!("media.{}.*.0", self.shared.county);
        let stored = self.shared.stream.read_subject(&headers, after + 1).await?;
        let mut walked = Vec::with_capacity(stored.len());
        for message in stored {
            let Some(key) = message.subject.split('.').nth(2).and_then(|key| key.parse().ok())
            else {
                continue;
            };
            let id = MediaId::new(self.shared.county, key);
            let header = match self.open_header(&id, &message.headers, &message.payload).await {
                Ok(header) => Some(header),
                Err(VaultError::Erased(_)) => None,
                // Kept, and nobody's to use: it is attached to what it was attached to.
                Err(VaultError::Restricted(_)) => continue,
                Err(error @ VaultError::Unreadable(_)) => {
                    // It is kept for whoever finds out what was done to it; the others go on.
                    tracing::error!(%error, "a photo cannot be opened");
                    continue;
                }
                Err(error) => return Err(error),
            };
            walked.push(Walked { id, sequence: message.sequence, header });
        }
        Ok(walked)
    }

    /// The county whose media these are.
    pub fn county(&self) -> Division {
        self.shared.county
    }

    async fn chunk(
        &self,
        id: &MediaId,
        owner: &str,
        number: u32,
        count: u32,
    ) -> Result<Vec<u8>, VaultError> {
        let stored = self.shared.stream.read_last(&[&self.subject(id, number)]).await?.pop();
        // Pieces go before their header when a photo is erased.
        let stored = stored.ok_or_else(|| VaultError::Erased(id.to_string()))?;
        let aad = chunk_aad(owner, id, number, count);
        let name = id.to_string();
        self.shared.vault.open_with(owner, &aad, &stored.payload, &name).await
    }

    async fn open_header(
        &self,
        id: &MediaId,
        headers: &HeaderMap,
        sealed: &[u8],
    ) -> Result<MediaHeader, VaultError> {
        let owner = headers.get(OWNER).map_or("", |value| value.as_str());
        let aad = header_aad(owner, id);
        let plain = self.shared.vault.open_with(owner, &aad, sealed, &id.to_string()).await?;
        serde_json::from_slice(&plain).map_err(|_| unreadable(id))
    }

    /// The sealed messages of a photo as one commit, each on a subject of its own.
    fn commit(&self, id: &MediaId, owner: &str, sealed: Vec<Vec<u8>>) -> Commit {
        let digests: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
        let commit = hash_parts(&digests).to_string();
        let runs = (0..).zip(sealed).map(|(number, payload)| {
            let mut headers = HeaderMap::new();
            headers.insert(names::COMMIT, commit.as_str());
            headers.insert(OWNER, owner);
            let messages = vec![(headers, Bytes::from(payload))];
            Run { subject: self.subject(id, number), expected: 0, messages }
        });
        let runs = runs.collect();
        Commit { id: commit, runs }
    }

    fn subject(&self, id: &MediaId, number: u32) -> String {
        format!("media.{}.{}.{number}", self.shared.county, id.key())
    }
}

fn unreadable(id: &MediaId) -> VaultError {
    VaultError::Unreadable(id.to_string())
}

/// What a sealed header is bound to.
fn header_aad(owner: &str, id: &MediaId) -> Vec<u8> {
    format!("weft.media\0{owner}\0{id}\0header").into_bytes()
}

/// What a sealed piece is bound to: moved to another place, photo or owner it does not open.
fn chunk_aad(owner: &str, id: &MediaId, number: u32, count: u32) -> Vec<u8> {
    format!("weft.media\0{owner}\0{id}\0{number}\0{count}").into_bytes()
}
