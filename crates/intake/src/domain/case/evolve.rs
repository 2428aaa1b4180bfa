//! What each event makes of a case.

use contracts::intake::{CaseEvent, CaseReopened};

use super::state::{Check, Joiner, Rater, Report, Resolution, State};

pub(super) fn evolve(state: State, event: &CaseEvent) -> State {
    match event {
        CaseEvent::CaseReported(event) => State::Reported(Report::of(event)),
        CaseEvent::InformationAdded(event) => {
            let state = state.with_report(|report| {
                report.information.push(event.text.clone());
                report.asked = None;
            });
            answered(state)
        }
        CaseEvent::CaseAccepted(event) => state.then(|mut report| {
            report.category = event.category.clone();
            report.division = event.division;
            report.grid = event.grid;
            report.acceptance = Some(event.clone());
            State::Accepted(report)
        }),
        CaseEvent::CaseRefused(event) => state.then(|report| State::Refused(report, event.clone())),
        CaseEvent::CaseResolved(event) => state.then(|mut report| {
            report.resolutions.push(Resolution {
                at: event.occurred_at,
                work_order: Some(event.work_order.clone()),
                handler: None,
                found_true: event.found_true,
            });
            State::Resolved(report)
        }),
        CaseEvent::CaseRated(event) => {
            let rater = event.joiner.map_or(Rater::Reporter, Rater::Joiner);
            let after = state.with_report(|report| report.raters.push(rater));
            if rater == Rater::Reporter { after.then(State::Rated) } else { after }
        }
        CaseEvent::CaseReopened(event) => state.then(|report| reopened(report, event)),
        CaseEvent::CaseArchived(event) => {
            state.then(|report| State::Archived(report, event.reason))
        }
        CaseEvent::CaseJoined(event) => state.with_report(|report| {
            report.joiners.push(Joiner {
                person: event.joiner.clone(),
                tracking: event.tracking,
                joined: event.clone(),
            });
        }),
        CaseEvent::CaseMerged(event) => match state.report() {
            // Total: what was never reported goes with nothing.
            None => state,
            Some(_) => State::Merged(Box::new(state), event.clone()),
        },
        CaseEvent::CaseUnmerged(_) => {
            if let State::Merged(before, _) = state {
                *before
            } else {
                state
            }
        }
        CaseEvent::CaseTransferred(event) => {
            state.then(|report| State::Transferred(report, event.clone()))
        }
        CaseEvent::CaseWithdrawn(event) => {
            state.then(|report| State::Withdrawn(report, event.clone()))
        }
        CaseEvent::InformationRequested(event) => {
            if let State::Reported(report) = state {
                State::AwaitingInformation(report, event.clone())
            } else {
                state.with_report(|report| report.asked = Some(event.clone()))
            }
        }
        CaseEvent::CaseLapsed(event) => state.then(|report| State::Lapsed(report, event.clone())),
        CaseEvent::CaseAnswered(event) => state.then(|mut report| {
            let at = event.occurred_at;
            let found_true = true;
            report.resolutions.push(Resolution { at, work_order: None, handler: None, found_true });
            State::Answered(report, event.clone())
        }),
        CaseEvent::ConfidentialitySet(event) => {
            state.with_report(|report| report.confidential = event.confidential)
        }
        CaseEvent::CaseHandledOnSite(event) => state.then(|mut report| {
            report.settled_by(event);
            State::Resolved(report)
        }),
        CaseEvent::SpotCheckDrawn(_) => {
            state.with_report(|report| report.check = Some(Check::Drawn))
        }
        CaseEvent::SpotCheckConfirmed(_) => {
            state.with_report(|report| report.check = Some(Check::Done))
        }
        CaseEvent::CaseCalledBack(event) => {
            state.with_report(|report| report.calls = event.attempt)
        }
        CaseEvent::AlarmCounted(event) => state.with_report(|report| report.alarms = event.count),
    }
}

/// A case that waited for its reporter waits for the desk again, also while it goes with another.
fn answered(state: State) -> State {
    if let State::AwaitingInformation(report, _) = state {
        State::Reported(report)
    } else if let State::Merged(before, merged) = state {
        State::Merged(Box::new(answered(*before)), merged)
    } else {
        state
    }
}

fn reopened(mut report: Report, event: &CaseReopened) -> State {
    report.round = event.round;
    report.raters.clear();
    report.calls = 0;
    report.check = None;
    report.category = event.category.clone();
    report.division = event.division;
    report.grid = event.grid;
    State::Accepted(report)
}
