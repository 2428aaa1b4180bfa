//! `weft up` and `weft serve`: run services until a signal.

use std::{convert::Infallible, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use api::access::v1::{CreateSignInLinkRequest, Role as Word};
use kernel::{Role, id::PersonId};
use platform::{
    auth::{Basis, Claims, Revocations, Scope, key},
    executor::derived_key,
    grpc::{Bearer, connect_with},
    nats_server::Supervisor,
    service::Context,
    suite::{Suite, SuiteOptions},
    telemetry,
};

use crate::{
    cli::RunArgs,
    client::{configuration, employ, sign_in_link},
    clock::SystemClock,
    output, services,
};

/// The name of the first person, until they are registered under their own.
const FIRST: &str = "安全管理员 security administrator";

/// A suite that was just started.
pub(crate) struct Started {
    /// The suite.
    pub(crate) suite: Suite,
    /// Sends what is left of the traces when it is shut down.
    pub(crate) guard: telemetry::Guard,
    /// Whether nothing had ever run on its folder.
    pub(crate) is_first: bool,
}

pub(super) async fn run(names: &[String], options: &RunArgs) -> anyhow::Result<ExitCode> {
    let Started { suite, guard, is_first } = Box::pin(start(names, options)).await?;
    if is_first {
        greet(&suite);
    }
    let outcome = suite.run_until_stopped().await;
    guard.shutdown().await;
    Ok(ExitCode::from(outcome.code()))
}

/// Starts the services of these names, or all, and says where they serve.
pub(crate) async fn start(names: &[String], options: &RunArgs) -> anyhow::Result<Started> {
    let services = services::chosen(names)?;
    let mut settings = options.settings.clone();
    if !options.behind_proxy.is_empty() {
        settings.set.push(format!("http.behind_proxy={:?}", options.behind_proxy));
    }
    let (config, figment) = configuration(
        &settings,
        &[
            ("http.listen", options.http.as_deref()),
            ("grpc.listen", options.grpc.as_deref()),
            ("nats.url", options.nats.as_deref()),
        ],
    )?;
    let guard = telemetry::init(&config.telemetry)?;
    let supervisor = Supervisor {
        exe: std::env::current_exe().context("the path of this program is not known")?,
        args: vec!["nats-child".to_owned()],
    };
    let data = config.data_dir.display().to_string();
    // Whoever starts everything on an empty folder must get in somehow, and there is no password.
    let is_first = names.is_empty() && !config.data_dir.join("keys").join(key::FILE).exists();
    let starting = Suite::start(SuiteOptions {
        config,
        figment,
        services,
        descriptors: api::DESCRIPTORS,
        clock: Arc::new(SystemClock),
        supervisor: Some(supervisor),
        revocations: Revocations {
            categories: contracts::revocation::CATEGORIES,
            of: contracts::revocation::of,
        },
    });
    let suite = Box::pin(starting).await?;
    output::note(&format!(
        "weft serves gRPC on {} and {}; everything that lasts is in {data}; Ctrl-C stops it",
        suite.grpc(),
        suite.url()
    ));
    Ok(Started { suite, guard, is_first })
}

/// Prints a link that makes whoever opens it first the county's security administrator, who registers
/// the others and gives them their roles, once the suite is ready.
fn greet(suite: &Suite) {
    let context = suite.context().clone();
    let (grpc, url) = (suite.grpc_url(), suite.url());
    let lifecycle = context.lifecycle.clone();
    lifecycle.spawn("first sign-in link", async move {
        if context.lifecycle.ready().await {
            match first_link(&context, &grpc, &url).await {
                Ok(link) => output::note(&format!("sign in within 30 minutes, once: {link}")),
                Err(error) => output::error(&output::chain(&error)),
            }
        }
        Ok::<(), Infallible>(())
    });
}

async fn first_link(context: &Context, grpc: &str, url: &str) -> anyhow::Result<String> {
    let county = context.county;
    let named = |name: &str| PersonId::new(county, derived_key(&[b"cli", name.as_bytes()]));
    let claims = Claims {
        person: named("security_administrator"),
        role: Role::SecurityAdministrator,
        scope: Scope::Division(county),
        ttl: Duration::from_mins(5),
        basis: Basis { token_id: Some("cli-first-start".to_owned()), ..Basis::default() },
    };
    let bearer = Bearer::new(&context.issuer.issue(&claims, context.clock.now())?)?;
    let mut request = CreateSignInLinkRequest {
        request_id: "first-start".to_owned(),
        role: Word::SecurityAdministrator.into(),
        division: county.to_string(),
        ttl_seconds: 30 * 60,
        ..CreateSignInLinkRequest::default()
    };
    let channel = connect_with(grpc, &context.trust).await?;
    employ(channel.clone(), bearer.clone(), FIRST, &mut request).await?;
    sign_in_link(channel, bearer, request, url).await
}
