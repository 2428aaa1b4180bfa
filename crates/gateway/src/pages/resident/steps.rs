//! A case as its reporter follows it, like a parcel: what happened, when, and with which unit it is;
//! never which person.

use api::{common::v1::TimelineEntry, intake::v1::CaseStatus};

use crate::{projections::live_orders::LiveOrderRow, shell::Shell};

/// The word of a status, for a person and for a template.
pub(super) const fn word(status: CaseStatus) -> &'static str {
    match status {
        CaseStatus::Unspecified | CaseStatus::Reported => "reported",
        CaseStatus::Accepted => "accepted",
        CaseStatus::Refused => "refused",
        CaseStatus::Resolved => "resolved",
        CaseStatus::Rated => "rated",
        CaseStatus::Archived => "archived",
        CaseStatus::AwaitingInformation => "awaiting_information",
        CaseStatus::Merged => "merged",
        CaseStatus::Transferred => "transferred",
        CaseStatus::Withdrawn => "withdrawn",
        CaseStatus::Lapsed => "lapsed",
        CaseStatus::Answered => "answered",
    }
}

/// The colour of a status, which never speaks alone.
pub(super) const fn level(status: CaseStatus) -> &'static str {
    match status {
        CaseStatus::Unspecified | CaseStatus::Reported => "info",
        CaseStatus::Accepted
        | CaseStatus::Merged
        | CaseStatus::Transferred
        | CaseStatus::Withdrawn => "plain",
        CaseStatus::Refused | CaseStatus::AwaitingInformation | CaseStatus::Lapsed => "warn",
        CaseStatus::Resolved | CaseStatus::Answered | CaseStatus::Rated | CaseStatus::Archived => {
            "ok"
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The key of its name.
    pub(super) key: &'static str,
    /// When it happened: UTC milliseconds.
    pub(super) at: i64,
    /// The unit that it is with; empty where none is named.
    pub(super) unit: String,
    /// What was written with it, where the visitor may read it.
    pub(super) text: String,
    /// The ids of the photos that came with it.
    pub(super) photos: Vec<String>,
}

impl Step {
    fn of_entry(entry: &TimelineEntry) -> Option<Self> {
        let key = match entry.event.as_str() {
            "case_reported" => "resident-step-reported",
            "information_added" => "resident-step-information",
            "case_accepted" => "resident-step-accepted",
            "case_refused" => "resident-step-refused",
            "case_resolved" => "resident-step-resolved",
            "case_rated" => "resident-step-rated",
            "case_reopened" => "resident-step-reopened",
            "case_archived" => "resident-step-archived",
            "information_requested" => "resident-step-asked",
            "case_merged" => "resident-step-merged",
            "case_unmerged" => "resident-step-unmerged",
            "case_transferred" => "resident-step-transferred",
            "case_withdrawn" => "resident-step-withdrawn",
            "case_lapsed" => "resident-step-lapsed",
            "case_answered" => "resident-step-answered",
            "case_handled_on_site" => "resident-step-settled",
            _ => return None,
        };
        Some(Self {
            key,
            at: entry.occurred_at,
            unit: String::new(),
            text: entry.text.clone(),
            photos: entry.photos.clone(),
        })
    }
}

/// All that happened, the latest first; with the steps of each order.
pub(super) fn steps(
    shell: &Shell,
    timeline: &[TimelineEntry],
    orders: &[LiveOrderRow],
) -> Vec<Step> {
    let mut steps: Vec<Step> = timeline.iter().filter_map(Step::of_entry).collect();
    for order in orders {
        let unit = unit(shell, order);
        let step =
            |key, at| Step { key, at, unit: unit.clone(), text: String::new(), photos: Vec::new() };
        steps.push(step("resident-step-dispatched", order.created_at));
        let stood = [
            ("resident-step-handling", order.accepted_at),
            ("resident-step-handled", order.handled_at),
        ];
        steps.extend(stood.into_iter().filter_map(|(key, at)| Some(step(key, at?))));
        // Somebody else verifies it than the unit that has it.
        let verified = order.verified_at.map(|at| step("resident-step-verified", at));
        steps.extend(verified.map(|verified| Step { unit: String::new(), ..verified }));
    }
    // Of two at one time the one that follows from the other stands above it.
    steps.reverse();
    steps.sort_by_key(|step| std::cmp::Reverse(step.at));
    steps
}

/// The unit that an order is with, in words.
fn unit(shell: &Shell, order: &LiveOrderRow) -> String {
    if !order.org.is_empty() {
        let name = shell.organisation(&order.org);
        return if name == order.org { shell.say("resident-unit-department") } else { name };
    }
    if !order.assignee.is_empty() {
        return shell.say("resident-unit-member");
    }
    String::new()
}

/// By when an order that is under way is to be done: UTC milliseconds.
pub(super) fn due(orders: &[LiveOrderRow]) -> Option<i64> {
    orders.iter().rev().find(|order| order.open == 1).map(|order| order.due)
}

/// How far a case is on the bar of five: 1 reported, 2 accepted, 3 under way, 4 done, 5 rated. What is
/// archived may have been `rated` before.
pub(super) fn stage(status: CaseStatus, rated: bool, orders: &[LiveOrderRow]) -> usize {
    match status {
        CaseStatus::Unspecified
        | CaseStatus::Reported
        | CaseStatus::AwaitingInformation
        | CaseStatus::Refused
        | CaseStatus::Lapsed
        | CaseStatus::Withdrawn => 1,
        CaseStatus::Accepted if orders.iter().any(|order| order.open == 1) => 3,
        CaseStatus::Accepted | CaseStatus::Merged | CaseStatus::Transferred => 2,
        CaseStatus::Archived if rated => 5,
        CaseStatus::Resolved | CaseStatus::Answered | CaseStatus::Archived => 4,
        CaseStatus::Rated => 5,
    }
}
