//! The table `hotspots`: what comes up often, and where. Keyed by the hot spot's id. No case and no
//! person is in it.

use contracts::{
    intake::{
        CaseEvent,
        hotspot::{HotspotEvent, HotspotRaised},
    },
    subject::hotspot_id,
};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{HotspotId, RecordId},
};
use platform::{
    auth::{Placement, ScopeColumn},
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// A hot spot.
    pub struct HotspotRow in "hotspots" version 1 {
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township, or empty.
        pub township: String,
        /// The 12 digits of the village, or empty.
        pub village: String,
        /// The grid, or empty.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
        /// `raised`, `acknowledged`, `concluded` or `cleared`.
        pub status: String,
        /// `open` until it is cleared.
        pub standing: String,
        /// What comes up.
        pub category: String,
        /// Where.
        pub division: String,
        /// How many cases there were when it was raised.
        pub count: i64,
        /// Within how many days.
        pub window_days: i64,
        /// When it was raised: UTC milliseconds, as all times here.
        pub raised_at: i64,
        /// When the last case was reported.
        pub last_reported_at: i64,
        /// Since when it is quiet: the last case, or its conclusion.
        pub quiet_since: i64,
        /// When it changed last.
        pub updated_at: i64,
        /// How many events it has.
        pub version: i64,
        /// The record of what was said last about what is or was done, or empty.
        pub measure: String,
    }
    indexes [
        "county, standing",
        "township, standing",
        "village, standing",
        "grid, standing",
        "quiet_since WHERE standing = 'open'",
    ]
}

impl HotspotRow {
    /// Where it is, as far as a caller's scope asks.
    pub fn placement(&self) -> Result<Placement, kernel::division::InvalidDivision> {
        let grid = self.grid.parse().ok();
        Ok(Placement { grid, ..Placement::of_division(self.division.parse()?) })
    }
}

/// What changes a hot spot: its own events, and further cases.
#[derive(Clone, Debug)]
pub enum Event {
    /// Its own.
    Hotspot(HotspotEvent),
    /// A case.
    Case(Box<CaseEvent>),
}

/// Folds hot spots.
pub struct Hotspots;

impl Projection for Hotspots {
    type Row = HotspotRow;
    type Event = Event;

    fn read(&self, event: &Recorded) -> Result<Option<Event>, DecodeError> {
        let (ce_type, payload) = (&event.ce_type, &event.payload);
        Ok(if event.category() == HotspotEvent::CATEGORY {
            Some(Event::Hotspot(HotspotEvent::decode(ce_type, payload)?))
        } else if event.category() == CaseEvent::CATEGORY {
            Some(Event::Case(Box::new(CaseEvent::decode(ce_type, payload)?)))
        } else {
            None
        })
    }

    fn keys(&self, event: &Event) -> Vec<String> {
        let id = match event {
            Event::Hotspot(HotspotEvent::HotspotRaised(event)) => event.hotspot.clone(),
            Event::Hotspot(HotspotEvent::HotspotAcknowledged(event)) => event.hotspot.clone(),
            Event::Hotspot(HotspotEvent::HotspotConcluded(event)) => event.hotspot.clone(),
            Event::Hotspot(HotspotEvent::HotspotCleared(event)) => event.hotspot.clone(),
            Event::Case(event) => match placed(event) {
                Some((id, _)) => id,
                None => return vec![],
            },
        };
        vec![id.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<HotspotRow>,
        event: &Event,
        recorded: &Recorded,
    ) -> Option<HotspotRow> {
        let event = match event {
            Event::Hotspot(event) => event,
            Event::Case(event) => {
                return match placed(event) {
                    Some((_, at)) => reported(row, at),
                    None => row,
                };
            }
        };
        let record =
            |record: Option<&RecordId>| record.map(ToString::to_string).unwrap_or_default();
        let mut row = match event {
            HotspotEvent::HotspotRaised(event) => raised(event),
            HotspotEvent::HotspotAcknowledged(event) => HotspotRow {
                status: "acknowledged".to_owned(),
                measure: record(event.measure.as_ref()),
                ..row?
            },
            HotspotEvent::HotspotConcluded(event) => {
                let row = row?;
                HotspotRow {
                    status: "concluded".to_owned(),
                    measure: record(event.measure.as_ref()),
                    quiet_since: row.quiet_since.max(event.occurred_at.0),
                    ..row
                }
            }
            HotspotEvent::HotspotCleared(_) => {
                HotspotRow { status: "cleared".to_owned(), standing: "cleared".to_owned(), ..row? }
            }
        };
        row.updated_at = event.occurred_at().0;
        row.version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        Some(row)
    }
}

/// Where a case came to lie, as a hot spot, and when it was reported.
fn placed(event: &CaseEvent) -> Option<(HotspotId, i64)> {
    match event {
        CaseEvent::CaseReported(event) => {
            let place = &event.place;
            let id = hotspot_id(place.division, place.grid, &event.category);
            Some((id, event.occurred_at.0))
        }
        CaseEvent::CaseAccepted(event) => {
            let id = hotspot_id(event.division, event.grid, &event.category);
            Some((id, event.first_reported_at.0))
        }
        CaseEvent::InformationAdded(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => None,
    }
}

/// One more case, where it is hot.
fn reported(row: Option<HotspotRow>, at: i64) -> Option<HotspotRow> {
    let mut row = row?;
    row.last_reported_at = row.last_reported_at.max(at);
    row.quiet_since = row.quiet_since.max(at);
    Some(row)
}

fn raised(event: &HotspotRaised) -> HotspotRow {
    let place = Placement { grid: event.grid, ..Placement::of_division(event.division) };
    HotspotRow {
        county: place.column(ScopeColumn::County),
        township: place.column(ScopeColumn::Township),
        village: place.column(ScopeColumn::Village),
        grid: place.column(ScopeColumn::Grid),
        org: String::new(),
        assignee: String::new(),
        reporter: String::new(),
        status: "raised".to_owned(),
        standing: "open".to_owned(),
        category: event.category.to_string(),
        division: event.division.to_string(),
        count: event.count.into(),
        window_days: event.window_days.into(),
        raised_at: event.occurred_at.0,
        last_reported_at: event.occurred_at.0,
        quiet_since: event.occurred_at.0,
        updated_at: event.occurred_at.0,
        version: 0,
        measure: String::new(),
    }
}

/// Those that have been quiet for longest and are not cleared.
pub async fn quietest(
    hotspots: &View<HotspotRow>,
    limit: i64,
) -> Result<Vec<(String, HotspotRow)>, SqlError> {
    let statement = table::select::<HotspotRow>()
        .and(" WHERE standing = 'open'")
        .with(" ORDER BY quiet_since, id LIMIT ?", limit);
    hotspots.fetch(statement).await
}
