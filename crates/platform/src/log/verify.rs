//! Verification of the log itself: gapless, every aggregate's versions without a hole, every hash
//! chain unbroken, times not running backwards.

use std::collections::HashMap;

use kernel::{Timestamp, hash::Sha256};

use super::Recorded;

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A sequence is missing.
    #[error("sequence {0} is missing")]
    Missing(u64),
    /// An aggregate's versions do not count up by one.
    #[error("sequence {sequence}: {subject} goes from version {after} to {found}")]
    Version {
        /// The place.
        sequence: u64,
        /// The aggregate.
        subject: String,
        /// The version before.
        after: u64,
        /// The version found.
        found: u64,
    },
    /// The hash of the event before does not match.
    #[error(
        "sequence {sequence}: the chain of {subject} is broken; the event before it was changed"
    )]
    Chain {
        /// The place.
        sequence: u64,
        /// The aggregate.
        subject: String,
    },
    /// An event is said to have happened before the one it follows.
    #[error("sequence {sequence}: {subject} goes back in time")]
    Time {
        /// The place.
        sequence: u64,
        /// The aggregate.
        subject: String,
    },
}

#[derive(Clone, Copy)]
struct End {
    version: u64,
    digest: Sha256,
    occurred_at: Timestamp,
}

/// Walks a log from its first event and keeps what is wrong with it.
#[derive(Default)]
pub struct Verifier {
    ends: HashMap<String, End>,
    last: u64,
    events: u64,
    findings: Vec<Finding>,
}

impl Verifier {
    /// Checks the next event.
    pub fn check(&mut self, event: &Recorded) {
        let sequence = event.meta.sequence;
        self.findings.extend((self.last + 1..sequence).map(Finding::Missing).take(10));
        self.last = sequence;
        self.events += 1;
        let end = self.ends.get(&event.subject).copied().unwrap_or(End {
            version: 0,
            digest: Sha256::default(),
            occurred_at: Timestamp(i64::MIN),
        });
        let subject = || event.subject.clone();
        if event.meta.version != end.version + 1 {
            self.findings.push(Finding::Version {
                sequence,
                subject: subject(),
                after: end.version,
                found: event.meta.version,
            });
        }
        if event.prev != end.digest {
            self.findings.push(Finding::Chain { sequence, subject: subject() });
        }
        if event.meta.occurred_at < end.occurred_at {
            self.findings.push(Finding::Time { sequence, subject: subject() });
        }
        self.ends.insert(
            subject(),
            End {
                version: event.meta.version,
                digest: event.digest(),
                occurred_at: event.meta.occurred_at,
            },
        );
    }

    /// How many events were checked.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many aggregates they belong to.
    pub fn aggregates(&self) -> usize {
        self.ends.len()
    }

    /// What is wrong; empty when all holds.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
