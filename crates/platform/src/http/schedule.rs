//! When the next try is of what was not taken, and when it is given up. Pure.

use crate::executor::derived_key;
use kernel::Timestamp;

/// It is given up after this, however often it was sent.
const LONGEST_MS: i64 = 3 * 86_400_000;

/// How failures are met.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How often it is sent.
    pub attempts: u32,
    /// The wait after the first failure, in milliseconds.
    pub first_wait_ms: u32,
    /// The longest wait.
    pub longest_wait_ms: u32,
}

impl Schedule {
    /// How long to wait after so many failures: twice as long each time, and up to a fifth more, by
    /// the receiver, the place of what is sent and the failure, so that those who failed together do not come together.
    pub fn wait_ms(&self, receiver: &str, position: u64, failures: u32) -> i64 {
        let doubled = u64::from(self.first_wait_ms) << failures.saturating_sub(1).min(31);
        let wait = doubled.min(self.longest_wait_ms.into());
        let seed = [receiver.as_bytes(), &position.to_be_bytes(), &failures.to_be_bytes()];
        let dice = derived_key(&seed)
            .as_str()
            .bytes()
            .fold(0_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
        let more = wait * (dice % 201) / 1_000;
        i64::try_from(wait + more).unwrap_or(i64::MAX)
    }

    /// Whether what was first sent then, and failed so often, is given up.
    pub fn is_over(&self, failures: u32, since: Timestamp, now: Timestamp) -> bool {
        failures >= self.attempts || now.0.saturating_sub(since.0) >= LONGEST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule =
        Schedule { attempts: 10, first_wait_ms: 5_000, longest_wait_ms: 3_600_000 };

    #[test]
    fn waits_grow_to_the_longest_and_are_not_the_same_for_all() {
        let waits: Vec<i64> = (1..=14).map(|n| SCHEDULE.wait_ms("w", 7, n)).collect();
        for (place, wait) in waits.iter().enumerate() {
            let least = (5_000_i64 << place.min(20)).min(3_600_000);
            assert!((least..=least * 6 / 5).contains(wait), "{place}: {waits:?}");
        }
        assert_eq!(SCHEDULE.wait_ms("w", 7, 3), SCHEDULE.wait_ms("w", 7, 3));
        let others: std::collections::BTreeSet<i64> =
            (0..20).map(|n| SCHEDULE.wait_ms(&format!("w{n}"), 7, 3)).collect();
        assert!(others.len() > 10, "{others:?}");
    }

    #[test]
    fn an_event_is_given_up_by_number_or_by_time() {
        let over = |failures, days: i64| {
            SCHEDULE.is_over(failures, Timestamp(0), Timestamp(days * 86_400_000))
        };
        assert!(!over(9, 2) && over(10, 0) && over(1, 3));
    }
}
