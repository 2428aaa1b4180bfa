//! The ledger of one programme: all its accounts, its rule, and its awards. A transfer is one event
//! with all its legs, so that the accounts together hold zero after every event.

mod command;
mod rejection;
mod state;

use contracts::points::{
    AwardReversed, Giver, LedgerEvent, PointsAwarded, ProgrammeCreated, ReversalCause, RuleSet,
};
use kernel::{Aggregate, Timestamp, id::AwardId};

pub use command::{AwardByHand, Command, ReversalByHand, TrueReport};
pub use rejection::Rejection;
pub use state::State;
use state::{Award, Status, day_of};

/// The aggregate.
pub struct Ledger;

impl Aggregate for Ledger {
    const CATEGORY: &'static str = LedgerEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = LedgerEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<LedgerEvent>, Rejection> {
        use Command::{
            AwardPoints, AwardTrueReport, CreateProgramme, ReverseAward, ReverseReopened, SetRule,
        };
        match (state.status, command) {
            (Status::Absent, CreateProgramme { programme, name, at }) => {
                let division = programme.division();
                Ok(vec![ProgrammeCreated { occurred_at: at, programme, division, name }.into()])
            }
            (Status::Open, SetRule { points, daily_cap, .. })
                if state.has_rule(points, daily_cap) =>
            {
                Ok(vec![])
            }
            (Status::Open, SetRule { programme, points, daily_cap, at }) => {
                let version = state.next_rule_version();
                let points_for_true_report = points;
                let occurred_at = at;
                let rule =
                    RuleSet { occurred_at, programme, version, points_for_true_report, daily_cap };
                Ok(vec![rule.into()])
            }
            (Status::Open, AwardPoints(given)) if state.award(&given.award).is_some() => Ok(vec![]),
            (Status::Open, AwardPoints(given)) if given.person == given.by => {
                Err(Rejection::GiverIsReceiver)
            }
            (Status::Open, AwardPoints(given)) => Ok(vec![by_hand(state, given)?]),
            (Status::Open, AwardTrueReport(report)) if state.award(&report.award).is_some() => {
                Ok(vec![])
            }
            (Status::Open, AwardTrueReport(report)) if state.is_superseded(&report) => {
                Err(Rejection::ResolutionSuperseded(report.case))
            }
            (Status::Open, AwardTrueReport(report)) => by_rule(state, report),
            (Status::Open, ReverseAward(taken)) => match state.award(&taken.award) {
                Some(award) if award.standing => {
                    let cause = ReversalCause::Person { by: taken.by, reason: taken.reason };
                    Ok(vec![reversal(state, &taken.award, award, cause, taken.at)?])
                }
                Some(_) => Ok(vec![]),
                None => Err(Rejection::AwardUnknown(taken.award)),
            },
            (Status::Open, ReverseReopened { case, before, at, .. }) => {
                let earned = state.standing_of(&case).filter(|(.., earned)| *earned < before);
                let reversed =
                    earned.map(|(id, award, _)| reopened(state, id, award, at)).transpose()?;
                Ok(reversed.into_iter().collect())
            }

            (Status::Open, CreateProgramme { programme, .. }) => {
                Err(Rejection::ProgrammeExists(programme))
            }
            (Status::Absent, SetRule { programme, .. } | ReverseReopened { programme, .. }) => {
                Err(Rejection::NotCreated(programme))
            }
            (Status::Absent, AwardPoints(given)) => Err(Rejection::NotCreated(given.programme)),
            (Status::Absent, AwardTrueReport(report)) => {
                Err(Rejection::NotCreated(report.programme))
            }
            (Status::Absent, ReverseAward(taken)) => Err(Rejection::NotCreated(taken.programme)),
        }
    }

    fn evolve(mut state: State, event: &LedgerEvent) -> State {
        state.apply(event);
        state
    }
}

/// An award by a member of staff. It counts towards no cap: the cap is the rule's.
fn by_hand(state: &State, given: AwardByHand) -> Result<LedgerEvent, Rejection> {
    let legs = state.transfer(&given.person, i64::from(given.points.get()))?;
    Ok(PointsAwarded {
        occurred_at: given.at,
        programme: given.programme,
        award: given.award,
        person: given.person,
        case: given.case,
        legs,
        day: day_of(given.at),
        given_by: Giver::Person { by: given.by, reason: given.reason },
    }
    .into())
}

/// An award by the rule that was in force when the report was found true. A case has one standing
/// award at most: what an earlier resolution earned goes first, for only a reopening leads to another.
fn by_rule(state: &State, report: TrueReport) -> Result<Vec<LedgerEvent>, Rejection> {
    let Some((earlier, award, _)) = state.standing_of(&report.case) else {
        return Ok(vec![earned(state, report)?]);
    };
    let reversed = reopened(state, earlier, award, report.at)?;
    let after = Ledger::evolve(state.clone(), &reversed);
    Ok(vec![reversed, earned(&after, report)?])
}

fn earned(state: &State, report: TrueReport) -> Result<LedgerEvent, Rejection> {
    let rule = state.rule_at(report.resolved_at).ok_or(Rejection::NoRuleInForce)?;
    let day = day_of(report.resolved_at);
    let points = i64::from(rule.points);
    let room = i64::from(rule.daily_cap).saturating_sub(state.given_on(&report.person, day));
    if points == 0 {
        return Err(Rejection::RuleGivesNothing);
    }
    if room <= 0 {
        return Err(Rejection::DailyCapReached(rule.daily_cap));
    }
    let legs = state.transfer(&report.person, points.min(room))?;
    Ok(PointsAwarded {
        occurred_at: report.at,
        programme: report.programme,
        award: report.award,
        person: report.person,
        case: Some(report.case),
        legs,
        day,
        given_by: Giver::Rule { version: rule.version, resolution: report.resolution },
    }
    .into())
}

fn reopened(
    state: &State,
    id: &AwardId,
    award: &Award,
    at: Timestamp,
) -> Result<LedgerEvent, Rejection> {
    reversal(state, id, award, ReversalCause::Reopened, at)
}

/// The transfer of an award the other way; the award itself stays.
fn reversal(
    state: &State,
    id: &AwardId,
    award: &Award,
    cause: ReversalCause,
    at: Timestamp,
) -> Result<LedgerEvent, Rejection> {
    Ok(AwardReversed {
        occurred_at: at,
        programme: award.programme.clone(),
        award: id.clone(),
        person: award.person.clone(),
        case: award.case.clone(),
        legs: state.transfer(&award.person, award.amount.saturating_neg())?,
        cause,
    }
    .into())
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test that overflows fails, as it should")]
mod tests;
