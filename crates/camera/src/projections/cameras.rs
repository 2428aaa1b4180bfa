//! The cameras, kept in memory too: what is near a place is looked up there. Names and addresses
//! stand in documents.

use contracts::camera::{CameraEvent, CameraFacts, PlaceKind};
use kernel::{
    DecodeError, Division, StoredEvent as _, Timestamp,
    geo::{Crs, Position},
};
use platform::{
    auth::{Placement, ScopeColumn, ScopePredicate},
    database::SqlError,
    grpc::Page,
    log::Recorded,
    projection::{
        Projection, View,
        listing::{self, Listed},
    },
};

const REGISTERED: &str = "registered";
const RETIRED: &str = "retired";

platform::row! {
    /// A camera; the key is its id.
    pub struct CameraRow in "cameras" version 1 {
        /// Its 20 digits after GB/T 28181.
        pub gb_id: String,
        /// How many events its history has.
        pub version: i64,
        /// `registered` or `retired`.
        pub status: String,
        /// East of Greenwich, in 1e-7 degree of CGCS2000.
        pub lon_e7: i64,
        /// North of the equator, in 1e-7 degree of CGCS2000.
        pub lat_e7: i64,
        /// The word of the system in which the position was given.
        pub source_crs: String,
        /// The code of the division in which it stands.
        pub division: String,
        /// The word of what it looks at.
        pub place_kind: String,
        /// 1 near a protected site, else 0.
        pub secrecy_adjacent: i64,
        /// The record with the consent; empty if there is none.
        pub consent: String,
        /// 1 if a notice sign is up, else 0.
        pub signage: i64,
        /// For how many days its pictures are kept.
        pub retention_days: i64,
        /// Since when it is in use, in UTC milliseconds; -1 if that is not known.
        pub started_on: i64,
        /// The record of the document with its name.
        pub document: String,
        /// The row in it, from 1.
        pub document_row: i64,
        /// Its county.
        pub county: String,
        /// Its township.
        pub township: String,
        /// Its village.
        pub village: String,
        /// Its grid.
        pub grid: String,
        /// Who operates it.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["township, id", "village, id", "grid, id", "org, id"]
}

/// Fills the table.
pub struct Cameras;

impl Projection for Cameras {
    type Row = CameraRow;
    type Event = CameraEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<CameraEvent>, DecodeError> {
        (event.category() == CameraEvent::CATEGORY)
            .then(|| CameraEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &CameraEvent) -> Vec<String> {
        vec![match event {
            CameraEvent::CameraRegistered(event) => event.camera.to_string(),
            CameraEvent::CameraUpdated(event) => event.camera.to_string(),
            CameraEvent::CameraRetired(event) => event.camera.to_string(),
        }]
    }

    fn fold(
        &self,
        _: &str,
        row: Option<CameraRow>,
        event: &CameraEvent,
        recorded: &Recorded,
    ) -> Option<CameraRow> {
        let version = i64::try_from(recorded.meta.version).unwrap_or(i64::MAX);
        match event {
            CameraEvent::CameraRegistered(event) => {
                Some(of_facts(event.gb_id.to_string(), version, &event.facts))
            }
            CameraEvent::CameraUpdated(event) => {
                row.map(|row| of_facts(row.gb_id, version, &event.facts))
            }
            CameraEvent::CameraRetired(_) => {
                row.map(|row| CameraRow { version, status: RETIRED.to_owned(), ..row })
            }
        }
    }
}

fn of_facts(gb_id: String, version: i64, facts: &CameraFacts) -> CameraRow {
    let placement = Placement {
        grid: facts.grid,
        org: facts.operator.clone(),
        ..Placement::of_division(facts.division)
    };
    let column = |column| placement.column(column);
    CameraRow {
        gb_id,
        version,
        status: REGISTERED.to_owned(),
        lon_e7: facts.position.lon_e7,
        lat_e7: facts.position.lat_e7,
        source_crs: word(facts.source_crs).to_owned(),
        division: facts.division.to_string(),
        place_kind: facts.place_kind.to_string(),
        secrecy_adjacent: i64::from(facts.secrecy_adjacent),
        consent: facts.consent.as_ref().map(ToString::to_string).unwrap_or_default(),
        signage: i64::from(facts.signage),
        retention_days: i64::from(facts.retention_days),
        started_on: facts.started_on.map_or(-1, |day| day.0),
        document: facts.document.to_string(),
        document_row: i64::from(facts.row),
        county: column(ScopeColumn::County),
        township: column(ScopeColumn::Township),
        village: column(ScopeColumn::Village),
        grid: column(ScopeColumn::Grid),
        org: column(ScopeColumn::Org),
        assignee: column(ScopeColumn::Assignee),
        reporter: column(ScopeColumn::Reporter),
    }
}

const fn word(crs: Crs) -> &'static str {
    match crs {
        Crs::Wgs84 => "wgs84",
        Crs::Gcj02 => "gcj02",
        Crs::Cgcs2000 => "cgcs2000",
    }
}

impl CameraRow {
    /// The facts that the row was made of; none if a column cannot be read.
    pub(crate) fn facts(&self) -> Option<CameraFacts> {
        let crs = [Crs::Wgs84, Crs::Gcj02, Crs::Cgcs2000];
        Some(CameraFacts {
            division: self.division.parse().ok()?,
            grid: self.grid.parse().ok(),
            position: self.position()?,
            source_crs: crs.into_iter().find(|crs| word(*crs) == self.source_crs)?,
            place_kind: self.place_kind.parse::<PlaceKind>().ok()?,
            operator: self.org.parse().ok(),
            secrecy_adjacent: self.secrecy_adjacent != 0,
            consent: self.consent.parse().ok(),
            signage: self.signage != 0,
            retention_days: u32::try_from(self.retention_days).ok()?,
            started_on: (self.started_on >= 0).then_some(Timestamp(self.started_on)),
            document: self.document.parse().ok()?,
            row: u32::try_from(self.document_row).ok()?,
        })
    }

    /// Whether it was taken out of the register.
    pub(crate) fn is_retired(&self) -> bool {
        self.status == RETIRED
    }

    /// Where it stands, in CGCS2000.
    pub(crate) fn position(&self) -> Option<Position> {
        Position::new(self.lon_e7, self.lat_e7, Crs::Cgcs2000).ok()
    }

    /// Where it stands, as far as a scope asks.
    pub(crate) fn placement(&self) -> Option<Placement> {
        Some(Placement {
            grid: self.grid.parse().ok(),
            org: self.org.parse().ok(),
            ..Placement::of_division(self.division.parse().ok()?)
        })
    }

    /// Whether a scope covers it.
    pub(crate) fn is_within(&self, scope: &ScopePredicate) -> bool {
        scope.holds(|column| {
            match column {
                ScopeColumn::County => &self.county,
                ScopeColumn::Township => &self.township,
                ScopeColumn::Village => &self.village,
                ScopeColumn::Grid => &self.grid,
                ScopeColumn::Org => &self.org,
                ScopeColumn::Assignee => &self.assignee,
                ScopeColumn::Reporter => &self.reporter,
            }
            .clone()
        })
    }
}

/// The cameras of the register in scope, and in a division and a grid where they are given.
pub(crate) async fn list(
    view: &View<CameraRow>,
    scope: &ScopePredicate,
    division: Option<Division>,
    grid: String,
    page: &Page,
) -> Result<Listed<CameraRow>, SqlError> {
    let within = |column: ScopeColumn, part: Option<Division>| {
        (column.name(), part.map(|part| part.to_string()).unwrap_or_default())
    };
    let filters = [
        within(ScopeColumn::County, division.and_then(Division::county)),
        within(ScopeColumn::Township, division.and_then(Division::township)),
        within(ScopeColumn::Village, division.and_then(Division::village)),
        (ScopeColumn::Grid.name(), grid),
        ("status", REGISTERED.to_owned()),
    ];
    listing::list(view, scope, &filters, page).await
}
