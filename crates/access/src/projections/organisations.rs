//! The organisations that take orders, or took them. Names are public records in the vault.

use contracts::access::OrganisationEvent;
use kernel::{DecodeError, StoredEvent as _};
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

platform::row! {
    /// An organisation.
    pub struct OrganisationRow in "organisations" version 1 {
        /// What kind of body it is.
        pub kind: String,
        /// The division that it serves.
        pub division: String,
        /// The record with its name.
        pub name_record: String,
        /// 1 once it is closed, else 0.
        pub closed: i64,
        /// The county that it serves.
        pub county: String,
        /// The township that it serves.
        pub township: String,
        /// The village that it serves.
        pub village: String,
        /// Always empty.
        pub grid: String,
        /// The organisation itself: who works for it sees it.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["township, id", "division, id", "kind, id"]
}

/// Fills the table.
pub struct Organisations;

impl Projection for Organisations {
    type Row = OrganisationRow;
    type Event = OrganisationEvent;

    fn read(&self, event: &Recorded) -> Result<Option<OrganisationEvent>, DecodeError> {
        if event.category() != OrganisationEvent::CATEGORY {
            return Ok(None);
        }
        OrganisationEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &OrganisationEvent) -> Vec<String> {
        match event {
            OrganisationEvent::OrganisationRegistered(event) => {
                vec![event.organisation.to_string()]
            }
            OrganisationEvent::OrganisationClosed(event) => vec![event.organisation.to_string()],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<OrganisationRow>,
        event: &OrganisationEvent,
        _: &Recorded,
    ) -> Option<OrganisationRow> {
        match event {
            OrganisationEvent::OrganisationRegistered(event) => {
                let placement = Placement {
                    org: Some(event.organisation.clone()),
                    ..Placement::of_division(event.division)
                };
                let column = |column| placement.column(column);
                Some(OrganisationRow {
                    kind: event.kind.to_string(),
                    division: event.division.to_string(),
                    name_record: event.name.to_string(),
                    closed: 0,
                    county: column(ScopeColumn::County),
                    township: column(ScopeColumn::Township),
                    village: column(ScopeColumn::Village),
                    grid: column(ScopeColumn::Grid),
                    org: column(ScopeColumn::Org),
                    assignee: column(ScopeColumn::Assignee),
                    reporter: column(ScopeColumn::Reporter),
                })
            }
            OrganisationEvent::OrganisationClosed(_) => {
                row.map(|row| OrganisationRow { closed: 1, ..row })
            }
        }
    }
}

/// The organisations in scope, of one kind and serving one division where these are not empty.
pub(crate) async fn list(
    view: &View<OrganisationRow>,
    scope: &ScopePredicate,
    kind: String,
    division: String,
    page: &Page,
) -> Result<Listed<OrganisationRow>, SqlError> {
    listing::list(view, scope, &[("kind", kind), ("division", division)], page).await
}
