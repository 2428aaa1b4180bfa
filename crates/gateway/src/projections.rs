//! What the gateway keeps of the log for its live parts and the big screen. Lists and details are
//! asked of the services that own them; here is only what must be told to many browsers at once, and
//! told again to one that was away: rows carry the sequence at which they last changed.

use kernel::{DecodeError, StoredEvent};
use platform::log::Recorded;

pub mod figures;
pub mod live_cases;
pub mod live_orders;
mod lost;

/// Reads an event of the set whose aggregates have this token in their subjects; none for others.
fn read<E: StoredEvent>(category: &str, event: &Recorded) -> Result<Option<E>, DecodeError> {
    (event.category() == category).then(|| E::decode(&event.ce_type, &event.payload)).transpose()
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A sequence as a column holds it.
fn sequence(recorded: &Recorded) -> i64 {
    i64::try_from(recorded.meta.sequence).unwrap_or(i64::MAX)
}
