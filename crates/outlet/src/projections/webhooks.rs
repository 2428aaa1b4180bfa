//! The table `webhooks`, kept in memory too: there are few. Keyed by the webhook's id; its address and
//! secrets are in the vault.

use contracts::outlet::{WebhookEvent, WebhookRegistered};
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    auth::{Placement, ScopeColumn},
    log::Recorded,
    projection::Projection,
};

/// It sends.
pub const ACTIVE: &str = "active";
/// It does not send for now.
pub const PAUSED: &str = "paused";
/// It sends nothing any more.
pub const REMOVED: &str = "removed";

platform::row! {
    /// A webhook; the key is its id.
    pub struct WebhookRow in "webhooks" version 1 {
        /// How many events its history has.
        pub version: i64,
        /// `active`, `paused` or `removed`.
        pub status: String,
        /// The word of why it is paused; empty if it is not.
        pub pause_reason: String,
        /// The words of the events that are sent, with spaces between; empty for all.
        pub events: String,
        /// The word of how they are written.
        pub mode: String,
        /// The record of the address.
        pub target: String,
        /// The record of the secret.
        pub secret: String,
        /// The record of the secret before; empty if there is none.
        pub former: String,
        /// Until when that one signs too, in UTC milliseconds.
        pub former_until: i64,
        /// After which place in the log it begins, or begins again.
        pub start: i64,
        /// The version of the event that said so.
        pub start_version: i64,
        /// Its county.
        pub county: String,
        /// Its township.
        pub township: String,
        /// Its village.
        pub village: String,
        /// Always empty.
        pub grid: String,
        /// Always empty.
        pub org: String,
        /// Always empty.
        pub assignee: String,
        /// Always empty.
        pub reporter: String,
    }
    indexes ["township, id", "village, id"]
}

/// Fills the table.
pub struct Webhooks;

impl Projection for Webhooks {
    type Row = WebhookRow;
    type Event = WebhookEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<WebhookEvent>, DecodeError> {
        (event.category() == WebhookEvent::CATEGORY)
            .then(|| WebhookEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &WebhookEvent) -> Vec<String> {
        let webhook = match event {
            WebhookEvent::WebhookRegistered(event) => &event.webhook,
            WebhookEvent::WebhookSecretRotated(event) => &event.webhook,
            WebhookEvent::WebhookPaused(event) => &event.webhook,
            WebhookEvent::WebhookResumed(event) => &event.webhook,
            WebhookEvent::WebhookRemoved(event) => &event.webhook,
            WebhookEvent::WebhookReplayed(event) => &event.webhook,
        };
        vec![webhook.to_string()]
    }

    fn fold(
        &self,
        _: &str,
        row: Option<WebhookRow>,
        event: &WebhookEvent,
        recorded: &Recorded,
    ) -> Option<WebhookRow> {
        let version = number(recorded.meta.version);
        if let WebhookEvent::WebhookRegistered(event) = event {
            return Some(registered(event, version, number(recorded.meta.sequence)));
        }
        let row = WebhookRow { version, ..row? };
        Some(match event {
            WebhookEvent::WebhookRegistered(_) => row,
            WebhookEvent::WebhookSecretRotated(event) => WebhookRow {
                former: row.secret,
                former_until: event.former_until.0,
                secret: event.secret.to_string(),
                ..row
            },
            WebhookEvent::WebhookPaused(event) => WebhookRow {
                status: PAUSED.to_owned(),
                pause_reason: event.reason.to_string(),
                ..row
            },
            WebhookEvent::WebhookResumed(_) => {
                WebhookRow { status: ACTIVE.to_owned(), pause_reason: String::new(), ..row }
            }
            WebhookEvent::WebhookRemoved(_) => {
                WebhookRow { status: REMOVED.to_owned(), pause_reason: String::new(), ..row }
            }
            WebhookEvent::WebhookReplayed(event) => {
                let start = number(event.from.saturating_sub(1));
                WebhookRow { start, start_version: version, ..row }
            }
        })
    }
}

fn registered(event: &WebhookRegistered, version: i64, start: i64) -> WebhookRow {
    let placement = Placement::of_division(event.webhook.division());
    let column = |column| placement.column(column);
    let events: Vec<String> = event.events.iter().map(ToString::to_string).collect();
    WebhookRow {
        version,
        status: ACTIVE.to_owned(),
        pause_reason: String::new(),
        events: events.join(" "),
        mode: event.mode.to_string(),
        target: event.target.to_string(),
        secret: event.secret.to_string(),
        former: String::new(),
        former_until: 0,
        start,
        start_version: version,
        county: column(ScopeColumn::County),
        township: column(ScopeColumn::Township),
        village: column(ScopeColumn::Village),
        grid: String::new(),
        org: String::new(),
        assignee: String::new(),
        reporter: String::new(),
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
