//! `MarkNotificationsRead`: everything up to a place in the log. One event however much was read.

use api::dispatch::v1::{MarkNotificationsReadRequest, MarkNotificationsReadResponse};
use contracts::subject;
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Post;
use crate::domain::notification::reader::Command;

impl Post {
    pub(super) async fn mark_notifications_read(
        &self,
        request: Request<MarkNotificationsReadRequest>,
    ) -> Result<MarkNotificationsReadResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        // What is still to come cannot have been read.
        let reached = self.rows.position();
        if message.up_to > reached {
            v.push(
                "up_to",
                format!("nothing was told yet beyond {reached}: name the last that you read"),
                format!("通知尚未到 {reached} 之后，请填写已读的最后一条"),
            );
        }
        v.finish()?;
        let Some(request_id) = request_id else { unreachable!("checked above") };
        let request = call.request(request_id, "MarkNotificationsRead", &message);
        let (person, up_to) = (call.principal.person.clone(), message.up_to);
        let target = Target {
            subject: subject::notification_reader(&person),
            id: person.to_string(),
            creates: false,
        };
        let make = move |at| Command::MarkNotificationsRead { at, person: person.clone(), up_to };
        let done = self.reader.execute(target, request, make).await?;
        let position = Some(done.position.into());
        Ok(MarkNotificationsReadResponse { version: done.version, position })
    }
}
