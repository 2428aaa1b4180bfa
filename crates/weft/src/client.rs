//! How the command line reaches a suite: a channel, and tokens signed with the keys of its data
//! folder.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};
use api::access::v1::{
    AssignRoleRequest, CreateSignInLinkRequest, RegisterPersonRequest,
    access_service_client::AccessServiceClient,
};
use kernel::{Clock as _, Division, GridCode, Role, id::PersonId};
use platform::{
    auth::{Basis, Claims, Issuer, Scope, scope::ScopeParts},
    config::{Config, LoadOptions},
    grpc::Bearer,
    wires::Trust,
};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::{
    cli::{Settings, SuiteArgs},
    clock::SystemClock,
    services,
};

/// A channel whose calls carry a token.
pub(crate) type Authorised = InterceptedService<Channel, Bearer>;

/// Reads the configuration that a command's arguments name.
pub(crate) fn configuration(
    settings: &Settings,
    more: &[(&str, Option<&str>)],
) -> anyhow::Result<(Config, platform::config::Figment)> {
    let mut set = settings.set.clone();
    if let Some(data) = &settings.data {
        set.push(format!("data_dir={:?}", data.display().to_string()));
    }
    for (key, value) in more {
        if let Some(value) = value {
            set.push(format!("{key}={value:?}"));
        }
    }
    let services = services::all();
    let defaults: Vec<(&str, &str)> =
        services.iter().map(|service| (service.name, service.defaults)).collect();
    let options = LoadOptions { file: settings.config.clone(), set, service_defaults: &defaults };
    Ok(Config::load(&options)?)
}

/// Signs tokens with the key of a data folder, as many as a command needs.
pub(crate) struct Signer {
    issuer: Issuer,
    county: Division,
}

impl Signer {
    /// The signer of a data folder. Refuses a folder in which no suite has ever run.
    pub(crate) fn of(settings: &Settings) -> anyhow::Result<Self> {
        let (config, _) = configuration(settings, &[])?;
        let keys = config.data_dir.join("keys");
        Ok(Self { issuer: issuer(&keys)?, county: config.county })
    }

    pub(crate) fn county(&self) -> Division {
        self.county
    }

    /// A person of the county by a name of the program's own.
    pub(crate) fn person(&self, name: &str) -> PersonId {
        PersonId::new(self.county, platform::executor::derived_key(&[b"cli", name.as_bytes()]))
    }

    pub(crate) fn token(
        &self,
        person: &PersonId,
        role: Role,
        scope: ScopeParts,
        ttl: Duration,
    ) -> anyhow::Result<String> {
        let scope = Scope::for_role(role, scope)?;
        let now = SystemClock.now();
        // Whoever reads the trail sees that no sign-in stands behind this token.
        let (made_at, made_by) = (now.0.to_be_bytes(), std::process::id().to_be_bytes());
        let number = platform::executor::derived_key(&[
            b"cli token",
            person.to_string().as_bytes(),
            &made_at,
            &made_by,
        ]);
        let basis = Basis { token_id: Some(format!("cli-{number}")), ..Basis::default() };
        let claims = Claims { person: person.clone(), role, scope, ttl, basis };
        Ok(self.issuer.issue(&claims, now)?)
    }

    pub(crate) fn bearer(
        &self,
        person: &PersonId,
        role: Role,
        scope: ScopeParts,
    ) -> anyhow::Result<Bearer> {
        let token = self.token(person, role, scope, Duration::from_hours(8))?;
        Ok(Bearer::new(&token)?)
    }
}

fn issuer(keys: &Path) -> anyhow::Result<Issuer> {
    if !keys.join(platform::auth::key::FILE).exists() {
        bail!(
            "{} has no keys: name the data folder of the suite with --data, or start it with `weft up`",
            keys.display()
        );
    }
    Ok(Issuer::load_or_create(keys)?)
}

/// Connects as an administrator of the county, or with the token that was given.
pub(crate) async fn administrator(suite: &SuiteArgs) -> anyhow::Result<(Channel, Bearer)> {
    acting(suite, Role::Administrator).await
}

/// Connects in one of the administrators' roles over the county, or with the token that was given.
pub(crate) async fn acting(suite: &SuiteArgs, role: Role) -> anyhow::Result<(Channel, Bearer)> {
    let bearer = if let Some(token) = &suite.token {
        Bearer::new(token)?
    } else {
        let signer = Signer::of(&suite.settings)?;
        let scope = ScopeParts { division: Some(signer.county()), ..ScopeParts::default() };
        signer.bearer(&signer.person(role.as_str()), role, scope)?
    };
    Ok((connect(&suite.grpc, &suite.settings).await?, bearer))
}

/// Registers a new person and gives them the role for which a link is asked; the link is then theirs.
pub(crate) async fn employ(
    channel: Channel,
    bearer: Bearer,
    name: &str,
    link: &mut CreateSignInLinkRequest,
) -> anyhow::Result<()> {
    let mut access = AccessServiceClient::with_interceptor(channel, bearer);
    let refused = |status: tonic::Status| anyhow::anyhow!(refusal(&status));
    let village: Option<GridCode> = link.grid.parse().ok();
    let place = match village {
        Some(grid) => grid.village().to_string(),
        None => link.division.clone(),
    };
    let register = RegisterPersonRequest {
        request_id: link.request_id.clone(),
        division: place,
        name: name.to_owned(),
        ..RegisterPersonRequest::default()
    };
    let registered = access.register_person(register).await.map_err(refused)?.into_inner();
    link.person_id = registered.person_id;
    let assign = AssignRoleRequest {
        // Both are commands on one person: the same id would be the same request.
        request_id: format!("{}-role", link.request_id),
        person_id: link.person_id.clone(),
        role: link.role,
        division: link.division.clone(),
        grid: link.grid.clone(),
        organisation_id: link.organisation_id.clone(),
        from: 0,
        until: 0,
    };
    access.assign_role(assign).await.map_err(refused)?;
    Ok(())
}

/// Has a suite make a sign-in link, and answers with the whole of it.
pub(crate) async fn sign_in_link(
    channel: Channel,
    bearer: Bearer,
    request: CreateSignInLinkRequest,
    url: &str,
) -> anyhow::Result<String> {
    let mut access = AccessServiceClient::with_interceptor(channel, bearer);
    let made = access.create_sign_in_link(request).await;
    let made = made.map_err(|status| anyhow::anyhow!(refusal(&status)))?.into_inner();
    Ok(format!("{}/sign-in/{}", url.trim_end_matches('/'), made.code))
}

/// Connects to a suite; at https:// its certificate is checked as the settings say. An address without
/// a scheme is spoken to as the settings have gRPC served.
pub(crate) async fn connect(grpc: &str, settings: &Settings) -> anyhow::Result<Channel> {
    let (config, _) = configuration(settings, &[])?;
    let url = if !grpc.contains("://") && config.grpc.is_secure() {
        format!("https://{grpc}")
    } else {
        grpc.to_owned()
    };
    platform::grpc::connect_with(&url, &Trust::of(&config))
        .await
        .with_context(|| format!("no suite answers at {grpc}; start one with `weft up`"))
}

/// The words of a refusal, for a person: the message in English with its reason and fields.
pub(crate) fn refusal(status: &tonic::Status) -> String {
    use platform::grpc::status::{message_of, reason_of, violations_of};
    let message = message_of(status, "en").unwrap_or_else(|| status.message().to_owned());
    let mut text = match reason_of(status) {
        Some(reason) => format!("{message} ({reason})"),
        None => format!("{message} ({:?})", status.code()),
    };
    for violation in violations_of(status) {
        text = format!("{text}; {}: {}", violation.field, violation.en);
    }
    text
}
