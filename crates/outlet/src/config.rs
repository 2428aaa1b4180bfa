//! The section `outlet` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use platform::{
    http::{Cidr, post::PostSettings},
    publication::PublicationSettings,
    service::StartError,
};
use serde::Deserialize;

use crate::webhooks::Schedule;

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
    /// How often an event is sent to a webhook before it is given up.
    pub webhook_attempts: u32,
    /// How long the first wait after a failure is, in milliseconds; each next is twice as long.
    pub webhook_first_wait_ms: u32,
    /// How long a wait is at most, in milliseconds.
    pub webhook_longest_wait_ms: u32,
    /// How long a request may take, in milliseconds.
    pub webhook_limit_ms: u32,
    /// Blocks of addresses to which webhooks may lead although they are not public.
    pub webhook_allow: Vec<Cidr>,
    /// A file of certificate authorities; those of the system if it is empty.
    pub webhook_ca_file: PathBuf,
    /// Whether plain HTTP is allowed to this host itself, which must stand in `webhook_allow` too.
    pub webhook_plain_http: bool,
    /// How often it is entered what was delivered, in seconds.
    pub record_every_s: u32,
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
        if self.webhook_attempts == 0 || self.webhook_limit_ms == 0 || self.record_every_s == 0 {
            return Err(StartError::Other(
                "outlet.webhook_attempts, webhook_limit_ms and record_every_s are at least 1"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    /// How failures of webhooks are met.
    pub(crate) const fn schedule(&self) -> Schedule {
        Schedule {
            attempts: self.webhook_attempts,
            first_wait_ms: self.webhook_first_wait_ms,
            longest_wait_ms: self.webhook_longest_wait_ms,
        }
    }

    /// To what webhooks may lead.
    pub fn post(&self) -> PostSettings {
        let ca_file = self.webhook_ca_file.clone();
        PostSettings {
            allow: self.webhook_allow.clone(),
            plain_http: self.webhook_plain_http,
            ca_file: (!ca_file.as_os_str().is_empty()).then_some(ca_file),
            limit: Duration::from_millis(self.webhook_limit_ms.into()),
        }
    }

    /// How the public stream is made.
    pub fn publication(&self) -> PublicationSettings {
        let hours = u64::from(self.max_age_days) * 24;
        PublicationSettings { max_bytes: self.max_bytes, max_age: Duration::from_hours(hours) }
    }
}
