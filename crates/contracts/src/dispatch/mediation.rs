//! What dispatch publishes of mediation (调解): a dispute's stages beside its work order. A mediation
//! is its order's, and has the order's id. Nothing of it is public, and nobody is named: the parties
//! and what was written are records of the vault.

use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, PersonId, RecordId, WorkOrderId},
};
use serde::{Deserialize as _, Serialize as _};

use crate::{
    codec::{event_set, payloads, words},
    dispatch::Assignee,
    intake::Satisfaction,
};

words! {
    /// Who mediates.
    pub enum MediationKind {
        /// 人民调解: a people's mediation committee.
        Peoples,
        /// 行政调解: an administrative body.
        Administrative,
        /// 行业性专业性调解: a body of the trade.
        Trade,
        /// 司法调解: a court's mediator.
        Judicial,
    }

    /// At which tier a dispute is mediated.
    pub enum Tier {
        /// The village or community.
        Village,
        /// The township.
        Township,
        /// The county.
        County,
    }

    /// How the parties met.
    pub enum SessionPlace {
        /// In one place.
        OnSite,
        /// By telephone.
        Telephone,
        /// By video.
        Video,
    }

    /// What came of a session.
    pub enum SessionResult {
        /// Nothing yet.
        NoResult,
        /// They came closer.
        Progress,
        /// They agree; it remains to conclude.
        Agreed,
    }

    /// How a mediation ended.
    pub enum MediationOutcome {
        /// An agreement by word of mouth.
        SettledOrally,
        /// An agreement in writing.
        SettledInWriting,
        /// No agreement.
        NotSettled,
        /// The parties were shown the way to a court.
        GuidedToCourt,
        /// The parties were shown the way to arbitration.
        GuidedToArbitration,
        /// A party did not want it any more, which is nobody's fault.
        Withdrawn,
    }

    /// How a dispute is assessed (研判): the dispute, never a person.
    pub enum DisputeLevel {
        /// It is not likely to come up again.
        Low,
        /// It may.
        Medium,
        /// It is likely to, or to grow.
        High,
    }

    /// How an agreement stands when it is looked at again.
    pub enum FollowUpState {
        /// It holds.
        Kept,
        /// It is strained.
        Strained,
        /// It was broken.
        Broken,
    }
}

impl MediationOutcome {
    /// Whether the dispute counts as settled (化解).
    pub const fn is_settled(self) -> bool {
        match self {
            Self::SettledOrally | Self::SettledInWriting => true,
            Self::NotSettled
            | Self::GuidedToCourt
            | Self::GuidedToArbitration
            | Self::Withdrawn => false,
        }
    }
}

payloads! {
    /// A dispute was entered for mediation (登记).
    pub struct MediationOpened {
        /// The order, whose mediation it is.
        pub work_order: WorkOrderId,
        /// The case.
        pub case: CaseId,
        /// The category, of the kind of disputes.
        pub category: CategoryCode,
        /// Where it is handled.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// Who mediates.
        pub kind: MediationKind,
        /// At which tier it begins.
        pub tier: Tier,
        /// A record for each party, with name and telephone.
        pub parties: Vec<RecordId>,
        /// Who had the order then.
        pub assignee: Assignee,
        /// Who entered it.
        pub by: PersonId,
    }

    /// A party agreed to be helped by mediation (自愿).
    pub struct PartyConsented {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which party, from 1.
        pub party: u32,
        /// Who wrote it down.
        pub by: PersonId,
    }

    /// A party does not want mediation, or no longer. It ends with that.
    pub struct PartyConsentWithdrawn {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which party, from 1.
        pub party: u32,
        /// Who wrote it down.
        pub by: PersonId,
    }

    /// A session was held (调处).
    pub struct MediationSessionHeld {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which session, from 1.
        pub number: u32,
        /// At which tier.
        pub tier: Tier,
        /// How they met.
        pub place: SessionPlace,
        /// What came of it.
        pub result: SessionResult,
        /// What the mediator wrote: for this tier and those above.
        pub notes: Option<RecordId>,
        /// Who mediated.
        pub by: PersonId,
    }

    /// The dispute is a higher tier's now: its order was escalated.
    pub struct MediationRaised {
        /// The order.
        pub work_order: WorkOrderId,
        /// The tier.
        pub tier: Tier,
    }

    /// The dispute was assessed (研判).
    pub struct MediationAssessed {
        /// The order.
        pub work_order: WorkOrderId,
        /// The level.
        pub level: DisputeLevel,
        /// Who assessed it.
        pub by: PersonId,
    }

    /// The mediation ended.
    pub struct MediationConcluded {
        /// The order.
        pub work_order: WorkOrderId,
        /// The case.
        pub case: CaseId,
        /// How.
        pub outcome: MediationOutcome,
        /// At which tier.
        pub tier: Tier,
        /// What was agreed.
        pub agreement: Option<RecordId>,
        /// When the agreement is to be looked at again: dates of the dispute, not of the parties.
        pub follow_ups: Vec<Timestamp>,
        /// Who wrote it down.
        pub by: PersonId,
    }

    /// A date has come on which the agreement is to be looked at again. Once for each.
    pub struct MediationFollowUpDue {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which date, from 1.
        pub number: u32,
        /// The date.
        pub due: Timestamp,
    }

    /// The agreement was looked at again.
    pub struct MediationFollowedUp {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which date, from 1.
        pub number: u32,
        /// How it stands.
        pub state: FollowUpState,
        /// At which tier that was found.
        pub tier: Tier,
        /// What was written: for this tier and those above.
        pub notes: Option<RecordId>,
        /// Who looked.
        pub by: PersonId,
    }

    /// A party said how it was; each by itself.
    pub struct MediationRated {
        /// The order.
        pub work_order: WorkOrderId,
        /// Which party, from 1.
        pub party: u32,
        /// Whether it says that the dispute is settled.
        pub solved: bool,
        /// How satisfied it is.
        pub satisfaction: Satisfaction,
        /// Who wrote it down.
        pub by: PersonId,
    }

    /// A sign of violence: mediation stops, and an urgent case takes its place.
    pub struct MediationTurnedUrgent {
        /// The order.
        pub work_order: WorkOrderId,
        /// The case.
        pub case: CaseId,
        /// The category of the urgent case.
        pub category: CategoryCode,
        /// Where it is.
        pub division: Division,
        /// The grid, where it lies in one.
        pub grid: Option<GridCode>,
        /// What was seen.
        pub text: Option<RecordId>,
        /// Who saw it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to a mediation.
    "dispatch" "mediation"
    pub enum MediationEvent {
        /// Entered.
        MediationOpened "mediation_opened" 1 [];
        /// Agreed to by a party.
        PartyConsented "party_consented" 1 [];
        /// No longer wanted by a party.
        PartyConsentWithdrawn "party_consent_withdrawn" 1 [];
        /// A session.
        MediationSessionHeld "mediation_session_held" 1 [];
        /// At a higher tier.
        MediationRaised "mediation_raised" 1 [];
        /// Assessed.
        MediationAssessed "mediation_assessed" 1 [];
        /// Ended.
        MediationConcluded "mediation_concluded" 1 [];
        /// To be looked at again.
        MediationFollowUpDue "mediation_follow_up_due" 1 [];
        /// Looked at again.
        MediationFollowedUp "mediation_followed_up" 1 [];
        /// Rated by a party.
        MediationRated "mediation_rated" 1 [];
        /// Urgent.
        MediationTurnedUrgent "mediation_turned_urgent" 1 [];
    }
}
