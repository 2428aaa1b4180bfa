//! Who is told of a transition, and by which way. Pure.
//!
//! Whoever is to handle an order is told of what becomes theirs, in the suite's own list, whatever the
//! rules say: no rule takes that away.

use std::collections::BTreeSet;

use contracts::dispatch::{
    Assignee,
    notification::{Audience, Letter, NotificationChannel, Recipient, Route, Transition},
};
use kernel::{Division, id::PersonId};

/// What is known of a matter when it is told.
#[derive(Clone, Debug, Default)]
pub struct Matter {
    /// Who is to handle the order.
    pub assignee: Option<Assignee>,
    /// Those who assist.
    pub assistants: Vec<Assignee>,
    /// The bodies that were called.
    pub convened: Vec<Assignee>,
    /// Everybody who reported the case, also those whose report was merged into it.
    pub reporters: Vec<PersonId>,
    /// Where it is handled.
    pub division: Option<Division>,
    /// Whether nothing of it may leave the house.
    pub confidential: bool,
}

/// The transitions of which the assignee is told whatever the rules say.
pub const fn is_the_assignees(transition: Transition) -> bool {
    use Transition as T;
    match transition {
        T::WorkOrderRouted
        | T::WorkOrderSentBack
        | T::WorkOrderOverdue
        | T::WorkOrderWithdrawn
        | T::WorkOrderReinstated
        | T::WorkOrderReminded
        | T::ReturnRejected
        | T::ExtensionGranted
        | T::ExtensionRefused
        | T::WorkOrderResumed
        | T::MediationFollowUpDue => true,
        T::CaseAccepted
        | T::CaseRefused
        | T::InformationRequested
        | T::CaseMerged
        | T::CaseTransferred
        | T::CaseWithdrawn
        | T::CaseLapsed
        | T::CaseAnswered
        | T::CaseResolved
        | T::CaseReopened
        | T::CaseArchived
        | T::WorkOrderAccepted
        | T::WorkOrderReturned
        | T::FeedbackSubmitted
        | T::WorkOrderVerified
        | T::WorkOrderClosed
        | T::WorkOrderEscalated
        | T::WorkOrderAssisted
        | T::ExtensionRequested
        | T::DepartmentsConvened
        | T::MediationTurnedUrgent => false,
    }
}

/// The letters of a transition, each recipient once for each way; `ways` are those by which a person
/// agreed to be told beside the suite.
pub fn letters(
    transition: Transition,
    routes: &[Route],
    matter: &Matter,
    ways: impl Fn(&PersonId) -> Vec<NotificationChannel>,
) -> Vec<Letter> {
    use NotificationChannel as N;
    let mut told: Vec<(Audience, N)> = Vec::new();
    if is_the_assignees(transition) {
        told.push((Audience::Assignee, N::Inbox));
    }
    for route in routes.iter().filter(|route| route.transition == transition) {
        told.extend(route.channels.iter().map(|channel| (route.audience, *channel)));
    }
    let mut seen = BTreeSet::new();
    let mut letters = Vec::new();
    for (audience, channel) in told {
        for recipient in recipients(audience, matter) {
            let leaves = channel != N::Inbox;
            let agreed =
                || recipient.person.as_ref().is_some_and(|one| ways(one).contains(&channel));
            if leaves && (matter.confidential || !agreed()) {
                continue;
            }
            if seen.insert((recipient.clone(), channel)) {
                letters.push(Letter { recipient, audience, channel });
            }
        }
    }
    letters
}

fn recipients(audience: Audience, matter: &Matter) -> Vec<Recipient> {
    let each = |bodies: &[Assignee]| bodies.iter().filter_map(assigned).collect();
    match audience {
        Audience::Assignee => matter.assignee.iter().filter_map(assigned).collect(),
        Audience::Assistants => each(&matter.assistants),
        Audience::Convened => each(&matter.convened),
        Audience::Reporter => matter.reporters.iter().map(person).collect(),
        Audience::Desk => matter.division.map(|at| desk(near(at))).into_iter().collect(),
        Audience::UpperDesk => matter.division.map(|at| desk(far(at))).into_iter().collect(),
    }
}

/// A person who was named, or whoever acts for the organisation.
fn assigned(assignee: &Assignee) -> Option<Recipient> {
    let nobody = Recipient { person: None, organisation: None, desk: None };
    match (&assignee.person, &assignee.organisation) {
        (Some(one), _) => Some(person(one)),
        (None, Some(organisation)) => {
            Some(Recipient { organisation: Some(organisation.clone()), ..nobody })
        }
        (None, None) => None,
    }
}

fn person(one: &PersonId) -> Recipient {
    Recipient { person: Some(one.clone()), organisation: None, desk: None }
}

const fn desk(division: Division) -> Recipient {
    Recipient { person: None, organisation: None, desk: Some(division) }
}

/// The desk of the township; of what lies in none, the county's.
fn near(division: Division) -> Division {
    division.township().unwrap_or_else(|| far(division))
}

/// The county's desk.
fn far(division: Division) -> Division {
    division.county().unwrap_or(division)
}

#[cfg(test)]
mod tests;
