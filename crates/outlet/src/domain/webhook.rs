//! A webhook: where the public events of a division are sent.

mod rejection;

use contracts::outlet::{
    BodyMode, PauseReason, PublicName, WebhookEvent, WebhookPaused, WebhookRegistered,
    WebhookRemoved, WebhookReplayed, WebhookResumed, WebhookSecretRotated,
};
use kernel::{
    Aggregate, Timestamp,
    id::{RecordId, WebhookId},
};

pub use rejection::Rejection;

/// The aggregate.
pub struct Webhook;

/// How a webhook stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has registered it.
    #[default]
    Unknown,
    /// It sends, signed with the secret of this record.
    Active(RecordId),
    /// It does not send for now.
    Paused(RecordId),
    /// It sends nothing any more.
    Removed,
}

/// What may be asked of a webhook.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin to send.
    RegisterWebhook {
        /// The webhook.
        webhook: WebhookId,
        /// Which events; all if none.
        events: Vec<PublicName>,
        /// How they are written.
        mode: BodyMode,
        /// Where the address is.
        target: RecordId,
        /// Where the secret is.
        secret: RecordId,
        /// Now.
        at: Timestamp,
    },
    /// Sign with another secret.
    RotateWebhookSecret {
        /// The webhook.
        webhook: WebhookId,
        /// Where the secret is.
        secret: RecordId,
        /// For how long the one before signs too, in milliseconds.
        overlap_ms: i64,
        /// Now.
        at: Timestamp,
    },
    /// Send nothing for now.
    PauseWebhook {
        /// The webhook.
        webhook: WebhookId,
        /// Why.
        reason: PauseReason,
        /// Now.
        at: Timestamp,
    },
    /// Go on.
    ResumeWebhook {
        /// The webhook.
        webhook: WebhookId,
        /// Now.
        at: Timestamp,
    },
    /// Send nothing any more.
    RemoveWebhook {
        /// The webhook.
        webhook: WebhookId,
        /// Now.
        at: Timestamp,
    },
    /// Send again from a place in the log on.
    ReplayWebhook {
        /// The webhook.
        webhook: WebhookId,
        /// The place.
        from: u64,
        /// Now.
        at: Timestamp,
    },
}

impl Aggregate for Webhook {
    const CATEGORY: &'static str = WebhookEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = WebhookEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<WebhookEvent>, Rejection> {
        use Command::{
            PauseWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, ResumeWebhook,
            RotateWebhookSecret,
        };
        use State::{Active, Paused, Removed, Unknown};
        match (state, command) {
            (Unknown, RegisterWebhook { webhook, events, mode, target, secret, at }) => {
                let occurred_at = at;
                let registered =
                    WebhookRegistered { occurred_at, webhook, events, mode, target, secret };
                Ok(vec![registered.into()])
            }
            (Active(known) | Paused(known), RotateWebhookSecret { secret, .. })
                if *known == secret =>
            {
                Ok(vec![])
            }
            (Active(_) | Paused(_), RotateWebhookSecret { webhook, secret, overlap_ms, at }) => {
                let former_until = at.plus_millis(overlap_ms);
                let occurred_at = at;
                Ok(vec![WebhookSecretRotated { occurred_at, webhook, secret, former_until }.into()])
            }
            (Active(_), PauseWebhook { webhook, reason, at }) => {
                Ok(vec![WebhookPaused { occurred_at: at, webhook, reason }.into()])
            }
            (Paused(_), ResumeWebhook { webhook, at }) => {
                Ok(vec![WebhookResumed { occurred_at: at, webhook }.into()])
            }
            (Active(_) | Paused(_), RemoveWebhook { webhook, at }) => {
                Ok(vec![WebhookRemoved { occurred_at: at, webhook }.into()])
            }
            (Active(_) | Paused(_), ReplayWebhook { webhook, from, at }) => {
                Ok(vec![WebhookReplayed { occurred_at: at, webhook, from }.into()])
            }
            (Active(_) | Paused(_), RegisterWebhook { .. })
            | (Active(_), ResumeWebhook { .. })
            | (Paused(_), PauseWebhook { .. })
            | (Removed, RemoveWebhook { .. }) => Ok(vec![]),

            (
                Unknown,
                RotateWebhookSecret { webhook, .. }
                | PauseWebhook { webhook, .. }
                | ResumeWebhook { webhook, .. }
                | RemoveWebhook { webhook, .. }
                | ReplayWebhook { webhook, .. },
            ) => Err(Rejection::UnknownWebhook(webhook)),
            (
                Removed,
                RegisterWebhook { webhook, .. }
                | RotateWebhookSecret { webhook, .. }
                | PauseWebhook { webhook, .. }
                | ResumeWebhook { webhook, .. }
                | ReplayWebhook { webhook, .. },
            ) => Err(Rejection::WebhookRemoved(webhook)),
        }
    }

    fn evolve(state: State, event: &WebhookEvent) -> State {
        use State::{Active, Paused, Removed, Unknown};
        match (state, event) {
            (_, WebhookEvent::WebhookRegistered(event)) => Active(event.secret.clone()),
            (Active(_), WebhookEvent::WebhookSecretRotated(event)) => Active(event.secret.clone()),
            (Paused(_), WebhookEvent::WebhookSecretRotated(event)) => Paused(event.secret.clone()),
            (Active(secret), WebhookEvent::WebhookPaused(_)) => Paused(secret),
            (Paused(secret), WebhookEvent::WebhookResumed(_)) => Active(secret),
            (Active(_) | Paused(_), WebhookEvent::WebhookRemoved(_)) => Removed,
            (
                state @ (Unknown | Active(_) | Paused(_) | Removed),
                WebhookEvent::WebhookSecretRotated(_)
                | WebhookEvent::WebhookPaused(_)
                | WebhookEvent::WebhookResumed(_)
                | WebhookEvent::WebhookRemoved(_)
                | WebhookEvent::WebhookReplayed(_),
            ) => state,
        }
    }
}

#[cfg(test)]
mod tests;
