//! Up the tiers: the ladder from village to prefecture (提级), and reminders (催办).

use contracts::dispatch::{
    Assignee, DeadlineKind, RemindedBy, RoutingRule, Tier, WorkOrderEscalated, WorkOrderReminded,
};
use kernel::{
    Timestamp,
    id::{PersonId, RecordId},
};

use super::{Command, Decided, Desks, Order, Rejection, Status, Upward, one, routed, so, tier_of};
use crate::domain::{
    caller::{Caller, Within},
    routing::Decision,
};

/// The reporter may ask where an order stays that is for others to handle.
pub(super) fn is_of_reporter(order: &Order, command: &Command) -> bool {
    match command {
        Command::Upward(Upward::RemindWorkOrder(by, RemindedBy::Reporter, _)) => {
            by.caller.person == order.reporter
        }
        Command::Expecting(_, command) => is_of_reporter(order, command),
        Command::Upward(
            Upward::RemindWorkOrder(..)
            | Upward::EscalateWorkOrder(..)
            | Upward::EscalateOverdue(..),
        )
        | Command::CreateWorkOrder(_)
        | Command::Line(_)
        | Command::Clock(_)
        | Command::Returns(_)
        | Command::Time(_)
        | Command::Parts(_)
        | Command::Ending(_) => false,
    }
}

pub(super) fn decide(order: &Order, command: Upward) -> Decided {
    use Rejection as R;
    use Status as S;
    use Upward as U;

    match (order.status, command) {
        // Whoever has it, or an office over it, asks for the tier above.
        (
            S::Routed | S::Accepted | S::Arrived | S::Returned,
            U::EscalateWorkOrder(by, desks, explanation),
        ) => {
            let from = order.tier();
            if !may_ask(order, &by.caller) {
                return Err(R::NotTheAssignee);
            }
            let to = above(from).ok_or(R::NoTierAbove)?;
            climbs(order, by.at, Some((by.caller.person, explanation)), None, to, &desks)
        }

        // By rule: once for each clock and tier, whatever happens between.
        (
            S::Routed | S::Accepted | S::Arrived | S::Returned,
            U::EscalateOverdue(at, stage, to, desks),
        ) if order.is_late(stage) && order.tier() < to && !order.climbs.contains(&(stage, to)) => {
            climbs(order, at, None, Some(stage), to, &desks)
        }
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split
            | S::Withdrawn,
            U::EscalateOverdue(..),
        ) => so(),

        // A reminder changes no clock.
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Split,
            U::RemindWorkOrder(by, RemindedBy::Reporter, _),
        ) if by.caller.person != order.reporter => Err(R::OutOfScope),
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Split,
            U::RemindWorkOrder(by, RemindedBy::Reporter, _),
        ) if order.was_reminded_on(by.at) => Err(R::RemindedToday),
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Split,
            U::RemindWorkOrder(by, reminded_by, explanation),
        ) => one(WorkOrderReminded {
            occurred_at: by.at,
            work_order: order.id.clone(),
            reminded_by: as_what(order, &by.caller, reminded_by),
            by: by.caller.person,
            number: order.reminders + 1,
            explanation,
        }),

        // What is refused.
        (
            S::Handled | S::Verified | S::Closed | S::Suspended | S::Split | S::Withdrawn,
            U::EscalateWorkOrder(..),
        )
        | (S::Closed | S::Suspended | S::Withdrawn, U::RemindWorkOrder(..)) => {
            Err(order.status.refuses())
        }
    }
}

/// The county reminds a lower tier from above; whose own desk it is reminds as the desk.
fn as_what(order: &Order, caller: &Caller, reminded_by: RemindedBy) -> RemindedBy {
    let from_above = caller.tier() >= Some(Tier::County) && tier_of(&order.assignee) < Tier::County;
    match reminded_by {
        RemindedBy::Reporter => RemindedBy::Reporter,
        RemindedBy::Desk | RemindedBy::UpperTier if from_above => RemindedBy::UpperTier,
        RemindedBy::Desk | RemindedBy::UpperTier => RemindedBy::Desk,
    }
}

fn may_ask(order: &Order, caller: &Caller) -> bool {
    match &caller.within {
        Within::Division(_) => true,
        Within::Grid(_) | Within::Organisation { .. } | Within::Assigned => {
            caller.is(&order.assignee)
        }
    }
}

const fn above(tier: Tier) -> Option<Tier> {
    match tier {
        Tier::Village => Some(Tier::Township),
        Tier::Township => Some(Tier::County),
        Tier::County => Some(Tier::Prefecture),
        Tier::Prefecture => None,
    }
}

/// The order goes to the desk of the tier: to nobody, and so onto the list of what nobody has, where
/// the tier has no desk. The prefecture is only told of.
fn climbs(
    order: &Order,
    at: Timestamp,
    asked: Option<(PersonId, RecordId)>,
    stage: Option<DeadlineKind>,
    to: Tier,
    desks: &Desks,
) -> Decided {
    let (by, explanation) = asked.unzip();
    let (work_order, from) = (order.id.clone(), order.tier());
    let climbed =
        WorkOrderEscalated { occurred_at: at, work_order, by, from, to, stage, explanation };
    let organisation = match to {
        Tier::Village | Tier::Prefecture => return one(climbed),
        Tier::Township => desks.township.clone(),
        Tier::County => desks.county.clone(),
    };
    let assignee = Assignee { organisation, person: None };
    let decision = Decision::certain(assignee, RoutingRule::Escalation);
    Ok(vec![climbed.into(), routed(order, at, decision).into()])
}
