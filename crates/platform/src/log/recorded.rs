//! One event as the log holds it: subject, headers and payload, and the hash that chains it to the
//! event before it in its aggregate's stream.

use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use kernel::{Division, EventMeta, Timestamp, hash::Sha256};

/// Header names. CloudEvents' attributes in lower case, and Weft's own.
pub(crate) mod header {
    pub(crate) const ID: &str = "ce-id";
    pub(crate) const TYPE: &str = "ce-type";
    pub(crate) const SOURCE: &str = "ce-source";
    pub(crate) const SUBJECT: &str = "ce-subject";
    pub(crate) const TIME: &str = "ce-time";
    pub(crate) const CONTENT_TYPE: &str = "ce-datacontenttype";
    pub(crate) const VERSION: &str = "weft-version";
    pub(crate) const COMMIT: &str = "weft-commit";
    pub(crate) const REQUEST: &str = "weft-request";
    pub(crate) const INDEX: &str = "weft-index";
    pub(crate) const COUNT: &str = "weft-count";
    pub(crate) const PREV: &str = "weft-prev";
    pub(crate) const ACTOR: &str = "weft-actor";
    pub(crate) const CAUSE: &str = "weft-cause";
    pub(crate) const TRACEPARENT: &str = "traceparent";

    /// The headers under the hash, in the order in which they are hashed. `traceparent` is not: it
    /// is how a request travelled, not part of what happened.
    pub(crate) const CHAINED: [&str; 14] = [
        ID,
        TYPE,
        SOURCE,
        SUBJECT,
        TIME,
        CONTENT_TYPE,
        VERSION,
        COMMIT,
        REQUEST,
        INDEX,
        COUNT,
        PREV,
        ACTOR,
        CAUSE,
    ];
}

/// An event read back from the log.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The exact subject: one aggregate.
    pub subject: String,
    /// `weft.<service>.<event>.v<n>`.
    pub ce_type: String,
    /// Who, when, where.
    pub meta: EventMeta,
    /// The JSON of the event.
    pub payload: Bytes,
    /// The hash of the canonical body of the request that wrote it.
    pub request: Sha256,
    /// The place within the commit, from 1.
    pub index: u32,
    /// How many events the commit has on this subject.
    pub count: u32,
    /// The hash of the event before it on this subject; zeros for the first.
    pub prev: Sha256,
    headers: HeaderMap,
}

/// A stored message that is not an event of Weft's form.
#[derive(Debug, thiserror::Error)]
#[error("message {sequence} on {subject} is no event of weft: {what}; run `weft verify`")]
pub struct Malformed {
    /// Its place in the log.
    pub sequence: u64,
    /// Its subject.
    pub subject: String,
    /// What is missing or wrong.
    pub what: &'static str,
}

impl Recorded {
    /// Reads a message as the log delivers it.
    pub fn read(
        subject: &str,
        sequence: u64,
        recorded_at: Timestamp,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<Self, Malformed> {
        let wrong = |what| Malformed { sequence, subject: subject.to_owned(), what };
        let text = |name: &'static str| {
            headers.get(name).map(HeaderValue::as_str).ok_or_else(|| wrong(name))
        };
        let hash = |name| text(name)?.parse::<Sha256>().map_err(|_| wrong(name));
        let number = |name| text(name)?.parse::<u32>().map_err(|_| wrong(name));
        if subject.split('.').count() != 6 {
            return Err(wrong("its subject"));
        }
        Ok(Self {
            subject: subject.to_owned(),
            ce_type: text(header::TYPE)?.to_owned(),
            meta: EventMeta {
                id: text(header::ID)?.to_owned(),
                sequence,
                version: text(header::VERSION)?.parse().map_err(|_| wrong(header::VERSION))?,
                occurred_at: Timestamp::from_rfc3339(text(header::TIME)?)
                    .ok_or_else(|| wrong(header::TIME))?,
                recorded_at,
                actor: text(header::ACTOR)?.to_owned(),
                commit: hash(header::COMMIT)?,
            },
            request: hash(header::REQUEST)?,
            index: number(header::INDEX)?,
            count: number(header::COUNT)?,
            prev: hash(header::PREV)?,
            payload,
            headers,
        })
    }

    /// The aggregate's token in the subject.
    pub fn category(&self) -> &str {
        self.subject.split('.').nth(4).unwrap_or_default()
    }

    /// The division in which the aggregate was born.
    pub fn division(&self) -> Option<Division> {
        let digits: String = self.subject.split('.').skip(1).take(3).collect();
        Division::from_padded(&digits).ok()
    }

    /// The public id of the aggregate: `<12-digit division>-<key>`.
    pub fn aggregate_id(&self) -> &str {
        self.headers.get(header::SUBJECT).map_or("", |value| value.as_str())
    }

    /// The headers under the hash, with their names: what it takes to compute [`digest`](Self::digest)
    /// again, beside the payload.
    pub fn chained(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let value = |name| Some((name, self.headers.get(name)?.as_str()));
        header::CHAINED.into_iter().filter_map(value)
    }

    /// The `traceparent` of the request that wrote it, if it had one.
    pub fn traceparent(&self) -> Option<&str> {
        self.headers.get(header::TRACEPARENT).map(HeaderValue::as_str)
    }

    /// The hash by which the next event of this aggregate points at this one.
    pub fn digest(&self) -> Sha256 {
        digest(&self.headers, &self.payload)
    }
}

/// SHA-256 over the payload and the chained headers, each with its length in front, so that no two
/// different events have the same bytes under the hash.
pub(crate) fn digest(headers: &HeaderMap, payload: &[u8]) -> Sha256 {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let mut feed = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    feed(payload);
    for name in header::CHAINED {
        feed(headers.get(name).map_or("", |value| value.as_str()).as_bytes());
    }
    sha256(&context.finish())
}

/// SHA-256 over parts, each with its length in front.
pub fn hash_parts(parts: &[&[u8]]) -> Sha256 {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    sha256(&context.finish())
}

fn sha256(digest: &aws_lc_rs::digest::Digest) -> Sha256 {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    Sha256(bytes)
}
