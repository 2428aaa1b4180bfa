//! The tokens of portals and other services: one row a token, however often it was replaced.

use contracts::access::ServiceTokenEvent;
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
    /// A token of a portal or another service.
    pub struct ServiceTokenRow in "service_tokens" version 1 {
        /// As whom its bearer acts.
        pub person: String,
        /// The role's word.
        pub role: String,
        /// The division that its bearer may act for.
        pub division: String,
        /// The paths of the only methods, with spaces between them.
        pub methods: String,
        /// When it was made: UTC milliseconds.
        pub created_at: i64,
        /// When the present one ends: UTC milliseconds.
        pub expires_at: i64,
        /// How many there have been.
        pub generation: i64,
        /// 1 once it was taken back, else 0.
        pub revoked: i64,
        /// Who made it.
        pub created_by: String,
        /// The county of its division.
        pub county: String,
        /// The township, if not all of the county.
        pub township: String,
        /// The village, if not all of the township.
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
    indexes ["township, id"]
}

/// Fills the table.
pub struct ServiceTokens;

impl Projection for ServiceTokens {
    type Row = ServiceTokenRow;
    type Event = ServiceTokenEvent;

    fn read(&self, event: &Recorded) -> Result<Option<ServiceTokenEvent>, DecodeError> {
        if event.category() != ServiceTokenEvent::CATEGORY {
            return Ok(None);
        }
        ServiceTokenEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &ServiceTokenEvent) -> Vec<String> {
        match event {
            ServiceTokenEvent::ServiceTokenCreated(event) => vec![event.token.to_string()],
            ServiceTokenEvent::ServiceTokenRotated(event) => vec![event.token.to_string()],
            ServiceTokenEvent::ServiceTokenRevoked(event) => vec![event.token.to_string()],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<ServiceTokenRow>,
        event: &ServiceTokenEvent,
        _: &Recorded,
    ) -> Option<ServiceTokenRow> {
        match event {
            ServiceTokenEvent::ServiceTokenCreated(event) => {
                let placement = Placement::of_division(event.division);
                let column = |column| placement.column(column);
                let methods: Vec<&str> =
                    event.methods.iter().map(kernel::MethodPath::as_str).collect();
                Some(ServiceTokenRow {
                    person: event.person.to_string(),
                    role: event.role.to_string(),
                    division: event.division.to_string(),
                    methods: methods.join(" "),
                    created_at: event.occurred_at.0,
                    expires_at: event.expires_at.0,
                    generation: 1,
                    revoked: 0,
                    created_by: event.by.to_string(),
                    county: column(ScopeColumn::County),
                    township: column(ScopeColumn::Township),
                    village: column(ScopeColumn::Village),
                    grid: column(ScopeColumn::Grid),
                    org: column(ScopeColumn::Org),
                    assignee: column(ScopeColumn::Assignee),
                    reporter: column(ScopeColumn::Reporter),
                })
            }
            ServiceTokenEvent::ServiceTokenRotated(event) => row.map(|row| ServiceTokenRow {
                generation: i64::from(event.generation),
                expires_at: event.expires_at.0,
                ..row
            }),
            ServiceTokenEvent::ServiceTokenRevoked(_) => {
                row.map(|row| ServiceTokenRow { revoked: 1, ..row })
            }
        }
    }
}

/// The tokens in scope.
pub(crate) async fn list(
    view: &View<ServiceTokenRow>,
    scope: &ScopePredicate,
    page: &Page,
) -> Result<Listed<ServiceTokenRow>, SqlError> {
    listing::list(view, scope, &[], page).await
}
