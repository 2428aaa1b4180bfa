//! `GetMediation`: one mediation, with as much of it as the caller may read. What a tier wrote is for
//! that tier and those above; who the parties are is for those who mediate and for the desk.

use api::{
    common::v1::TimelineEntry,
    dispatch::v1::{DisputeParty, GetMediationRequest, GetMediationResponse},
};
use contracts::{
    dispatch::mediation::{MediationEvent, Tier},
    subject,
};
use kernel::{
    Role, StoredEvent as _,
    id::{RecordId, WorkOrderId},
    mask,
};
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Desk, list_mediations::shown, open_mediation::Party, tier};
use crate::{
    domain::mediation::Rejection,
    grpc::{command::caller, show},
};

impl Desk {
    pub(super) async fn get_mediation(
        &self,
        request: Request<GetMediationRequest>,
    ) -> Result<GetMediationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        v.finish()?;
        let Some(id) = id else { unreachable!("checked above") };
        let asking = caller(&call.principal);
        self.order(&asking, &id).await?;
        self.context.wait(&self.rows, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.rows);
        let row = self.rows.get(&id.to_string()).await?.ok_or_else(not_opened)?;

        let watches = call.principal.role == Role::Supervisor;
        let (mut timeline, mut parties) = (Vec::new(), Vec::new());
        for recorded in self.context.log.load(&subject::mediation(&id), 1).await? {
            let event = MediationEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            let mut entry: TimelineEntry = show::entry(&recorded);
            if let Some(record) = readable(&event, tier(&asking)) {
                let text = self.context.vault.text(record).await?.unwrap_or_default();
                entry.text = if watches { mask::text(&text) } else { text };
            }
            timeline.push(entry);
            if let (MediationEvent::MediationOpened(opened), false) = (&event, watches) {
                for record in &opened.parties {
                    parties.push(self.party(record).await?);
                }
            }
        }
        call.reads("read_mediation", Object::one("mediation", &id));
        Ok(GetMediationResponse {
            mediation: Some(shown(id.to_string(), &row)),
            timeline,
            parties,
            position: Some(position.into()),
        })
    }

    /// A party; without name and telephone where they are not kept any more.
    async fn party(&self, record: &RecordId) -> Result<DisputeParty, ServiceError> {
        let kept = self.context.vault.text(record).await?.unwrap_or_default();
        let party: Option<Party> = serde_json::from_str(&kept).ok();
        Ok(party.map_or_else(DisputeParty::default, |Party { name, phone }| DisputeParty {
            name,
            phone,
        }))
    }
}

/// The record of what was written with an event, where somebody of this tier may read it.
fn readable(event: &MediationEvent, own: Tier) -> Option<&RecordId> {
    use MediationEvent as E;
    match event {
        E::MediationSessionHeld(event) if own >= event.tier => event.notes.as_ref(),
        E::MediationConcluded(event) if own >= event.tier => event.agreement.as_ref(),
        E::MediationFollowedUp(event) if own >= event.tier => event.notes.as_ref(),
        // Whoever has the order must know what was seen.
        E::MediationTurnedUrgent(event) => event.text.as_ref(),
        E::MediationSessionHeld(_)
        | E::MediationConcluded(_)
        | E::MediationFollowedUp(_)
        | E::MediationOpened(_)
        | E::PartyConsented(_)
        | E::PartyConsentWithdrawn(_)
        | E::MediationRaised(_)
        | E::MediationAssessed(_)
        | E::MediationFollowUpDue(_)
        | E::MediationRated(_) => None,
    }
}

fn not_opened() -> ServiceError {
    use kernel::Rejection as _;
    let rejection = Rejection::NotOpened;
    ServiceError::new(
        kernel::ErrorCode::Refused,
        rejection.reason(),
        rejection.to_string(),
        rejection.message_zh(),
    )
}
