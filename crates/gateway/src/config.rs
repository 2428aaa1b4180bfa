//! The section `gateway` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The settings of the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Live streams of this process, at the most.
    pub max_streams: usize,
    /// Live streams of one person, at the most.
    pub max_streams_per_person: usize,
    /// Service → `http://host:port`; what is not named is served by this process.
    #[serde(default)]
    pub endpoints: BTreeMap<String, String>,
}
