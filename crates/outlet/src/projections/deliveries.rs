//! The table `deliveries`: the register as it is listed. Keyed by the receiver's id and the entry's
//! place in the log, so that a receiver's entries stand together, in their order.

use contracts::outlet::{DeliveriesEvent, Receiver};
use kernel::{DecodeError, StoredEvent as _, id::DeliveriesId};
use platform::{
    auth::{Placement, ScopeColumn},
    log::Recorded,
    projection::Projection,
};

/// It was sent and taken.
pub const DELIVERED: &str = "delivered";
/// It was sent and not taken.
pub const ABANDONED: &str = "abandoned";

platform::row! {
    /// An entry of a register.
    pub struct DeliveryRow in "deliveries" version 1 {
        /// The webhook's or integrator's id.
        pub receiver_id: String,
        /// The word of what it is.
        pub receiver: String,
        /// `delivered` or `abandoned`.
        pub outcome: String,
        /// The first event's place in the log.
        pub from_position: i64,
        /// The last event's.
        pub to_position: i64,
        /// How many were sent.
        pub sent: i64,
        /// Up to where all are acknowledged; 0 if that is not known apart.
        pub acknowledged: i64,
        /// The word of why it was given up; empty if it was not.
        pub reason: String,
        /// When the first was sent, in UTC milliseconds.
        pub since: i64,
        /// When this was entered, in UTC milliseconds.
        pub entered_at: i64,
        /// Its county.
        pub county: String,
        /// Its township.
        pub township: String,
        /// Its village.
        pub village: String,
        /// Always empty.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["receiver_id, id", "outcome, id", "township, id", "village, id"]
}

/// Fills the table.
pub struct DeliveryEntries;

/// What the entry's key needs of its place.
pub struct Entry {
    event: DeliveriesEvent,
    sequence: u64,
}

impl Projection for DeliveryEntries {
    type Row = DeliveryRow;
    type Event = Entry;

    fn read(&self, recorded: &Recorded) -> Result<Option<Entry>, DecodeError> {
        if recorded.category() != DeliveriesEvent::CATEGORY {
            return Ok(None);
        }
        let event = DeliveriesEvent::decode(&recorded.ce_type, &recorded.payload)?;
        Ok(Some(Entry { event, sequence: recorded.meta.sequence }))
    }

    fn keys(&self, entry: &Entry) -> Vec<String> {
        let deliveries = match &entry.event {
            DeliveriesEvent::DeliveriesRecorded(event) => &event.deliveries,
            DeliveriesEvent::DeliveryAbandoned(event) => &event.deliveries,
        };
        vec![format!("{deliveries}/{:020}", entry.sequence)]
    }

    fn fold(
        &self,
        _: &str,
        _: Option<DeliveryRow>,
        entry: &Entry,
        _: &Recorded,
    ) -> Option<DeliveryRow> {
        Some(match &entry.event {
            DeliveriesEvent::DeliveriesRecorded(event) => DeliveryRow {
                from_position: number(event.from),
                to_position: number(event.to),
                sent: number(event.count),
                acknowledged: number(event.acknowledged.unwrap_or(0)),
                since: event.since.0,
                entered_at: event.occurred_at.0,
                ..entered(&event.deliveries, event.receiver, DELIVERED)
            },
            DeliveriesEvent::DeliveryAbandoned(event) => DeliveryRow {
                from_position: number(event.position),
                to_position: number(event.position),
                sent: i64::from(event.attempts),
                reason: event.reason.to_string(),
                since: event.since.0,
                entered_at: event.occurred_at.0,
                ..entered(&event.deliveries, event.receiver, ABANDONED)
            },
        })
    }
}

fn entered(deliveries: &DeliveriesId, receiver: Receiver, outcome: &str) -> DeliveryRow {
    let placement = Placement::of_division(deliveries.division());
    let column = |column| placement.column(column);
    // After `w_` or `i_` comes the receiver's own key.
    let key = deliveries.key().as_str().get(2..).unwrap_or_default();
    DeliveryRow {
        receiver_id: format!("{}-{key}", deliveries.division().padded()),
        receiver: receiver.to_string(),
        outcome: outcome.to_owned(),
        from_position: 0,
        to_position: 0,
        sent: 0,
        acknowledged: 0,
        reason: String::new(),
        since: 0,
        entered_at: 0,
        county: column(ScopeColumn::County),
        township: column(ScopeColumn::Township),
        village: column(ScopeColumn::Village),
        grid: String::new(),
        org: String::new(),
        assignee: String::new(),
        reporter: String::new(),
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
