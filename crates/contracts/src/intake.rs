//! What intake publishes: the category catalogue with its neighbours, and cases from report to
//! archive.

use kernel::{
    Division, GridCode, Timestamp,
    geo::Position,
    hash::Sha256,
    id::{CaseId, CategoryCode, MediaId, OrganisationId, PersonId, RecordId, WorkOrderId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads, words};

pub mod admission;
pub mod category;
pub mod hotspot;
mod life;

pub use category::{
    CategoryDefined, CategoryDetails, CategoryEnded, CategoryEvent, CategoryPlanned, CategoryRules,
    FormAnswers, Tier, TierHandler, TierLimit,
};
pub use life::{
    AlarmCounted, CaseAnswered, CaseCalledBack, CaseHandledOnSite, CaseJoined, CaseLapsed,
    CaseMerged, CaseTransferred, CaseUnmerged, CaseWithdrawn, ConfidentialitySet,
    InformationRequested, SpotCheckConfirmed, SpotCheckDrawn,
};

words! {
    /// What a category is about.
    pub enum CategoryKind {
        /// 部件: a facility, which goes to its owner first.
        Component,
        /// 事件: an event, which goes to its territory first.
        Event,
        /// A device's alarm.
        Alarm,
        /// 矛盾纠纷.
        Dispute,
        /// A service asked for.
        Service,
        /// A question or suggestion, which an operator answers.
        Enquiry,
    }

    /// How pressing a case is.
    pub enum Urgency {
        /// When there is time.
        Low,
        /// In the ordinary course.
        Normal,
        /// Before other work.
        Urgent,
        /// At once.
        Emergency,
    }

    /// Whether a matter may enter the grids (准入).
    pub enum Admission {
        /// It may go to a grid's members.
        Grid,
        /// It goes past the grids, straight to the body in charge.
        Direct,
    }

    /// How a report came in.
    pub enum Channel {
        /// The resident's page behind a QR code.
        QrPage,
        /// A government portal over gRPC.
        Portal,
        /// The hotline.
        Hotline,
        /// A counter.
        Counter,
        /// A grid member's patrol.
        Patrol,
        /// A visit to a household.
        Visit,
        /// A grid's online group, entered by its member.
        GridGroup,
        /// A device's alarm.
        Device,
        /// 随手拍.
        Snap,
        /// 领导信箱.
        LeaderMailbox,
        /// A government's website or its accounts in other media.
        Website,
        /// 上级交办.
        UpperTier,
        /// 专项任务.
        Campaign,
        /// A partner over Open311.
        Open311,
    }

    /// How the place of a case is known.
    pub enum PlaceSource {
        /// A position inside a grid.
        PositionInGrid,
        /// A position near grids, but in none: routed to the township.
        PositionInGap,
        /// A position outside the county's grids: routed to the county.
        PositionOutside,
        /// A grid, named by the reporter or the code that was scanned.
        Grid,
        /// A division's code.
        Division,
    }

    /// Who accepted a case.
    pub enum AcceptedBy {
        /// The acceptance rule.
        Rule,
        /// An operator.
        Operator,
    }

    /// Why a case is refused (不予受理).
    pub enum RefusalReason {
        /// Outside what governments do.
        OutOfRemit,
        /// Before a court, an arbitration or another procedure.
        InOtherProcedure,
        /// Nothing that can be acted on.
        NotActionable,
        /// Reported before and being handled.
        AlreadyHandled,
        /// Untrue.
        Untrue,
    }

    /// How satisfied a reporter is, five levels.
    pub enum Satisfaction {
        /// 非常不满意.
        VeryDissatisfied,
        /// 不满意.
        Dissatisfied,
        /// 基本满意.
        FairlySatisfied,
        /// 满意.
        Satisfied,
        /// 非常满意.
        VerySatisfied,
    }

    /// Why somebody asks for what names a person.
    pub enum DisclosurePurpose {
        /// To call the reporter about the matter.
        CallBack,
        /// To come by.
        Visit,
        /// Somebody is in danger.
        Emergency,
        /// The person asks for their own.
        PersonsRequest,
        /// A law asks for it.
        LegalDuty,
    }

    /// Why a case left the active ones.
    pub enum ArchiveReason {
        /// Rated.
        Rated,
        /// The window for rating ended.
        Unrated,
        /// Reported by staff on duty: nobody to rate.
        NobodyToRate,
    }
}

/// Where a case is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// How it is known.
    pub source: PlaceSource,
    /// The narrowest division that it is surely in.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// The position as reported, in its own system.
    pub position: Option<Position>,
}

payloads! {
    /// A case was reported.
    pub struct CaseReported {
        /// The case.
        pub case: CaseId,
        /// How it came in.
        pub channel: Channel,
        /// What it is about.
        pub category: CategoryCode,
        /// The version of the catalogue by which it was classified.
        pub catalogue_version: u32,
        /// How pressing it is.
        pub urgency: Urgency,
        /// Where it is.
        pub place: Place,
        /// Who reported it: a resident's random id, or a member of staff.
        pub reporter: PersonId,
        /// Whether the reporter is staff on duty.
        pub by_staff: bool,
        /// What the reporter wrote.
        pub text: Option<RecordId>,
        /// How the reporter can be reached.
        pub contact: Option<RecordId>,
        /// The hash of the tracking code; the code itself is the reporter's alone.
        pub tracking: Sha256,
        /// When it was first reported, which outlives a transfer.
        pub first_reported_at: Timestamp,
        /// The photos that came with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub photos: Vec<MediaId>,
        /// What was answered to the form of its category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub form: Option<FormAnswers>,
        /// Whether only who handles it may see it, by the reporter's wish.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub confidential: bool,
        /// The case that was transferred here; none for a new matter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub predecessor: Option<CaseId>,
        /// The case under which the texts of a transferred one were sealed first, if not this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub texts_of: Option<CaseId>,
        /// The member of staff who took it down for the reporter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub entered_by: Option<PersonId>,
        /// The number under which the hotline or the upper tier has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reference: Option<RecordId>,
    }

    /// The reporter or an operator added to a case.
    pub struct InformationAdded {
        /// The case.
        pub case: CaseId,
        /// Who added it.
        pub by: PersonId,
        /// What was added; an empty text where only photos were.
        pub text: RecordId,
        /// The photos that were added.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub photos: Vec<MediaId>,
    }

    /// A case was accepted (受理): it will be handled.
    pub struct CaseAccepted {
        /// The case.
        pub case: CaseId,
        /// By rule or by an operator.
        pub accepted_by: AcceptedBy,
        /// The version of the rule, where a rule decided.
        pub rule_version: Option<u32>,
        /// The category by which it is handled.
        pub category: CategoryCode,
        /// The version of the catalogue that the category's rules come from.
        pub catalogue_version: u32,
        /// How pressing it is.
        pub urgency: Urgency,
        /// Where it is handled.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// Who reported it.
        pub reporter: PersonId,
        /// When it was first reported.
        pub first_reported_at: Timestamp,
    }

    /// A case was refused (不予受理).
    pub struct CaseRefused {
        /// The case.
        pub case: CaseId,
        /// Who refused it.
        pub by: PersonId,
        /// Why.
        pub reason: RefusalReason,
        /// The explanation for the reporter.
        pub explanation: Option<RecordId>,
    }

    /// The work for a case is done and verified.
    pub struct CaseResolved {
        /// The case.
        pub case: CaseId,
        /// The order that closed; for a merged case that of the case it went with.
        pub work_order: WorkOrderId,
        /// Whether the report was found true (属实).
        pub found_true: bool,
    }

    /// The reporter rated the case.
    pub struct CaseRated {
        /// The case.
        pub case: CaseId,
        /// Whether the handler got in touch.
        pub contacted: bool,
        /// Whether the matter is solved.
        pub solved: bool,
        /// How satisfied the reporter is.
        pub satisfaction: Satisfaction,
        /// What the reporter wrote.
        pub comment: Option<RecordId>,
        /// Whose rating it is: the reporter or one who joined. None for a person without an id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub by: Option<PersonId>,
        /// The member of staff who took it down in a call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub recorded_by: Option<PersonId>,
        /// The hash of the tracking code of the one who joined, where it is theirs and not the first
        /// reporter's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub joiner: Option<Sha256>,
    }

    /// A resolved case is taken up again: it is handled anew, by an order of its own.
    pub struct CaseReopened {
        /// The case.
        pub case: CaseId,
        /// Who reported it.
        pub reporter: PersonId,
        /// Who reopened it: the reporter or the desk.
        pub by: PersonId,
        /// The round that begins: 2 at the first reopening.
        pub round: u32,
        /// The category by which it is handled.
        pub category: CategoryCode,
        /// The version of the catalogue by which it was accepted.
        pub catalogue_version: u32,
        /// How pressing it is.
        pub urgency: Urgency,
        /// Where it is handled.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// When it was first reported.
        pub first_reported_at: Timestamp,
        /// What is still wrong, in the words of who reopened it.
        pub reason: Option<RecordId>,
    }

    /// The case is closed and archived (结案归档).
    pub struct CaseArchived {
        /// The case.
        pub case: CaseId,
        /// Why now.
        pub reason: ArchiveReason,
    }
}

payloads! {
    /// Somebody was shown how a reporter can be reached; written before they were.
    pub struct ContactRevealed {
        /// The case.
        pub case: CaseId,
        /// To whom.
        pub by: PersonId,
        /// For which organisation they act.
        pub unit: Option<OrganisationId>,
        /// What for.
        pub purpose: DisclosurePurpose,
        /// What they wrote about it.
        pub note: Option<RecordId>,
        /// What was shown.
        pub record: RecordId,
    }

    /// Somebody looked for the cases of a number; written before they were answered.
    pub struct CasesLookedUp {
        /// Who.
        pub by: PersonId,
        /// For which organisation they act.
        pub unit: Option<OrganisationId>,
        /// What for.
        pub purpose: DisclosurePurpose,
        /// What they wrote about it.
        pub note: Option<RecordId>,
        /// How many cases were found in their scope.
        pub found: u32,
    }
}

event_set! {
    /// What a member of staff was shown of persons: one stream each, which is their account of it.
    "intake" "disclosure"
    pub enum DisclosureEvent {
        /// A contact.
        ContactRevealed "contact_revealed" 1 [];
        /// The cases of a number.
        CasesLookedUp "cases_looked_up" 1 [];
    }
}

event_set! {
    /// What may happen to a case.
    #[expect(clippy::large_enum_variant, reason = "an event is on its way, never kept by the thousand")]
    "intake" "case"
    pub enum CaseEvent {
        /// Reported.
        CaseReported "case_reported" 1 [];
        /// Added to.
        InformationAdded "information_added" 1 [];
        /// Accepted.
        CaseAccepted "case_accepted" 1 [];
        /// Refused.
        CaseRefused "case_refused" 1 [];
        /// Resolved.
        CaseResolved "case_resolved" 1 [];
        /// Rated.
        CaseRated "case_rated" 1 [];
        /// Taken up again.
        CaseReopened "case_reopened" 1 [];
        /// Archived.
        CaseArchived "case_archived" 1 [];
        /// Joined.
        CaseJoined "case_joined" 1 [];
        /// Merged into another.
        CaseMerged "case_merged" 1 [];
        /// Its own again.
        CaseUnmerged "case_unmerged" 1 [];
        /// Handed on.
        CaseTransferred "case_transferred" 1 [];
        /// Taken back.
        CaseWithdrawn "case_withdrawn" 1 [];
        /// Asked about.
        InformationRequested "information_requested" 1 [];
        /// Ended for want of an answer.
        CaseLapsed "case_lapsed" 1 [];
        /// Answered.
        CaseAnswered "case_answered" 1 [];
        /// Made confidential, or not.
        ConfidentialitySet "confidentiality_set" 1 [];
        /// Settled on the spot.
        CaseHandledOnSite "case_handled_on_site" 1 [];
        /// To be checked.
        SpotCheckDrawn "spot_check_drawn" 1 [];
        /// Checked.
        SpotCheckConfirmed "spot_check_confirmed" 1 [];
        /// Called back about.
        CaseCalledBack "case_called_back" 1 [];
        /// Alarmed again.
        AlarmCounted "alarm_counted" 1 [];
    }
}
