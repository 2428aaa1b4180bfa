//! The teams that incidents called: what their organisations list, and the clocks.

use contracts::dispatch::incident::{IncidentEvent, TeamClock};
use kernel::{
    DecodeError,
    id::{IncidentId, TeamId},
};
use platform::{log::Recorded, projection::Projection};

use super::scoped::place;

platform::row! {
    /// A called team; the key is `<incident>/<team>`. Times are UTC milliseconds.
    pub struct IncidentTeamRow in "incident_teams" version 1 {
        /// The incident.
        pub incident: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The organisation that answers for it.
        pub org: String,
        /// When it was called.
        pub created_at: i64,
        /// When each clock runs out; the largest number where it is met, rang, or stopped.
        pub respond_due: i64,
        /// The same, to be together.
        pub assemble_due: i64,
        /// The same, to be on site.
        pub arrive_due: i64,
        /// The next of them.
        pub next_due: i64,
    }
    indexes ["org, created_at", "incident", "next_due"]
}

/// The table.
#[derive(Debug)]
pub struct IncidentTeams;

fn key(incident: &IncidentId, team: &TeamId) -> String {
    format!("{incident}/{team}")
}

impl Projection for IncidentTeams {
    type Row = IncidentTeamRow;
    type Event = IncidentEvent;

    fn read(&self, event: &Recorded) -> Result<Option<IncidentEvent>, DecodeError> {
        super::read(IncidentEvent::CATEGORY, event)
    }

    fn keys(&self, event: &IncidentEvent) -> Vec<String> {
        use IncidentEvent as E;
        match event {
            E::TeamCalled(event) => vec![key(&event.incident, &event.team)],
            E::TeamResponded(event) => vec![key(&event.incident, &event.team)],
            E::TeamAssembled(event) => vec![key(&event.incident, &event.team)],
            E::TeamArrived(event) => vec![key(&event.incident, &event.team)],
            E::IncidentClockMissed(event) => vec![key(&event.incident, &event.team)],
            E::IncidentStoodDown(event) => {
                event.teams.iter().map(|team| key(&event.incident, team)).collect()
            }
            E::IncidentOpened(_)
            | E::IncidentLevelRaised(_)
            | E::IncidentLevelLowered(_)
            | E::CommandPassed(_)
            | E::OrderAddedToIncident(_) => Vec::new(),
        }
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<IncidentTeamRow>,
        event: &IncidentEvent,
        _recorded: &Recorded,
    ) -> Option<IncidentTeamRow> {
        use IncidentEvent as E;
        const STOPPED: i64 = i64::MAX;
        let row = match event {
            E::TeamCalled(event) => {
                let [county, township, village] = place(event.incident.division());
                IncidentTeamRow {
                    incident: event.incident.to_string(),
                    county,
                    township,
                    village,
                    org: event.organisation.to_string(),
                    created_at: event.occurred_at.0,
                    respond_due: event.respond_due.0,
                    assemble_due: event.assemble_due.0,
                    arrive_due: event.arrive_due.0,
                    next_due: STOPPED,
                }
            }
            E::TeamResponded(_) => IncidentTeamRow { respond_due: STOPPED, ..row? },
            E::TeamAssembled(_) => {
                IncidentTeamRow { respond_due: STOPPED, assemble_due: STOPPED, ..row? }
            }
            E::TeamArrived(_) | E::IncidentStoodDown(_) => IncidentTeamRow {
                respond_due: STOPPED,
                assemble_due: STOPPED,
                arrive_due: STOPPED,
                ..row?
            },
            E::IncidentClockMissed(event) => match event.clock {
                TeamClock::Respond => IncidentTeamRow { respond_due: STOPPED, ..row? },
                TeamClock::Assemble => IncidentTeamRow { assemble_due: STOPPED, ..row? },
                TeamClock::Arrive => IncidentTeamRow { arrive_due: STOPPED, ..row? },
            },
            E::IncidentOpened(_)
            | E::IncidentLevelRaised(_)
            | E::IncidentLevelLowered(_)
            | E::CommandPassed(_)
            | E::OrderAddedToIncident(_) => row?,
        };
        let next_due = row.respond_due.min(row.assemble_due).min(row.arrive_due);
        Some(IncidentTeamRow { next_due, ..row })
    }
}
