//! A case leaves the place or the sight that it had: handed on, taken back, made confidential.

use contracts::intake::{CaseTransferred, CaseWithdrawn, ConfidentialitySet};
use kernel::{
    Timestamp,
    hash::Sha256,
    id::{PersonId, RecordId},
};

use crate::domain::case::{Decision, Rater, Rejection, State, TransferCase};

pub(super) fn transfer(state: &State, command: TransferCase) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) | S::Accepted(report) => {
            if report.division == command.to {
                return Err(Rejection::TransferStays(command.to));
            }
            Ok(vec![
                CaseTransferred {
                    occurred_at: command.at,
                    case: report.case.clone(),
                    successor: command.successor,
                    to: command.to,
                    by: command.by,
                    reason: command.reason,
                }
                .into(),
            ])
        }
        S::Transferred(_, transferred) if transferred.successor == command.successor => Ok(vec![]),
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..)
        | S::Answered(..)
        | S::Resolved(_)
        | S::Rated(_)
        | S::Archived(..) => Err(state.refusal()),
    }
}

pub(super) fn withdraw(
    state: &State,
    at: Timestamp,
    by: PersonId,
    tracking: Option<Sha256>,
    reason: Option<RecordId>,
) -> Decision {
    use State as S;
    let Some(report) = state.report() else { return Err(Rejection::NotReported) };
    if report.rater(&by, tracking) != Some(Rater::Reporter) {
        return Err(Rejection::NotTheReporter);
    }
    match state {
        S::Reported(_) | S::AwaitingInformation(..) | S::Accepted(_) | S::Merged(..) => {
            if !report.joiners.is_empty() {
                return Err(Rejection::HasJoiners);
            }
            let case = report.case.clone();
            Ok(vec![CaseWithdrawn { occurred_at: at, case, by, reason }.into()])
        }
        S::Withdrawn(_, withdrawn) if withdrawn.reason == reason => Ok(vec![]),
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Answered(..)
        | S::Resolved(_)
        | S::Rated(_)
        | S::Archived(..) => Err(state.refusal()),
    }
}

/// At any time: what is over can be read, too.
pub(super) fn set_confidential(
    state: &State,
    at: Timestamp,
    by: PersonId,
    confidential: bool,
) -> Decision {
    use State as S;
    match state {
        S::Unreported => Err(Rejection::NotReported),
        S::Merged(before, _) => set_confidential(before, at, by, confidential),
        S::Reported(report)
        | S::AwaitingInformation(report, _)
        | S::Accepted(report)
        | S::Refused(report, _)
        | S::Lapsed(report, _)
        | S::Withdrawn(report, _)
        | S::Transferred(report, _)
        | S::Answered(report, _)
        | S::Resolved(report)
        | S::Rated(report)
        | S::Archived(report, _) => {
            if report.confidential == confidential {
                return Ok(vec![]);
            }
            let case = report.case.clone();
            Ok(vec![ConfidentialitySet { occurred_at: at, case, by, confidential }.into()])
        }
    }
}
