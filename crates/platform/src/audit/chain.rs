//! One chain: every record on one subject, each with the hash of the one before it. Two processes may
//! write the same chain: the expected sequence lets one of them go first, and the other goes on after it.
//!
//! What is written together is one message of several lines, which costs one sync.

use async_nats::HeaderMap;
use kernel::{Division, Timestamp, hash::Sha256};

use super::record::{AuditRecord, Entry, hash_of, lines_of};
use crate::log::{
    stream::{StreamError, StreamHandle},
    writer::{AppendError, Commit, Run, Writer},
};

/// After so many conflicts the records wait for another try.
const MAX_CONFLICTS: usize = 32;

pub(super) struct Chain {
    name: String,
    subject: String,
    stream: StreamHandle,
    writer: Writer,
    /// Where the chain ended when it was written last; none where that is not certain.
    tail: Option<Tail>,
}

/// Where a chain ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    sequence: u64,
    number: u64,
    hash: Sha256,
}

impl Chain {
    pub(super) fn new(county: Division, name: &str, stream: StreamHandle, writer: Writer) -> Self {
        let subject = format!("audit.{county}.{name}");
        Self { name: name.to_owned(), subject, stream, writer, tail: None }
    }

    /// The last record of the chain, after which [`append_here`](Self::append_here) writes.
    pub(super) async fn last(&mut self) -> Result<Option<AuditRecord>, StreamError> {
        let stored = self.stream.read_tail(&self.subject).await?;
        let Some(stored) = stored else {
            self.tail = Some(Tail::default());
            return Ok(None);
        };
        let line = lines_of(&stored.payload).next_back().unwrap_or_default();
        let (record, hash) = (self.read(line)?, hash_of(line));
        self.tail = Some(Tail { sequence: stored.sequence, number: record.number, hash });
        Ok(Some(record))
    }

    /// Stores records as a whole or not at all, in order, at the end of the chain, wherever that is.
    pub(super) async fn append<'a>(
        &mut self,
        entries: impl Iterator<Item = (Timestamp, &'a Entry)> + Clone,
    ) -> Result<(), AppendError> {
        for _ in 0..MAX_CONFLICTS {
            match self.append_here(entries.clone()).await {
                // Another process was first: its records come before these.
                Err(AppendError::Conflict { .. }) => {}
                ended => return ended,
            }
        }
        Err(AppendError::Conflict { subject: self.subject.clone() })
    }

    /// The same, refused where another process has written since this one looked last.
    pub(super) async fn append_here<'a>(
        &mut self,
        entries: impl Iterator<Item = (Timestamp, &'a Entry)>,
    ) -> Result<(), AppendError> {
        if self.tail.is_none() {
            self.last().await.map_err(|_unreadable| AppendError::OutcomeUnknown)?;
        }
        let tail = self.tail.take().unwrap_or_default();
        let (commit, mut next) = self.commit(&tail, entries);
        let ends = self.writer.append(commit).await?;
        next.sequence = ends.first().copied().unwrap_or_default();
        self.tail = Some(next);
        Ok(())
    }

    fn commit<'a>(
        &self,
        tail: &Tail,
        entries: impl Iterator<Item = (Timestamp, &'a Entry)>,
    ) -> (Commit, Tail) {
        let mut next = tail.clone();
        let mut lines = Vec::new();
        for (at, entry) in entries {
            next.number += 1;
            let record = AuditRecord {
                chain: self.name.clone(),
                number: next.number,
                prev: next.hash,
                at,
                entry: entry.clone(),
            };
            let line = record.line();
            next.hash = hash_of(&line);
            if !lines.is_empty() {
                lines.push(b'\n');
            }
            lines.extend(line);
        }
        let messages = vec![(HeaderMap::new(), lines.into())];
        let run = Run { subject: self.subject.clone(), expected: tail.sequence, messages };
        (Commit { id: next.hash.to_string(), runs: vec![run] }, next)
    }

    fn read(&self, line: &[u8]) -> Result<AuditRecord, StreamError> {
        AuditRecord::read(line).map_err(|error| StreamError::Refused {
            stream: self.stream.name().to_owned(),
            description: format!("the last record of {} cannot be read: {error}", self.subject),
        })
    }
}
