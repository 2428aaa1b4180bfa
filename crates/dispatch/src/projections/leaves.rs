//! Who is away, and who stands in: persons and organisations.

use contracts::grid::roster::LeaveEvent;
use kernel::{DecodeError, Timestamp};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A leave; the key is its id.
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
    type Event = LeaveEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<LeaveEvent>, DecodeError> {
        super::read(LeaveEvent::CATEGORY, event)
    }

    fn keys(&self, event: &LeaveEvent) -> Vec<String> {
        vec![match event {
            LeaveEvent::LeaveSet(set) => set.leave.to_string(),
            LeaveEvent::LeaveEnded(ended) => ended.leave.to_string(),
        }]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<LeaveRow>,
        event: &LeaveEvent,
        _recorded: &Recorded,
    ) -> Option<LeaveRow> {
        let LeaveEvent::LeaveSet(set) = event else { return None };
        let either = |person: Option<String>, organisation: Option<String>| {
            person.or(organisation).unwrap_or_default()
        };
        Some(LeaveRow {
            who: either(
                set.person.as_ref().map(ToString::to_string),
                set.organisation.as_ref().map(ToString::to_string),
            ),
            substitute: either(
                set.substitute_person.as_ref().map(ToString::to_string),
                set.substitute_organisation.as_ref().map(ToString::to_string),
            ),
            begins: set.from.0,
            ends: set.to.0,
        })
    }
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
