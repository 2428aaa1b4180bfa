//! `ListFailedNotifications` and `RetryNotification`: what could not be sent, and once more. To whom it
//! goes is not shown: whoever mends the way need not know it.

use api::dispatch::v1::{
    ListFailedNotificationsRequest, ListFailedNotificationsResponse, RetryNotificationRequest,
    RetryNotificationResponse,
};
use contracts::subject;
use kernel::id::NotificationId;
use platform::{
    auth::Placement,
    executor::Target,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Request;

use super::{Post, list_notifications::place};
use crate::{
    domain::notification::{Command, Which},
    projections::notifications,
};

impl Post {
    pub(super) async fn list_failed_notifications(
        &self,
        request: Request<ListFailedNotificationsRequest>,
    ) -> Result<ListFailedNotificationsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let scope = call.principal.predicate(self.context.county);
        let mut v = Violations::new();
        let list = ListKey::new("ListFailedNotifications", &[&format!("{scope:?}")]);
        let tokens = &self.context.page_tokens;
        let page = tokens.read(&mut v, list, message.page_size, &message.page_token);
        v.finish()?;
        self.context.wait(&self.rows, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.rows);
        let after = page.after.as_deref().and_then(place);
        let mut rows = notifications::failed(&self.rows, &scope, after, page.size + 1).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next_page_token = match rows.last().filter(|_| more) {
            Some((id, row)) => {
                tokens.next(list, &[SortValue::Integer(row.position), SortValue::Text(id.clone())])
            }
            None => String::new(),
        };
        let mut shown = Vec::with_capacity(rows.len());
        for (id, row) in &rows {
            shown.push(self.shown(id, row).await);
        }
        Ok(ListFailedNotificationsResponse {
            notifications: shown,
            next_page_token,
            position: Some(position.into()),
        })
    }

    pub(super) async fn retry_notification(
        &self,
        request: Request<RetryNotificationRequest>,
    ) -> Result<RetryNotificationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<NotificationId>("notification_id", &message.notification_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        // An id alone says where it belongs: the answer is the same whether it is there or not.
        call.principal.require(&Placement::of_division(id.division()))?;
        let request = call.request(request_id, "RetryNotification", &message);
        let target =
            Target { subject: subject::notification(&id), id: id.to_string(), creates: false };
        let by = call.principal.person.clone();
        let which = Which { notification: id, number: message.number, letter: message.letter };
        let make =
            move |at| Command::RetryNotification { at, which: which.clone(), by: by.clone() };
        let done = self.outboxes.execute(target, request, make).await?;
        let position = Some(done.position.into());
        Ok(RetryNotificationResponse { version: done.version, position })
    }
}
