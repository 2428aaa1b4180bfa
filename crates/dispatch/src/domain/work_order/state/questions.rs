//! What decisions ask of an order.

use contracts::dispatch::{Assignee, DeadlineKind, HandlingResult, SuspensionReason, Tier};
use kernel::{Level, Timestamp, id::WorkOrderId};

use super::{Order, Status};
use crate::domain::{
    calendar,
    caller::{Caller, Within},
};

impl Order {
    /// Whether the caller's scope covers the order: as an office, as its assignee, or as a helper.
    pub fn is_covered_by(&self, caller: &Caller) -> bool {
        caller.covers(self.division, self.grid, &self.assignee)
            || matches!(
                &caller.within,
                Within::Organisation { organisation, division }
                    if division.contains(self.division)
                        && self.assistants.iter().any(|it| it.organisation == *organisation)
            )
    }

    pub(in super::super) fn accepted_by(&self, caller: &Caller) -> bool {
        self.acceptor.as_ref() == Some(&caller.person) && caller.is(&self.assignee)
    }

    /// Who accepted it reports on it, or a colleague of the same organisation.
    pub(in super::super) fn is_handled_by(&self, caller: &Caller) -> bool {
        self.accepted_by(caller)
            || (matches!(caller.within, Within::Organisation { .. }) && caller.is(&self.assignee))
    }

    pub(in super::super) fn returned_last(&self, caller: &Caller) -> bool {
        self.returned_by.as_ref() == Some(&caller.person)
    }

    pub(in super::super) fn was_worked_on_by(&self, caller: &Caller) -> bool {
        let own = [&self.handler, &self.acceptor, &self.assignee.person];
        own.into_iter()
            .chain(self.assistants.iter().map(|assistant| &assistant.submitted_by))
            .any(|person| person.as_ref() == Some(&caller.person))
    }

    pub(in super::super) fn verified_by(&self, caller: &Caller, found_true: bool) -> bool {
        self.verifier.as_ref() == Some(&caller.person) && self.found_true == found_true
    }

    pub(in super::super) fn acceptance_is_overdue(&self, at: Timestamp) -> bool {
        at >= self.accept_due && !self.rung.contains(&DeadlineKind::Acceptance)
    }

    pub(in super::super) fn handling_is_overdue(&self, at: Timestamp) -> bool {
        at >= self.due && !self.rung.contains(&DeadlineKind::Handling)
    }

    /// Which return of the order stands to be decided, from 1.
    pub(in super::super) fn returns(&self) -> u32 {
        u32::try_from(self.returned.len()).unwrap_or(u32::MAX)
    }

    pub(in super::super) fn awaits_information(&self) -> bool {
        self.suspension.is_some_and(|it| it.reason == SuspensionReason::AwaitingInformation)
    }

    pub(in super::super) fn is_thrice_overdue(&self, at: Timestamp) -> bool {
        at >= self.threefold_due() && !self.rung.contains(&DeadlineKind::HandlingThreefold)
    }

    /// From the second return on the county decides.
    pub(in super::super) fn needs_county(&self, caller: &Caller) -> bool {
        self.returned.len() > 1 && caller.tier() < Some(Tier::County)
    }

    /// Whether the caller sits above whoever has the order; above the county there is nobody here.
    pub(in super::super) fn is_below(&self, caller: &Caller) -> bool {
        caller.tier().is_some_and(|tier| tier >= Tier::County || tier > tier_of(&self.assignee))
    }

    /// On which rung of the ladder the order is: where it has climbed to, or where its assignee is.
    pub fn tier(&self) -> Tier {
        self.climbed.unwrap_or(Tier::Village).max(tier_of(&self.assignee))
    }

    /// Whether helpers have not said yet what their parts came to.
    pub(in super::super) fn waits_for_assistants(&self) -> bool {
        self.assistants.iter().any(|assistant| assistant.submitted_by.is_none())
    }

    pub(in super::super) fn open_children(&self) -> Vec<WorkOrderId> {
        let open = self.children.iter().filter(|part| part.outcome.is_none());
        open.map(|part| part.id.clone()).collect()
    }

    /// Whether the rule may raise the order for a clock: one that runs, and has run out.
    pub(in super::super) fn is_late(&self, stage: DeadlineKind) -> bool {
        let waits = match stage {
            DeadlineKind::Acceptance => matches!(self.status, Status::Routed | Status::Returned),
            DeadlineKind::Handling | DeadlineKind::HandlingThreefold => matches!(
                self.status,
                Status::Routed | Status::Returned | Status::Accepted | Status::Arrived
            ),
        };
        waits && self.rung.contains(&stage)
    }

    pub(in super::super) fn was_reminded_on(&self, at: Timestamp) -> bool {
        self.reporter_reminded.is_some_and(|before| calendar::same_day(before, at))
    }

    /// What came of the parts that were closed: solved if all were, and true if any was.
    pub(in super::super) fn result_of_parts(&self) -> Option<(HandlingResult, bool)> {
        let results = || self.children.iter().filter_map(|part| part.result);
        let first = results().next()?.0;
        let same = results().all(|(result, _)| result == first);
        let result = if same { first } else { HandlingResult::PartlySolved };
        Some((result, results().any(|(_, found_true)| found_true)))
    }
}

/// The tier of whoever has an order: grids and nobody are the village's.
pub fn tier_of(assignee: &Assignee) -> Tier {
    match assignee.organisation.as_ref().map(|id| id.division().level()) {
        None | Some(Level::Village) => Tier::Village,
        Some(Level::Township) => Tier::Township,
        Some(Level::County) => Tier::County,
        Some(Level::Prefecture | Level::Province) => Tier::Prefecture,
    }
}
