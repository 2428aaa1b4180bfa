//! The way in where nobody has one yet: an enrolment link for the county's first security
//! administrator, printed at every start until one has an account.

use std::{convert::Infallible, time::Duration};

use api::access::v1::{
    CreateEnrolmentLinkRequest, CreateSignInLinkRequest, GetAccountRequest, ListAssignmentsRequest,
    Role as Word, access_service_client::AccessServiceClient,
};
use kernel::{Role, id::PersonId};
use platform::{
    auth::{Basis, Claims, Scope},
    executor::derived_key,
    grpc::{Bearer, connect_with},
    service::Context,
    suite::Suite,
};
use tonic::transport::Channel;

use crate::{
    client::{employ, refusal},
    output,
};

/// The name of the first person, until they are registered under their own.
const FIRST: &str = "安全管理员 security administrator";

/// How long the link can be used, in seconds.
const TTL: i64 = 30 * 60;

/// Prints a link by which the county's first security administrator sets up an account, once the suite
/// is ready, unless one has an account already. Who has it registers the others and gives them their
/// roles.
pub(crate) fn greet(suite: &Suite) {
    let context = suite.context().clone();
    let (grpc, url) = (suite.grpc_url(), suite.url());
    let lifecycle = context.lifecycle.clone();
    lifecycle.spawn("first enrolment link", async move {
        if context.lifecycle.ready().await {
            match first_link(&context, &grpc, &url).await {
                Ok(Some(link)) => output::note(&format!(
                    "nobody can sign in yet: set up the security administrator's account within 30 minutes, once: {link}"
                )),
                Ok(None) => {}
                Err(error) => output::error(&output::chain(&error)),
            }
        }
        Ok::<(), Infallible>(())
    });
}

async fn first_link(context: &Context, grpc: &str, url: &str) -> anyhow::Result<Option<String>> {
    let county = context.county;
    let claims = Claims {
        person: PersonId::new(county, derived_key(&[b"cli", b"security_administrator"])),
        role: Role::SecurityAdministrator,
        scope: Scope::Division(county),
        ttl: Duration::from_mins(5),
        basis: Basis { token_id: Some("cli-first-start".to_owned()), ..Basis::default() },
    };
    let now = context.clock.now();
    let bearer = Bearer::new(&context.issuer.issue(&claims, now)?)?;
    let channel = connect_with(grpc, &context.trust).await?;
    if somebody_has_an_account(channel.clone(), bearer.clone()).await? {
        return Ok(None);
    }
    let mut first = CreateSignInLinkRequest {
        // The same at every start: the same person.
        request_id: "first-start".to_owned(),
        role: Word::SecurityAdministrator.into(),
        division: county.to_string(),
        ..CreateSignInLinkRequest::default()
    };
    employ(channel.clone(), bearer.clone(), FIRST, &mut first).await?;
    let request = CreateEnrolmentLinkRequest {
        request_id: format!("first-start-{}", now.0),
        person_id: first.person_id,
        ttl_seconds: TTL,
    };
    enrolment_link(channel, bearer, request, url).await.map(Some)
}

async fn somebody_has_an_account(channel: Channel, bearer: Bearer) -> anyhow::Result<bool> {
    let mut access = AccessServiceClient::with_interceptor(channel, bearer);
    let refused = |status: tonic::Status| anyhow::anyhow!(refusal(&status));
    let asked = ListAssignmentsRequest {
        page_size: 1_000,
        role: Word::SecurityAdministrator.into(),
        ..ListAssignmentsRequest::default()
    };
    let found = access.list_assignments(asked).await.map_err(refused)?.into_inner();
    for assignment in found.assignments.into_iter().filter(|assignment| !assignment.revoked) {
        let asked = GetAccountRequest { person_id: assignment.person_id };
        if access.get_account(asked).await.map_err(refused)?.into_inner().open {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Has a suite make an enrolment link, and answers with the whole of it.
pub(crate) async fn enrolment_link(
    channel: Channel,
    bearer: Bearer,
    request: CreateEnrolmentLinkRequest,
    url: &str,
) -> anyhow::Result<String> {
    let mut access = AccessServiceClient::with_interceptor(channel, bearer);
    let made = access.create_enrolment_link(request).await;
    let made = made.map_err(|status| anyhow::anyhow!(refusal(&status)))?.into_inner();
    Ok(format!("{}/enrol/{}", url.trim_end_matches('/'), made.code))
}
