//! The section `outlet` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use std::{num::NonZeroUsize, time::Duration};

use platform::{publication::PublicationSettings, service::StartError};
use serde::Deserialize;

/// The settings of the outlet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Days that the public stream holds an event, at least 1.
    pub max_age_days: u32,
    /// Bytes that the public stream holds, at least 1 MiB.
    pub max_bytes: i64,
    /// Of how many cases and orders is remembered whether they are confidential.
    pub remembered: NonZeroUsize,
}

impl Config {
    /// The settings, if they make sense together.
    pub fn checked(self) -> Result<Self, StartError> {
        if self.max_age_days == 0 {
            return Err(StartError::Other(
                "outlet.max_age_days is 0: nobody could read anything; write at least 1".to_owned(),
            ));
        }
        if self.max_bytes < 1 << 20 {
            return Err(StartError::Other(
                "outlet.max_bytes is too small for the public stream; write at least 1048576"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    /// How the public stream is made.
    pub fn publication(&self) -> PublicationSettings {
        let hours = u64::from(self.max_age_days) * 24;
        PublicationSettings { max_bytes: self.max_bytes, max_age: Duration::from_hours(hours) }
    }
}
