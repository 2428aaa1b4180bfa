//! `access.carry_out_data_requests`: restricts and erases as it was asked for. An erasure waits while a case
//! of the person's is open, and is looked at again when one is over.

use std::time::Duration;

use contracts::{intake::CaseEvent, privacy::DataRequestEvent};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CaseId, PersonId},
};
use platform::{
    grpc::ServiceError,
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};

use crate::{
    keeper::Keeper,
    projections::data_requests::{DataRequestRow, person_of},
};

/// How long the tables may take to know what led to it.
const CATCH_UP: Duration = Duration::from_secs(5);

/// The process.
pub struct CarryOutDataRequests {
    /// Does it.
    pub keeper: Keeper,
    /// How the requests stand.
    pub requests: View<DataRequestRow>,
}

/// What is looked at.
#[derive(Clone, Debug)]
pub enum Look {
    /// Something was asked over a person's data.
    Person(PersonId),
    /// A case is over.
    CaseOver(CaseId),
}

impl Process for CarryOutDataRequests {
    const NAME: &'static str = "access.carry_out_data_requests";
    const START: Start = Start::Beginning;
    type Command = Look;

    fn react(&self, event: &Recorded) -> Result<Vec<Look>, DecodeError> {
        if event.category() == DataRequestEvent::CATEGORY {
            let event = DataRequestEvent::decode(&event.ce_type, &event.payload)?;
            return Ok(match &event {
                DataRequestEvent::ProcessingRestricted(_)
                | DataRequestEvent::RestrictionLifted(_)
                | DataRequestEvent::ErasureRequested(_) => {
                    vec![Look::Person(person_of(&event).clone())]
                }
                DataRequestEvent::PersonalDataExported(_)
                | DataRequestEvent::ErasureHeld(_)
                | DataRequestEvent::PersonErased(_)
                | DataRequestEvent::ErasureApplied(_)
                | DataRequestEvent::ErasureCompleted(_) => vec![],
            });
        }
        if event.category() != CaseEvent::CATEGORY {
            return Ok(vec![]);
        }
        Ok(match CaseEvent::decode(&event.ce_type, &event.payload)? {
            CaseEvent::CaseRefused(event) => vec![Look::CaseOver(event.case)],
            CaseEvent::CaseArchived(event) => vec![Look::CaseOver(event.case)],
            CaseEvent::CaseTransferred(event) => vec![Look::CaseOver(event.case)],
            CaseEvent::CaseWithdrawn(event) => vec![Look::CaseOver(event.case)],
            CaseEvent::CaseLapsed(event) => vec![Look::CaseOver(event.case)],
            CaseEvent::CaseReported(_)
            | CaseEvent::InformationAdded(_)
            | CaseEvent::CaseAccepted(_)
            | CaseEvent::CaseResolved(_)
            | CaseEvent::CaseRated(_)
            | CaseEvent::CaseReopened(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseUnmerged(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => vec![],
        })
    }

    async fn carry_out(&self, look: Look, cause: &Cause) -> Result<(), CarryOutError> {
        let behind = |_| CarryOutError::Later("the register is behind".to_owned());
        self.keeper.records().wait(cause.sequence, CATCH_UP).await.map_err(behind)?;
        let person = match look {
            Look::Person(person) => person,
            Look::CaseOver(over) => {
                self.requests.wait(cause.sequence, CATCH_UP).await.map_err(behind)?;
                match self.who_waits_for(&over).await.map_err(|error| later(&error))? {
                    Some(person) => person,
                    None => return Ok(()),
                }
            }
        };
        self.keeper.apply(&person, cause.request()).await.map_err(|error| later(&error))
    }
}

impl CarryOutDataRequests {
    /// Whose erasure waits for this case.
    async fn who_waits_for(&self, case: &CaseId) -> Result<Option<PersonId>, ServiceError> {
        let Some(row) = self.keeper.records().get(&case.to_string()).await? else {
            return Ok(None);
        };
        let request = self.requests.get(&row.person).await?;
        let waits = request.is_some_and(|row| row.requested_at > 0 && row.completed_at == 0);
        Ok(if waits { row.person.parse().ok() } else { None })
    }
}

/// The vault, the media and the log may be away; what they refuse, they refuse for good.
fn later(error: &ServiceError) -> CarryOutError {
    if error.code == kernel::ErrorCode::Refused {
        return CarryOutError::Refused(error.reason.to_owned());
    }
    CarryOutError::Later(error.reason.to_owned())
}
