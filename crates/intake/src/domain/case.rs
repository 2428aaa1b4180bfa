//! A case (事项): what somebody reported, from report to archive. `case.rules.md` beside this file is
//! the table of its rules, written by a test.

mod command;
mod rejection;
mod state;

use contracts::intake::{
    ArchiveReason, CaseAccepted, CaseArchived, CaseEvent, CaseRated, CaseRefused, CaseReopened,
    CaseResolved, InformationAdded,
};
use kernel::{
    Aggregate, Timestamp,
    id::{MediaId, PersonId, RecordId},
};

pub use command::{AcceptCase, Command, RateCase, ReopenCase};
pub use rejection::Rejection;
pub use state::{Report, State, case_of, texts_owner};

/// How many times a case can be added to.
pub const MAX_INFORMATION: usize = 50;

/// The aggregate.
#[derive(Debug)]
pub enum Case {}

type Decision = Result<Vec<CaseEvent>, Rejection>;

impl Aggregate for Case {
    const CATEGORY: &'static str = CaseEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CaseEvent;
    type Rejection = Rejection;

    #[expect(clippy::too_many_lines, reason = "it is a table: an arm is a row")]
    fn decide(state: &State, command: Command) -> Decision {
        use Command as C;
        use State as S;
        match (state, command) {
            (S::Unreported, C::ReportCase(report)) => Ok(vec![(*report).into()]),
            (S::Reported(report), C::AcceptCase(command)) => Ok(vec![accept(report, command)?]),
            (S::Accepted(report), C::AcceptCase(command)) => {
                if is_accepted_so(report, command)? {
                    Ok(vec![])
                } else {
                    Err(Rejection::AlreadyAccepted)
                }
            }
            (S::Reported(report), C::RefuseCase { at, by, reason, explanation }) => {
                let case = report.case.clone();
                Ok(vec![CaseRefused { occurred_at: at, case, by, reason, explanation }.into()])
            }
            (S::Refused(_, refused), C::RefuseCase { reason, explanation, .. })
                if (reason, &explanation) == (refused.reason, &refused.explanation) =>
            {
                Ok(vec![])
            }
            (
                S::Reported(report) | S::Accepted(report) | S::Resolved(report) | S::Rated(report),
                C::AddInformation { at, by, text, photos },
            ) => add_information(report, at, by, text, photos),
            // An order of an earlier round, or the same once more.
            (S::Accepted(report) | S::Resolved(report), C::ResolveCase { work_order, .. })
                if report.was_resolved_by(&work_order) =>
            {
                Ok(vec![])
            }
            (S::Accepted(report), C::ResolveCase { at, work_order, found_true }) => {
                let case = report.case.clone();
                Ok(vec![CaseResolved { occurred_at: at, case, work_order, found_true }.into()])
            }
            (
                S::Reported(report)
                | S::Accepted(report)
                | S::Refused(report, _)
                | S::Resolved(report)
                | S::Rated(report)
                | S::Archived(report, _),
                C::RateCase(command),
            ) if command.by != report.reporter => Err(Rejection::NotTheReporter),
            (S::Resolved(report), C::RateCase(command)) => Ok(vec![rate(report, command)]),
            (
                S::Resolved(report) | S::Rated(report) | S::Archived(report, _),
                C::ReopenCase(command),
            ) => Ok(vec![reopen(report, command)?]),
            (S::Resolved(report), C::ArchiveCase { at, rating_window_ms }) => {
                Ok(vec![archive_unrated(report, at, rating_window_ms)?])
            }
            (S::Rated(report), C::ArchiveCase { at, .. }) => {
                Ok(vec![archived(report, at, ArchiveReason::Rated)])
            }
            (S::Archived(..), C::ArchiveCase { .. }) => Ok(vec![]),

            // What is refused, state by state.
            (
                S::Unreported,
                C::AcceptCase(_)
                | C::RefuseCase { .. }
                | C::AddInformation { .. }
                | C::ResolveCase { .. }
                | C::RateCase(_)
                | C::ReopenCase(_)
                | C::ArchiveCase { .. },
            ) => Err(Rejection::NotReported),
            (
                S::Reported(_)
                | S::Accepted(_)
                | S::Refused(..)
                | S::Resolved(_)
                | S::Rated(_)
                | S::Archived(..),
                C::ReportCase(_),
            ) => Err(Rejection::AlreadyReported),
            (S::Reported(_), C::ResolveCase { .. }) => Err(Rejection::NotAcceptedYet),
            (
                S::Reported(_) | S::Accepted(_),
                C::RateCase(_) | C::ReopenCase(_) | C::ArchiveCase { .. },
            ) => Err(Rejection::NotResolvedYet),
            (S::Accepted(_), C::RefuseCase { .. }) => Err(Rejection::AlreadyAccepted),
            (
                S::Refused(..),
                C::AcceptCase(_)
                | C::RefuseCase { .. }
                | C::AddInformation { .. }
                | C::ResolveCase { .. }
                | C::RateCase(_)
                | C::ReopenCase(_)
                | C::ArchiveCase { .. },
            ) => Err(Rejection::Refused),
            (
                S::Resolved(_) | S::Rated(_),
                C::AcceptCase(_) | C::RefuseCase { .. } | C::ResolveCase { .. },
            ) => Err(Rejection::AlreadyResolved),
            (S::Rated(_) | S::Archived(_, ArchiveReason::Rated), C::RateCase(_)) => {
                Err(Rejection::RatedBefore)
            }
            (
                S::Archived(..),
                C::AcceptCase(_)
                | C::RefuseCase { .. }
                | C::AddInformation { .. }
                | C::ResolveCase { .. }
                | C::RateCase(_),
            ) => Err(Rejection::Archived),
        }
    }

    fn evolve(state: State, event: &CaseEvent) -> State {
        match event {
            CaseEvent::CaseReported(event) => State::Reported(Report::of(event)),
            CaseEvent::InformationAdded(event) => state.with_report(|report| {
                report.information.push(event.text.clone());
            }),
            CaseEvent::CaseAccepted(event) => state.then(|mut report| {
                report.category = event.category.clone();
                report.division = event.division;
                report.grid = event.grid;
                report.acceptance = Some(event.clone());
                State::Accepted(report)
            }),
            CaseEvent::CaseRefused(event) => {
                state.then(|report| State::Refused(report, event.clone()))
            }
            CaseEvent::CaseResolved(event) => state.then(|mut report| {
                report.resolutions.push(event.clone());
                State::Resolved(report)
            }),
            CaseEvent::CaseRated(_) => state.then(State::Rated),
            CaseEvent::CaseReopened(event) => state.then(|mut report| {
                report.round = event.round;
                State::Accepted(report)
            }),
            CaseEvent::CaseArchived(event) => {
                state.then(|report| State::Archived(report, event.reason))
            }
        }
    }
}

/// The acceptance, in the case's division or in a grid that lies there.
fn accept(report: &Report, command: AcceptCase) -> Result<CaseEvent, Rejection> {
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
fn is_accepted_so(report: &Report, command: AcceptCase) -> Result<bool, Rejection> {
    let Some(acceptance) = &report.acceptance else { return Ok(false) };
    let command = AcceptCase { at: acceptance.occurred_at, ..command };
    Ok(accept(report, command)? == acceptance.clone().into())
}

fn add_information(
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
    Ok(vec![
        InformationAdded { occurred_at: at, case: report.case.clone(), by, text, photos }.into(),
    ])
}

fn rate(report: &Report, command: RateCase) -> CaseEvent {
    CaseEvent::CaseRated(CaseRated {
        occurred_at: command.at,
        case: report.case.clone(),
        contacted: command.contacted,
        solved: command.solved,
        satisfaction: command.satisfaction,
        comment: command.comment,
    })
}

/// The next round, as the case was accepted, if the window since its resolution is open.
fn reopen(report: &Report, command: ReopenCase) -> Result<CaseEvent, Rejection> {
    let (Some(until), Some(acceptance)) =
        (report.reopens_until(command.window_ms), &report.acceptance)
    else {
        return Err(Rejection::NotResolvedYet);
    };
    if command.at >= until {
        return Err(Rejection::ReopenWindowOver(until));
    }
    Ok(CaseEvent::CaseReopened(CaseReopened {
        occurred_at: command.at,
        case: report.case.clone(),
        reporter: report.reporter.clone(),
        by: command.by,
        round: report.round.saturating_add(1),
        category: acceptance.category.clone(),
        catalogue_version: acceptance.catalogue_version,
        urgency: acceptance.urgency,
        division: acceptance.division,
        grid: acceptance.grid,
        first_reported_at: report.first_reported_at,
        reason: Some(command.reason),
    }))
}

/// The end of a resolved case that nobody has rated: at once if staff reported it, whom nobody asks,
/// else when the window for rating ends.
fn archive_unrated(
    report: &Report,
    at: Timestamp,
    rating_window_ms: i64,
) -> Result<CaseEvent, Rejection> {
    let Some(resolved) = report.resolutions.last() else { return Err(Rejection::NotResolvedYet) };
    let window_ends = resolved.occurred_at.plus_millis(rating_window_ms);
    if report.by_staff {
        Ok(archived(report, at, ArchiveReason::NobodyToRate))
    } else if at >= window_ends {
        Ok(archived(report, at, ArchiveReason::Unrated))
    } else {
        Err(Rejection::WindowOpen(window_ends))
    }
}

fn archived(report: &Report, at: Timestamp, reason: ArchiveReason) -> CaseEvent {
    CaseEvent::CaseArchived(CaseArchived { occurred_at: at, case: report.case.clone(), reason })
}

#[cfg(test)]
mod tests;
