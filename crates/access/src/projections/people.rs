//! Who is registered, where, and for which organisation. Names are in the vault.

use contracts::access::PersonEvent;
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    auth::{Placement, ScopeColumn},
    log::Recorded,
    projection::Projection,
};

platform::row! {
    /// A person.
    pub struct PersonRow in "people" version 1 {
        /// The record with name and telephone; none where none was given.
        pub profile: Option<String>,
        /// The county that the person works in.
        pub county: String,
        /// The township, if not all of the county.
        pub township: String,
        /// The village, if not all of the township.
        pub village: String,
        /// Always empty: a person's grids are assignments.
        pub grid: String,
        /// The organisation that the person works for.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["township, id", "org, id"]
}

/// Fills the table.
pub struct People;

impl Projection for People {
    type Row = PersonRow;
    type Event = PersonEvent;

    fn read(&self, event: &Recorded) -> Result<Option<PersonEvent>, DecodeError> {
        if event.category() != PersonEvent::CATEGORY {
            return Ok(None);
        }
        PersonEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &PersonEvent) -> Vec<String> {
        match event {
            PersonEvent::PersonRegistered(event) => vec![event.person.to_string()],
            PersonEvent::RoleAssigned(_) | PersonEvent::RoleRevoked(_) => vec![],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<PersonRow>,
        event: &PersonEvent,
        _: &Recorded,
    ) -> Option<PersonRow> {
        match event {
            PersonEvent::PersonRegistered(event) => {
                let placement = Placement {
                    org: event.organisation.clone(),
                    ..Placement::of_division(event.person.division())
                };
                let column = |column| placement.column(column);
                Some(PersonRow {
                    profile: event.profile.as_ref().map(ToString::to_string),
                    county: column(ScopeColumn::County),
                    township: column(ScopeColumn::Township),
                    village: column(ScopeColumn::Village),
                    grid: column(ScopeColumn::Grid),
                    org: column(ScopeColumn::Org),
                    assignee: column(ScopeColumn::Assignee),
                    reporter: column(ScopeColumn::Reporter),
                })
            }
            PersonEvent::RoleAssigned(_) | PersonEvent::RoleRevoked(_) => row,
        }
    }
}
