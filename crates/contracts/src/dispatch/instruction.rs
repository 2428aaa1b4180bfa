//! Instructions (批示): what a leader wants of an organisation about a matter.

use kernel::{
    Division, Timestamp,
    id::{
        CampaignId, CaseId, ConvocationId, IncidentId, InstructionId, OrganisationId, PersonId,
        RecordId, WorkOrderId,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads};

/// What an instruction is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A case.
    Case(CaseId),
    /// A work order.
    WorkOrder(WorkOrderId),
    /// A convocation.
    Convocation(ConvocationId),
    /// A campaign.
    Campaign(CampaignId),
    /// An incident.
    Incident(IncidentId),
}

impl About {
    /// Where the matter was born.
    pub const fn division(&self) -> Division {
        match self {
            Self::Case(id) => id.division(),
            Self::WorkOrder(id) => id.division(),
            Self::Convocation(id) => id.division(),
            Self::Campaign(id) => id.division(),
            Self::Incident(id) => id.division(),
        }
    }

    /// The matter's id as text.
    pub fn id(&self) -> String {
        match self {
            Self::Case(id) => id.to_string(),
            Self::WorkOrder(id) => id.to_string(),
            Self::Convocation(id) => id.to_string(),
            Self::Campaign(id) => id.to_string(),
            Self::Incident(id) => id.to_string(),
        }
    }

    /// What it is, as a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Case(_) => "case",
            Self::WorkOrder(_) => "work_order",
            Self::Convocation(_) => "convocation",
            Self::Campaign(_) => "campaign",
            Self::Incident(_) => "incident",
        }
    }
}

payloads! {
    /// A leader gives an instruction.
    pub struct InstructionGiven {
        /// The instruction.
        pub instruction: InstructionId,
        /// What it is about.
        pub about: About,
        /// Who gave it.
        pub by: PersonId,
        /// Who is to follow it.
        pub organisation: OrganisationId,
        /// What it says.
        pub text: RecordId,
        /// By when the organisation says what it did, where that is asked for.
        pub due: Option<Timestamp>,
    }

    /// The organisation has read it.
    pub struct InstructionAcknowledged {
        /// The instruction.
        pub instruction: InstructionId,
        /// Who read it for the organisation.
        pub by: PersonId,
    }

    /// The organisation says what it did.
    pub struct InstructionReported {
        /// The instruction.
        pub instruction: InstructionId,
        /// Who reports for the organisation.
        pub by: PersonId,
        /// What was done.
        pub text: RecordId,
        /// Whether it came after its time.
        pub late: bool,
    }

    /// The leader's office takes it as done.
    pub struct InstructionClosed {
        /// The instruction.
        pub instruction: InstructionId,
        /// Who closed it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to an instruction.
    "dispatch" "instruction"
    pub enum InstructionEvent {
        /// Given.
        InstructionGiven "instruction_given" 1 [];
        /// Read.
        InstructionAcknowledged "instruction_acknowledged" 1 [];
        /// Followed up.
        InstructionReported "instruction_reported" 1 [];
        /// Done.
        InstructionClosed "instruction_closed" 1 [];
    }
}
