//! The roles that people hold or held: one row an assignment.

use contracts::access::{PersonEvent, RoleAssigned};
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
    /// An assignment.
    pub struct AssignmentRow in "assignments" version 2 {
        /// Who holds it.
        pub person: String,
        /// The role's word.
        pub role: String,
        /// The division of the scope; empty where it has none.
        pub division: String,
        /// From when it holds: UTC milliseconds.
        pub begins: i64,
        /// Until when: UTC milliseconds; open where none.
        pub ends: Option<i64>,
        /// 1 once it was taken back, else 0.
        pub revoked: i64,
        /// Who gave it; empty where that was not written down.
        pub given_by: String,
        /// The county that it concerns.
        pub county: String,
        /// The township that it concerns.
        pub township: String,
        /// The village that it concerns.
        pub village: String,
        /// The grid of the scope.
        pub grid: String,
        /// The organisation of the scope.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["person, id", "township, id", "role, id"]
}

/// Fills the table.
pub struct Assignments;

impl Projection for Assignments {
    type Row = AssignmentRow;
    type Event = PersonEvent;

    fn read(&self, event: &Recorded) -> Result<Option<PersonEvent>, DecodeError> {
        if event.category() != PersonEvent::CATEGORY {
            return Ok(None);
        }
        PersonEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &PersonEvent) -> Vec<String> {
        match event {
            PersonEvent::PersonRegistered(_) => vec![],
            PersonEvent::RoleAssigned(event) => vec![event.assignment.to_string()],
            PersonEvent::RoleRevoked(event) => vec![event.assignment.to_string()],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<AssignmentRow>,
        event: &PersonEvent,
        _: &Recorded,
    ) -> Option<AssignmentRow> {
        match event {
            PersonEvent::PersonRegistered(_) => row,
            PersonEvent::RoleAssigned(event) => Some(AssignmentRow::given(event)),
            PersonEvent::RoleRevoked(_) => row.map(|row| AssignmentRow { revoked: 1, ..row }),
        }
    }
}

impl AssignmentRow {
    /// A role without a place of its own is where its holder works.
    fn given(event: &RoleAssigned) -> Self {
        let village = event.grid.map(kernel::GridCode::village);
        let division = event.division.or(village).unwrap_or(event.person.division());
        let placement = Placement {
            grid: event.grid,
            org: event.organisation.clone(),
            ..Placement::of_division(division)
        };
        let column = |column| placement.column(column);
        Self {
            person: event.person.to_string(),
            role: event.role.to_string(),
            division: event.division.map(|division| division.to_string()).unwrap_or_default(),
            begins: event.from.0,
            ends: event.until.map(|until| until.0),
            revoked: 0,
            given_by: event.by.as_ref().map(ToString::to_string).unwrap_or_default(),
            county: column(ScopeColumn::County),
            township: column(ScopeColumn::Township),
            village: column(ScopeColumn::Village),
            grid: column(ScopeColumn::Grid),
            org: column(ScopeColumn::Org),
            assignee: column(ScopeColumn::Assignee),
            reporter: column(ScopeColumn::Reporter),
        }
    }
}

/// The assignments in scope, of one person and of one role where these are not empty.
pub(crate) async fn list(
    view: &View<AssignmentRow>,
    scope: &ScopePredicate,
    person: String,
    role: String,
    page: &Page,
) -> Result<Listed<AssignmentRow>, SqlError> {
    listing::list(view, scope, &[("person", person), ("role", role)], page).await
}
