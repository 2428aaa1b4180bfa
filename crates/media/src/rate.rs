//! How many photos one person may upload within a while, as this process has counted.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kernel::{Timestamp, id::PersonId};
use lru::LruCache;

/// How many persons are remembered; whoever uploads most is remembered longest.
const PERSONS: usize = 8_192;

/// Counts uploads by person.
pub struct Rate {
    most: usize,
    window_ms: i64,
    uploads: Mutex<LruCache<PersonId, VecDeque<Timestamp>>>,
}

impl Rate {
    /// At most so many uploads a person within so many milliseconds.
    pub fn new(most: usize, window_ms: i64) -> Self {
        let persons = NonZeroUsize::new(PERSONS).unwrap_or(NonZeroUsize::MIN);
        Self { most, window_ms, uploads: Mutex::new(LruCache::new(persons)) }
    }

    /// Counts an upload, or says after how long the person may upload again.
    pub fn count(&self, person: &PersonId, now: Timestamp) -> Result<(), Duration> {
        let mut uploads = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
        let times = uploads.get_or_insert_mut(person.clone(), VecDeque::new);
        while times.front().is_some_and(|first| first.plus_millis(self.window_ms) <= now) {
            times.pop_front();
        }
        if times.len() < self.most {
            times.push_back(now);
            return Ok(());
        }
        let free = times.front().map_or(now, |first| first.plus_millis(self.window_ms));
        Err(Duration::from_millis(u64::try_from(free.0 - now.0).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_a_window_of_their_own() {
        let rate = Rate::new(2, 1_000);
        let [li, wang] = ["li", "wang"].map(|name| format!("620821000000-{name}").parse().unwrap());
        assert!(rate.count(&li, Timestamp(0)).is_ok());
        assert!(rate.count(&li, Timestamp(400)).is_ok());
        assert_eq!(rate.count(&li, Timestamp(700)), Err(Duration::from_millis(300)));
        assert!(rate.count(&wang, Timestamp(700)).is_ok());
        assert!(rate.count(&li, Timestamp(1_000)).is_ok(), "the first has left the window");
        assert_eq!(rate.count(&li, Timestamp(1_000)), Err(Duration::from_millis(400)));
    }
}
