//! What the desk decides of a report, and what it asks first.

use contracts::intake::{
    CaseAccepted, CaseAnswered, CaseEvent, CaseLapsed, CaseRefused, InformationAdded,
    InformationRequested, RefusalReason,
};
use kernel::{
    Timestamp,
    id::{MediaId, PersonId, RecordId},
};

use crate::domain::case::{AcceptCase, Decision, MAX_INFORMATION, Rejection, Report, State};

pub(super) fn accept(state: &State, command: AcceptCase) -> Decision {
    use State as S;
    match state {
        // The desk may decide without the answer that it asked for.
        S::Reported(report) | S::AwaitingInformation(report, _) => {
            Ok(vec![accepted(report, command)?])
        }
        S::Accepted(report) if is_accepted_so(report, &command)? => Ok(vec![]),
        S::Unreported
        | S::Accepted(_)
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

pub(super) fn refuse(
    state: &State,
    at: Timestamp,
    by: PersonId,
    reason: RefusalReason,
    explanation: Option<RecordId>,
) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) => {
            let case = report.case.clone();
            Ok(vec![CaseRefused { occurred_at: at, case, by, reason, explanation }.into()])
        }
        S::Refused(_, refused)
            if (reason, &explanation) == (refused.reason, &refused.explanation) =>
        {
            Ok(vec![])
        }
        S::Unreported
        | S::Accepted(_)
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

pub(super) fn answer(state: &State, at: Timestamp, by: PersonId, answer: RecordId) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) => {
            let case = report.case.clone();
            Ok(vec![CaseAnswered { occurred_at: at, case, by, answer }.into()])
        }
        S::Answered(_, answered) if answered.answer == answer => Ok(vec![]),
        S::Unreported
        | S::Accepted(_)
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

/// A report that is not accepted waits for the answer; a case that is, stays so, and its order waits.
pub(super) fn ask(
    state: &State,
    at: Timestamp,
    by: PersonId,
    question: &RecordId,
    window_ms: i64,
) -> Decision {
    use State as S;
    let asked = |report: &Report| {
        let (case, answer_due) = (report.case.clone(), at.plus_millis(window_ms));
        InformationRequested { occurred_at: at, case, by, question: question.clone(), answer_due }
    };
    match state {
        S::Reported(report) => Ok(vec![asked(report).into()]),
        S::AwaitingInformation(_, pending) => one_question(pending, question),
        S::Accepted(report) => match &report.asked {
            None => Ok(vec![asked(report).into()]),
            Some(pending) => one_question(pending, question),
        },
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

fn one_question(pending: &InformationRequested, question: &RecordId) -> Decision {
    if pending.question == *question { Ok(vec![]) } else { Err(Rejection::AwaitsInformation) }
}

/// Any addition answers what was asked. None restarts a clock.
pub(super) fn add_information(
    state: &State,
    at: Timestamp,
    by: PersonId,
    text: RecordId,
    photos: Vec<MediaId>,
) -> Decision {
    use State as S;
    match state {
        S::Reported(report)
        | S::AwaitingInformation(report, _)
        | S::Accepted(report)
        | S::Answered(report, _)
        | S::Resolved(report)
        | S::Rated(report) => added(report, at, by, text, photos),
        // What is added to a merged case stays its own, and goes with it when that is undone.
        S::Merged(before, _) => add_information(before, at, by, text, photos),
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Archived(..) => Err(state.refusal()),
    }
}

fn added(
    report: &Report,
    at: Timestamp,
    by: PersonId,
    text: RecordId,
    photos: Vec<MediaId>,
) -> Decision {
    if report.information.contains(&text) {
        return Ok(vec![]);
    }
    if report.information.len() >= MAX_INFORMATION {
        return Err(Rejection::InformationFull);
    }
    let case = report.case.clone();
    Ok(vec![InformationAdded { occurred_at: at, case, by, text, photos }.into()])
}

pub(super) fn lapse(state: &State, at: Timestamp) -> Decision {
    use State as S;
    match state {
        S::AwaitingInformation(_, asked) if at < asked.answer_due => {
            Err(Rejection::AnswerStillDue(asked.answer_due))
        }
        S::AwaitingInformation(report, asked) => Ok(vec![
            CaseLapsed {
                occurred_at: at,
                case: report.case.clone(),
                asked_by: asked.by.clone(),
                answer_due: asked.answer_due,
            }
            .into(),
        ]),
        S::Lapsed(..) => Ok(vec![]),
        S::Unreported
        | S::Reported(_)
        | S::Accepted(_)
        | S::Refused(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..)
        | S::Answered(..)
        | S::Resolved(_)
        | S::Rated(_)
        | S::Archived(..) => Err(state.refusal()),
    }
}

/// The acceptance, in the case's division or in a grid that lies there.
fn accepted(report: &Report, command: AcceptCase) -> Result<CaseEvent, Rejection> {
    let home = report.case.division();
    let (division, grid) = match command.grid {
        Some(grid) if home.contains(grid.village()) => (grid.village(), Some(grid)),
        Some(grid) => return Err(Rejection::GridElsewhere { grid, home }),
        None => (report.division, report.grid),
    };
    Ok(CaseEvent::CaseAccepted(CaseAccepted {
        occurred_at: command.at,
        case: report.case.clone(),
        accepted_by: command.accepted_by,
        rule_version: command.rule_version,
        category: command.category,
        catalogue_version: command.catalogue_version,
        urgency: command.urgency,
        division,
        grid,
        reporter: report.reporter.clone(),
        first_reported_at: report.first_reported_at,
    }))
}

/// Whether the case stands accepted just as this command would accept it.
fn is_accepted_so(report: &Report, command: &AcceptCase) -> Result<bool, Rejection> {
    let Some(acceptance) = &report.acceptance else { return Ok(false) };
    let command = AcceptCase { at: acceptance.occurred_at, ..command.clone() };
    Ok(accepted(report, command)? == acceptance.clone().into())
}
