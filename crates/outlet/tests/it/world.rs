//! The outlet with somebody who receives, and those who may say where to.

use std::time::Duration;

use api::outlet::v1::{
    Delivery, ListDeliveriesRequest, ListWebhooksRequest, PublicName, RegisterWebhookRequest,
    Webhook, outlet_service_client::OutletServiceClient,
};
use kernel::Role;
use platform::{auth::scope::ScopeParts, grpc::Bearer, service::Service};
use testkit::{Db, Suite, until};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::{ground, receiver::Receiver};

pub(crate) type Client = OutletServiceClient<InterceptedService<Channel, Bearer>>;

pub(crate) const TOWNSHIP: &str = "620821101";
pub(crate) const VILLAGE: &str = "620821101203";
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const OTHER_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(crate) struct World {
    pub(crate) suite: Suite,
    pub(crate) receiver: Receiver,
}

/// The service with other settings: `key = value` each, in place of the default.
pub(crate) fn service(settings: &[(&str, &str)]) -> Service {
    let service = outlet::service();
    let changed = service.defaults.lines().map(|line| {
        let key = line.split(" = ").next().unwrap_or_default();
        let found = settings.iter().find(|(name, _)| *name == key);
        found.map_or_else(|| line.to_owned(), |(name, value)| format!("{name} = {value}"))
    });
    let defaults = changed.collect::<Vec<_>>().join("\n").leak();
    Service { defaults, ..service }
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        Self::with(db, &[]).await
    }

    /// With some settings of its own beside those that let a webhook lead to this host.
    pub(crate) async fn with(db: Db, settings: &[(&str, &str)]) -> Self {
        let here = [
            ("webhook_allow", r#"["127.0.0.1"]"#),
            ("webhook_plain_http", "true"),
            ("webhook_limit_ms", "1000"),
        ];
        let suite = Suite::start(vec![service(&[&here, settings].concat())], db).await;
        ground::define(&suite, ground::LAMP, false).await;
        ground::define(&suite, ground::QUARREL, true).await;
        Self { suite, receiver: Receiver::start(None) }
    }

    pub(crate) fn client(&self, role: Role, division: &str) -> Client {
        let division = division.parse().ok();
        let bearer = self.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() });
        OutletServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    pub(crate) fn security(&self) -> Client {
        self.client(Role::SecurityAdministrator, "620821")
    }

    /// Registers a webhook to the receiver, for these events, and gives its id.
    pub(crate) async fn register(&self, events: &[PublicName]) -> String {
        let request = request("r1", &self.receiver.url(), events);
        let answer = self.security().register_webhook(request).await.unwrap().into_inner();
        // It begins after its own place in the log, whenever the table has it.
        let position = answer.position;
        let seen = ListWebhooksRequest { min_position: position, ..ListWebhooksRequest::default() };
        self.security().list_webhooks(seen).await.unwrap();
        answer.webhook_id
    }

    /// Reports cases in the township.
    pub(crate) async fn report(&self, from: u32, count: u32) {
        ground::report(&self.suite, VILLAGE, from, count).await;
    }

    /// Waits until so many requests came.
    pub(crate) async fn arrived(&self, count: usize) {
        until("requests arrive", || async { self.receiver.got().len() >= count }).await;
    }

    /// Waits until a webhook has nothing to do.
    pub(crate) async fn idle(&self, id: &str) {
        self.suite.settled().await;
        until("nothing is behind", || async { self.webhook(id).await.behind == 0 }).await;
    }

    /// Moves the clock until something holds: each move ends a wait.
    pub(crate) async fn wait_out<F: Future<Output = bool>>(
        &self,
        step: Duration,
        what: &str,
        holds: impl Fn() -> F,
    ) {
        for _ in 0..600 {
            if holds().await {
                return;
            }
            self.suite.clock().advance(step);
            tokio::time::timeout(Duration::from_millis(50), std::future::pending::<()>())
                .await
                .unwrap_err();
        }
        unreachable!("{what} does not come");
    }

    pub(crate) async fn webhooks(&self) -> Vec<Webhook> {
        let all = self.security().list_webhooks(ListWebhooksRequest::default()).await;
        all.unwrap().into_inner().webhooks
    }

    pub(crate) async fn webhook(&self, id: &str) -> Webhook {
        let all = self.webhooks().await;
        all.into_iter().find(|webhook| webhook.webhook_id == id).unwrap()
    }

    pub(crate) async fn deliveries(&self, abandoned_only: bool) -> Vec<Delivery> {
        let request = ListDeliveriesRequest { abandoned_only, ..ListDeliveriesRequest::default() };
        self.security().list_deliveries(request).await.unwrap().into_inner().deliveries
    }
}

pub(crate) fn request(id: &str, url: &str, events: &[PublicName]) -> RegisterWebhookRequest {
    RegisterWebhookRequest {
        request_id: id.to_owned(),
        url: url.to_owned(),
        division: TOWNSHIP.to_owned(),
        events: events.iter().map(|name| (*name).into()).collect(),
        secret: SECRET.to_owned(),
        mode: 0,
    }
}
