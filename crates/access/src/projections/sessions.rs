//! Who is signed in, and was: one row a session.

use contracts::access::{SessionEvent, SessionStarted};
use kernel::{DecodeError, StoredEvent as _, Timestamp, id::PersonId};
use platform::{
    auth::{Placement, ScopeColumn, ScopePredicate},
    database::{SqlError, table},
    grpc::Page,
    log::Recorded,
    projection::{
        Projection, View,
        listing::{self, Listed},
    },
};

/// The state of a session that has not been ended.
const OPEN: &str = "open";

platform::row! {
    /// A session.
    pub struct SessionRow in "sessions" version 1 {
        /// Whose it is.
        pub person: String,
        /// The role's word.
        pub role: String,
        /// The division of the scope; empty where it has none.
        pub division: String,
        /// The grid of the scope.
        pub scope_grid: String,
        /// The organisation of the scope.
        pub scope_org: String,
        /// How it began.
        pub how: String,
        /// The assignment that gives the role.
        pub assignment: String,
        /// The substitution that the role comes by.
        pub substitution: String,
        /// When it began: UTC milliseconds.
        pub begun: i64,
        /// When it is over at the latest: UTC milliseconds.
        pub ends: i64,
        /// `open`, or `ended` once it was ended before its time.
        pub state: String,
        /// The county that its person works in.
        pub county: String,
        /// The township that its person works in.
        pub township: String,
        /// The village that its person works in.
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
    indexes ["person, id"]
}

/// Fills the table.
pub struct Sessions;

impl Projection for Sessions {
    type Row = SessionRow;
    type Event = SessionEvent;

    fn read(&self, event: &Recorded) -> Result<Option<SessionEvent>, DecodeError> {
        if event.category() != SessionEvent::CATEGORY {
            return Ok(None);
        }
        SessionEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &SessionEvent) -> Vec<String> {
        match event {
            SessionEvent::SessionStarted(event) => vec![event.session.to_string()],
            SessionEvent::SessionEnded(event) => vec![event.session.to_string()],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<SessionRow>,
        event: &SessionEvent,
        _: &Recorded,
    ) -> Option<SessionRow> {
        match event {
            SessionEvent::SessionStarted(event) => Some(SessionRow::begun(event)),
            SessionEvent::SessionEnded(_) => {
                row.map(|row| SessionRow { state: "ended".to_owned(), ..row })
            }
        }
    }
}

impl SessionRow {
    fn begun(event: &SessionStarted) -> Self {
        fn shown<T: ToString>(value: Option<&T>) -> String {
            value.map(T::to_string).unwrap_or_default()
        }
        let placement = Placement::of_division(event.person.division());
        let column = |column| placement.column(column);
        Self {
            person: event.person.to_string(),
            role: event.role.to_string(),
            division: shown(event.division.as_ref()),
            scope_grid: shown(event.grid.as_ref()),
            scope_org: shown(event.organisation.as_ref()),
            how: event.how.to_string(),
            assignment: shown(event.assignment.as_ref()),
            substitution: shown(event.substitution.as_ref()),
            begun: event.occurred_at.0,
            ends: event.absolute_end.0,
            state: OPEN.to_owned(),
            county: column(ScopeColumn::County),
            township: column(ScopeColumn::Township),
            village: column(ScopeColumn::Village),
            grid: String::new(),
            org: String::new(),
            assignee: String::new(),
            reporter: String::new(),
        }
    }
}

/// A page of the open sessions of a person, within what the caller may see.
pub(crate) async fn list(
    view: &View<SessionRow>,
    scope: &ScopePredicate,
    person: &PersonId,
    page: &Page,
) -> Result<Listed<SessionRow>, SqlError> {
    let filters = [("person", person.to_string()), ("state", OPEN.to_owned())];
    listing::list(view, scope, &filters, page).await
}

/// The open sessions of a person whose time is not over, with their ids.
pub(crate) async fn open_of(
    view: &View<SessionRow>,
    person: &PersonId,
    now: Timestamp,
) -> Result<Vec<(String, SessionRow)>, SqlError> {
    let statement = table::select::<SessionRow>()
        .with(" WHERE person = ?", person.to_string())
        .with(" AND state = ?", OPEN)
        .with(" AND ends > ?", now.0);
    view.fetch(statement).await
}
