//! `weft.outlet.v1.OutletService`: calls in, commands and queries out.

mod lists;
mod register;
mod states;

use api::outlet::v1::{self, outlet_service_server::OutletService};
use kernel::{
    ErrorCode,
    Role::{AuditAdministrator, SecurityAdministrator},
    id::WebhookId,
};
use platform::{
    auth::{Access, MethodRow, Placement},
    executor::{Executor, Target},
    grpc::{ServiceError, Violations, call::Call},
    http::post::Poster,
    projection::View,
    publication::Publication,
    service::Context,
};
use tonic::{Request, Response, Status};

use crate::{
    domain::webhook::Webhook,
    projections::{deliveries::DeliveryRow, webhooks::WebhookRow},
    webhooks::Cursors,
};

const WRITE: Access = Access::Roles(&[SecurityAdministrator]);
const READ: Access = Access::Roles(&[SecurityAdministrator, AuditAdministrator]);

/// Who may call what.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.outlet.v1.OutletService/RegisterWebhook", WRITE),
    ("/weft.outlet.v1.OutletService/RotateWebhookSecret", WRITE),
    ("/weft.outlet.v1.OutletService/PauseWebhook", WRITE),
    ("/weft.outlet.v1.OutletService/ResumeWebhook", WRITE),
    ("/weft.outlet.v1.OutletService/RemoveWebhook", WRITE),
    ("/weft.outlet.v1.OutletService/ReplayWebhook", WRITE),
    (lists::WEBHOOKS, READ),
    (lists::DELIVERIES, READ),
];

/// What the handlers stand on.
pub(crate) struct Server {
    pub(crate) context: Context,
    pub(crate) webhook: Executor<Webhook>,
    pub(crate) webhooks: View<WebhookRow>,
    pub(crate) deliveries: View<DeliveryRow>,
    pub(crate) publication: Publication,
    pub(crate) cursors: Cursors,
    pub(crate) poster: Poster,
}

impl Server {
    /// The target of a command on a webhook that is in the caller's scope. The id alone says where it
    /// is; one that is elsewhere is not there.
    fn target(&self, call: &Call, webhook: &WebhookId) -> Result<Target, ServiceError> {
        if !self.context.county.contains(webhook.division()) {
            return Err(not_found());
        }
        call.principal.require(&Placement::of_division(webhook.division()))?;
        let subject = contracts::subject::webhook(webhook);
        Ok(Target { subject, id: webhook.to_string(), creates: false })
    }
}

/// There is no such webhook in this county.
fn not_found() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "WEBHOOK_NOT_FOUND",
        "this county has no webhook of this id: check the id",
        "本县没有该编号的推送, 请核对",
    )
}

/// What the violations speak for: all fields are there, or the call ends here.
fn checked<T>(v: Violations, fields: Option<T>) -> Result<T, ServiceError> {
    v.finish()?;
    fields.ok_or_else(|| ServiceError::internal(Unnoted))
}

#[derive(Debug, thiserror::Error)]
#[error("a field was refused without a violation")]
struct Unnoted;

/// Each method of the service is one function of the same name below.
macro_rules! answered_by {
    ($($method:ident in $room:ident: $request:ident -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl OutletService for Server {
            $(async fn $method(
                &self,
                request: Request<v1::$request>,
            ) -> Result<Response<v1::$response>, Status> {
                Ok(Response::new($room::$method(self, request).await?))
            })*
        }
    };
}

answered_by! {
    register_webhook in register: RegisterWebhookRequest -> RegisterWebhookResponse;
    rotate_webhook_secret in register: RotateWebhookSecretRequest -> RotateWebhookSecretResponse;
    pause_webhook in states: PauseWebhookRequest -> PauseWebhookResponse;
    resume_webhook in states: ResumeWebhookRequest -> ResumeWebhookResponse;
    remove_webhook in states: RemoveWebhookRequest -> RemoveWebhookResponse;
    replay_webhook in states: ReplayWebhookRequest -> ReplayWebhookResponse;
    list_webhooks in lists: ListWebhooksRequest -> ListWebhooksResponse;
    list_deliveries in lists: ListDeliveriesRequest -> ListDeliveriesResponse;
}
