//! The ways on which notifications leave the house, behind one trait: noted in the program's own log
//! (the default), sent by mail, or posted to a gateway with a signature.
//!
//! | file | what |
//! |---|---|
//! | `adapters/gateway.rs` | a signed request to a gateway |
//! | `adapters/mail.rs` | a mail over SMTP |

mod gateway;
mod mail;

use std::{path::Path, sync::Arc};

use contracts::dispatch::notification::{NotificationChannel, SendFailure, Transition};
use futures::{FutureExt as _, future::BoxFuture};
use platform::{http::post::Poster, service::StartError};
use serde::{Deserialize, Serialize};

use crate::config::{GatewayWay, MailWay, NotificationsSection};

/// A letter on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The same for every try: by it the receiver knows what came before.
    pub id: String,
    /// Of what it tells.
    pub transition: Transition,
    /// The address on this way.
    pub to: String,
    /// What it says, in Chinese.
    pub zh: String,
    /// And in English.
    pub en: String,
    /// When it is sent, in seconds of UTC.
    pub seconds: i64,
}

/// A way out of the house.
pub trait Adapter: Send + Sync {
    /// Sends a letter once.
    fn send<'a>(&'a self, letter: &'a Outgoing) -> BoxFuture<'a, Result<(), SendFailure>>;
}

/// How somebody can be reached, as the vault keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// A mail address; empty for none.
    pub mail: String,
    /// A telephone; empty for none.
    pub phone: String,
}

/// The address of a contact on a way; none where it has none.
pub fn address(contact: &str, channel: NotificationChannel) -> Option<String> {
    let contact: Contact = serde_json::from_str(contact).ok()?;
    let address = match channel {
        NotificationChannel::Inbox => return None,
        NotificationChannel::Mail => contact.mail,
        NotificationChannel::Gateway => contact.phone,
    };
    Some(address).filter(|address| !address.is_empty())
}

/// The ways that are set up.
#[derive(Clone)]
pub struct Adapters {
    mail: Arc<dyn Adapter>,
    gateway: Arc<dyn Adapter>,
}

impl Adapters {
    /// Those that the configuration names.
    pub fn new(section: &NotificationsSection) -> Result<Self, StartError> {
        let mail: Arc<dyn Adapter> = match section.mail {
            MailWay::Log => Arc::new(Log),
            MailWay::Smtp => Arc::new(mail::Smtp::new(&section.smtp)?),
        };
        let gateway: Arc<dyn Adapter> = match section.gateway {
            GatewayWay::Log => Arc::new(Log),
            GatewayWay::Webhook => {
                let poster = Poster::new(section.webhook.post())
                    .map_err(|error| wrong("webhook", &error.to_string()))?;
                Arc::new(gateway::Gateway::new(poster, &section.webhook)?)
            }
        };
        Ok(Self { mail, gateway })
    }

    /// The adapter of a way.
    pub fn of(&self, channel: NotificationChannel) -> Result<&dyn Adapter, SendFailure> {
        match channel {
            NotificationChannel::Inbox => Err(SendFailure::NoAddress),
            NotificationChannel::Mail => Ok(&*self.mail),
            NotificationChannel::Gateway => Ok(&*self.gateway),
        }
    }
}

/// Nothing leaves: it is said in the program's own log that it would have, and never where to.
struct Log;

impl Adapter for Log {
    fn send<'a>(&'a self, letter: &'a Outgoing) -> BoxFuture<'a, Result<(), SendFailure>> {
        async move {
            let Outgoing { id, transition, .. } = letter;
            tracing::info!(id, %transition, "a notification; no way out of the house is set up");
            Ok(())
        }
        .boxed()
    }
}

fn wrong(section: &str, what: &str) -> StartError {
    StartError::Other(format!("dispatch.notifications.{section}: {what}"))
}

/// A secret of one line in a file.
fn secret(section: &str, path: &Path) -> Result<String, StartError> {
    let read = std::fs::read_to_string(path);
    let text = read.map_err(|error| wrong(section, &format!("{}: {error}", path.display())))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_its_way() {
        let contact = Contact { mail: "a@example.org".to_owned(), phone: String::new() };
        let contact = serde_json::to_string(&contact).unwrap();
        let of = |channel| address(&contact, channel);
        assert_eq!(of(NotificationChannel::Mail).as_deref(), Some("a@example.org"));
        assert_eq!(of(NotificationChannel::Gateway), None);
        assert_eq!(of(NotificationChannel::Inbox), None);
        assert_eq!(address("no json", NotificationChannel::Mail), None);
    }
}
