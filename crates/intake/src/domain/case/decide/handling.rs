//! How a matter is settled: by an order, or on the spot, where some cases are drawn for a check.

use contracts::intake::{
    AlarmCounted, CaseEvent, CaseHandledOnSite, CaseResolved, Channel, SpotCheckConfirmed,
    SpotCheckDrawn,
};
use kernel::{
    Timestamp,
    id::{CaseId, PersonId, RecordId, WorkOrderId},
};

use super::ending;
use crate::domain::case::{Check, Decision, HandleOnSite, Rejection, Report, State};

pub(super) fn resolve(
    state: &State,
    at: Timestamp,
    work_order: WorkOrderId,
    found_true: bool,
) -> Decision {
    use State as S;
    match state {
        // An order of an earlier round, or the same once more.
        S::Accepted(report) | S::Resolved(report) if report.was_resolved_by(&work_order) => {
            Ok(vec![])
        }
        S::Accepted(report) => {
            let case = report.case.clone();
            Ok(vec![CaseResolved { occurred_at: at, case, work_order, found_true }.into()])
        }
        S::Unreported
        | S::Reported(_)
        | S::AwaitingInformation(..)
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

/// Only before it is accepted: from then on there is an order, through which it is handled.
pub(super) fn handle_on_site(state: &State, command: HandleOnSite) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) => {
            Ok(settled(&report.case, command))
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

/// That a case is settled on the spot and, if it is drawn, that it is to be checked.
pub(super) fn settled(case: &CaseId, command: HandleOnSite) -> Vec<CaseEvent> {
    let HandleOnSite { at, by, text, photos_before, photos_after, share_percent } = command;
    let case = case.clone();
    let drawn = is_drawn(&case, share_percent)
        .then(|| SpotCheckDrawn { occurred_at: at, case: case.clone(), share_percent }.into());
    let settled =
        CaseHandledOnSite { occurred_at: at, case, by, text, photos_before, photos_after };
    std::iter::once(settled.into()).chain(drawn).collect()
}

/// Whether a case is among the share, in hundredths, that is checked. The case's id decides it, which
/// nobody chooses: so the same case is drawn again by whoever looks, and a handler cannot try twice.
pub(super) fn is_drawn(case: &CaseId, share_percent: u32) -> bool {
    // FNV-1a over the id (RFC draft-eastlake-fnv), its halves folded so that the low bits depend on all.
    let hash = case.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) % 100 < u64::from(share_percent)
}

/// Never by who settled it. What is found untrue is taken up again, by an order.
pub(super) fn confirm_spot_check(
    state: &State,
    at: Timestamp,
    by: PersonId,
    found_true: bool,
    note: Option<RecordId>,
) -> Decision {
    use State as S;
    match state {
        S::Resolved(report) | S::Rated(report) if report.check == Some(Check::Drawn) => {
            let handler = report.resolutions.last().and_then(|last| last.handler.as_ref());
            if handler == Some(&by) {
                return Err(Rejection::CheckerIsHandler);
            }
            Ok(checked(report, at, by, found_true, note))
        }
        S::Unreported => Err(Rejection::NotReported),
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
        | S::Archived(..) => Err(Rejection::NoSpotCheck),
    }
}

fn checked(
    report: &Report,
    at: Timestamp,
    by: PersonId,
    found_true: bool,
    note: Option<RecordId>,
) -> Vec<CaseEvent> {
    let reopened = (!found_true).then(|| ending::reopened(report, at, by.clone(), note.clone()));
    let case = report.case.clone();
    let checked = SpotCheckConfirmed { occurred_at: at, case, by, found_true, note };
    std::iter::once(checked.into()).chain(reopened).collect()
}

/// A storm of alarms is one case with a counter: written at 1, 2, 5, 10, 20, 50 and so on.
pub(super) fn count_alarm(state: &State, at: Timestamp, count: u32) -> Decision {
    use State as S;
    match state {
        S::Reported(report) | S::AwaitingInformation(report, _) | S::Accepted(report) => {
            if report.channel != Channel::Device {
                return Err(Rejection::NotAnAlarm);
            }
            if step(count) <= step(report.alarms) {
                return Ok(vec![]);
            }
            let case = report.case.clone();
            Ok(vec![AlarmCounted { occurred_at: at, case, count }.into()])
        }
        // The device goes on alarming, whichever case its alarm goes with.
        S::Merged(before, _) => count_alarm(before, at, count),
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

/// The greatest of 1, 2, 5, 10, 20, 50 and so on that a count reaches; 0 below.
fn step(count: u32) -> u32 {
    let mut decade: u32 = 1;
    while count / 10 >= decade {
        decade = decade.saturating_mul(10);
    }
    [5, 2, 1]
        .into_iter()
        .filter_map(|digit| decade.checked_mul(digit))
        .find(|step| *step <= count)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_counted_in_steps() {
        let steps = [0, 1, 2, 4, 5, 9, 10, 19, 20, 50, 99, 100, 4_999, u32::MAX].map(step);
        let expected = [0, 1, 2, 2, 5, 5, 10, 10, 20, 50, 50, 100, 2_000, 2_000_000_000];
        assert_eq!(steps, expected);
    }

    #[test]
    fn the_share_that_is_drawn_is_the_share_that_was_set() {
        let case = |n: u32| format!("620821101203-{n}").parse::<CaseId>().unwrap();
        for share in [0, 10, 50, 100] {
            let drawn = (0..10_000).filter(|n| is_drawn(&case(*n), share)).count();
            let expected = usize::try_from(share).unwrap() * 100;
            assert!(drawn.abs_diff(expected) < 200, "{drawn} of 10000 at {share} hundredths");
        }
    }
}
