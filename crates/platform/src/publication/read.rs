//! Reading the public stream as its owner does: from a place in the log on, and where it is by now.

use async_nats::{
    HeaderMap,
    jetstream::{
        message::StreamMessage,
        stream::{DirectGetErrorKind, Stream},
    },
};
use bytes::Bytes;

use super::{POSITION, Publication, PublicationError, at};

/// A message of the public stream.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its place in the public stream.
    pub sequence: u64,
    /// The place in the log of the event that it comes from.
    pub position: u64,
    /// Its subject.
    pub subject: String,
    /// Its headers, those of `CloudEvents` among them.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Told {
    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", async_nats::HeaderValue::as_str)
    }
}

impl Publication {
    async fn stream(&self) -> Result<Stream, PublicationError> {
        self.context.get_stream(&self.name).await.map_err(at("state"))
    }

    /// The last sequence of the public stream. It may fall when a power cut takes the end, which is then
    /// published again.
    pub async fn last(&self) -> Result<u64, PublicationError> {
        Ok(self.stream().await?.cached_info().state.last_sequence)
    }

    /// The sequence before the first message that comes from after this place in the log.
    pub async fn before(&self, position: u64) -> Result<u64, PublicationError> {
        let stream = self.stream().await?;
        let state = &stream.cached_info().state;
        // Messages go by age and size from the beginning only: between first and last there is no gap.
        let (mut low, mut high) = (state.first_sequence.max(1), state.last_sequence + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match get(&stream, middle).await? {
                Some(told) if told.position > position => high = middle,
                Some(_) | None => low = middle + 1,
            }
        }
        Ok(low - 1)
    }

    /// The place in the log of the message of this sequence; of the one that is there before the next
    /// if it is gone by age; 0 if there is none.
    pub async fn position_of(&self, sequence: u64) -> Result<u64, PublicationError> {
        let stream = self.stream().await?;
        if let Some(told) = get(&stream, sequence).await? {
            return Ok(told.position);
        }
        let first = stream.cached_info().state.first_sequence;
        let next = get(&stream, first).await?.filter(|told| told.sequence > sequence);
        Ok(next.map_or(0, |told| told.position.saturating_sub(1)))
    }

    /// The first message after a sequence among these subjects; none if there is none yet.
    pub async fn next(&self, subjects: &str, after: u64) -> Result<Option<Told>, PublicationError> {
        let stream = self.context.get_stream_no_info(&self.name).await.map_err(at("state"))?;
        let found = stream.direct_get_next_for_subject(subjects, Some(after + 1)).await;
        match found {
            Ok(message) => read(message).map(Some),
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
            Err(error) => Err(at("message")(error)),
        }
    }
}

async fn get(stream: &Stream, sequence: u64) -> Result<Option<Told>, PublicationError> {
    match stream.direct_get(sequence).await {
        Ok(message) => read(message).map(Some),
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
        Err(error) => Err(at("message")(error)),
    }
}

fn read(message: StreamMessage) -> Result<Told, PublicationError> {
    let StreamMessage { subject, sequence, headers, payload, .. } = message;
    let position = headers.get(POSITION).and_then(|position| position.as_str().parse().ok());
    let position = position.ok_or(PublicationError::Foreign(sequence))?;
    Ok(Told { sequence, position, subject: subject.to_string(), headers, body: payload })
}
