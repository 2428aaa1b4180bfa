//! The trail read by place and by time. Its sequences are gapless, for nothing is ever deleted.

use kernel::Timestamp;

use super::{
    Audit,
    record::{AuditRecord, lines_of},
};
use crate::log::stream::StreamError;

/// How many messages are read at once; each holds what was written together.
pub const BLOCK: u64 = 100;

/// Records are nearly in the order of their times: counted refusals and other processes' clocks are off
/// by less than this.
pub const SLACK_MS: i64 = 60_000;

/// A record with its place in the trail and the bytes that are hashed.
#[derive(Clone, Debug)]
pub struct Line {
    /// The message that it is in.
    pub sequence: u64,
    /// The place in the message, from 0.
    pub index: usize,
    /// The line as stored.
    pub bytes: bytes::Bytes,
    /// What it says.
    pub record: AuditRecord,
}

impl Audit {
    /// The last message of the trail; 0 where it is empty.
    pub async fn end(&self) -> Result<u64, StreamError> {
        Ok(self.stream.state().await?.last)
    }

    /// The records from a message on, of at most [`BLOCK`] messages, oldest first.
    pub async fn read(&self, from: u64) -> Result<Vec<Line>, StreamError> {
        let subjects = format!("audit.{}.>", self.county);
        let stored = self.stream.read_block(&subjects, from, BLOCK).await?;
        let mut lines = Vec::new();
        for stored in stored {
            for (index, line) in lines_of(&stored.payload).enumerate() {
                let sequence = stored.sequence;
                let record =
                    AuditRecord::read(line).map_err(|error| self.unreadable(sequence, &error))?;
                let bytes = stored.payload.slice_ref(line);
                lines.push(Line { sequence, index, bytes, record });
            }
        }
        Ok(lines)
    }

    /// A message before which every record is older than a moment.
    pub async fn place_of(&self, moment: Timestamp) -> Result<u64, StreamError> {
        let moment = moment.plus_millis(-SLACK_MS);
        let (mut low, mut high) = (1, self.end().await? + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let is_older = match self.stream.read_sequence(middle).await? {
                Some(stored) => {
                    AuditRecord::read(lines_of(&stored.payload).next().unwrap_or_default())
                        .map_err(|error| self.unreadable(middle, &error))?
                        .at
                        .lt(&moment)
                }
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
