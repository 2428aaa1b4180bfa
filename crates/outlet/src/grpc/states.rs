//! A webhook paused, going on, begun again, removed.

use api::outlet::v1;
use contracts::outlet::PauseReason;
use kernel::id::WebhookId;
use platform::grpc::{ServiceError, Violations, call::Call};

use super::{Server, checked};
use crate::domain::webhook::Command;

pub(super) async fn pause_webhook(
    server: &Server,
    request: tonic::Request<v1::PauseWebhookRequest>,
) -> Result<v1::PauseWebhookResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let (request_id, webhook) = fields(&message.request_id, &message.webhook_id)?;
    let target = server.target(&call, &webhook)?;
    let request = call.request(request_id, "PauseWebhook", &message);
    let command = move |at| Command::PauseWebhook {
        webhook: webhook.clone(),
        reason: PauseReason::Asked,
        at,
    };
    let outcome = server.webhook.execute(target, request, command).await?;
    let position = Some(outcome.position.into());
    Ok(v1::PauseWebhookResponse { version: outcome.version, position })
}

pub(super) async fn resume_webhook(
    server: &Server,
    request: tonic::Request<v1::ResumeWebhookRequest>,
) -> Result<v1::ResumeWebhookResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let (request_id, webhook) = fields(&message.request_id, &message.webhook_id)?;
    let target = server.target(&call, &webhook)?;
    let request = call.request(request_id, "ResumeWebhook", &message);
    let command = move |at| Command::ResumeWebhook { webhook: webhook.clone(), at };
    let outcome = server.webhook.execute(target, request, command).await?;
    let position = Some(outcome.position.into());
    Ok(v1::ResumeWebhookResponse { version: outcome.version, position })
}

/// Erases the address and the secrets too: the courier does that when it sees the event, this call when
/// it is sure of it.
pub(super) async fn remove_webhook(
    server: &Server,
    request: tonic::Request<v1::RemoveWebhookRequest>,
) -> Result<v1::RemoveWebhookResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let (request_id, webhook) = fields(&message.request_id, &message.webhook_id)?;
    let target = server.target(&call, &webhook)?;
    let request = call.request(request_id, "RemoveWebhook", &message);
    let owner = webhook.to_string();
    let command = move |at| Command::RemoveWebhook { webhook: webhook.clone(), at };
    let outcome = server.webhook.execute(target, request, command).await?;
    server.context.vault.erase(&owner).await?;
    let position = Some(outcome.position.into());
    Ok(v1::RemoveWebhookResponse { version: outcome.version, position })
}

pub(super) async fn replay_webhook(
    server: &Server,
    request: tonic::Request<v1::ReplayWebhookRequest>,
) -> Result<v1::ReplayWebhookResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let webhook: Option<WebhookId> = v.parse("webhook_id", &message.webhook_id);
    let from = message.from_position;
    if from == 0 || from > server.context.feed.head() + 1 {
        v.push("from_position", "name a place of the log, from 1", "请填写日志中的位置, 从1开始");
    }
    let (request_id, webhook) = checked(v, request_id.zip(webhook))?;
    let target = server.target(&call, &webhook)?;
    let request = call.request(request_id, "ReplayWebhook", &message);
    let command = move |at| Command::ReplayWebhook { webhook: webhook.clone(), from, at };
    let outcome = server.webhook.execute(target, request, command).await?;
    let position = Some(outcome.position.into());
    Ok(v1::ReplayWebhookResponse { version: outcome.version, position })
}

fn fields(request_id: &str, webhook_id: &str) -> Result<(String, WebhookId), ServiceError> {
    let mut v = Violations::new();
    let request_id = v.request_id(request_id);
    let webhook = v.parse("webhook_id", webhook_id);
    checked(v, request_id.zip(webhook))
}
