//! What dispatch publishes of notifications: who is told of which transition and by which way, what is
//! to be told, and what left the house. Nothing of it is public. A notification names its recipient by
//! id; where they can be reached is in the vault, and so are the templates.

use kernel::{
    Division, Timestamp,
    id::{CaseId, CategoryCode, NotificationId, OrganisationId, PersonId, RecordId, WorkOrderId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads, words};

words! {
    /// What happened that somebody may be told of; each is the name of an event.
    pub enum Transition {
        /// A case was accepted.
        CaseAccepted,
        /// A case was refused.
        CaseRefused,
        /// More must be known of a case.
        InformationRequested,
        /// A case was merged into another.
        CaseMerged,
        /// A case went to another village.
        CaseTransferred,
        /// A case was withdrawn by its reporter.
        CaseWithdrawn,
        /// A case ended for want of an answer.
        CaseLapsed,
        /// A case was answered at once.
        CaseAnswered,
        /// The work for a case is done.
        CaseResolved,
        /// A case was taken up again.
        CaseReopened,
        /// A case was archived.
        CaseArchived,
        /// An order went to somebody.
        WorkOrderRouted,
        /// An order was accepted.
        WorkOrderAccepted,
        /// An order was given back.
        WorkOrderReturned,
        /// An order was handled.
        FeedbackSubmitted,
        /// An order was verified.
        WorkOrderVerified,
        /// An order was sent back to its handler.
        WorkOrderSentBack,
        /// An order was closed.
        WorkOrderClosed,
        /// A deadline of an order passed.
        WorkOrderOverdue,
        /// An order was withdrawn.
        WorkOrderWithdrawn,
        /// An order was taken up again.
        WorkOrderReinstated,
        /// An order went to the tier above.
        WorkOrderEscalated,
        /// The assignee was reminded.
        WorkOrderReminded,
        /// Others are to help with an order.
        WorkOrderAssisted,
        /// An order that was given back stays where it was.
        ReturnRejected,
        /// More time is asked for.
        ExtensionRequested,
        /// More time was given.
        ExtensionGranted,
        /// More time was not given.
        ExtensionRefused,
        /// The clock of an order goes on.
        WorkOrderResumed,
        /// Bodies were called together.
        DepartmentsConvened,
        /// An agreement is to be looked at again.
        MediationFollowUpDue,
        /// A sign of violence in a dispute.
        MediationTurnedUrgent,
    }

    /// Who is told, as seen from the matter.
    pub enum Audience {
        /// Who is to handle the order.
        Assignee,
        /// Those who assist.
        Assistants,
        /// Everybody who reported the case.
        Reporter,
        /// The desk of the township, or the county's where there is none.
        Desk,
        /// The county's desk.
        UpperDesk,
        /// The bodies that were called.
        Convened,
    }

    /// By which way.
    pub enum NotificationChannel {
        /// The list of notifications of whoever signs in.
        Inbox,
        /// Mail.
        Mail,
        /// A gateway to telephones or another service, called over HTTPS.
        Gateway,
    }

    /// Why a notification did not leave the house.
    pub enum SendFailure {
        /// The recipient has no address for this way, or took it back.
        NoAddress,
        /// No connection, or no answer in time.
        Unreachable,
        /// The receiver said no.
        Refused,
        /// The address leads where nothing may be sent.
        Forbidden,
        /// What is to be sent cannot be read any more.
        Unreadable,
    }
}

/// Who is told of a transition, and by which ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// Of what.
    pub transition: Transition,
    /// Who.
    pub audience: Audience,
    /// By which ways; nobody is told where there are none.
    pub channels: Vec<NotificationChannel>,
}

/// To whom one notification goes: one of the three.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Recipient {
    /// A person.
    pub person: Option<PersonId>,
    /// Whoever acts for an organisation.
    pub organisation: Option<OrganisationId>,
    /// The desk of a division.
    pub desk: Option<Division>,
}

/// One notification: to one recipient by one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Letter {
    /// To whom.
    pub recipient: Recipient,
    /// As what they are told.
    pub audience: Audience,
    /// By which way.
    pub channel: NotificationChannel,
}

payloads! {
    /// Other rules and templates are in force.
    pub struct NotificationRulesPut {
        /// Their number, from 1; 0 are those that are shipped.
        pub rule_version: u32,
        /// Who is told of what.
        pub routes: Vec<Route>,
        /// The record with the templates.
        pub templates: RecordId,
        /// Who put them.
        pub by: PersonId,
    }

    /// A transition is to be told: once for each, with all who are told of it.
    pub struct NotificationQueued {
        /// The outbox of the case or order.
        pub notification: NotificationId,
        /// The number in this outbox, from 1.
        pub number: u32,
        /// Of what.
        pub transition: Transition,
        /// The place in the log of the event that is told.
        pub cause: u64,
        /// The case, where there is one.
        pub case: Option<CaseId>,
        /// The order, where there is one.
        pub work_order: Option<WorkOrderId>,
        /// The category.
        pub category: Option<CategoryCode>,
        /// By when something is to be done, where there is such a time.
        pub due: Option<Timestamp>,
        /// By which version of the rules.
        pub rule_version: u32,
        /// To whom, and by which way.
        pub letters: Vec<Letter>,
    }

    /// A notification left the house.
    pub struct NotificationSent {
        /// The outbox.
        pub notification: NotificationId,
        /// Which of the outbox.
        pub number: u32,
        /// Which of its letters, from 1.
        pub letter: u32,
        /// How often it was tried.
        pub attempts: u32,
    }

    /// A notification was given up.
    pub struct NotificationFailed {
        /// The outbox.
        pub notification: NotificationId,
        /// Which of the outbox.
        pub number: u32,
        /// Which of its letters, from 1.
        pub letter: u32,
        /// How often it was tried.
        pub attempts: u32,
        /// Why it failed the last time.
        pub reason: SendFailure,
    }

    /// Somebody asked for one that was given up to be sent again.
    pub struct NotificationRetried {
        /// The outbox.
        pub notification: NotificationId,
        /// Which of the outbox.
        pub number: u32,
        /// Which of its letters, from 1.
        pub letter: u32,
        /// Who asked.
        pub by: PersonId,
    }

    /// A person said how they want to be told, and agreed to it.
    pub struct NotificationContactPut {
        /// The person.
        pub person: PersonId,
        /// The record with the addresses, under the person's own key.
        pub contact: RecordId,
        /// By which ways.
        pub channels: Vec<NotificationChannel>,
    }

    /// A person wants to be told in the suite alone.
    pub struct NotificationContactRemoved {
        /// The person.
        pub person: PersonId,
    }

    /// A person has read their notifications up to a place in the log.
    pub struct NotificationsRead {
        /// The person.
        pub person: PersonId,
        /// The place.
        pub up_to: u64,
    }
}

event_set! {
    /// What may happen to a county's rules of notification.
    "dispatch" "notification_rules"
    pub enum NotificationRulesEvent {
        /// Put.
        NotificationRulesPut "notification_rules_put" 1 [];
    }
}

event_set! {
    /// What may happen in the outbox of a case or order.
    "dispatch" "notification"
    pub enum NotificationEvent {
        /// To be told.
        NotificationQueued "notification_queued" 1 [];
        /// Sent.
        NotificationSent "notification_sent" 1 [];
        /// Given up.
        NotificationFailed "notification_failed" 1 [];
        /// To be sent again.
        NotificationRetried "notification_retried" 1 [];
    }
}

event_set! {
    /// What a person says of how they are told.
    "dispatch" "notification_reader"
    pub enum NotificationReaderEvent {
        /// Where.
        NotificationContactPut "notification_contact_put" 1 [];
        /// Nowhere else any more.
        NotificationContactRemoved "notification_contact_removed" 1 [];
        /// Read.
        NotificationsRead "notifications_read" 1 [];
    }
}
