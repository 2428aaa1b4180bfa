//! A clock that stands still until the test moves it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use kernel::{Clock, Timestamp};

/// Monday, 1 June 2026, 10:00 in Shanghai: a working day, in working hours.
pub const START: Timestamp = Timestamp(1_780_279_200_000);

/// A clock that says what it was told last.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(START.0))
    }
}

impl ManualClock {
    /// Moves to a moment, earlier or later.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves on, in whole milliseconds.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).expect("a test spans less than an age");
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_where_it_is_put() {
        let clock = ManualClock::default();
        assert_eq!(clock.now(), Timestamp::from_rfc3339("2026-06-01T10:00:00+08:00").unwrap());
        clock.advance(Duration::from_mins(1));
        assert_eq!(clock.now(), START.plus_millis(60_000));
        clock.set(START);
        assert_eq!(clock.now(), START);
    }
}
