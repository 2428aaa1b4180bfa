//! `weft token service`: tokens of portals and other services, for named methods of one division.

use api::access::v1::{
    CreateServiceTokenRequest, ListServiceTokensRequest, RevokeServiceTokenRequest,
    RotateServiceTokenRequest, ServiceToken, access_service_client::AccessServiceClient,
};
use kernel::{Clock as _, Role, Timestamp};

use super::duration;
use crate::{
    cli::{ServiceTokens, SuiteArgs},
    client::{Authorised, acting, refusal},
    clock::SystemClock,
    output,
};

pub(super) async fn run(what: ServiceTokens) -> anyhow::Result<()> {
    match what {
        ServiceTokens::Create { name, division, methods, ttl, suite } => {
            let request = CreateServiceTokenRequest {
                request_id: request_id(),
                name,
                division,
                methods,
                ttl_seconds: i64::try_from(duration("--ttl", &ttl)?.as_secs())?,
            };
            let made = access(&suite).await?.create_service_token(request).await;
            let made = made.map_err(refused)?.into_inner();
            output::note(&format!("{} ends {}", made.service_token_id, day(made.expires_at)));
            output::line(&made.token);
        }
        ServiceTokens::Rotate { id, overlap, suite } => {
            let overlap_seconds = i64::try_from(duration("--overlap", &overlap)?.as_secs())?;
            let request = RotateServiceTokenRequest {
                request_id: request_id(),
                service_token_id: id,
                overlap_seconds: Some(overlap_seconds),
            };
            let made = access(&suite).await?.rotate_service_token(request).await;
            let made = made.map_err(refused)?.into_inner();
            output::note(&format!(
                "the token before is taken until {}; this one ends {}",
                day(made.old_ends_at),
                day(made.expires_at)
            ));
            output::line(&made.token);
        }
        ServiceTokens::Revoke { id, suite } => {
            let request =
                RevokeServiceTokenRequest { request_id: request_id(), service_token_id: id };
            access(&suite).await?.revoke_service_token(request).await.map_err(refused)?;
        }
        ServiceTokens::List { suite } => {
            let mut access = access(&suite).await?;
            let mut page_token = String::new();
            loop {
                let request = ListServiceTokensRequest { page_token, ..Default::default() };
                let page = access.list_service_tokens(request).await.map_err(refused)?.into_inner();
                page.service_tokens.iter().for_each(show);
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
        }
    }
    Ok(())
}

async fn access(suite: &SuiteArgs) -> anyhow::Result<AccessServiceClient<Authorised>> {
    let (channel, bearer) = acting(suite, Role::SecurityAdministrator).await?;
    Ok(AccessServiceClient::with_interceptor(channel, bearer))
}

fn show(token: &ServiceToken) {
    let state = if token.revoked { "revoked".to_owned() } else { day(token.expires_at) };
    output::line(&format!(
        "{}  {}  {state}  {}",
        token.service_token_id,
        token.division,
        token.methods.join(",")
    ));
}

fn day(millis: i64) -> String {
    Timestamp(millis).to_rfc3339()
}

fn request_id() -> String {
    format!("cli-{}-{}", SystemClock.now().0, std::process::id())
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn refused(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!(refusal(&status))
}
