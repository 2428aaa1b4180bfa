//! All webhooks, wherever the lease is won.

use std::{collections::HashSet, time::Duration};

use futures::{StreamExt as _, stream::FuturesUnordered};
use kernel::id::WebhookId;
use platform::{
    executor::Executor,
    http::post::Poster,
    process::CarryOutError,
    projection::View,
    publication::{Publication, PublicationError},
    service::Context,
    vault::VaultError,
};
use tokio::sync::watch;

use super::{
    CursorError, Cursors, Schedule,
    courier::{Courier, Next},
    standing,
};
use crate::{
    domain::{deliveries::Deliveries, webhook::Webhook},
    projections::{
        deliveries::DeliveryRow,
        webhooks::{REMOVED, WebhookRow},
    },
};

/// Under which name the lease is held, and commands are caused.
pub(crate) const NAME: &str = "outlet.webhooks";

/// How often it is looked for what is new.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often `weft status` is told.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// How long after an error the next try begins.
const PAUSE: Duration = Duration::from_secs(1);

/// What couriers stand on.
#[derive(Clone)]
pub(crate) struct Couriers {
    pub(crate) context: Context,
    pub(crate) publication: Publication,
    pub(crate) cursors: Cursors,
    pub(crate) poster: Poster,
    pub(crate) schedule: Schedule,
    pub(crate) record_every_ms: i64,
    pub(crate) webhooks: View<WebhookRow>,
    pub(crate) entries: View<DeliveryRow>,
    pub(crate) webhook: Executor<Webhook>,
    pub(crate) deliveries: Executor<Deliveries>,
    /// The end of the public stream as it was a moment ago.
    pub(crate) head: watch::Sender<u64>,
}

/// What keeps a courier from going on for now.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The public stream.
    #[error(transparent)]
    Publication(#[from] PublicationError),
    /// How far it is.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The address and the secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The log.
    #[error(transparent)]
    Log(#[from] CarryOutError),
}

impl Couriers {
    /// Sends whenever the lease is held, until the stop.
    pub(crate) async fn run(self) -> Result<(), std::convert::Infallible> {
        let stop = self.context.lifecycle.soft_token();
        self.context.leases.hold(NAME, &stop, || self.send()).await;
        Ok(())
    }

    /// Says in `weft status` how the door is, whoever holds the lease.
    pub(crate) async fn report(self) -> Result<(), std::convert::Infallible> {
        let stop = self.context.lifecycle.soft_token();
        while !stop.is_cancelled() {
            let Self { publication, cursors, webhooks, entries, .. } = &self;
            let notes = standing::notes(publication, cursors, webhooks, entries).await;
            self.context.running.tell(crate::SERVICE, notes);
            let _stopping = tokio::time::timeout(REPORT_EVERY, stop.cancelled()).await;
        }
        Ok(())
    }

    /// A courier for each webhook that there is, and for each that comes.
    async fn send(&self) {
        let mut under_way = FuturesUnordered::new();
        let mut known = HashSet::new();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                _ = look.tick() => {
                    if let Ok(last) = self.publication.last().await {
                        self.head.send_replace(last);
                    }
                    let here = |(id, row): (&String, &WebhookRow)| {
                        (row.status != REMOVED).then(|| id.clone())
                    };
                    let ids: Vec<String> =
                        self.webhooks.cached(|rows| rows.iter().filter_map(here).collect());
                    for id in ids {
                        if known.insert(id.clone()) && let Ok(id) = id.parse() {
                            under_way.push(self.one(id));
                        }
                    }
                }
                Some(()) = under_way.next() => {}
            }
        }
    }

    async fn one(&self, id: WebhookId) {
        loop {
            match self.courier(&id).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(webhook = %id, error = crate::chain(&error), "will go on");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn courier(&self, id: &WebhookId) -> Result<(), Error> {
        let cursor = self.cursors.peek(&id.to_string()).await?.unwrap_or_default();
        let mut courier =
            Courier { all: self, id: id.clone(), cursor, placed: false, ahead: false };
        let mut head = self.head.subscribe();
        loop {
            match courier.step().await? {
                Next::Go => {}
                Next::Wait => {
                    // What is published, or a moment: a row may have changed, or a wait be over.
                    let _woken = tokio::time::timeout(LOOK_EVERY, head.changed()).await;
                }
                Next::End => return Ok(()),
            }
        }
    }

    /// A webhook's row.
    pub(super) fn row(&self, id: &str) -> Option<WebhookRow> {
        self.webhooks.cached(|rows| rows.get(id).cloned())
    }

    /// The end of the public stream as it was a moment ago.
    pub(super) fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// What a record of the vault says; none if it is not there any more.
    pub(super) async fn text(&self, record: &str) -> Result<Option<String>, Error> {
        match record.parse() {
            Ok(record) => Ok(self.context.vault.text(&record).await?),
            Err(_) => Ok(None),
        }
    }

    /// Waits until the table of webhooks is there.
    pub(super) async fn reached(&self, sequence: u64) {
        if let Err(behind) = self.webhooks.wait(sequence, Duration::from_secs(5)).await {
            tracing::debug!(%behind, "the table of webhooks");
        }
    }
}
