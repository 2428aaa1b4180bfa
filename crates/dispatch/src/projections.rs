//! What dispatch knows: its own orders, and what others publish that routing needs. One file a table,
//! the only one that names it.

use kernel::{DecodeError, StoredEvent};
use platform::log::Recorded;

pub mod calendars;
pub mod category_rules;
pub mod figures;
pub mod leaves;
pub mod rosters;
pub mod routing_grids;
pub mod routing_members;
pub mod routing_organisations;
pub mod routing_rules;
pub mod supervisions;
pub mod work_orders;

/// Reads an event of the set whose aggregates have this token in their subjects; none for others.
fn read<E: StoredEvent>(category: &str, event: &Recorded) -> Result<Option<E>, DecodeError> {
    (event.category() == category).then(|| E::decode(&event.ce_type, &event.payload)).transpose()
}
