//! The published language: the events of each service, one module a producer, with their stored
//! form. What a module declares is kept for ever: `golden/` holds one file for every version of
//! every event, and each must decode for as long as Weft exists.
//!
//! Invariant: an event carries ids, codes, numbers, enums and hashes, never a text that somebody
//! typed nor anything that names a person. `tests/it/vocabulary.rs` walks the schemas and holds it.

mod codec;

pub mod access;
pub mod camera;
pub mod dispatch;
pub mod grid;
pub mod intake;
pub mod outlet;
pub mod points;
pub mod privacy;
pub mod public;
pub mod revocation;
pub mod subject;

pub use codec::{EventType, Upcast};

/// Every event type of every service, in the order of their names: for schemas and documents.
pub fn event_types() -> Vec<EventType> {
    let mut types: Vec<EventType> = [
        access::PersonEvent::types(),
        access::OrganisationEvent::types(),
        access::SignInLinkEvent::types(),
        access::SessionEvent::types(),
        access::AccountEvent::types(),
        access::SubstitutionEvent::types(),
        access::ServiceTokenEvent::types(),
        grid::DivisionEvent::types(),
        grid::GridEvent::types(),
        grid::ImportEvent::types(),
        intake::CategoryEvent::types(),
        intake::CaseEvent::types(),
        intake::DisclosureEvent::types(),
        intake::admission::AdmissionEvent::types(),
        intake::hotspot::HotspotEvent::types(),
        dispatch::WorkOrderEvent::types(),
        dispatch::convocation::ConvocationEvent::types(),
        dispatch::campaign::CampaignEvent::types(),
        dispatch::campaign::CampaignTaskEvent::types(),
        dispatch::instruction::InstructionEvent::types(),
        dispatch::incident::IncidentEvent::types(),
        dispatch::team::TeamEvent::types(),
        dispatch::supervision::SupervisionEvent::types(),
        dispatch::calendar::CalendarEvent::types(),
        dispatch::rules::RoutingRulesEvent::types(),
        grid::roster::RosterEvent::types(),
        grid::roster::LeaveEvent::types(),
        dispatch::mediation::MediationEvent::types(),
        dispatch::notification::NotificationRulesEvent::types(),
        dispatch::notification::NotificationEvent::types(),
        dispatch::notification::NotificationReaderEvent::types(),
        camera::CameraEvent::types(),
        camera::CameraImportEvent::types(),
        points::LedgerEvent::types(),
        privacy::DataRequestEvent::types(),
        privacy::RetentionEvent::types(),
        outlet::WebhookEvent::types(),
        outlet::IntegratorEvent::types(),
        outlet::DeliveriesEvent::types(),
    ]
    .concat();
    types.sort_by_key(|event| event.ce_type);
    types
}
