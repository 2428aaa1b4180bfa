//! Who stands in for whom: one row a substitution.

use contracts::access::{SubstitutionBegun, SubstitutionEvent};
use kernel::{DecodeError, StoredEvent as _, id::PersonId};
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

platform::row! {
    /// A substitution.
    pub struct SubstitutionRow in "substitutions" version 1 {
        /// The role, as its holder has it.
        pub assignment: String,
        /// The holder of the role.
        pub holder: String,
        /// Who stands in.
        pub substitute: String,
        /// From when: UTC milliseconds.
        pub begins: i64,
        /// Until when: UTC milliseconds.
        pub ends: i64,
        /// 1 once it was ended early, else 0.
        pub ended: i64,
        /// The county that its holder works in.
        pub county: String,
        /// The township that its holder works in.
        pub township: String,
        /// The village that its holder works in.
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
    indexes ["holder, id", "substitute, id"]
}

/// Fills the table.
pub struct Substitutions;

impl Projection for Substitutions {
    type Row = SubstitutionRow;
    type Event = SubstitutionEvent;

    fn read(&self, event: &Recorded) -> Result<Option<SubstitutionEvent>, DecodeError> {
        if event.category() != SubstitutionEvent::CATEGORY {
            return Ok(None);
        }
        SubstitutionEvent::decode(&event.ce_type, &event.payload).map(Some)
    }

    fn keys(&self, event: &SubstitutionEvent) -> Vec<String> {
        match event {
            SubstitutionEvent::SubstitutionBegun(event) => vec![event.substitution.to_string()],
            SubstitutionEvent::SubstitutionEnded(event) => vec![event.substitution.to_string()],
        }
    }

    fn fold(
        &self,
        _: &str,
        row: Option<SubstitutionRow>,
        event: &SubstitutionEvent,
        _: &Recorded,
    ) -> Option<SubstitutionRow> {
        match event {
            SubstitutionEvent::SubstitutionBegun(event) => Some(SubstitutionRow::begun(event)),
            SubstitutionEvent::SubstitutionEnded(_) => {
                row.map(|row| SubstitutionRow { ended: 1, ..row })
            }
        }
    }
}

impl SubstitutionRow {
    fn begun(event: &SubstitutionBegun) -> Self {
        let placement = Placement::of_division(event.holder.division());
        let column = |column| placement.column(column);
        Self {
            assignment: event.assignment.to_string(),
            holder: event.holder.to_string(),
            substitute: event.substitute.to_string(),
            begins: event.from.0,
            ends: event.until.0,
            ended: 0,
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

/// A page of the substitutions of a holder, within what the caller may see.
pub(crate) async fn list(
    view: &View<SubstitutionRow>,
    scope: &ScopePredicate,
    holder: &PersonId,
    page: &Page,
) -> Result<Listed<SubstitutionRow>, SqlError> {
    listing::list(view, scope, &[("holder", holder.to_string())], page).await
}

/// The ids of the substitutions in which somebody stands in, as far as they were not ended.
pub(crate) async fn of_substitute(
    view: &View<SubstitutionRow>,
    person: &PersonId,
) -> Result<Vec<String>, SqlError> {
    let statement = table::select::<SubstitutionRow>()
        .with(" WHERE substitute = ?", person.to_string())
        .with(" AND ended = ?", 0);
    Ok(view.fetch(statement).await?.into_iter().map(|(id, _)| id).collect())
}
