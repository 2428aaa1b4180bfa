//! Several reports of one matter: who joins a case, and cases that go with another.
//!
//! A case goes only with one that was reported before it. So however merges cross each other, no
//! circle comes about, and the first report keeps its place. What is merged into a case goes along
//! when that one is merged.

use contracts::intake::{
    CaseAnswered, CaseEvent, CaseHandledOnSite, CaseJoined, CaseMerged, CaseRefused, CaseResolved,
    CaseUnmerged,
};
use kernel::{
    Timestamp,
    id::{PersonId, RecordId},
};

use crate::domain::case::{
    Decision, JoinCase, MAX_JOINERS, MergeCase, Outcome, Rejection, Report, Standing, State,
};

pub(super) fn join(state: &State, command: JoinCase) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) | S::Accepted(report) => {
            joined(report, command)
        }
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

fn joined(report: &Report, command: JoinCase) -> Decision {
    if report.joiners.iter().any(|joiner| joiner.tracking == command.tracking) {
        return Ok(vec![]);
    }
    if report.confidential {
        return Err(Rejection::Confidential);
    }
    if command.joiner == report.reporter && !command.for_others {
        return Err(Rejection::JoinsOwn);
    }
    if report.joiners.len() >= MAX_JOINERS {
        return Err(Rejection::JoinersFull);
    }
    Ok(vec![
        CaseJoined {
            occurred_at: command.at,
            case: report.case.clone(),
            joiner: command.joiner,
            tracking: command.tracking,
            text: command.text,
            contact: command.contact,
            photos: command.photos,
        }
        .into(),
    ])
}

pub(super) fn merge(state: &State, command: MergeCase) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) | S::Accepted(report) => {
            Ok(vec![merged(report, command)?])
        }
        S::Merged(_, merged) if merged.into == command.primary.case => Ok(vec![]),
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

fn merged(report: &Report, command: MergeCase) -> Result<CaseEvent, Rejection> {
    let MergeCase { at, by, reason, confidential, primary } = command;
    if primary.case == report.case {
        return Err(Rejection::MergeIntoItself);
    }
    match primary.standing {
        Standing::Open => {}
        Standing::Merged(into) => return Err(Rejection::MergeIntoMerged(into)),
        Standing::Over => return Err(Rejection::MergeIntoOver),
    }
    if confidential && !primary.confidential {
        return Err(Rejection::MergeTellsMore);
    }
    let age = (report.first_reported_at, &report.case);
    if (primary.first_reported_at, &primary.case) > age {
        return Err(Rejection::MergeIntoLater);
    }
    let case = report.case.clone();
    Ok(CaseMerged { occurred_at: at, case, into: primary.case, by, reason }.into())
}

pub(super) fn unmerge(
    state: &State,
    at: Timestamp,
    by: PersonId,
    reason: Option<RecordId>,
) -> Decision {
    use State as S;
    match state {
        S::Merged(before, merged) => {
            let Some(report) = before.report() else { return Err(Rejection::NotReported) };
            let (case, from) = (report.case.clone(), merged.into.clone());
            Ok(vec![CaseUnmerged { occurred_at: at, case, from, by, reason }.into()])
        }
        S::Unreported => Err(Rejection::NotReported),
        S::Reported(_)
        | S::AwaitingInformation(..)
        | S::Accepted(_)
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Answered(..)
        | S::Resolved(_)
        | S::Rated(_)
        | S::Archived(..) => Err(Rejection::NotMerged),
    }
}

/// A merged case comes to what the one came to that it goes with.
pub(super) fn follow(state: &State, at: Timestamp, outcome: Outcome) -> Decision {
    use State as S;
    match state {
        S::Merged(before, merged) => {
            let Some(report) = before.report() else { return Err(Rejection::NotReported) };
            let case = report.case.clone();
            Ok(vec![match outcome {
                Outcome::Resolved { work_order, found_true } => {
                    CaseResolved { occurred_at: at, case, work_order, found_true }.into()
                }
                Outcome::HandledOnSite(event) => {
                    CaseHandledOnSite { occurred_at: at, case, ..event }.into()
                }
                Outcome::Answered(event) => CaseAnswered { occurred_at: at, case, ..event }.into(),
                Outcome::Refused(event) => CaseRefused { occurred_at: at, case, ..event }.into(),
                Outcome::LetGo { by } => {
                    let from = merged.into.clone();
                    CaseUnmerged { occurred_at: at, case, from, by, reason: None }.into()
                }
            }])
        }
        S::Unreported => Err(Rejection::NotReported),
        S::Reported(_)
        | S::AwaitingInformation(..)
        | S::Accepted(_)
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Answered(..)
        | S::Resolved(_)
        | S::Rated(_)
        | S::Archived(..) => Err(Rejection::NotMerged),
    }
}
