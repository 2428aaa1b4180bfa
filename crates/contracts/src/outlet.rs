//! What outlet publishes: where public events are sent, who reads them, and what was delivered to whom.

use kernel::{
    Timestamp,
    id::{DeliveriesId, IntegratorId, RecordId, WebhookId},
};
use serde::{Deserialize as _, Serialize as _};

use crate::codec::{event_set, payloads, words};

words! {
    /// A public event: its service and its name.
    pub enum PublicName {
        /// `dispatch.deadline_replanned`.
        DispatchDeadlineReplanned,
        /// `dispatch.extension_granted`.
        DispatchExtensionGranted,
        /// `dispatch.feedback_submitted`.
        DispatchFeedbackSubmitted,
        /// `dispatch.work_order_accepted`.
        DispatchWorkOrderAccepted,
        /// `dispatch.work_order_closed`.
        DispatchWorkOrderClosed,
        /// `dispatch.work_order_created`.
        DispatchWorkOrderCreated,
        /// `dispatch.work_order_escalated`.
        DispatchWorkOrderEscalated,
        /// `dispatch.work_order_overdue`.
        DispatchWorkOrderOverdue,
        /// `dispatch.work_order_reinstated`.
        DispatchWorkOrderReinstated,
        /// `dispatch.work_order_resumed`.
        DispatchWorkOrderResumed,
        /// `dispatch.work_order_returned`.
        DispatchWorkOrderReturned,
        /// `dispatch.work_order_routed`.
        DispatchWorkOrderRouted,
        /// `dispatch.work_order_sent_back`.
        DispatchWorkOrderSentBack,
        /// `dispatch.work_order_suspended`.
        DispatchWorkOrderSuspended,
        /// `dispatch.work_order_verified`.
        DispatchWorkOrderVerified,
        /// `dispatch.work_order_withdrawn`.
        DispatchWorkOrderWithdrawn,
        /// `grid.division_registered`.
        GridDivisionRegistered,
        /// `grid.grid_boundary_revised`.
        GridGridBoundaryRevised,
        /// `grid.grid_created`.
        GridGridCreated,
        /// `intake.case_accepted`.
        IntakeCaseAccepted,
        /// `intake.case_archived`.
        IntakeCaseArchived,
        /// `intake.case_rated`.
        IntakeCaseRated,
        /// `intake.case_refused`.
        IntakeCaseRefused,
        /// `intake.case_reopened`.
        IntakeCaseReopened,
        /// `intake.case_reported`.
        IntakeCaseReported,
        /// `intake.case_resolved`.
        IntakeCaseResolved,
        /// `intake.category_defined`.
        IntakeCategoryDefined,
    }

    /// How an event is written into a request.
    pub enum BodyMode {
        /// Its attributes in headers, its data in the body.
        Binary,
        /// All of it in the body.
        Structured,
    }

    /// Why a webhook is paused.
    pub enum PauseReason {
        /// Somebody said so.
        Asked,
        /// Nothing was taken for a whole day.
        Failing,
        /// The receiver said that it is gone (410).
        Gone,
    }

    /// Why a delivery failed.
    pub enum FailureReason {
        /// No connection, no TLS, or no answer in time.
        Unreachable,
        /// The address is one to which nothing is sent.
        Forbidden,
        /// Another status than 2xx.
        Refused,
        /// The address or the secret cannot be read any more.
        Unreadable,
    }

    /// To whom something was delivered.
    pub enum Receiver {
        /// To a webhook.
        Webhook,
        /// To an integrator of nats-server.
        Integrator,
    }
}

impl PublicName {
    /// The `ce-type` without its version, such as `weft.public.intake.case_reported`.
    pub fn ce_stem(self) -> String {
        // The name of a service is one word.
        format!("weft.public.{}", self.to_string().replacen('_', ".", 1))
    }
}

payloads! {
    /// Public events are sent somewhere from now on.
    pub struct WebhookRegistered {
        /// The webhook; it gets what happens in the division of its id.
        pub webhook: WebhookId,
        /// Which events; all if there are none here.
        pub events: Vec<PublicName>,
        /// How they are written.
        pub mode: BodyMode,
        /// The record that holds the address.
        pub target: RecordId,
        /// The record that holds the secret with which requests are signed.
        pub secret: RecordId,
    }

    /// Requests are signed with another secret.
    pub struct WebhookSecretRotated {
        /// The webhook.
        pub webhook: WebhookId,
        /// The record that holds the new secret.
        pub secret: RecordId,
        /// Until when they are signed with the one before too.
        pub former_until: Timestamp,
    }

    /// Nothing is sent for now.
    pub struct WebhookPaused {
        /// The webhook.
        pub webhook: WebhookId,
        /// Why.
        pub reason: PauseReason,
    }

    /// It goes on where it was.
    pub struct WebhookResumed {
        /// The webhook.
        pub webhook: WebhookId,
    }

    /// Nothing is sent any more, and the address and the secrets are erased.
    pub struct WebhookRemoved {
        /// The webhook.
        pub webhook: WebhookId,
    }

    /// What was sent is sent again.
    pub struct WebhookReplayed {
        /// The webhook.
        pub webhook: WebhookId,
        /// From which place in the log on.
        pub from: u64,
    }

    /// A user of nats-server may read the public stream.
    pub struct IntegratorAdded {
        /// The integrator, who reads what happens in the division of the id.
        pub integrator: IntegratorId,
        /// Since when, as the register of users says.
        pub since: Timestamp,
    }

    /// The user signs in with another key.
    pub struct IntegratorRotated {
        /// The integrator.
        pub integrator: IntegratorId,
        /// When the key was changed.
        pub rotated_at: Timestamp,
    }

    /// The user reads nothing any more.
    pub struct IntegratorRevoked {
        /// The integrator.
        pub integrator: IntegratorId,
        /// When the user was taken out.
        pub revoked_at: Timestamp,
    }

    /// Public events were delivered.
    pub struct DeliveriesRecorded {
        /// The register.
        pub deliveries: DeliveriesId,
        /// To whom.
        pub receiver: Receiver,
        /// The first event: its place in the log.
        pub from: u64,
        /// The last event.
        pub to: u64,
        /// How many were sent, those sent again among them.
        pub count: u64,
        /// Up to which all are acknowledged, where that is known apart.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub acknowledged: Option<u64>,
        /// When the first of them was sent.
        pub since: Timestamp,
    }

    /// An event was not taken, and is no longer sent by itself.
    pub struct DeliveryAbandoned {
        /// The register.
        pub deliveries: DeliveriesId,
        /// To whom.
        pub receiver: Receiver,
        /// The event's place in the log.
        pub position: u64,
        /// Why it failed the last time.
        pub reason: FailureReason,
        /// How often it was sent.
        pub attempts: u32,
        /// When it was first sent.
        pub since: Timestamp,
    }
}

event_set! {
    /// What may happen to a webhook.
    "outlet" "webhook"
    pub enum WebhookEvent {
        /// Registered.
        WebhookRegistered "webhook_registered" 1 [];
        /// Signed otherwise.
        WebhookSecretRotated "webhook_secret_rotated" 1 [];
        /// Paused.
        WebhookPaused "webhook_paused" 1 [];
        /// Going on.
        WebhookResumed "webhook_resumed" 1 [];
        /// Removed.
        WebhookRemoved "webhook_removed" 1 [];
        /// Begun again.
        WebhookReplayed "webhook_replayed" 1 [];
    }
}

event_set! {
    /// What may happen to an integrator.
    "outlet" "integrator"
    pub enum IntegratorEvent {
        /// Added.
        IntegratorAdded "integrator_added" 1 [];
        /// Another key.
        IntegratorRotated "integrator_rotated" 1 [];
        /// Taken out.
        IntegratorRevoked "integrator_revoked" 1 [];
    }
}

event_set! {
    /// What may stand in a register of deliveries.
    "outlet" "deliveries"
    pub enum DeliveriesEvent {
        /// Delivered.
        DeliveriesRecorded "deliveries_recorded" 1 [];
        /// Not taken.
        DeliveryAbandoned "delivery_abandoned" 1 [];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_event_has_a_name_to_ask_for() {
        let named: Vec<String> = PublicName::ALL.iter().map(|name| name.ce_stem()).collect();
        let known = crate::public::event_types();
        let mut stems: Vec<&str> =
            known.iter().filter_map(|event| Some(event.ce_type.rsplit_once('.')?.0)).collect();
        stems.dedup();
        assert_eq!(named, stems);
    }
}
