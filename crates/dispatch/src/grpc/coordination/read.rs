//! Histories: the events of something with what was typed with them.

use api::common::v1::TimelineEntry;
use contracts::dispatch::{
    convocation::ConvocationEvent, incident::IncidentEvent, instruction::InstructionEvent,
};
use kernel::id::RecordId;
use platform::{grpc::ServiceError, log::Recorded};

use super::Coordination;
use crate::grpc::show;

/// The record of what was typed with an event.
pub(super) trait Typed: kernel::StoredEvent {
    /// It, where something was.
    fn typed(&self) -> Option<&RecordId>;
}

impl Typed for ConvocationEvent {
    fn typed(&self) -> Option<&RecordId> {
        match self {
            Self::DepartmentsConvened(event) => Some(&event.matter),
            Self::DepartmentReportedIn(event) => event.explanation.as_ref(),
            Self::AbsenceAllowed(event) => Some(&event.text),
            Self::ConvocationConcluded(event) => Some(&event.conclusion),
            Self::ConvocationTaskCompleted(event) => event.text.as_ref(),
            Self::DepartmentRated(event) => event.text.as_ref(),
            Self::ConvocationSigned(_)
            | Self::ConvocationReminded(_)
            | Self::ConvocationUnanswered(_)
            | Self::ConvocationDeclined(_)
            | Self::ConvocationTaskOverdue(_)
            | Self::ConvocationClosed(_) => None,
        }
    }
}

impl Typed for IncidentEvent {
    fn typed(&self) -> Option<&RecordId> {
        match self {
            Self::IncidentOpened(event) => event.text.as_ref(),
            Self::IncidentLevelRaised(event) => Some(&event.text),
            Self::IncidentLevelLowered(event) => Some(&event.text),
            Self::IncidentStoodDown(event) => Some(&event.text),
            Self::TeamCalled(_)
            | Self::TeamResponded(_)
            | Self::TeamAssembled(_)
            | Self::TeamArrived(_)
            | Self::IncidentClockMissed(_)
            | Self::CommandPassed(_)
            | Self::OrderAddedToIncident(_) => None,
        }
    }
}

impl Typed for InstructionEvent {
    fn typed(&self) -> Option<&RecordId> {
        match self {
            Self::InstructionGiven(event) => Some(&event.text),
            Self::InstructionReported(event) => Some(&event.text),
            Self::InstructionAcknowledged(_) | Self::InstructionClosed(_) => None,
        }
    }
}

impl Coordination {
    /// The history of a subject, oldest first.
    pub(super) async fn history<E: Typed>(
        &self,
        subject: &str,
    ) -> Result<Vec<TimelineEntry>, ServiceError> {
        let mut entries = Vec::new();
        for recorded in self.context.log.load(subject, 1).await? {
            let event =
                E::decode(&recorded.ce_type, &recorded.payload).map_err(ServiceError::corrupt)?;
            entries.push(self.entry(&recorded, event.typed()).await?);
        }
        Ok(entries)
    }

    async fn entry(
        &self,
        recorded: &Recorded,
        typed: Option<&RecordId>,
    ) -> Result<TimelineEntry, ServiceError> {
        let mut entry = show::entry(recorded);
        entry.data = String::from_utf8_lossy(&recorded.payload).into_owned();
        entry.text = self.text(typed).await?;
        Ok(entry)
    }
}
