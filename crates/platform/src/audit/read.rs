//! The trail read by place and by time. Its sequences are gapless, for nothing is ever deleted.

use kernel::Timestamp;

use super::{Audit, record::AuditRecord};
use crate::log::stream::StreamError;

/// How many records are read at once.
pub const BLOCK: u64 = 500;

/// Records are nearly in the order of their times: counted refusals and other processes' clocks are off
/// by less than this.
pub const SLACK_MS: i64 = 60_000;

/// A record with its place in the trail and the bytes that are hashed.
#[derive(Clone, Debug)]
pub struct Line {
    /// The place in the trail, over all its chains.
    pub sequence: u64,
    /// The line as stored.
    pub bytes: bytes::Bytes,
    /// What it says.
    pub record: AuditRecord,
}

impl Audit {
    /// The last place of the trail; 0 where it is empty.
    pub async fn end(&self) -> Result<u64, StreamError> {
        Ok(self.stream.state().await?.last)
    }

    /// The records from a place on, at most [`BLOCK`], oldest first.
    pub async fn read(&self, from: u64) -> Result<Vec<Line>, StreamError> {
        let subjects = format!("audit.{}.>", self.county);
        let stored = self.stream.read_block(&subjects, from, BLOCK).await?;
        stored
            .into_iter()
            .map(|stored| {
                let record = AuditRecord::read(&stored.payload)
                    .map_err(|error| self.unreadable(stored.sequence, &error))?;
                Ok(Line { sequence: stored.sequence, bytes: stored.payload, record })
            })
            .collect()
    }

    /// A place before which every record is older than a moment.
    pub async fn place_of(&self, moment: Timestamp) -> Result<u64, StreamError> {
        let moment = moment.plus_millis(-SLACK_MS);
        let (mut low, mut high) = (1, self.end().await? + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let is_older = match self.stream.read_sequence(middle).await? {
                Some(stored) => AuditRecord::read(&stored.payload)
                    .map_err(|error| self.unreadable(middle, &error))?
                    .at
                    .lt(&moment),
                None => true,
            };
            if is_older { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    fn unreadable(&self, sequence: u64, error: &serde_json::Error) -> StreamError {
        StreamError::Refused {
            stream: self.stream.name().to_owned(),
            description: format!("the record at {sequence} cannot be read: {error}"),
        }
    }
}
