//! What a row becomes by an event.

use contracts::dispatch::{
    WorkOrderEvent, WorkOrderRouted,
    mediation::{MediationEvent, MediationOpened},
};
use kernel::{DecodeError, StoredEvent as _, id::WorkOrderId};
use platform::{log::Recorded, projection::Projection};

use super::{MediationRow, Mediations};
use crate::domain::mediation::{Status, ended};

/// The name of the one event of orders that matters here.
const ROUTED: &str = "weft.dispatch.work_order_routed.";

/// What concerns the table.
pub enum Event {
    /// Of the mediation itself.
    Mediation(MediationEvent),
    /// Its order went to somebody else.
    Routed(WorkOrderRouted),
}

impl Projection for Mediations {
    type Row = MediationRow;
    type Event = Event;

    fn read(&self, event: &Recorded) -> Result<Option<Event>, DecodeError> {
        if let Some(event) = super::super::read(MediationEvent::CATEGORY, event)? {
            return Ok(Some(Event::Mediation(event)));
        }
        if !event.ce_type.starts_with(ROUTED) {
            return Ok(None);
        }
        let order = WorkOrderEvent::decode(&event.ce_type, &event.payload)?;
        let WorkOrderEvent::WorkOrderRouted(routed) = order else { return Ok(None) };
        Ok(Some(Event::Routed(routed)))
    }

    fn keys(&self, event: &Event) -> Vec<String> {
        let order = match event {
            Event::Mediation(event) => order_of(event),
            Event::Routed(event) => &event.work_order,
        };
        vec![order.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<MediationRow>,
        event: &Event,
        recorded: &Recorded,
    ) -> Option<MediationRow> {
        let event = match event {
            Event::Mediation(event) => event,
            Event::Routed(routed) => {
                return row.map(|row| MediationRow {
                    org: shown(routed.assignee.organisation.as_ref()),
                    assignee: shown(routed.assignee.person.as_ref()),
                    ..row
                });
            }
        };
        let mut row = match (row, event) {
            (None, MediationEvent::MediationOpened(opened)) => MediationRow::new(opened),
            (row, _) => row?,
        };
        row.apply(event);
        row.version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        Some(row)
    }
}

fn order_of(event: &MediationEvent) -> &WorkOrderId {
    use MediationEvent as E;
    match event {
        E::MediationOpened(event) => &event.work_order,
        E::PartyConsented(event) => &event.work_order,
        E::PartyConsentWithdrawn(event) => &event.work_order,
        E::MediationSessionHeld(event) => &event.work_order,
        E::MediationRaised(event) => &event.work_order,
        E::MediationAssessed(event) => &event.work_order,
        E::MediationConcluded(event) => &event.work_order,
        E::MediationFollowUpDue(event) => &event.work_order,
        E::MediationFollowedUp(event) => &event.work_order,
        E::MediationRated(event) => &event.work_order,
        E::MediationTurnedUrgent(event) => &event.work_order,
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl MediationRow {
    fn new(opened: &MediationOpened) -> Self {
        let place = opened.division;
        Self {
            case_id: opened.case.to_string(),
            status: Status::Proposed.as_str().to_owned(),
            category: opened.category.to_string(),
            division: place.to_string(),
            county: shown(place.county()),
            township: shown(place.township()),
            village: shown(place.village()),
            grid: shown(opened.grid),
            org: shown(opened.assignee.organisation.as_ref()),
            assignee: shown(opened.assignee.person.as_ref()),
            reporter: String::new(),
            kind: opened.kind.to_string(),
            tier: opened.tier.to_string(),
            level: String::new(),
            outcome: String::new(),
            settled: 0,
            parties: i64::try_from(opened.parties.len()).unwrap_or(i64::MAX),
            consents: 0,
            sessions: 0,
            opened_at: opened.occurred_at.0,
            concluded_at: 0,
            follow_ups: String::new(),
            next_ring: i64::MAX,
            version: 0,
        }
    }

    fn apply(&mut self, event: &MediationEvent) {
        use MediationEvent as E;
        match event {
            E::MediationOpened(_) | E::PartyConsentWithdrawn(_) | E::MediationRated(_) => {}
            E::PartyConsented(_) => {
                self.consents += 1;
                if self.consents == self.parties {
                    Status::UnderWay.as_str().clone_into(&mut self.status);
                }
            }
            E::MediationSessionHeld(event) => {
                self.sessions = event.number.into();
                self.tier = event.tier.to_string();
            }
            E::MediationRaised(event) => self.tier = event.tier.to_string(),
            E::MediationAssessed(event) => self.level = event.level.to_string(),
            E::MediationConcluded(event) => {
                ended(event.outcome).as_str().clone_into(&mut self.status);
                self.outcome = event.outcome.to_string();
                self.settled = event.outcome.is_settled().into();
                self.tier = event.tier.to_string();
                self.concluded_at = event.occurred_at.0;
                let dates: Vec<_> = (1..).zip(event.follow_ups.iter().map(|due| due.0)).collect();
                self.keep(&dates);
                self.next_ring = self.first_after(i64::MIN);
            }
            E::MediationFollowUpDue(event) => self.next_ring = self.first_after(event.due.0),
            E::MediationFollowedUp(event) => {
                let before = self.next_ring;
                let mut rest = self.dates();
                rest.retain(|(number, _)| *number != event.number);
                self.keep(&rest);
                self.next_ring = self.first_after(before.saturating_sub(1));
            }
            E::MediationTurnedUrgent(_) => {
                Status::Urgent.as_str().clone_into(&mut self.status);
                self.settled = 0;
                self.next_ring = i64::MAX;
            }
        }
    }

    fn keep(&mut self, dates: &[(u32, i64)]) {
        let written: Vec<String> =
            dates.iter().map(|(number, due)| format!("{number}:{due}")).collect();
        self.follow_ups = written.join(" ");
    }

    /// The first date after a moment; the largest number where there is none.
    fn first_after(&self, moment: i64) -> i64 {
        let dates = self.dates().into_iter().map(|(_, due)| due);
        dates.filter(|due| *due > moment).min().unwrap_or(i64::MAX)
    }
}
