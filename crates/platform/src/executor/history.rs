//! What the executor knows of one aggregate: its folded state, where its stream ends, and what each
//! command wrote, so that a command sent again is answered and not carried out.

use std::collections::HashMap;

use kernel::{Aggregate, StoredEvent, Timestamp, hash::Sha256};

use super::LoadError;
use crate::log::{Recorded, Tail};

/// What one command wrote.
pub(super) struct Seen<A: Aggregate> {
    pub(super) request: Sha256,
    /// The version after it.
    pub(super) version: u64,
    /// The sequence of its last event.
    pub(super) sequence: u64,
    pub(super) events: Vec<A::Event>,
}

impl<A: Aggregate> Clone for Seen<A> {
    fn clone(&self) -> Self {
        Self {
            request: self.request,
            version: self.version,
            sequence: self.sequence,
            events: self.events.clone(),
        }
    }
}

pub(super) struct History<A: Aggregate> {
    pub(super) state: A::State,
    pub(super) tail: Tail,
    pub(super) last_time: Timestamp,
    commits: HashMap<Sha256, Seen<A>>,
}

impl<A: Aggregate> Clone for History<A> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            tail: self.tail.clone(),
            last_time: self.last_time,
            commits: self.commits.clone(),
        }
    }
}

impl<A: Aggregate> Default for History<A> {
    fn default() -> Self {
        Self {
            state: A::State::default(),
            tail: Tail::default(),
            last_time: Timestamp(i64::MIN),
            commits: HashMap::new(),
        }
    }
}

impl<A: Aggregate> History<A>
where
    A::Event: StoredEvent,
{
    pub(super) fn seen(&self, commit: &Sha256) -> Option<&Seen<A>> {
        self.commits.get(commit)
    }

    /// Takes in an event that the log holds.
    pub(super) fn read(&mut self, recorded: &Recorded) -> Result<(), LoadError> {
        if recorded.meta.version != self.tail.version + 1 || recorded.prev != self.tail.digest {
            return Err(LoadError::Broken { sequence: recorded.meta.sequence });
        }
        let event = A::Event::decode(&recorded.ce_type, &recorded.payload)?;
        self.tail = Tail {
            sequence: recorded.meta.sequence,
            version: recorded.meta.version,
            digest: recorded.digest(),
        };
        self.apply(recorded.meta.commit, recorded.request, recorded.meta.sequence, event);
        Ok(())
    }

    /// Takes in events that were decided but are not stored yet; `settle` tells where they went.
    pub(super) fn wrote(
        &mut self,
        commit: Sha256,
        request: Sha256,
        tail: Tail,
        events: &[A::Event],
    ) {
        self.tail = tail;
        for event in events {
            self.apply(commit, request, 0, event.clone());
        }
    }

    fn apply(&mut self, commit: Sha256, request: Sha256, sequence: u64, event: A::Event) {
        self.last_time = self.last_time.max(event.occurred_at());
        let state = std::mem::take(&mut self.state);
        self.state = A::evolve(state, &event);
        let seen = self.commits.entry(commit).or_insert_with(|| Seen {
            request,
            version: 0,
            sequence: 0,
            events: Vec::new(),
        });
        seen.sequence = sequence;
        seen.events.push(event);
        seen.version = self.tail.version;
    }

    /// Gives what was written since `expected` its place in the log: the run is contiguous and ends
    /// at `end`.
    pub(super) fn settle(&mut self, expected: u64, end: Option<u64>) {
        let Some(end) = end else { return };
        debug_assert!(end > expected);
        let last_version = self.tail.version;
        for seen in self.commits.values_mut().filter(|seen| seen.sequence == 0) {
            seen.sequence = end - (last_version - seen.version);
        }
        self.tail.sequence = end;
    }
}
