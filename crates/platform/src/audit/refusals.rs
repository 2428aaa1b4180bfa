//! Refusals of the last seconds: the first of a kind is written at once, those that follow are counted
//! and written as one.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::{Timestamp, id::PersonId};
use tokio::time::{Duration, Instant};

use super::{Waiting, record::Entry};

/// Equal refusals within this time are counted together.
const WINDOW: Duration = Duration::from_secs(5);

/// How many kinds of refusals are told apart; those beyond it are counted by their reason alone.
const KINDS: usize = 4_096;

/// Who was refused what, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    person: Option<PersonId>,
    peer: Option<String>,
    method: Option<String>,
    reason: Option<String>,
}

/// A kind of refusal of which one is written, and those that came since.
struct Counted {
    opened: Instant,
    last: Timestamp,
    times: u64,
    entry: Entry,
}

/// What is counted, and the first of each kind that is not written yet.
#[derive(Default)]
struct Inner {
    counted: HashMap<Kind, Counted>,
    fresh: Vec<Waiting>,
}

#[derive(Default)]
pub(super) struct Refusals(Mutex<Inner>);

impl Refusals {
    pub(super) fn add(&self, at: Timestamp, mut entry: Entry) {
        let mut inner = self.lock();
        let mut kind = Kind {
            person: entry.person.clone(),
            peer: entry.peer.clone(),
            method: entry.method.clone(),
            reason: entry.reason.clone(),
        };
        if inner.counted.len() >= KINDS && !inner.counted.contains_key(&kind) {
            kind = Kind { person: None, peer: None, method: None, reason: kind.reason };
            let Entry { action, result, reason, .. } = entry;
            entry = Entry { action, result, reason, ..Entry::default() };
        }
        if let Some(known) = inner.counted.get_mut(&kind) {
            known.times += 1;
            known.last = at;
            return;
        }
        inner.fresh.push(Waiting { at, entry: entry.clone(), stored: None });
        let opened = Instant::now();
        inner.counted.insert(kind, Counted { opened, last: at, times: 0, entry });
    }

    /// What is to be written now.
    pub(super) fn due(&self) -> Vec<Waiting> {
        self.take(|counted| counted.opened.elapsed() >= WINDOW)
    }

    /// All that is left: at the end.
    pub(super) fn all(&self) -> Vec<Waiting> {
        self.take(|_| true)
    }

    fn take(&self, is_over: impl Fn(&Counted) -> bool) -> Vec<Waiting> {
        let mut inner = self.lock();
        let mut due = std::mem::take(&mut inner.fresh);
        let over = inner.counted.extract_if(|_, counted| is_over(counted));
        due.extend(
            over.filter(|(_, counted)| counted.times > 0).map(|(_, counted)| counted.into()),
        );
        due
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Counted> for Waiting {
    fn from(counted: Counted) -> Self {
        let entry = Entry { times: Some(counted.times), ..counted.entry };
        Self { at: counted.last, entry, stored: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(reason: &str) -> Entry {
        Entry::new("refused").refused(reason)
    }

    fn said(due: Vec<Waiting>) -> Vec<(String, Option<u64>)> {
        due.into_iter()
            .map(|waiting| (waiting.entry.reason.unwrap_or_default(), waiting.entry.times))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_is_told_at_once_and_the_flood_as_one() {
        let refusals = Refusals::default();
        for _ in 0..10_000 {
            refusals.add(Timestamp(1), refused("A"));
        }
        assert_eq!(said(refusals.due()), [("A".to_owned(), None)]);
        assert!(refusals.due().is_empty());
        tokio::time::advance(WINDOW).await;
        assert_eq!(said(refusals.due()), [("A".to_owned(), Some(9_999))]);
        tokio::time::advance(WINDOW).await;
        assert!(refusals.due().is_empty(), "nothing came since");
        refusals.add(Timestamp(2), refused("A"));
        assert_eq!(said(refusals.due()), [("A".to_owned(), None)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_many_callers_takes_bounded_memory() {
        let refusals = Refusals::default();
        for number in 0..3 * KINDS {
            let entry = Entry { peer: Some(number.to_string()), ..refused("A") };
            refusals.add(Timestamp(1), entry);
        }
        assert_eq!(refusals.due().len(), KINDS + 1);
        assert_eq!(refusals.lock().counted.len(), KINDS + 1);
        let rest = said(refusals.all());
        assert_eq!(rest, [("A".to_owned(), Some(2 * KINDS as u64 - 1))]);
    }
}
