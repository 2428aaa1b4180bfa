//! How a case begins.

use contracts::intake::{CaseEvent, CaseJoined, CaseReported};

use super::handling;
use crate::domain::case::{Decision, HandleOnSite, Rejection, State};

pub(super) fn report(state: &State, report: CaseReported) -> Decision {
    begin(state, || vec![report.into()])
}

/// A transferred case begins with those who joined the one before.
pub(super) fn successor(state: &State, report: CaseReported, joined: Vec<CaseJoined>) -> Decision {
    begin(state, || {
        let joined = joined.into_iter().map(CaseEvent::from);
        std::iter::once(report.into()).chain(joined).collect()
    })
}

/// What is settled already when it is reported.
pub(super) fn handled(state: &State, report: CaseReported, handled: HandleOnSite) -> Decision {
    begin(state, || {
        let settled = handling::settled(&report.case, handled);
        std::iter::once(report.into()).chain(settled).collect()
    })
}

fn begin(state: &State, events: impl FnOnce() -> Vec<CaseEvent>) -> Decision {
    use State as S;
    match state {
        S::Unreported => Ok(events()),
        S::Reported(_)
        | S::AwaitingInformation(..)
        | S::Accepted(_)
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..)
        | S::Answered(..)
        | S::Resolved(_)
        | S::Rated(_)
        | S::Archived(..) => Err(Rejection::AlreadyReported),
    }
}
