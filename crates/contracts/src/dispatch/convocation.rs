//! Convocations (吹哨报到): a desk calls departments to a place for a matter, they sign, report in on
//! site, conclude with tasks, and are rated by the caller.

use kernel::{
    Division, GridCode, Timestamp,
    geo::Position,
    hash::Sha256,
    id::{CaseId, CategoryCode, ConvocationId, OrganisationId, PersonId, RecordId},
    limit::Limit,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads, words};

words! {
    /// How a called body did, in five levels.
    pub enum DutyLevel {
        /// 很好.
        Excellent,
        /// 较好.
        Good,
        /// 一般.
        Fair,
        /// 较差.
        Poor,
        /// 很差.
        Bad,
    }
}

/// A task that a convocation concluded with: who, what, by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConvocationTask {
    /// Its number in the convocation, from 1.
    pub number: u32,
    /// The body that does it; one of those that were called.
    pub organisation: OrganisationId,
    /// What is to be done.
    pub what: RecordId,
    /// By when.
    pub due: Timestamp,
}

payloads! {
    /// A desk calls departments to a place (吹哨).
    pub struct DepartmentsConvened {
        /// The convocation.
        pub convocation: ConvocationId,
        /// Where the matter lies.
        pub division: Division,
        /// The grid, where one was named.
        pub grid: Option<GridCode>,
        /// The place to meet, where one was given.
        pub position: Option<Position>,
        /// Who calls.
        pub by: PersonId,
        /// What the caller's role covers: who rates is of the same tier.
        pub convener: Division,
        /// What it is about.
        pub matter: RecordId,
        /// The body in the lead (主办).
        pub lead: OrganisationId,
        /// The bodies beside it (协办).
        pub assists: Vec<OrganisationId>,
        /// When they meet.
        pub meet_at: Timestamp,
        /// How long they have to sign.
        pub sign_limit: Limit,
        /// By when they sign; then they are reminded.
        pub sign_due: Timestamp,
        /// When whoever has not signed is reported to the county.
        pub supervise_due: Timestamp,
        /// The version of the working calendar that gave the two.
        pub calendar_version: u32,
        /// The hash of the code that is scanned on site.
        pub code: Sha256,
        /// The cases that led to it.
        pub cases: Vec<CaseId>,
        /// The category of the hot spot that led to it.
        pub category: Option<CategoryCode>,
    }

    /// A called body signed (签收).
    pub struct ConvocationSigned {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// Who signed for it.
        pub by: PersonId,
        /// Whether its time to sign was over.
        pub late: bool,
    }

    /// A called body is on site (报到).
    pub struct DepartmentReportedIn {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// Who reported in for it.
        pub by: PersonId,
        /// Whether it came after the time of the meeting.
        pub late: bool,
        /// Why it came late.
        pub explanation: Option<RecordId>,
    }

    /// A called body had not signed at the limit. Once a body.
    pub struct ConvocationReminded {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// By when it should have signed.
        pub due: Timestamp,
    }

    /// A called body had not signed at the next limit either: the county supervises. Once a body.
    pub struct ConvocationUnanswered {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// The limit that passed.
        pub due: Timestamp,
    }

    /// The county lets a called body stay away.
    pub struct AbsenceAllowed {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// Who allowed it, for the county.
        pub by: PersonId,
        /// Why.
        pub text: RecordId,
    }

    /// A called body stays away, as the county allowed.
    pub struct ConvocationDeclined {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// Who declined for it.
        pub by: PersonId,
    }

    /// What the bodies agreed on site.
    pub struct ConvocationConcluded {
        /// The convocation.
        pub convocation: ConvocationId,
        /// Who wrote it down.
        pub by: PersonId,
        /// The conclusion.
        pub conclusion: RecordId,
        /// Who does what by when.
        pub tasks: Vec<ConvocationTask>,
        /// The bodies that neither came nor were let off.
        pub absent: Vec<OrganisationId>,
    }

    /// A task of the conclusion is done.
    pub struct ConvocationTaskCompleted {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The task's number.
        pub task: u32,
        /// The body that did it.
        pub organisation: OrganisationId,
        /// Who says so.
        pub by: PersonId,
        /// What was done.
        pub text: Option<RecordId>,
        /// Whether it was done after its time.
        pub late: bool,
    }

    /// A task of the conclusion was not done in time. Once a task.
    pub struct ConvocationTaskOverdue {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The task's number.
        pub task: u32,
        /// The body that should have done it.
        pub organisation: OrganisationId,
        /// When it was due.
        pub due: Timestamp,
    }

    /// The caller rates a called body.
    pub struct DepartmentRated {
        /// The convocation.
        pub convocation: ConvocationId,
        /// The body.
        pub organisation: OrganisationId,
        /// Who rates.
        pub by: PersonId,
        /// Whether and how it came (到场).
        pub attendance: DutyLevel,
        /// How it did its duty (履职).
        pub performance: DutyLevel,
        /// What came of it (效果).
        pub effect: DutyLevel,
        /// What the caller wrote.
        pub text: Option<RecordId>,
    }

    /// Every task is done and every body rated.
    pub struct ConvocationClosed {
        /// The convocation.
        pub convocation: ConvocationId,
        /// Who closed it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to a convocation.
    #[expect(clippy::large_enum_variant, reason = "the call says the most, and is the rarest")]
    "dispatch" "convocation"
    pub enum ConvocationEvent {
        /// Called.
        DepartmentsConvened "departments_convened" 1 [];
        /// Signed.
        ConvocationSigned "convocation_signed" 1 [];
        /// On site.
        DepartmentReportedIn "department_reported_in" 1 [];
        /// Reminded.
        ConvocationReminded "convocation_reminded" 1 [];
        /// Not signed at the second limit.
        ConvocationUnanswered "convocation_unanswered" 1 [];
        /// May stay away.
        AbsenceAllowed "absence_allowed" 1 [];
        /// Stays away.
        ConvocationDeclined "convocation_declined" 1 [];
        /// Concluded.
        ConvocationConcluded "convocation_concluded" 1 [];
        /// A task is done.
        ConvocationTaskCompleted "convocation_task_completed" 1 [];
        /// A task is late.
        ConvocationTaskOverdue "convocation_task_overdue" 1 [];
        /// A body is rated.
        DepartmentRated "department_rated" 1 [];
        /// Closed.
        ConvocationClosed "convocation_closed" 1 [];
    }
}
