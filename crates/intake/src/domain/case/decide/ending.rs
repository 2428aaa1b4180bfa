//! How a case ends: rated, asked about by telephone, taken up again or archived.

use contracts::intake::{
    ArchiveReason, CaseArchived, CaseCalledBack, CaseEvent, CaseRated, CaseReopened,
};
use kernel::{
    Timestamp,
    id::{PersonId, RecordId},
};

use crate::domain::case::{
    CallBack, Check, Decision, RateCase, Rater, Rating, Rejection, ReopenCase, Report, State,
};

/// Everybody who reported or joined rates a round once, until it is archived.
pub(super) fn rate(state: &State, command: RateCase) -> Decision {
    use State as S;
    let Some(report) = state.report() else { return Err(Rejection::NotReported) };
    let Some(rater) = report.rater(&command.by, command.tracking) else {
        return Err(Rejection::NotTheReporter);
    };
    let rated_before = report.raters.contains(&rater);
    match state {
        S::Answered(..) | S::Resolved(_) | S::Rated(_) | S::Archived(..) if rated_before => {
            Err(Rejection::RatedBefore)
        }
        S::Answered(report, _) | S::Resolved(report) | S::Rated(report) => {
            Ok(vec![rated(report, command.at, rater, None, command.rating)])
        }
        S::Archived(..) => Err(Rejection::RatingOver),
        S::Reported(_) | S::AwaitingInformation(..) | S::Accepted(_) => {
            Err(Rejection::NotResolvedYet)
        }
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..) => Err(state.refusal()),
    }
}

fn rated(
    report: &Report,
    at: Timestamp,
    rater: Rater,
    recorded_by: Option<PersonId>,
    rating: Rating,
) -> CaseEvent {
    let (by, joiner) = match rater {
        // What staff reported for somebody is rated by that somebody, who has no id.
        Rater::Reporter => ((!report.by_staff).then(|| report.reporter.clone()), None),
        Rater::Joiner(tracking) => {
            let joiner = report.joiners.iter().find(|joiner| joiner.tracking == tracking);
            (joiner.map(|joiner| joiner.person.clone()), Some(tracking))
        }
    };
    CaseEvent::CaseRated(CaseRated {
        occurred_at: at,
        case: report.case.clone(),
        contacted: rating.contacted,
        solved: rating.solved,
        satisfaction: rating.satisfaction,
        comment: rating.comment,
        by,
        recorded_by,
        joiner,
    })
}

/// A call that reached somebody may bring the first reporter's rating.
pub(super) fn call_back(state: &State, command: CallBack) -> Decision {
    use State as S;
    match state {
        S::Answered(report, _) | S::Resolved(report) | S::Rated(report) => {
            if command.rating.is_some() && report.raters.contains(&Rater::Reporter) {
                return Err(Rejection::RatedBefore);
            }
            let CallBack { at, by, reached, note, rating } = command;
            let rated =
                rating.map(|rating| rated(report, at, Rater::Reporter, Some(by.clone()), rating));
            let called = CaseCalledBack {
                occurred_at: at,
                case: report.case.clone(),
                by,
                attempt: report.calls.saturating_add(1),
                reached,
                note,
            };
            Ok(std::iter::once(called.into()).chain(rated).collect())
        }
        S::Reported(_) | S::AwaitingInformation(..) | S::Accepted(_) => {
            Err(Rejection::NotResolvedYet)
        }
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..)
        | S::Archived(..) => Err(state.refusal()),
    }
}

/// The next round, if the window since the resolution is open; nothing done since moves it.
pub(super) fn reopen(state: &State, command: ReopenCase) -> Decision {
    use State as S;
    match state {
        S::Answered(report, _)
        | S::Resolved(report)
        | S::Rated(report)
        | S::Archived(report, _) => {
            let Some(until) = report.reopens_until(command.window_ms) else {
                return Err(Rejection::NotResolvedYet);
            };
            if command.at >= until {
                return Err(Rejection::ReopenWindowOver(until));
            }
            let ReopenCase { at, by, reason, .. } = command;
            Ok(vec![reopened(report, at, by, Some(reason))])
        }
        S::Reported(_) | S::AwaitingInformation(..) | S::Accepted(_) => {
            Err(Rejection::NotResolvedYet)
        }
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..) => Err(state.refusal()),
    }
}

/// The next round, as the case was accepted or, where it never was, as it was reported.
pub(super) fn reopened(
    report: &Report,
    at: Timestamp,
    by: PersonId,
    reason: Option<RecordId>,
) -> CaseEvent {
    let first = &report.reported;
    let (catalogue_version, urgency) =
        report.acceptance.as_ref().map_or((first.catalogue_version, first.urgency), |accepted| {
            (accepted.catalogue_version, accepted.urgency)
        });
    CaseEvent::CaseReopened(CaseReopened {
        occurred_at: at,
        case: report.case.clone(),
        reporter: report.reporter.clone(),
        by,
        round: report.round.saturating_add(1),
        category: report.category.clone(),
        catalogue_version,
        urgency,
        division: report.division,
        grid: report.grid,
        first_reported_at: report.first_reported_at,
        reason,
    })
}

/// At once when all have rated whom one could ask, or when there is nobody to ask; else when the
/// window for rating ends, which runs from the resolution. What is drawn for a check waits for it.
pub(super) fn archive(state: &State, at: Timestamp, rating_window_ms: i64) -> Decision {
    use State as S;
    match state {
        S::Resolved(report) | S::Rated(report) if report.check == Some(Check::Drawn) => {
            Err(Rejection::SpotCheckOpen)
        }
        S::Answered(report, _) | S::Resolved(report) | S::Rated(report) => {
            Ok(vec![archived(report, at, rating_window_ms)?])
        }
        S::Archived(..) => Ok(vec![]),
        S::Reported(_) | S::AwaitingInformation(..) | S::Accepted(_) => {
            Err(Rejection::NotResolvedYet)
        }
        S::Unreported
        | S::Refused(..)
        | S::Lapsed(..)
        | S::Withdrawn(..)
        | S::Transferred(..)
        | S::Merged(..) => Err(state.refusal()),
    }
}

fn archived(report: &Report, at: Timestamp, rating_window_ms: i64) -> Result<CaseEvent, Rejection> {
    let Some(ends) = report.reopens_until(rating_window_ms) else {
        return Err(Rejection::NotResolvedYet);
    };
    let rated = !report.raters.is_empty();
    let reason = if !rated && report.asks_nobody() {
        ArchiveReason::NobodyToRate
    } else if at < ends && !report.all_have_rated() {
        return Err(Rejection::WindowOpen(ends));
    } else if rated {
        ArchiveReason::Rated
    } else {
        ArchiveReason::Unrated
    };
    let case = report.case.clone();
    Ok(CaseEvent::CaseArchived(CaseArchived { occurred_at: at, case, reason }))
}
