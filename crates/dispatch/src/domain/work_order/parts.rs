//! Several who work on an order: helpers beside the lead (协办), and parts of their own (拆分).

use std::collections::BTreeSet;

use contracts::dispatch::{
    Assignee, AssistanceSubmitted, Child, ChildWorkOrderEnded, HandlingResult, WorkOrderAssisted,
    WorkOrderClosed, WorkOrderSplit,
};
use kernel::{
    Timestamp,
    id::{OrganisationId, PersonId, WorkOrderId},
};

use super::{By, Decided, Order, Parts, Rejection, Status, one, so};
use crate::domain::caller::Within;

/// How many parts an order may have.
pub const CHILDREN: std::ops::RangeInclusive<usize> = 2..=10;

pub(super) fn decide(order: &Order, command: Parts) -> Decided {
    use Parts as P;
    use Rejection as R;
    use Status as S;

    let work_order = order.id.clone();
    match (order.status, command) {
        // Helpers are named while it is being handled; the assignee leads.
        (S::Routed | S::Accepted | S::Arrived, P::AssistWorkOrder(by, assistants)) => {
            assist(order, by, assistants)
        }
        (
            S::Routed | S::Accepted | S::Arrived,
            P::SubmitAssistance { by, result, text, photos },
        ) => {
            let organisation = helps(order, &by)?;
            one(AssistanceSubmitted {
                occurred_at: by.at,
                work_order,
                by: by.caller.person,
                organisation,
                result,
                text,
                photos,
            })
        }

        // What is not handled yet can become several.
        (
            S::Routed | S::Accepted | S::Arrived | S::Returned,
            P::SplitWorkOrder(by, policy, children),
        ) => {
            is_possible(order, &children)?;
            one(WorkOrderSplit {
                occurred_at: by.at,
                work_order,
                by: by.caller.person,
                policy,
                children,
            })
        }
        (S::Split, P::SplitWorkOrder(_, _, children)) if order.has_parts(&children) => so(),

        // Its parts end one by one, and with the last the whole, if it is to.
        (S::Split, P::EndChild { at, child, outcome, by, result })
            if order.has_open_part(&child) =>
        {
            let ended = ChildWorkOrderEnded {
                occurred_at: at,
                work_order,
                child,
                outcome,
                by,
                result: result.map(|(result, _)| result),
                found_true: result.map(|(_, found_true)| found_true),
            };
            ends(order, ended)
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
            | S::Withdrawn,
            P::EndChild { at, child, outcome, by, result },
        ) if order.has_open_part(&child) => one(ChildWorkOrderEnded {
            occurred_at: at,
            work_order,
            child,
            outcome,
            by,
            result: result.map(|(result, _)| result),
            found_true: result.map(|(_, found_true)| found_true),
        }),
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
            P::EndChild { .. },
        ) => so(),

        // What is refused.
        (S::Returned, P::AssistWorkOrder(..) | P::SubmitAssistance { .. }) => Err(R::Returned),
        (
            S::Handled | S::Verified | S::Closed | S::Suspended | S::Split | S::Withdrawn,
            P::AssistWorkOrder(..) | P::SubmitAssistance { .. } | P::SplitWorkOrder(..),
        ) => Err(order.status.refuses()),
    }
}

fn assist(order: &Order, by: By, assistants: Vec<OrganisationId>) -> Decided {
    let Some(lead) = &order.assignee.organisation else {
        return match &order.assignee.person {
            // A member of a grid may lead too.
            Some(_) => assisted(order, by, assistants),
            None => Err(Rejection::NoLead),
        };
    };
    if assistants.contains(lead) {
        return Err(Rejection::LeadCannotAssist);
    }
    assisted(order, by, assistants)
}

fn assisted(order: &Order, by: By, mut assistants: Vec<OrganisationId>) -> Decided {
    assistants.retain(|one| order.assistants.iter().all(|known| known.organisation != *one));
    if assistants.is_empty() {
        return so();
    }
    one(WorkOrderAssisted {
        occurred_at: by.at,
        work_order: order.id.clone(),
        by: by.caller.person,
        assistants,
    })
}

/// For which of the helpers somebody speaks.
fn helps(order: &Order, by: &By) -> Result<OrganisationId, Rejection> {
    let Within::Organisation { organisation, .. } = &by.caller.within else {
        return Err(Rejection::NotAnAssistant);
    };
    let mut helpers = order.assistants.iter();
    match helpers.find(|helper| helper.organisation == *organisation) {
        None => Err(Rejection::NotAnAssistant),
        Some(helper) if helper.submitted_by.is_some() => Err(Rejection::AssistanceGiven),
        Some(helper) => Ok(helper.organisation.clone()),
    }
}

/// A part has no parts, an order is split once, and nobody gets two parts of one place.
fn is_possible(order: &Order, children: &[Child]) -> Result<(), Rejection> {
    if order.parent.is_some() {
        return Err(Rejection::ChildCannotSplit);
    }
    if !order.children.is_empty() {
        return Err(Rejection::Split);
    }
    let distinct: BTreeSet<_> = children
        .iter()
        .map(|child| {
            let Assignee { organisation, person } = &child.assignee;
            (organisation.as_ref(), person.as_ref(), child.division, child.grid)
        })
        .collect();
    if !CHILDREN.contains(&children.len()) || distinct.len() != children.len() {
        return Err(Rejection::PartsNotDistinct);
    }
    Ok(())
}

/// The whole closes with its last part, unless nothing came of any.
#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn ends(order: &Order, ended: ChildWorkOrderEnded) -> Decided {
    let at = ended.occurred_at;
    let before = order.clone();
    let after = before.after(&ended.clone().into());
    let mut events = vec![ended.into()];
    if after.status == Status::Split && after.open_children().is_empty() {
        events.extend(closed(&after, at).map(Into::into));
    }
    Ok(events)
}

fn closed(order: &Order, at: Timestamp) -> Option<WorkOrderClosed> {
    let (result, found_true) = order.result_of_parts()?;
    let by = order.children.iter().rev().find_map(|part| part.by.clone())?;
    Some(closing(order, at, by, result, found_true))
}

fn closing(
    order: &Order,
    at: Timestamp,
    by: PersonId,
    result: HandlingResult,
    found_true: bool,
) -> WorkOrderClosed {
    WorkOrderClosed {
        occurred_at: at,
        work_order: order.id.clone(),
        case: order.case.clone(),
        by,
        result,
        found_true,
        parent: None,
    }
}

impl Order {
    fn has_open_part(&self, child: &WorkOrderId) -> bool {
        self.children.iter().any(|part| part.id == *child && part.outcome.is_none())
    }

    fn has_parts(&self, children: &[Child]) -> bool {
        let ids: Vec<_> = children.iter().map(|child| &child.work_order).collect();
        self.children.iter().map(|part| &part.id).collect::<Vec<_>>() == ids
    }
}
