//! A webhook registered, and signed with another secret. The address and the secrets go to the vault,
//! under a key of the webhook's own.

use api::outlet::v1;
use contracts::{
    outlet::{BodyMode, PublicName},
    subject,
};
use kernel::{
    Division, Level,
    id::{RecordId, WebhookId},
};
use platform::{
    auth::Placement,
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
    http::{
        post::{InvalidTarget, Poster},
        signature,
    },
};

use super::{Server, checked};
use crate::domain::webhook::Command;

/// For how long requests may be signed with two secrets.
const LONGEST_OVERLAP_SECONDS: u32 = 30 * 86_400;

pub(super) async fn register_webhook(
    server: &Server,
    request: tonic::Request<v1::RegisterWebhookRequest>,
) -> Result<v1::RegisterWebhookResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let url = url(&mut v, &server.poster, &message.url);
    let division = division(&mut v, server.context.county, &message.division);
    let events = events(&mut v, &message.events);
    let secret = secret(&mut v, &message.secret);
    let mode = mode(&mut v, message.mode);
    let fields = request_id.zip(url).zip(division.zip(events)).zip(secret.zip(mode));
    let (((request_id, url), (division, events)), (secret, mode)) = checked(v, fields)?;
    call.principal.require(&Placement::of_division(division))?;

    let request = call.request(request_id, "RegisterWebhook", &message);
    let webhook = WebhookId::new(division, request.key("webhook"));
    let target = RecordId::new(division, request.record("url"));
    let sealed = RecordId::new(division, request.record("secret"));
    let owner = webhook.to_string();
    server.context.vault.seal(&owner, &target, url.as_bytes()).await?;
    server.context.vault.seal(&owner, &sealed, secret.as_bytes()).await?;
    let of = Target { subject: subject::webhook(&webhook), id: owner.clone(), creates: true };
    let outcome = server
        .webhook
        .execute(of, request, move |at| Command::RegisterWebhook {
            webhook: webhook.clone(),
            events: events.clone(),
            mode,
            target: target.clone(),
            secret: sealed.clone(),
            at,
        })
        .await?;
    Ok(v1::RegisterWebhookResponse {
        webhook_id: owner,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn rotate_webhook_secret(
    server: &Server,
    request: tonic::Request<v1::RotateWebhookSecretRequest>,
) -> Result<v1::RotateWebhookSecretResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let webhook: Option<WebhookId> = v.parse("webhook_id", &message.webhook_id);
    let secret = secret(&mut v, &message.secret);
    if message.overlap_seconds > LONGEST_OVERLAP_SECONDS {
        v.push("overlap_seconds", "this is at most 2592000 (30 days)", "不能超过2592000秒(30天)");
    }
    let (request_id, (webhook, secret)) = checked(v, request_id.zip(webhook.zip(secret)))?;
    let target = server.target(&call, &webhook)?;

    let request = call.request(request_id, "RotateWebhookSecret", &message);
    let sealed = RecordId::new(webhook.division(), request.record("secret"));
    // Nothing is sealed under a key of something that is not there, or was erased.
    server.known(&webhook).await?;
    server.context.vault.seal(&webhook.to_string(), &sealed, secret.as_bytes()).await?;
    let overlap_ms = i64::from(message.overlap_seconds) * 1_000;
    let outcome = server
        .webhook
        .execute(target, request, move |at| Command::RotateWebhookSecret {
            webhook: webhook.clone(),
            secret: sealed.clone(),
            overlap_ms,
            at,
        })
        .await?;
    let position = Some(outcome.position.into());
    Ok(v1::RotateWebhookSecretResponse { version: outcome.version, position })
}

fn url(v: &mut Violations, poster: &Poster, text: &str) -> Option<String> {
    v.required("url", (!text.is_empty()).then_some(()))?;
    match poster.target(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            v.push("url", error.to_string(), in_chinese(error));
            None
        }
    }
}

const fn in_chinese(error: InvalidTarget) -> &'static str {
    match error {
        InvalidTarget::Form => "地址格式不正确, 应如 https://host/path",
        InvalidTarget::Plain => "地址须以 https:// 开头, 不以明文发送",
        InvalidTarget::UserInfo => "地址不得包含用户名和密码, 请求以签名验证",
        InvalidTarget::Long => "地址不能超过2000个字符",
        InvalidTarget::Inside => "不向本机和内网地址推送",
    }
}

fn division(v: &mut Violations, county: Division, text: &str) -> Option<Division> {
    let division: Division = v.parse("division", text)?;
    if division.level() >= Level::County && county.contains(division) {
        return Some(division);
    }
    v.push(
        "division",
        "this does not lie in the county: name it, a township or a village of it",
        "该区划不在本县, 请填写本县或其乡镇、村",
    );
    None
}

fn events(v: &mut Violations, asked: &[i32]) -> Option<Vec<PublicName>> {
    let word = |number: &i32| {
        let name = v1::PublicName::try_from(*number).ok()?;
        api::word::<PublicName>(name.as_str_name(), "PUBLIC_NAME_")
    };
    let mut names: Vec<PublicName> = Vec::with_capacity(asked.len().min(64));
    for number in asked.iter().take(64) {
        let Some(name) = word(number).filter(|name| !names.contains(name)) else {
            v.push(
                "events",
                "name each event once, or none for all",
                "每种事件只填一次, 不填为全部",
            );
            return None;
        };
        names.push(name);
    }
    Some(names)
}

fn secret(v: &mut Violations, text: &str) -> Option<String> {
    v.required("secret", (!text.is_empty()).then_some(()))?;
    if signature::key(text).is_none() {
        v.push(
            "secret",
            "a secret is `whsec_` and the base64 of 24 to 64 random bytes",
            "密钥为 whsec_ 加24至64个随机字节的 base64",
        );
        return None;
    }
    Some(text.to_owned())
}

fn mode(v: &mut Violations, asked: i32) -> Option<BodyMode> {
    match v1::BodyMode::try_from(asked) {
        Ok(v1::BodyMode::Unspecified | v1::BodyMode::Binary) => Some(BodyMode::Binary),
        Ok(v1::BodyMode::Structured) => Some(BodyMode::Structured),
        Err(_) => {
            v.push("mode", "choose binary or structured", "请选择二进制或结构化模式");
            None
        }
    }
}

impl Server {
    /// Refuses with the aggregate's own reason where the webhook is not there or was removed.
    async fn known(&self, webhook: &WebhookId) -> Result<(), ServiceError> {
        use crate::domain::webhook::{Rejection, State};
        use platform::executor::ExecuteError;
        let (state, _) = self.webhook.load(&subject::webhook(webhook)).await?;
        match state {
            State::Active(_) | State::Paused(_) => Ok(()),
            State::Unknown => {
                Err(ExecuteError::Rejected(Rejection::UnknownWebhook(webhook.clone())).into())
            }
            State::Removed => {
                Err(ExecuteError::Rejected(Rejection::WebhookRemoved(webhook.clone())).into())
            }
        }
    }
}
