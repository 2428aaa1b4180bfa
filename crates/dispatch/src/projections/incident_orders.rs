//! The orders that belong to incidents: held open until the stand-down.

use contracts::dispatch::incident::IncidentEvent;
use kernel::{DecodeError, id::WorkOrderId};
use platform::{
    database::SqlError,
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// An order of an incident; the key is the order's id. Of an order of several the last counts.
    pub struct IncidentOrderRow in "incident_orders" version 1 {
        /// The incident.
        pub incident: String,
        /// Whether the incident is not stood down, 0 or 1.
        pub held: i64,
    }
    indexes ["incident"]
}

/// The table.
#[derive(Debug)]
pub struct IncidentOrders;

impl Projection for IncidentOrders {
    type Row = IncidentOrderRow;
    type Event = IncidentEvent;

    fn read(&self, event: &Recorded) -> Result<Option<IncidentEvent>, DecodeError> {
        super::read(IncidentEvent::CATEGORY, event)
    }

    fn keys(&self, event: &IncidentEvent) -> Vec<String> {
        use IncidentEvent as E;
        match event {
            E::OrderAddedToIncident(event) => vec![event.work_order.to_string()],
            E::IncidentStoodDown(event) => event.orders.iter().map(ToString::to_string).collect(),
            E::IncidentOpened(_)
            | E::TeamCalled(_)
            | E::TeamResponded(_)
            | E::TeamAssembled(_)
            | E::TeamArrived(_)
            | E::IncidentClockMissed(_)
            | E::IncidentLevelRaised(_)
            | E::IncidentLevelLowered(_)
            | E::CommandPassed(_) => Vec::new(),
        }
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<IncidentOrderRow>,
        event: &IncidentEvent,
        _recorded: &Recorded,
    ) -> Option<IncidentOrderRow> {
        use IncidentEvent as E;
        match event {
            E::OrderAddedToIncident(event) => {
                Some(IncidentOrderRow { incident: event.incident.to_string(), held: 1 })
            }
            E::IncidentStoodDown(event) => {
                let row = row?;
                let held = i64::from(row.incident != event.incident.to_string() && row.held == 1);
                Some(IncidentOrderRow { held, ..row })
            }
            E::IncidentOpened(_)
            | E::TeamCalled(_)
            | E::TeamResponded(_)
            | E::TeamAssembled(_)
            | E::TeamArrived(_)
            | E::IncidentClockMissed(_)
            | E::IncidentLevelRaised(_)
            | E::IncidentLevelLowered(_)
            | E::CommandPassed(_) => row,
        }
    }
}

/// Whether an order belongs to an incident that is not stood down.
pub async fn is_held(view: &View<IncidentOrderRow>, order: &WorkOrderId) -> Result<bool, SqlError> {
    Ok(view.get(&order.to_string()).await?.is_some_and(|row| row.held == 1))
}
