//! What happens to a work order beside its straight line: decisions about returns, time, help, parts,
//! the ladder of tiers, and its end without being done.

use kernel::{
    Division, GridCode, Timestamp,
    id::{MatterId, MediaId, OrganisationId, PersonId, RecordId, WorkOrderId},
    limit::Limit,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignee, DeadlineKind, HandlingResult};
use crate::codec::{payloads, words};

words! {
    /// What an order was made for.
    pub enum OriginKind {
        /// A case that a resident or a member of staff reported.
        Case,
        /// Bodies that were called together (吹哨).
        Convocation,
        /// One task over many grids (专项任务).
        Campaign,
        /// An emergency incident (突发事件).
        Incident,
        /// A supervision (督办).
        Supervision,
    }

    /// A tier of government, the lowest first.
    pub enum Tier {
        /// The village and its grids.
        Village,
        /// The township.
        Township,
        /// The county.
        County,
        /// The prefecture, which Weft only records.
        Prefecture,
    }

    /// The stated reasons for which a clock may stop; there are no others.
    pub enum SuspensionReason {
        /// The reporter was asked for more.
        AwaitingInformation,
        /// Somebody outside must act first.
        AwaitingThirdParty,
        /// The weather does not allow it.
        Weather,
        /// A court has the matter.
        Court,
    }

    /// Who reminds (催办).
    pub enum RemindedBy {
        /// The desk in charge.
        Desk,
        /// The reporter.
        Reporter,
        /// A tier above the assignee's.
        UpperTier,
    }

    /// Why an order ends without being done.
    pub enum WithdrawalReason {
        /// Its case was merged into another.
        Merged,
        /// Its case was transferred to another place.
        Transferred,
        /// The reporter withdrew the case.
        ByReporter,
        /// The desk took it back.
        ByDesk,
        /// The order of which it is a part was withdrawn.
        WithParent,
    }

    /// What becomes of an order that is split.
    pub enum ParentPolicy {
        /// It closes when all its parts have ended.
        ClosesWithChildren,
        /// It goes on by itself; the parts are beside it.
        Independent,
    }

    /// How a part ended.
    pub enum ChildOutcome {
        /// Done and closed.
        Closed,
        /// Withdrawn.
        Withdrawn,
    }
}

/// What an order was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// What kind of matter.
    pub kind: OriginKind,
    /// Which.
    pub id: MatterId,
}

/// A part of an order that is split: an order of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Child {
    /// The part.
    pub work_order: WorkOrderId,
    /// Where it is handled.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Who is to handle it.
    pub assignee: Assignee,
    /// What of it is to be done, where something was written.
    pub instruction: Option<RecordId>,
}

payloads! {
    /// The handler is on site (到场).
    pub struct WorkOrderArrived {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who arrived.
        pub by: PersonId,
    }

    /// The desk found a return right (同意退单): the order goes elsewhere.
    pub struct ReturnUpheld {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided.
        pub by: PersonId,
        /// Which return of the order it was, from 1.
        pub number: u32,
        /// Why.
        pub explanation: Option<RecordId>,
    }

    /// The desk found a return wrong (不同意退单): the order stays where it was.
    pub struct ReturnRejected {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided.
        pub by: PersonId,
        /// Which return of the order it was, from 1.
        pub number: u32,
        /// Who had accepted it before, and so has it in hand again; none where nobody had.
        pub acceptor: Option<PersonId>,
        /// Why.
        pub explanation: RecordId,
    }

    /// The assignee asks for more time, before it is late (申请延期).
    pub struct ExtensionRequested {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who asks.
        pub by: PersonId,
        /// How much more.
        pub limit: Limit,
        /// Why.
        pub explanation: RecordId,
    }

    /// The tier above gives more time (同意延期).
    pub struct ExtensionGranted {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who granted it.
        pub by: PersonId,
        /// How much more.
        pub limit: Limit,
        /// By when it was to be handled.
        pub due_before: Timestamp,
        /// By when it is to be handled now.
        pub due: Timestamp,
        /// The version of the working calendar that gave the new deadline.
        pub calendar_version: u32,
        /// Which extension of the order it is, from 1.
        pub number: u32,
    }

    /// The tier above gives no more time (不同意延期).
    pub struct ExtensionRefused {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who refused.
        pub by: PersonId,
        /// Why.
        pub explanation: RecordId,
    }

    /// The assignee asks that the clock stop (申请挂起).
    pub struct SuspensionRequested {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who asks.
        pub by: PersonId,
        /// For which of the stated reasons.
        pub reason: SuspensionReason,
        /// The circumstances.
        pub explanation: RecordId,
    }

    /// The clock goes on (不同意挂起).
    pub struct SuspensionRefused {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who refused.
        pub by: PersonId,
        /// Why.
        pub explanation: RecordId,
    }

    /// The clock stops (挂起).
    pub struct WorkOrderSuspended {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided; none where it follows from the case.
        pub by: Option<PersonId>,
        /// For which of the stated reasons.
        pub reason: SuspensionReason,
        /// The circumstances.
        pub explanation: Option<RecordId>,
    }

    /// The clock runs again, and what was left of it is left still (恢复).
    pub struct WorkOrderResumed {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided; none where it follows from the case.
        pub by: Option<PersonId>,
        /// By when it must be accepted now.
        pub accept_due: Timestamp,
        /// By when it must be handled now.
        pub due: Timestamp,
        /// The version of the working calendar that moved the deadlines.
        pub calendar_version: u32,
    }

    /// The order climbs a tier (提级).
    pub struct WorkOrderEscalated {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who asked; none where the rule did.
        pub by: Option<PersonId>,
        /// Where it was.
        pub from: Tier,
        /// Where it is now.
        pub to: Tier,
        /// The clock that the rule looked at; none where somebody asked.
        pub stage: Option<DeadlineKind>,
        /// Why somebody asked.
        pub explanation: Option<RecordId>,
    }

    /// Somebody asks where it stays (催办). It changes no clock.
    pub struct WorkOrderReminded {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who reminds.
        pub by: PersonId,
        /// As what.
        pub reminded_by: RemindedBy,
        /// Which reminder of the order it is, from 1.
        pub number: u32,
        /// What was written with it.
        pub explanation: Option<RecordId>,
    }

    /// Others are to help; the assignee leads (协办).
    pub struct WorkOrderAssisted {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided.
        pub by: PersonId,
        /// Those who are added.
        pub assistants: Vec<OrganisationId>,
    }

    /// A helper says what its part came to.
    pub struct AssistanceSubmitted {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who.
        pub by: PersonId,
        /// For which organisation.
        pub organisation: OrganisationId,
        /// What came out.
        pub result: HandlingResult,
        /// What was written.
        pub text: Option<RecordId>,
        /// What it looks like now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub photos: Vec<MediaId>,
    }

    /// The order becomes several (拆分).
    pub struct WorkOrderSplit {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided.
        pub by: PersonId,
        /// What becomes of the order itself.
        pub policy: ParentPolicy,
        /// The parts, 2 to 10.
        pub children: Vec<Child>,
    }

    /// A part of the order has ended.
    pub struct ChildWorkOrderEnded {
        /// The order.
        pub work_order: WorkOrderId,
        /// The part.
        pub child: WorkOrderId,
        /// How.
        pub outcome: ChildOutcome,
        /// Who closed or withdrew it; none where that follows from something else.
        pub by: Option<PersonId>,
        /// What came out, where it was closed.
        pub result: Option<HandlingResult>,
        /// Whether the report was true, where it was closed.
        pub found_true: Option<bool>,
    }

    /// The order ends without being done (撤回).
    pub struct WorkOrderWithdrawn {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided; none where it follows from the case, or from the order of which it is a part.
        pub by: Option<PersonId>,
        /// Why.
        pub reason: WithdrawalReason,
        /// What was written.
        pub explanation: Option<RecordId>,
        /// The order of which it is a part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<WorkOrderId>,
        /// Its parts that are still open, and end with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub children: Vec<WorkOrderId>,
    }

    /// The order is as it was before it was withdrawn, its deadlines too.
    pub struct WorkOrderReinstated {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who decided; none where it follows from the case, or from the order of which it is a part.
        pub by: Option<PersonId>,
        /// Its parts that ended with it, and come back with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub children: Vec<WorkOrderId>,
    }

    /// Somebody asked the reporter how it was (回访).
    pub struct WorkOrderCalledBack {
        /// The order.
        pub work_order: WorkOrderId,
        /// Who called.
        pub by: PersonId,
        /// Whether the reporter was reached.
        pub reached: bool,
        /// Whether the reporter says that it is solved; none where it was not said.
        pub solved: Option<bool>,
        /// Whether the reporter is satisfied; none where it was not said.
        pub satisfied: Option<bool>,
        /// What the reporter said.
        pub text: Option<RecordId>,
    }
}
