//! What is known of a photo, beside its bytes. No name and no text: ids, sizes, times and hashes.

use std::ops::Range;

use bytes::Bytes;
use kernel::{Timestamp, hash::Sha256, id::PersonId};
use serde::{Deserialize, Serialize};

use super::CHUNK_BYTES;
use crate::log::hash_parts;

/// Which of a photo's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The photo.
    Full,
    /// A small picture of it.
    Thumbnail,
}

/// A picture that is ready to be stored.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// The encoded picture; not empty.
    pub bytes: Bytes,
}

/// A photo that is ready to be stored.
#[derive(Clone, Debug)]
pub struct NewMedia {
    /// Under whose key it is sealed: a person's id, or `media:<id>` where it belongs to nobody.
    pub owner: String,
    /// Who uploaded it.
    pub uploader: PersonId,
    /// The keyed hash of the request that uploaded it, to tell it from another under the same id.
    pub request: Sha256,
    /// When.
    pub uploaded_at: Timestamp,
    /// Of which form both pictures are, such as `image/jpeg`.
    pub content_type: String,
    /// The photo.
    pub full: Picture,
    /// Its thumbnail.
    pub thumbnail: Picture,
}

/// What is known of a stored picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureFacts {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// In how many messages it lies.
    pub chunks: u32,
    /// The SHA-256 of its length and its bytes.
    pub sha256: Sha256,
}

/// What is known of a stored photo. It lies sealed, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaHeader {
    /// Under whose key it is sealed.
    pub owner: String,
    /// Who uploaded it.
    pub uploader: PersonId,
    /// The keyed hash of the request that uploaded it.
    pub request: Sha256,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Of which form both pictures are.
    pub content_type: String,
    /// The photo.
    pub full: PictureFacts,
    /// Its thumbnail.
    pub thumbnail: PictureFacts,
}

impl NewMedia {
    pub(super) fn header(&self) -> MediaHeader {
        MediaHeader {
            owner: self.owner.clone(),
            uploader: self.uploader.clone(),
            request: self.request,
            uploaded_at: self.uploaded_at,
            content_type: self.content_type.clone(),
            full: self.full.facts(),
            thumbnail: self.thumbnail.facts(),
        }
    }
}

impl Picture {
    fn facts(&self) -> PictureFacts {
        let chunks = self.bytes.len().div_ceil(CHUNK_BYTES);
        PictureFacts {
            width: self.width,
            height: self.height,
            bytes: self.bytes.len() as u64,
            chunks: u32::try_from(chunks).unwrap_or(u32::MAX),
            sha256: hash_parts(&[&self.bytes]),
        }
    }
}

impl MediaHeader {
    /// What is known of one of the pictures.
    pub const fn picture(&self, variant: Variant) -> &PictureFacts {
        match variant {
            Variant::Full => &self.full,
            Variant::Thumbnail => &self.thumbnail,
        }
    }

    /// How many messages the pictures have together.
    pub(super) const fn count(&self) -> u32 {
        self.full.chunks + self.thumbnail.chunks
    }

    /// The numbers of the messages in which a picture lies.
    pub(super) const fn numbers(&self, variant: Variant) -> Range<u32> {
        match variant {
            Variant::Full => 1..self.full.chunks + 1,
            Variant::Thumbnail => self.full.chunks + 1..self.count() + 1,
        }
    }
}
