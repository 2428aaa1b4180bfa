//! What the world is told of cases and of the catalogue.

use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, OrgKind, WorkOrderId},
};

use crate::{
    codec::{event_set, payloads},
    intake::{
        self, AcceptedBy, ArchiveReason, CategoryKind, Channel, RefusalReason, Satisfaction,
        Urgency,
    },
};

payloads! {
    /// A category is in force, or its rules changed.
    pub struct CategoryDefined {
        /// The category.
        pub category: CategoryCode,
        /// The category above.
        pub parent: Option<CategoryCode>,
        /// What a leaf is about; none for a group.
        pub kind: Option<CategoryKind>,
        /// The kind of body that handles a leaf.
        pub handler: Option<OrgKind>,
        /// The version of the catalogue that this came with.
        pub catalogue_version: u32,
    }

    /// A case was reported.
    pub struct CaseReported {
        /// The case.
        pub case: CaseId,
        /// How it came in.
        pub channel: Channel,
        /// What it is about.
        pub category: CategoryCode,
        /// How pressing it is.
        pub urgency: Urgency,
        /// The narrowest division that it is surely in.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// When it was first reported, which outlives a transfer.
        pub first_reported_at: Timestamp,
    }

    /// A case was accepted (受理): it will be handled.
    pub struct CaseAccepted {
        /// The case.
        pub case: CaseId,
        /// By rule or by an operator.
        pub accepted_by: AcceptedBy,
        /// The category by which it is handled.
        pub category: CategoryCode,
        /// How pressing it is.
        pub urgency: Urgency,
        /// Where it is handled.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
    }

    /// A case was refused (不予受理).
    pub struct CaseRefused {
        /// The case.
        pub case: CaseId,
        /// Why.
        pub reason: RefusalReason,
    }

    /// The work for a case is done and verified.
    pub struct CaseResolved {
        /// The case.
        pub case: CaseId,
        /// The order that closed.
        pub work_order: WorkOrderId,
        /// Whether the report was found true (属实).
        pub found_true: bool,
    }

    /// The reporter rated the case: the level only.
    pub struct CaseRated {
        /// The case.
        pub case: CaseId,
        /// How satisfied the reporter is.
        pub satisfaction: Satisfaction,
    }

    /// The case is open again, for it was not solved (重办).
    pub struct CaseReopened {
        /// The case.
        pub case: CaseId,
        /// Which round of handling begins, from 2.
        pub round: u32,
    }

    /// The case is closed and archived (结案归档).
    pub struct CaseArchived {
        /// The case.
        pub case: CaseId,
        /// Why now.
        pub reason: ArchiveReason,
    }
}

event_set! {
    /// What the world is told of a category.
    "public.intake" "category"
    pub enum CategoryEvent {
        /// Defined.
        CategoryDefined "category_defined" 1 [];
    }
}

event_set! {
    /// What the world is told of a case.
    "public.intake" "case"
    pub enum CaseEvent {
        /// Reported.
        CaseReported "case_reported" 1 [];
        /// Accepted.
        CaseAccepted "case_accepted" 1 [];
        /// Refused.
        CaseRefused "case_refused" 1 [];
        /// Resolved.
        CaseResolved "case_resolved" 1 [];
        /// Rated.
        CaseRated "case_rated" 1 [];
        /// Reopened.
        CaseReopened "case_reopened" 1 [];
        /// Archived.
        CaseArchived "case_archived" 1 [];
    }
}

/// What is public of what happened to a category.
pub fn of_category(event: &intake::CategoryEvent) -> Option<CategoryEvent> {
    match event {
        intake::CategoryEvent::CategoryDefined(defined) => {
            let rules = defined.rules.as_ref();
            let public = CategoryDefined {
                occurred_at: defined.occurred_at,
                category: defined.category.clone(),
                parent: defined.parent.clone(),
                kind: rules.map(|rules| rules.kind),
                handler: rules.map(|rules| rules.handler.clone()),
                catalogue_version: defined.catalogue_version,
            };
            Some(public.into())
        }
        // What is not in force concerns nobody yet, and what has ended is told to whoever reports it.
        intake::CategoryEvent::CategoryPlanned(_) | intake::CategoryEvent::CategoryEnded(_) => None,
    }
}

/// What is public of what happened to a case. Whether anything of this case may be told at all, its
/// category says; the outlet asks that first.
pub fn of_case(event: &intake::CaseEvent) -> Option<CaseEvent> {
    let public = match event {
        intake::CaseEvent::CaseReported(event) => CaseReported {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            channel: event.channel,
            category: event.category.clone(),
            urgency: event.urgency,
            division: event.place.division,
            grid: event.place.grid,
            first_reported_at: event.first_reported_at,
        }
        .into(),
        // What passes between the reporter and the desk, the public has no use for.
        intake::CaseEvent::InformationAdded(_)
        | intake::CaseEvent::CaseJoined(_)
        | intake::CaseEvent::CaseMerged(_)
        | intake::CaseEvent::CaseUnmerged(_)
        | intake::CaseEvent::CaseTransferred(_)
        | intake::CaseEvent::CaseWithdrawn(_)
        | intake::CaseEvent::InformationRequested(_)
        | intake::CaseEvent::CaseLapsed(_)
        | intake::CaseEvent::CaseAnswered(_)
        | intake::CaseEvent::ConfidentialitySet(_)
        | intake::CaseEvent::CaseHandledOnSite(_)
        | intake::CaseEvent::SpotCheckDrawn(_)
        | intake::CaseEvent::SpotCheckConfirmed(_)
        | intake::CaseEvent::CaseCalledBack(_)
        | intake::CaseEvent::AlarmCounted(_) => return None,
        intake::CaseEvent::CaseAccepted(event) => CaseAccepted {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            accepted_by: event.accepted_by,
            category: event.category.clone(),
            urgency: event.urgency,
            division: event.division,
            grid: event.grid,
        }
        .into(),
        intake::CaseEvent::CaseRefused(event) => CaseRefused {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            reason: event.reason,
        }
        .into(),
        intake::CaseEvent::CaseResolved(event) => CaseResolved {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            work_order: event.work_order.clone(),
            found_true: event.found_true,
        }
        .into(),
        intake::CaseEvent::CaseRated(event) => CaseRated {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            satisfaction: event.satisfaction,
        }
        .into(),
        intake::CaseEvent::CaseReopened(event) => CaseReopened {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            round: event.round,
        }
        .into(),
        intake::CaseEvent::CaseArchived(event) => CaseArchived {
            occurred_at: event.occurred_at,
            case: event.case.clone(),
            reason: event.reason,
        }
        .into(),
    };
    Some(public)
}
