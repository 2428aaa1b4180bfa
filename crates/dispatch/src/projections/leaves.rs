//! Who is away, and who stands in: persons and organisations. Whoever is stood in for in their role
//! (access) is away as well: it need not be said twice.

use contracts::{access::SubstitutionEvent, grid::roster::LeaveEvent};
use kernel::{
    DecodeError, Timestamp,
    id::{OrganisationId, PersonId},
};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A leave or a substitution; the key is its id.
    pub struct LeaveRow in "routing_leaves" version 1 {
        /// The id of the person or organisation that is away.
        pub who: String,
        /// The id of who stands in; empty where nobody does.
        pub substitute: String,
        /// When it begins: UTC milliseconds.
        pub begins: i64,
        /// When it is over.
        pub ends: i64,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct Leaves;

/// What says that somebody is away, or is back.
#[derive(Clone, Debug)]
pub enum Absence {
    /// A leave.
    Leave(LeaveEvent),
    /// A term in which somebody stands in in a role.
    Substitution(SubstitutionEvent),
}

/// How often one stand-in's own leave is followed to the next.
const MAX_STAND_INS: usize = 4;

/// Whether somebody is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// There.
    There,
    /// On leave, and this one stands in.
    StoodInBy(String),
    /// On leave, and nobody stands in who is there.
    Away,
}

impl Projection for Leaves {
    type Row = LeaveRow;
    type Event = Absence;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<Absence>, DecodeError> {
        if let Some(leave) = super::read(LeaveEvent::CATEGORY, event)? {
            return Ok(Some(Absence::Leave(leave)));
        }
        Ok(super::read(SubstitutionEvent::CATEGORY, event)?.map(Absence::Substitution))
    }

    fn keys(&self, event: &Absence) -> Vec<String> {
        vec![match event {
            Absence::Leave(LeaveEvent::LeaveSet(set)) => set.leave.to_string(),
            Absence::Leave(LeaveEvent::LeaveEnded(ended)) => ended.leave.to_string(),
            Absence::Substitution(SubstitutionEvent::SubstitutionBegun(begun)) => {
                begun.substitution.to_string()
            }
            Absence::Substitution(SubstitutionEvent::SubstitutionEnded(ended)) => {
                ended.substitution.to_string()
            }
        }]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<LeaveRow>,
        event: &Absence,
        _recorded: &Recorded,
    ) -> Option<LeaveRow> {
        match event {
            Absence::Leave(LeaveEvent::LeaveSet(set)) => Some(LeaveRow {
                who: either(set.person.as_ref(), set.organisation.as_ref()),
                substitute: either(
                    set.substitute_person.as_ref(),
                    set.substitute_organisation.as_ref(),
                ),
                begins: set.from.0,
                ends: set.to.0,
            }),
            Absence::Substitution(SubstitutionEvent::SubstitutionBegun(begun)) => Some(LeaveRow {
                who: begun.holder.to_string(),
                substitute: begun.substitute.to_string(),
                begins: begun.from.0,
                ends: begun.until.0,
            }),
            Absence::Leave(LeaveEvent::LeaveEnded(_))
            | Absence::Substitution(SubstitutionEvent::SubstitutionEnded(_)) => None,
        }
    }
}

/// The id of a person or of an organisation; empty where there is neither.
fn either(person: Option<&PersonId>, organisation: Option<&OrganisationId>) -> String {
    let person = person.map(ToString::to_string);
    person.or_else(|| organisation.map(ToString::to_string)).unwrap_or_default()
}

/// Where somebody is at a moment, following those who stand in for those who stand in.
pub fn whereabouts(view: &View<LeaveRow>, who: &str, at: Timestamp) -> Whereabouts {
    view.cached(|rows| {
        let leave = |who: &str| {
            rows.values().find(|row| row.who == who && row.begins <= at.0 && at.0 < row.ends)
        };
        let mut now = who;
        for _ in 0..MAX_STAND_INS {
            match leave(now) {
                None if now == who => return Whereabouts::There,
                None => return Whereabouts::StoodInBy(now.to_owned()),
                Some(row) if row.substitute.is_empty() => return Whereabouts::Away,
                Some(row) => now = &row.substitute,
            }
        }
        Whereabouts::Away
    })
}
