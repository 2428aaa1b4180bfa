//! More time (延期), and time that stands still (挂起).

use contracts::dispatch::{
    ExtensionGranted, ExtensionRefused, ExtensionRequested, SuspensionReason, SuspensionRefused,
    SuspensionRequested, WorkOrderResumed, WorkOrderSuspended,
};
use kernel::{
    Timestamp,
    id::{PersonId, RecordId},
    limit::{Limit, LimitUnit},
};

use super::{By, Decided, Order, Rejection, Status, Terms, Time, one, so};
use crate::domain::calendar::WorkingCalendar;

#[expect(clippy::too_many_lines, reason = "one table of rules, a row an arm")]
pub(super) fn decide(order: &Order, command: Time) -> Decided {
    use Rejection as R;
    use Status as S;
    use Time as T;

    let work_order = order.id.clone();
    match (order.status, command) {
        // More time: asked for by whoever has it in hand, before it is late; granted from above.
        (S::Accepted | S::Arrived, T::RequestExtension(by, limit, explanation, terms)) => {
            request(order, by, limit, explanation, &terms)
        }
        (S::Accepted | S::Arrived, T::GrantExtension(by, _) | T::RefuseExtension(by, _))
            if !order.is_below(&by.caller) =>
        {
            Err(R::NeedsUpperTier)
        }
        (S::Accepted | S::Arrived, T::GrantExtension(by, calendar)) => {
            let limit = order.extension_asked.ok_or(R::NoExtensionAsked)?;
            one(ExtensionGranted {
                occurred_at: by.at,
                work_order,
                by: by.caller.person,
                limit,
                due_before: order.due,
                due: calendar.due(order.due, &limit),
                calendar_version: calendar.version(),
                number: order.extensions + 1,
            })
        }
        (S::Accepted | S::Arrived, T::RefuseExtension(by, explanation)) => {
            order.extension_asked.ok_or(R::NoExtensionAsked)?;
            let by_person = by.caller.person;
            one(ExtensionRefused { occurred_at: by.at, work_order, by: by_person, explanation })
        }

        // A stop of the clock: asked for by the assignee, decided by the desk.
        (S::Routed | S::Accepted | S::Arrived, T::RequestSuspension(by, ..))
            if !by.caller.is(&order.assignee) =>
        {
            Err(R::NotTheAssignee)
        }
        (S::Routed | S::Accepted | S::Arrived, T::RequestSuspension(_, reason, _))
            if order.suspension_asked == Some(reason) =>
        {
            so()
        }
        (S::Routed | S::Accepted | S::Arrived, T::RequestSuspension(by, reason, explanation)) => {
            one(SuspensionRequested {
                occurred_at: by.at,
                work_order,
                by: by.caller.person,
                reason,
                explanation,
            })
        }
        (S::Routed | S::Accepted | S::Arrived, T::RefuseSuspension(by, explanation)) => {
            order.suspension_asked.ok_or(R::NoSuspensionAsked)?;
            let by_person = by.caller.person;
            one(SuspensionRefused { occurred_at: by.at, work_order, by: by_person, explanation })
        }
        (S::Routed | S::Accepted | S::Arrived, T::SuspendWorkOrder(by, reason, explanation)) => {
            suspended(order, by.at, Some(by.caller.person), reason, Some(explanation))
        }
        (S::Routed | S::Accepted | S::Arrived, T::AwaitInformation(at)) => {
            suspended(order, at, None, SuspensionReason::AwaitingInformation, None)
        }

        // Suspended: the clock runs again, with what was left.
        (S::Suspended, T::SuspendWorkOrder(_, reason, _))
            if order.suspension.is_some_and(|suspension| suspension.reason == reason) =>
        {
            so()
        }
        (S::Suspended, T::ResumeWorkOrder(by, calendar)) => {
            resumed(order, by.at, Some(by.caller.person), &calendar)
        }
        (S::Suspended, T::InformationCame(at, calendar)) if order.awaits_information() => {
            resumed(order, at, None, &calendar)
        }

        // What follows from the case changes nothing where nothing stands to change.
        (
            S::Returned
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split
            | S::Withdrawn,
            T::AwaitInformation(_),
        )
        | (
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
            T::InformationCame(..),
        ) => so(),

        // What is refused.
        (S::Routed, T::GrantExtension(..) | T::RefuseExtension(..)) => Err(R::NoExtensionAsked),
        (
            S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Split
            | S::Withdrawn,
            T::ResumeWorkOrder(..),
        ) => Err(R::NotSuspended),
        (S::Routed, T::RequestExtension(..))
        | (
            S::Returned
            | S::Handled
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split
            | S::Withdrawn,
            T::RequestExtension(..)
            | T::GrantExtension(..)
            | T::RefuseExtension(..)
            | T::RequestSuspension(..)
            | T::RefuseSuspension(..)
            | T::SuspendWorkOrder(..),
        ) => Err(order.status.refuses()),
    }
}

fn request(order: &Order, by: By, limit: Limit, explanation: RecordId, terms: &Terms) -> Decided {
    let until = |limit: &Limit| terms.calendar.due(order.due, limit);
    if !order.is_handled_by(&by.caller) {
        return Err(Rejection::NotTheAssignee);
    }
    if let Some(asked) = order.extension_asked {
        return if asked == limit { so() } else { Err(Rejection::ExtensionAsked) };
    }
    if by.at >= order.due {
        return Err(Rejection::TooLateToExtend);
    }
    if order.extensions >= terms.max_times {
        return Err(Rejection::ExtensionsUsedUp);
    }
    if until(&limit) > until(&terms.longest) {
        return Err(Rejection::ExtensionTooLong);
    }
    one(ExtensionRequested {
        occurred_at: by.at,
        work_order: order.id.clone(),
        by: by.caller.person,
        limit,
        explanation,
    })
}

fn suspended(
    order: &Order,
    at: Timestamp,
    by: Option<PersonId>,
    reason: SuspensionReason,
    explanation: Option<RecordId>,
) -> Decided {
    let work_order = order.id.clone();
    one(WorkOrderSuspended { occurred_at: at, work_order, by, reason, explanation })
}

/// Each clock has as much left as it had when it stopped; what had run out stays so.
fn resumed(
    order: &Order,
    at: Timestamp,
    by: Option<PersonId>,
    calendar: &WorkingCalendar,
) -> Decided {
    let since = order.suspension.map_or(at, |suspension| suspension.since);
    one(WorkOrderResumed {
        occurred_at: at,
        work_order: order.id.clone(),
        by,
        accept_due: calendar.moved(order.accept_due, LimitUnit::Minutes, since, at),
        due: calendar.moved(order.due, order.limit.unit(), since, at),
        calendar_version: calendar.version(),
    })
}
