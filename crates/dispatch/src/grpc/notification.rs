//! `NotificationService`: calls to commands and queries on notifications.

mod contact;
mod failed;
mod list_notifications;
mod mark_notifications_read;
mod rules;

use api::dispatch::v1::{
    self as proto,
    notification_service_server::{NotificationService, NotificationServiceServer},
};
use platform::{executor::Executor, projection::View, service::Context};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    domain::notification::{Outbox, reader::NotificationReader, rules::NotificationRules},
    projections::{
        notification_readers::NotificationReaderRow, notification_rules::NotificationRulesRow,
        notifications::NotificationRow,
    },
    wording::Wording,
};

/// What the methods stand on.
#[derive(Clone)]
pub struct Post {
    /// The suite.
    pub context: Context,
    /// The letters.
    pub rows: View<NotificationRow>,
    /// How people are told, and how far they have read.
    pub readers: View<NotificationReaderRow>,
    /// The county's own rules.
    pub rules: View<NotificationRulesRow>,
    /// What letters say.
    pub wording: Wording,
    /// The outboxes.
    pub outboxes: Executor<Outbox>,
    /// What people say of how they are told.
    pub reader: Executor<NotificationReader>,
    /// The rules.
    pub own_rules: Executor<NotificationRules>,
}

impl Post {
    /// Adds the service to the routes.
    pub fn add(self, routes: &mut RoutesBuilder) {
        routes.add_service(
            NotificationServiceServer::new(self)
                .max_decoding_message_size(super::MAX_REQUEST_BYTES),
        );
    }
}

/// One method of the trait a row: its behaviour is in the file of its name.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl NotificationService for Post {
            $(async fn $method(
                &self,
                request: Request<proto::$request>,
            ) -> Result<Response<proto::$response>, Status> {
                Ok(Response::new(self.$method(request).await?))
            })*
        }
    };
}

methods! {
    list_notifications(ListNotificationsRequest) -> ListNotificationsResponse;
    mark_notifications_read(MarkNotificationsReadRequest) -> MarkNotificationsReadResponse;
    put_notification_contact(PutNotificationContactRequest) -> PutNotificationContactResponse;
    remove_notification_contact(RemoveNotificationContactRequest)
        -> RemoveNotificationContactResponse;
    get_notification_rules(GetNotificationRulesRequest) -> GetNotificationRulesResponse;
    put_notification_rules(PutNotificationRulesRequest) -> PutNotificationRulesResponse;
    list_failed_notifications(ListFailedNotificationsRequest) -> ListFailedNotificationsResponse;
    retry_notification(RetryNotificationRequest) -> RetryNotificationResponse;
}
