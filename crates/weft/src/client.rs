//! How the command line reaches a suite: a channel, and tokens signed with the keys of its data
//! folder.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};
use api::access::v1::{CreateSignInLinkRequest, access_service_client::AccessServiceClient};
use kernel::{Clock as _, Division, Role, id::PersonId};
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
        let claims = Claims { person: person.clone(), role, scope, ttl, basis: Basis::default() };
        Ok(self.issuer.issue(&claims, SystemClock.now())?)
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
    let bearer = if let Some(token) = &suite.token {
        Bearer::new(token)?
    } else {
        let signer = Signer::of(&suite.settings)?;
        let scope = ScopeParts { division: Some(signer.county()), ..ScopeParts::default() };
        signer.bearer(&signer.person("administrator"), Role::Administrator, scope)?
    };
    Ok((connect(&suite.grpc, &suite.settings).await?, bearer))
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
