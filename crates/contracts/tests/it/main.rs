//! What the published language promises: every version of every event can be read for ever, what is
//! not an event is refused with the reason, the documents say what the code does, and no field can
//! hold what a person typed.
//!
//! Written anew when `UPDATE_SCHEMAS` is set: `docs/events`. Written by hand, and never
//! changed once published: `golden`.

#[cfg(test)]
mod asyncapi;
#[cfg(test)]
mod files;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod public;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod vocabulary;
#[cfg(test)]
mod yaml;

use contracts::{access, camera, dispatch, grid, intake, outlet, points, privacy};
use kernel::{DecodeError, StoredEvent};
use serde_json::Value;

/// What reading a payload gives: the current type, and the JSON in which it would be written today.
type Lifted = Result<(&'static str, Value), DecodeError>;

/// Reads a payload with the set of events that knows its type.
fn lift(ce_type: &str, payload: &[u8]) -> Lifted {
    let sets = [
        lift_with::<access::PersonEvent>,
        lift_with::<access::OrganisationEvent>,
        lift_with::<access::SignInLinkEvent>,
        lift_with::<access::SessionEvent>,
        lift_with::<access::AccountEvent>,
        lift_with::<access::SubstitutionEvent>,
        lift_with::<access::ServiceTokenEvent>,
        lift_with::<grid::DivisionEvent>,
        lift_with::<grid::GridEvent>,
        lift_with::<grid::ImportEvent>,
        lift_with::<intake::CategoryEvent>,
        lift_with::<intake::CaseEvent>,
        lift_with::<intake::DisclosureEvent>,
        lift_with::<intake::admission::AdmissionEvent>,
        lift_with::<intake::hotspot::HotspotEvent>,
        lift_with::<dispatch::WorkOrderEvent>,
        lift_with::<dispatch::convocation::ConvocationEvent>,
        lift_with::<dispatch::campaign::CampaignEvent>,
        lift_with::<dispatch::campaign::CampaignTaskEvent>,
        lift_with::<dispatch::instruction::InstructionEvent>,
        lift_with::<dispatch::incident::IncidentEvent>,
        lift_with::<dispatch::team::TeamEvent>,
        lift_with::<dispatch::supervision::SupervisionEvent>,
        lift_with::<dispatch::calendar::CalendarEvent>,
        lift_with::<dispatch::rules::RoutingRulesEvent>,
        lift_with::<grid::roster::RosterEvent>,
        lift_with::<grid::roster::LeaveEvent>,
        lift_with::<dispatch::mediation::MediationEvent>,
        lift_with::<dispatch::notification::NotificationRulesEvent>,
        lift_with::<dispatch::notification::NotificationEvent>,
        lift_with::<dispatch::notification::NotificationReaderEvent>,
        lift_with::<camera::CameraEvent>,
        lift_with::<camera::CameraImportEvent>,
        lift_with::<points::LedgerEvent>,
        lift_with::<privacy::DataRequestEvent>,
        lift_with::<privacy::RetentionEvent>,
        lift_with::<outlet::WebhookEvent>,
        lift_with::<outlet::IntegratorEvent>,
        lift_with::<outlet::DeliveriesEvent>,
    ];
    sets.into_iter()
        .map(|lift| lift(ce_type, payload))
        .find(|lifted| !matches!(lifted, Err(DecodeError::UnknownType(_))))
        .unwrap_or_else(|| Err(DecodeError::UnknownType(ce_type.to_owned())))
}

fn lift_with<E: StoredEvent>(ce_type: &str, payload: &[u8]) -> Lifted {
    let event = E::decode(ce_type, payload)?;
    let json = serde_json::from_slice(&event.encode()).expect("events are written as JSON");
    Ok((event.ce_type(), json))
}
