//! The section `gateway` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

/// The settings of the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long a page waits for a service, in milliseconds.
    pub call_limit_ms: u64,
    /// How long names are shown before they are asked for again, in seconds.
    pub names_seconds: u32,
    /// Live streams of this process, at the most.
    pub max_streams: usize,
    /// Live streams of one person, at the most.
    pub max_streams_per_person: usize,
    /// Where residents reach the pages, such as `https://county.example`: what QR codes carry. Empty
    /// for the address that a page was asked for at.
    pub public_url: String,
    /// Reports from one address, a minute.
    pub reports_per_minute: u32,
    /// Reports from one address that may come at once.
    pub reports_at_once: u32,
    /// Photos from one address, a minute.
    pub photos_per_minute: u32,
    /// Tracking codes that one address may try, a minute.
    pub lookups_per_minute: u32,
    /// How often one address may try to sign in, a minute.
    pub sign_ins_per_minute: u32,
    /// Whether the sign-in offers the issuer that `[access.oidc]` names.
    pub single_sign_on: bool,
    /// Service → `http://host:port`; what is not named is served by this process.
    #[serde(default)]
    pub endpoints: BTreeMap<String, String>,
}

impl Config {
    /// How long a page waits for a service.
    pub const fn call_limit(&self) -> Duration {
        Duration::from_millis(self.call_limit_ms)
    }
}
