//! What dispatch publishes of supervisions (督办): from the reminder to the red card.

use kernel::{
    Division, Timestamp,
    id::{MatterId, OrganisationId, PersonId, RecordId, SupervisionId},
};

use serde::{Deserialize as _, Serialize as _};

use crate::codec::{event_set, payloads, words};

words! {
    /// Who opens a supervision.
    pub enum SupervisionOrigin {
        /// The command centre.
        Centre,
        /// A leader.
        Leader,
        /// The tier above.
        UpperTier,
        /// The discipline commission.
        DisciplineCommission,
    }

    /// Over what.
    pub enum SupervisedKind {
        /// A work order.
        WorkOrder,
        /// Bodies that were called together.
        Convocation,
    }

    /// How far it has gone, the mildest first.
    pub enum SupervisionStep {
        /// A reminder (提醒).
        Reminder,
        /// The supervision proper (督办).
        Supervision,
        /// A yellow card (黄牌).
        YellowCard,
        /// A red card (红牌).
        RedCard,
    }

    /// What a supervision finds.
    pub enum SupervisionFinding {
        /// It was put right.
        Remedied,
        /// The reasons given hold.
        Justified,
        /// The duty was not done.
        Failed,
    }
}

payloads! {
    /// A body is supervised over a matter.
    pub struct SupervisionOpened {
        /// The supervision.
        pub supervision: SupervisionId,
        /// Over what kind of matter.
        pub kind: SupervisedKind,
        /// Which matter.
        pub matter: MatterId,
        /// Where the matter is.
        pub division: Division,
        /// Who has to answer.
        pub organisation: OrganisationId,
        /// Who opened it.
        pub by: PersonId,
        /// As whom.
        pub origin: SupervisionOrigin,
        /// With which step it begins.
        pub step: SupervisionStep,
        /// What is demanded.
        pub explanation: RecordId,
        /// By when the body must answer.
        pub answer_due: Timestamp,
        /// The version of the working calendar that gave the deadline.
        pub calendar_version: u32,
    }

    /// The body answers a step with its reasons.
    pub struct SupervisionAnswered {
        /// The supervision.
        pub supervision: SupervisionId,
        /// Who answered.
        pub by: PersonId,
        /// Which step.
        pub step: SupervisionStep,
        /// The reasons.
        pub text: RecordId,
    }

    /// It goes a step further.
    pub struct SupervisionRaised {
        /// The supervision.
        pub supervision: SupervisionId,
        /// Who decided; none where the step before was not answered in time.
        pub by: Option<PersonId>,
        /// To which step.
        pub step: SupervisionStep,
        /// Why somebody decided so.
        pub explanation: Option<RecordId>,
        /// By when the body must answer.
        pub answer_due: Timestamp,
        /// The version of the working calendar that gave the deadline.
        pub calendar_version: u32,
    }

    /// It ends with a finding.
    pub struct SupervisionClosed {
        /// The supervision.
        pub supervision: SupervisionId,
        /// Who closed it.
        pub by: PersonId,
        /// What was found.
        pub finding: SupervisionFinding,
        /// How far it had gone.
        pub step: SupervisionStep,
        /// The finding in words.
        pub text: RecordId,
    }
}

event_set! {
    /// What may happen to a supervision.
    "dispatch" "supervision"
    pub enum SupervisionEvent {
        /// Opened.
        SupervisionOpened "supervision_opened" 1 [];
        /// Answered.
        SupervisionAnswered "supervision_answered" 1 [];
        /// Raised.
        SupervisionRaised "supervision_raised" 1 [];
        /// Closed.
        SupervisionClosed "supervision_closed" 1 [];
    }
}
