//! What dispatch publishes: work orders from creation to closing, and how bodies work together.
//!
//! | module | what |
//! |---|---|
//! | [`calendar`] | the working calendar of a county, version by version |
//! | [`deadline`] | what the clocks of an order do |
//! | [`rules`] | the routing rules of a county, version by version |
//! | [`mediation`], [`notification`] | beside an order: disputes, and who was told |
//! | [`convocation`], [`campaign`], [`instruction`], [`incident`], [`team`] | working together |

pub mod calendar;
pub mod campaign;
pub mod convocation;
pub mod deadline;
pub mod incident;
pub mod instruction;
pub mod mediation;
pub mod notification;
pub mod rules;
pub mod team;

pub mod supervision;

mod beside;
mod records;

pub use beside::*;

use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, MediaId, OrganisationId, PersonId, RecordId, WorkOrderId},
    limit::Limit,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use deadline::{DeadlineReplanned, ReplanReason, WorkOrderAtRisk};

use crate::{
    codec::{event_set, payloads, words},
    intake::Urgency,
};

words! {
    /// Which rule chose the assignee.
    pub enum RoutingRule {
        /// The member on duty for the grid, because the matter may be settled there.
        GridMember,
        /// The body in charge that serves the narrowest division around the place.
        ResponsibleBody,
        /// The nearest member of the grids around who can be asked.
        NearestMember,
        /// A body of the kind that the rule names.
        BodyOfKind,
        /// The organisation that the rule names.
        NamedOrganisation,
        /// The desk of the township or county, because nobody else was found.
        Desk,
        /// The desk of the tier above, because the order climbed.
        Escalation,
        /// A person chose.
        Manual,
    }

    /// Why a candidate was taken or passed over.
    pub enum CandidateReason {
        /// Taken.
        Chosen,
        /// Another serves a narrower division.
        ServesWiderDivision,
        /// Another has fewer open orders.
        MoreLoaded,
        /// Another comes first by duty, or by id where all else is equal.
        NextInLine,
        /// The candidate reported the case.
        IsReporter,
        /// The candidate returned the order before.
        ReturnedBefore,
        /// On leave, and nobody stands in.
        OnLeave,
        /// Another is on duty now.
        OffDuty,
        /// Another has rested since their last emergency.
        Resting,
        /// Another is nearer.
        FurtherAway,
        /// More orders are open with the candidate than the rule allows.
        Overloaded,
    }

    /// Why routing fell back to a desk.
    pub enum Shortfall {
        /// No member serves the grid, or the place is in no grid.
        NoGridMember,
        /// No body of the kind in charge serves any division around the place.
        NoResponsibleBody,
        /// The organisation that the rule names takes no orders.
        NoSuchOrganisation,
        /// No desk of the tier serves the place.
        NoDesk,
        /// Whoever could be asked is on leave.
        AllOnLeave,
        /// Whoever could be asked has more open orders than the rule allows.
        AllOverloaded,
        /// Whoever could be asked reported the case or returned the order.
        AllPassedOver,
    }

    /// Why an order is returned (退单).
    pub enum ReturnReason {
        /// Another body is in charge.
        NotOurRemit,
        /// The place is in another's area.
        NotOurArea,
        /// More must be known first.
        InsufficientInformation,
        /// The means are missing.
        LacksMeans,
    }

    /// What the handler says came out.
    pub enum HandlingResult {
        /// Done.
        Solved,
        /// Done in part; the rest is explained.
        PartlySolved,
        /// Nothing to do: the report is not so.
        NotSo,
        /// It cannot be done; explained.
        CannotSolve,
    }

    /// Which clock ran out.
    pub enum DeadlineKind {
        /// To accept the order.
        Acceptance,
        /// To handle it.
        Handling,
        /// Three times the time that handling may take.
        HandlingThreefold,
    }
}

/// Who is to handle an order: an organisation, a person, or a person for an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Assignee {
    /// The organisation, if it goes to one.
    pub organisation: Option<OrganisationId>,
    /// The person, if it goes to one.
    pub person: Option<PersonId>,
}

/// Somebody who was considered, and why they were taken or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Who.
    pub assignee: Assignee,
    /// Why.
    pub reason: CandidateReason,
    /// How many orders were open with them.
    pub open_orders: u32,
    /// How far they were from the place, in metres, where both were known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<u32>,
    /// Whether they had rested since their last emergency, where it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rested: Option<bool>,
    /// Whether they were on duty, where a roster says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_duty: Option<bool>,
    /// The person or organisation on leave for whom they stand in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_in_for: Option<Assignee>,
}

impl Candidate {
    /// Somebody of whom no more is known than these three.
    pub const fn new(assignee: Assignee, reason: CandidateReason, open_orders: u32) -> Self {
        Self {
            assignee,
            reason,
            open_orders,
            distance_m: None,
            rested: None,
            on_duty: None,
            stands_in_for: None,
        }
    }
}

/// A rule that applied and found nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleShortfall {
    /// Which rule of the list, from 1.
    pub rule: u32,
    /// What was missing.
    pub shortfall: Shortfall,
}

payloads! {
    /// An order exists for an accepted case. The clocks start here.
    pub struct WorkOrderCreated {
        /// The order.
        pub work_order: WorkOrderId,
        /// The case that it serves.
        pub case: CaseId,
        /// The category by which it is handled.
        pub category: CategoryCode,
        /// The version of the catalogue that the limit comes from.
        pub catalogue_version: u32,
        /// How pressing it is.
        pub urgency: Urgency,
        /// Where it is handled.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// Who reported the case: may not verify it, and is not asked to handle it.
        pub reporter: PersonId,
        /// How long handling may take.
        pub limit: Limit,
        /// By when it must be accepted.
        pub accept_due: Timestamp,
        /// By when it must be handled.
        pub due: Timestamp,
        /// The version of the working calendar that gave the deadlines.
        pub calendar_version: u32,
        /// Which round of the case it serves: 1 unless the case was reopened.
        #[serde(default = "first_round", skip_serializing_if = "is_first_round")]
        pub round: u32,
        /// What it was made for, where that is more than the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub origin: Option<Origin>,
        /// The order of which it is a part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<WorkOrderId>,
        /// What of that order is to be done, where something was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub instruction: Option<RecordId>,
        /// When little of the limit is left, by the calendar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub at_risk: Option<Timestamp>,
        /// When three times the limit is over, by the calendar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub threefold_due: Option<Timestamp>,
    }

    /// An order goes to somebody.
    pub struct WorkOrderRouted {
        /// The order.
        pub work_order: WorkOrderId,
        /// To whom.
        pub assignee: Assignee,
        /// By which rule.
        pub rule: RoutingRule,
        /// The version of the routing rules.
        pub rule_version: u32,
        /// Who was considered, the chosen first; at most sixteen.
        pub candidates: Vec<Candidate>,
        /// What was missing, where routing fell back.
        pub shortfall: Option<Shortfall>,
        /// Which rule of the list chose, from 1; none for a person's choice, or where nobody was found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rule_number: Option<u32>,
        /// The rules before it that applied and found nobody, in order; at most sixteen.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub shortfalls: Vec<RuleShortfall>,
    }

    /// The assignee accepted (接单).
    pub struct WorkOrderAccepted {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who accepted.
        pub by: PersonId,
    }

    /// The assignee gave it back (退单).
    pub struct WorkOrderReturned {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who returned it.
        pub by: PersonId,
        /// Why.
        pub reason: ReturnReason,
        /// The explanation.
        pub explanation: Option<RecordId>,
        /// The legal basis or rule on which it rests.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub basis: Option<RecordId>,
    }

    /// The handler says what was done (反馈).
    pub struct FeedbackSubmitted {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who handled it.
        pub by: PersonId,
        /// What came out.
        pub result: HandlingResult,
        /// What the handler wrote.
        pub text: Option<RecordId>,
        /// What it looked like before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub photos_before: Vec<MediaId>,
        /// What it looks like now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub photos_after: Vec<MediaId>,
        /// Why it is done although helpers have not said what their parts came to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub without_assistance: Option<RecordId>,
    }

    /// Somebody other than the handler found it so (核查通过).
    pub struct WorkOrderVerified {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who verified.
        pub by: PersonId,
        /// Whether the report itself was true (属实).
        pub found_true: bool,
        /// What the verifier wrote.
        pub text: Option<RecordId>,
    }

    /// The verifier found it not done: it goes back to the handler.
    pub struct WorkOrderSentBack {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who verified.
        pub by: PersonId,
        /// What is missing.
        pub text: Option<RecordId>,
    }

    /// The order is closed (办结).
    pub struct WorkOrderClosed {
        /// The order.
        pub work_order: WorkOrderId,
        /// The case that it served.
        pub case: CaseId,
        /// Who closed it.
        pub by: PersonId,
        /// What came out.
        pub result: HandlingResult,
        /// Whether the report was true.
        pub found_true: bool,
        /// The order of which it is a part: the case is not done with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<WorkOrderId>,
    }

    /// A deadline passed unmet. Once for each clock of an order.
    pub struct WorkOrderOverdue {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which clock.
        pub deadline: DeadlineKind,
        /// When it was due.
        pub due: Timestamp,
    }
}

event_set! {
    /// What may happen to a work order.
    "dispatch" "work_order"
    pub enum WorkOrderEvent {
        /// Created.
        WorkOrderCreated "work_order_created" 2 [created_v1_to_v2];
        /// Routed.
        WorkOrderRouted "work_order_routed" 1 [];
        /// Accepted.
        WorkOrderAccepted "work_order_accepted" 1 [];
        /// Returned.
        WorkOrderReturned "work_order_returned" 1 [];
        /// Handled.
        FeedbackSubmitted "feedback_submitted" 1 [];
        /// Verified.
        WorkOrderVerified "work_order_verified" 1 [];
        /// Sent back.
        WorkOrderSentBack "work_order_sent_back" 1 [];
        /// Closed.
        WorkOrderClosed "work_order_closed" 1 [];
        /// Overdue.
        WorkOrderOverdue "work_order_overdue" 1 [];
        /// On site.
        WorkOrderArrived "work_order_arrived" 1 [];
        /// A return found right.
        ReturnUpheld "return_upheld" 1 [];
        /// A return found wrong.
        ReturnRejected "return_rejected" 1 [];
        /// More time asked for.
        ExtensionRequested "extension_requested" 1 [];
        /// More time given.
        ExtensionGranted "extension_granted" 1 [];
        /// No more time given.
        ExtensionRefused "extension_refused" 1 [];
        /// A stop of the clock asked for.
        SuspensionRequested "suspension_requested" 1 [];
        /// No stop of the clock.
        SuspensionRefused "suspension_refused" 1 [];
        /// The clock stopped.
        WorkOrderSuspended "work_order_suspended" 1 [];
        /// The clock runs again.
        WorkOrderResumed "work_order_resumed" 1 [];
        /// A tier higher.
        WorkOrderEscalated "work_order_escalated" 1 [];
        /// Reminded.
        WorkOrderReminded "work_order_reminded" 1 [];
        /// Helpers named.
        WorkOrderAssisted "work_order_assisted" 1 [];
        /// A helper's part.
        AssistanceSubmitted "assistance_submitted" 1 [];
        /// Split.
        WorkOrderSplit "work_order_split" 1 [];
        /// A part ended.
        ChildWorkOrderEnded "child_work_order_ended" 1 [];
        /// Withdrawn.
        WorkOrderWithdrawn "work_order_withdrawn" 1 [];
        /// As before the withdrawal.
        WorkOrderReinstated "work_order_reinstated" 1 [];
        /// Called back.
        WorkOrderCalledBack "work_order_called_back" 1 [];
        /// Little of the limit is left.
        WorkOrderAtRisk "work_order_at_risk" 1 [];
        /// Its deadlines moved.
        DeadlineReplanned "deadline_replanned" 1 [];
    }
}

impl WorkOrderEvent {
    /// The order that it happened to.
    pub const fn work_order(&self) -> &WorkOrderId {
        match self {
            Self::WorkOrderCreated(event) => &event.work_order,
            Self::WorkOrderRouted(event) => &event.work_order,
            Self::WorkOrderAccepted(event) => &event.work_order,
            Self::WorkOrderReturned(event) => &event.work_order,
            Self::FeedbackSubmitted(event) => &event.work_order,
            Self::WorkOrderVerified(event) => &event.work_order,
            Self::WorkOrderSentBack(event) => &event.work_order,
            Self::WorkOrderClosed(event) => &event.work_order,
            Self::WorkOrderOverdue(event) => &event.work_order,
            Self::WorkOrderArrived(event) => &event.work_order,
            Self::ReturnUpheld(event) => &event.work_order,
            Self::ReturnRejected(event) => &event.work_order,
            Self::ExtensionRequested(event) => &event.work_order,
            Self::ExtensionGranted(event) => &event.work_order,
            Self::ExtensionRefused(event) => &event.work_order,
            Self::SuspensionRequested(event) => &event.work_order,
            Self::SuspensionRefused(event) => &event.work_order,
            Self::WorkOrderSuspended(event) => &event.work_order,
            Self::WorkOrderResumed(event) => &event.work_order,
            Self::WorkOrderEscalated(event) => &event.work_order,
            Self::WorkOrderReminded(event) => &event.work_order,
            Self::WorkOrderAssisted(event) => &event.work_order,
            Self::AssistanceSubmitted(event) => &event.work_order,
            Self::WorkOrderSplit(event) => &event.work_order,
            Self::ChildWorkOrderEnded(event) => &event.work_order,
            Self::WorkOrderWithdrawn(event) => &event.work_order,
            Self::WorkOrderReinstated(event) => &event.work_order,
            Self::WorkOrderCalledBack(event) => &event.work_order,
            Self::WorkOrderAtRisk(event) => &event.work_order,
            Self::DeadlineReplanned(event) => &event.work_order,
        }
    }
}

/// The worked example of an upcast. Version 1 knew limits in minutes only (`limit_minutes`); version
/// 2 has an amount with its unit.
fn created_v1_to_v2(event: &mut Value) {
    if let Some(minutes) = event.as_object_mut().and_then(|fields| fields.remove("limit_minutes")) {
        event["limit"] = json!({ "amount": minutes, "unit": "minutes" });
    }
}

/// The round of an order that was stored before cases could be reopened.
const fn first_round() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_first_round(round: &u32) -> bool {
    *round == first_round()
}
