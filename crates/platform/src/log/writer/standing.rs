//! What became of a commit whose answer was a refusal, or none: the tails of its subjects tell.

use std::collections::HashMap;

use kernel::hash::Sha256;

use super::{Appended, Commit, Pending};
use crate::log::{
    recorded::digest,
    stream::{StreamError, StreamHandle},
};

/// The last sequence of each subject that has messages, and the digest of the message there.
pub(super) type Tails = HashMap<String, (u64, Sha256)>;

pub(super) async fn tails(stream: &StreamHandle, group: &[Pending]) -> Result<Tails, StreamError> {
    let subjects: Vec<&str> = group.iter().flat_map(Pending::subjects).collect();
    let mut tails = Tails::new();
    // At the leader one by one where few are asked for; many in one read, whose answer a race can
    // make stale but never wrong: the server checks every expectation again.
    let stored = if subjects.len() <= 4 {
        let mut found = Vec::new();
        for subject in subjects {
            found.extend(stream.read_tail(subject).await?);
        }
        found
    } else {
        let mut found = Vec::new();
        for page in subjects.chunks(1_000) {
            found.extend(stream.read_last(page).await?);
        }
        found
    };
    for message in stored {
        let digest = digest(&message.headers, &message.payload);
        tails.insert(message.subject, (message.sequence, digest));
    }
    Ok(tails)
}

pub(super) enum Standing {
    Stored(Appended),
    Unwritten,
    Overtaken { subject: String, last: u64 },
}

/// A run is stored where the tail is its own last message, to the byte: the same command decided at
/// another time has the same id and is another's all the same, for what follows must chain to what
/// is stored.
pub(super) fn standing(commit: &Commit, tails: &Tails) -> Standing {
    let ends: Option<Appended> = commit
        .runs
        .iter()
        .map(|run| match tails.get(&run.subject) {
            Some((last, stored))
                if run
                    .messages
                    .last()
                    .is_some_and(|(headers, payload)| digest(headers, payload) == *stored) =>
            {
                Some(*last)
            }
            Some(_) | None => None,
        })
        .collect();
    if let Some(ends) = ends {
        return Standing::Stored(ends);
    }
    for run in &commit.runs {
        let last = tails.get(&run.subject).map_or(0, |(last, _)| *last);
        if last != run.expected {
            return Standing::Overtaken { subject: run.subject.clone(), last };
        }
    }
    Standing::Unwritten
}
