//! What dispatch knows: its own orders, and what others publish that routing needs. One file a table,
//! the only one that names it.

use kernel::{DecodeError, StoredEvent};
use platform::log::Recorded;

pub mod calendars;
pub mod campaign_grids;
pub mod campaign_progress;
pub mod campaign_tasks;
pub mod campaigns;
pub mod category_rules;
pub mod convocation_bodies;
pub mod convocation_tasks;
pub mod convocations;
pub mod figures;
pub mod incident_orders;
pub mod incident_teams;
pub mod incidents;
pub mod instructions;
pub mod leaves;
pub mod mediations;
pub mod notification_cases;
pub mod notification_readers;
pub mod notification_rules;
pub mod notifications;
pub mod rosters;
pub mod routing_grids;
pub mod routing_members;
pub mod routing_organisations;
pub mod routing_rules;
pub mod scoped;
pub mod supervisions;
pub mod teams;
pub mod work_orders;

/// Reads an event of the set whose aggregates have this token in their subjects; none for others.
fn read<E: StoredEvent>(category: &str, event: &Recorded) -> Result<Option<E>, DecodeError> {
    (event.category() == category).then(|| E::decode(&event.ce_type, &event.payload)).transpose()
}
