//! The media: sealed in pieces for their owner, stored whole and once, and gone when they are erased.

use bytes::Bytes;
use futures::{TryStreamExt as _, future::BoxFuture};
use kernel::{Timestamp, hash::Sha256, id::MediaId};
use platform::{
    log::writer::AppendError,
    media::{CHUNK_BYTES, MediaSettings, MediaStore, NewMedia, Picture, Variant},
    nats_server::Account,
    vault::{CipherName, Keyring, Vault, VaultError, VaultSettings},
};
use tempfile::TempDir;

use crate::ground::{Ground, county};

const LI: &str = "620821000000-li";

struct Stand {
    ground: Ground,
    keys: TempDir,
}

impl Stand {
    async fn new() -> Self {
        Self { ground: Ground::new().await, keys: tempfile::tempdir().unwrap() }
    }

    /// The media and the vault as another process opens them.
    fn open(&self, max_bytes: i64) -> BoxFuture<'_, (MediaStore, Vault)> {
        Box::pin(async move {
            let county = county();
            let master = Keyring::load_or_create(self.keys.path()).unwrap();
            let settings = VaultSettings {
                county,
                max_bytes: 64 << 20,
                replicas: 1,
                cipher: CipherName::default(),
            };
            let client = self.ground.nats.client(Account::Vault).await;
            let opened = Vault::open(client.clone(), &settings, master, |_| {}).await;
            let (vault, sealing) = opened.unwrap();
            let settings = MediaSettings { county, max_bytes, replicas: 1 };
            let (media, storing) =
                MediaStore::open(client, &settings, vault.clone()).await.unwrap();
            self.ground.life.spawn("vault and media", async move {
                futures::join!(sealing, storing);
                Ok::<(), std::convert::Infallible>(())
            });
            (media, vault)
        })
    }

    /// The messages of a photo as they lie in the stream.
    async fn stored(&self, id: &MediaId) -> Vec<Bytes> {
        let client = self.ground.nats.client(Account::Vault).await;
        let stream = async_nats::jetstream::new(client).get_stream("MEDIA_620821").await.unwrap();
        let mut found = Vec::new();
        loop {
            let subject = format!("media.620821.{}.{}", id.key(), found.len());
            match stream.get_last_raw_message_by_subject(&subject).await {
                Ok(message) => found.push(message.payload),
                Err(_none) => return found,
            }
        }
    }
}

fn id(key: &str) -> MediaId {
    MediaId::new(county(), key.parse().unwrap())
}

/// A photo of this many bytes, each telling its place.
fn photo(length: usize, request: u8) -> NewMedia {
    let picture = |length: usize| {
        let bytes = (0..length).map(|place| u8::try_from(place % 251).unwrap());
        Picture { width: 4, height: 3, bytes: bytes.collect() }
    };
    NewMedia {
        owner: LI.to_owned(),
        uploader: LI.parse().unwrap(),
        request: Sha256([request; 32]),
        uploaded_at: Timestamp(1_000),
        content_type: "image/jpeg".to_owned(),
        full: picture(length),
        thumbnail: picture(100),
    }
}

async fn read(media: &MediaStore, id: &MediaId, variant: Variant) -> Result<Vec<u8>, VaultError> {
    let header = media.header(id).await?.unwrap();
    Ok(media.read(id, &header, variant).try_collect::<Vec<_>>().await?.concat())
}

#[tokio::test]
async fn a_photo_of_several_pieces_is_read_here_and_elsewhere_also_after_a_crash() {
    let stand = Stand::new().await;
    let (media, _) = stand.open(64 << 20).await;
    let photo = photo(2 * CHUNK_BYTES + 17, 1);
    let header = media.put(&id("a"), &photo).await.unwrap();
    assert_eq!((header.full.chunks, header.thumbnail.chunks), (3, 1));
    let (other, _) = stand.open(64 << 20).await;
    stand.ground.nats.crash().await;
    assert_eq!(other.header(&id("a")).await.unwrap(), Some(header));
    assert_eq!(read(&other, &id("a"), Variant::Full).await.unwrap(), photo.full.bytes);
    assert_eq!(read(&other, &id("a"), Variant::Thumbnail).await.unwrap(), photo.thumbnail.bytes);
    assert_eq!(other.header(&id("b")).await.unwrap(), None);
    let elsewhere = MediaId::new("620822".parse().unwrap(), "a".parse().unwrap());
    assert_eq!(other.header(&elsewhere).await.unwrap(), None);
}

#[tokio::test]
async fn the_first_under_an_id_stays() {
    let stand = Stand::new().await;
    let (media, _) = stand.open(64 << 20).await;
    let (other, _) = stand.open(64 << 20).await;
    let first = media.put(&id("a"), &photo(10, 1)).await.unwrap();
    assert_eq!(media.put(&id("a"), &photo(CHUNK_BYTES + 1, 2)).await.unwrap(), first);
    assert_eq!(other.put(&id("a"), &photo(20, 3)).await.unwrap(), first);
    assert_eq!(read(&other, &id("a"), Variant::Full).await.unwrap().len(), 10);
    assert_eq!(stand.stored(&id("a")).await.len(), 3, "nothing of the later ones is there");
}

#[tokio::test]
async fn a_piece_in_another_place_does_not_open() {
    let stand = Stand::new().await;
    let (media, _) = stand.open(64 << 20).await;
    media.put(&id("a"), &photo(2 * CHUNK_BYTES, 1)).await.unwrap();
    let pieces = stand.stored(&id("a")).await;
    // Somebody with the stream in his hands puts the second piece where the first was.
    let client = stand.ground.nats.client(Account::Vault).await;
    let context = async_nats::jetstream::new(client);
    #[expect(clippy::disallowed_methods, reason = "an attack goes past the platform")]
    let sent =
        context.publish(format!("media.620821.{}.1", id("a").key()), pieces[2].clone()).await;
    sent.unwrap().await.unwrap();
    let answer = read(&media, &id("a"), Variant::Full).await;
    assert!(matches!(answer, Err(VaultError::Unreadable(_))), "{answer:?}");
}

#[tokio::test]
async fn with_its_owner_a_photo_is_gone_and_none_comes_after() {
    let stand = Stand::new().await;
    let (media, vault) = stand.open(64 << 20).await;
    media.put(&id("a"), &photo(10, 1)).await.unwrap();
    vault.erase(LI).await.unwrap();
    for answer in [
        media.header(&id("a")).await.map(|_| ()),
        media.put(&id("b"), &photo(10, 1)).await.map(|_| ()),
    ] {
        assert!(matches!(answer, Err(VaultError::Erased(_))), "{answer:?}");
    }
    let walked = media.walk(0).await.unwrap();
    assert_eq!(walked.len(), 1);
    assert!(walked[0].header.is_none(), "still there to be erased, and not to be read");
}

#[tokio::test]
async fn an_erased_photo_is_off_the_disk_and_can_come_again() {
    let stand = Stand::new().await;
    let (media, _) = stand.open(64 << 20).await;
    for key in ["a", "b", "c"] {
        media.put(&id(key), &photo(CHUNK_BYTES + 100, 1)).await.unwrap();
    }
    let pieces = stand.stored(&id("b")).await;
    assert_eq!(pieces.len(), 4);
    let store = stand.ground.nats.store_dir();
    let on_disk = |bytes: &Bytes| crate::vault::found(&store, &bytes[..64]);
    assert!(pieces.iter().all(on_disk));
    media.erase(&id("b")).await.unwrap();
    media.erase(&id("b")).await.unwrap();
    assert!(!pieces.iter().any(on_disk));
    let walked = media.walk(0).await.unwrap();
    assert_eq!(walked.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [id("a"), id("c")]);
    assert!(media.walk(walked[1].sequence).await.unwrap().is_empty());
    media.put(&id("b"), &photo(10, 2)).await.unwrap();
    assert_eq!(read(&media, &id("b"), Variant::Full).await.unwrap().len(), 10);
}

#[tokio::test]
async fn full_is_said_so_and_leaves_no_half_of_a_photo() {
    let stand = Stand::new().await;
    let (media, vault) = stand.open(1 << 20).await;
    media.put(&id("a"), &photo(2 * CHUNK_BYTES, 1)).await.unwrap();
    let answer = media.put(&id("b"), &photo(3 * CHUNK_BYTES, 1)).await;
    assert!(matches!(answer, Err(VaultError::Append(AppendError::Full { .. }))), "{answer:?}");
    assert!(stand.stored(&id("b")).await.is_empty());
    // The vault goes on.
    let record = "620821000000-record".parse().unwrap();
    vault.seal(LI, &record, b"text").await.unwrap();
    assert_eq!(read(&media, &id("a"), Variant::Full).await.unwrap().len(), 2 * CHUNK_BYTES);
}
