//! The section `[dispatch.notifications]`: the ways on which notifications leave the house.

use std::{path::PathBuf, time::Duration};

use platform::{
    http::{Cidr, post::PostSettings, schedule::Schedule},
    service::StartError,
};
use serde::Deserialize;

/// How notifications leave the house.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationsSection {
    /// How mails go.
    pub mail: MailWay,
    /// How what goes to telephones goes.
    pub gateway: GatewayWay,
    /// How often a letter is tried before it is given up.
    pub attempts: u32,
    /// How long the first wait after a failure is, in milliseconds; each next is twice as long.
    pub first_wait_ms: u32,
    /// How long a wait is at most, in milliseconds.
    pub longest_wait_ms: u32,
    /// The server for mails.
    pub smtp: SmtpSection,
    /// The gateway.
    pub webhook: WebhookSection,
}

/// How mails go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailWay {
    /// Nowhere: it is said in the program's own log.
    #[default]
    Log,
    /// To the server.
    Smtp,
}

/// How what goes to telephones goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayWay {
    /// Nowhere: it is said in the program's own log.
    #[default]
    Log,
    /// To the gateway.
    Webhook,
}

/// When a connection to the server for mails is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// From the beginning.
    #[default]
    Implicit,
    /// From STARTTLS on, without which nothing is sent.
    Starttls,
    /// Never: to this host only.
    None,
}

/// The server for mails.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSection {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When the connection is encrypted.
    pub tls: MailTls,
    /// As whom; empty for nobody.
    pub user: String,
    /// A file with the password.
    pub password_file: PathBuf,
    /// From which address.
    pub from: String,
    /// How long a step may take, in milliseconds.
    pub limit_ms: u32,
}

/// The gateway.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSection {
    /// Its address.
    pub url: String,
    /// A file with the secret with which requests are signed: `whsec_` and the base64 of 24 to 64 bytes.
    pub secret_file: PathBuf,
    /// Blocks of addresses to which it may lead although they are not public.
    pub allow: Vec<Cidr>,
    /// A file of certificate authorities; those of the system if it is empty.
    pub ca_file: PathBuf,
    /// Whether plain HTTP is allowed to this host itself, which must stand in `allow` too.
    pub plain_http: bool,
    /// How long a request may take, in milliseconds.
    pub limit_ms: u32,
}

impl NotificationsSection {
    /// How failures are met.
    pub fn schedule(&self) -> Result<Schedule, StartError> {
        if self.attempts == 0 {
            return Err(StartError::Other(
                "dispatch.notifications.attempts is 0: nothing would be sent; write at least 1"
                    .to_owned(),
            ));
        }
        Ok(Schedule {
            attempts: self.attempts,
            first_wait_ms: self.first_wait_ms,
            longest_wait_ms: self.longest_wait_ms,
        })
    }
}

impl WebhookSection {
    /// To what requests may lead.
    pub fn post(&self) -> PostSettings {
        let ca_file = self.ca_file.clone();
        PostSettings {
            allow: self.allow.clone(),
            plain_http: self.plain_http,
            ca_file: (!ca_file.as_os_str().is_empty()).then_some(ca_file),
            limit: Duration::from_millis(self.limit_ms.into()),
        }
    }
}
