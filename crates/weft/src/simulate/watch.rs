//! What a command centre sees: the orders and cases as they change. Each case's player waits here for
//! what the platform does by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::{
    dispatch::v1::{
        ListWorkOrdersRequest, WatchWorkOrdersRequest, WorkOrder,
        dispatch_service_client::DispatchServiceClient,
    },
    intake::v1::{
        Case, CaseStatus, GetCaseRequest, WatchCasesRequest,
        intake_service_client::IntakeServiceClient,
    },
};
use tokio::sync::watch;

use super::{cast::Cast, retry::may_work_later};

/// How long a player waits for news before asking.
const ASK_AFTER: Duration = Duration::from_secs(2);

/// What is known of a case's order and state.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    pub(super) order: Option<WorkOrder>,
    pub(super) case: Option<Case>,
}

#[derive(Clone)]
pub(super) struct Watch {
    news: Arc<Mutex<HashMap<String, watch::Sender<News>>>>,
    cast: Arc<Cast>,
    broken: watch::Receiver<Option<String>>,
}

impl Watch {
    /// Starts to watch; the two streams are opened again whenever they break.
    pub(super) fn start(cast: &Arc<Cast>) -> anyhow::Result<Self> {
        let (broken, watching) = watch::channel(None);
        let watch = Self { news: Arc::default(), cast: Arc::clone(cast), broken: watching };
        let supervisor = cast.supervisor()?;
        let (orders, cases) = (watch.clone(), watch.clone());
        let (order_bearer, case_bearer) = (supervisor.clone(), supervisor);
        let told = broken.clone();
        #[expect(clippy::disallowed_methods, reason = "ends with the command")]
        tokio::spawn(async move {
            loop {
                let mut client = DispatchServiceClient::with_interceptor(
                    orders.cast.channel(0),
                    order_bearer.clone(),
                );
                match client.watch_work_orders(WatchWorkOrdersRequest::default()).await {
                    Ok(stream) => {
                        let mut stream = stream.into_inner();
                        while let Ok(Some(message)) = stream.message().await {
                            if let Some(order) = message.work_order {
                                orders.order(order);
                            }
                        }
                    }
                    Err(status) if !may_work_later(&status) => {
                        told.send_replace(Some(crate::client::refusal(&status)));
                        return;
                    }
                    Err(_away) => {}
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        #[expect(clippy::disallowed_methods, reason = "ends with the command")]
        tokio::spawn(async move {
            loop {
                let mut client = IntakeServiceClient::with_interceptor(
                    cases.cast.channel(1),
                    case_bearer.clone(),
                );
                match client.watch_cases(WatchCasesRequest::default()).await {
                    Ok(stream) => {
                        let mut stream = stream.into_inner();
                        while let Ok(Some(message)) = stream.message().await {
                            if let Some(case) = message.case {
                                cases.case(case);
                            }
                        }
                    }
                    Err(status) if !may_work_later(&status) => {
                        broken.send_replace(Some(crate::client::refusal(&status)));
                        return;
                    }
                    Err(_away) => {}
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        Ok(watch)
    }

    /// Returns when watching is refused for good.
    pub(super) async fn broken(&self) -> anyhow::Error {
        let mut broken = self.broken.clone();
        loop {
            if let Some(reason) = broken.borrow_and_update().clone() {
                return anyhow::anyhow!("watching is refused: {reason}");
            }
            if broken.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until what is known of a case satisfies `wanted`; asks where no news comes.
    pub(super) async fn until<T>(
        &self,
        case: &str,
        patience: Duration,
        wanted: impl Fn(&News) -> Option<T>,
    ) -> anyhow::Result<T> {
        let mut news = self.sender(case).subscribe();
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            if let Some(found) = wanted(&news.borrow_and_update()) {
                self.news
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .retain(|id, sender| id != case || sender.receiver_count() > 1);
                return Ok(found);
            }
            let pause = ASK_AFTER.min(deadline - tokio::time::Instant::now().min(deadline));
            if tokio::time::timeout(pause, news.changed()).await.is_err() {
                anyhow::ensure!(
                    tokio::time::Instant::now() < deadline,
                    "{case} does not go on; what is known: {:?}",
                    *news.borrow()
                );
                self.ask(case).await;
            }
        }
    }

    async fn ask(&self, case: &str) {
        let Ok(supervisor) = self.cast.supervisor() else { return };
        let mut dispatch =
            DispatchServiceClient::with_interceptor(self.cast.channel(0), supervisor.clone());
        let request =
            ListWorkOrdersRequest { case_id: case.to_owned(), ..ListWorkOrdersRequest::default() };
        if let Ok(orders) = dispatch.list_work_orders(request).await
            && let Some(order) = orders.into_inner().work_orders.pop()
        {
            self.order(order);
        }
        let mut intake = IntakeServiceClient::with_interceptor(self.cast.channel(0), supervisor);
        let request = GetCaseRequest { case_id: case.to_owned(), min_position: None };
        if let Ok(found) = intake.get_case(request).await
            && let Some(case) = found.into_inner().case
        {
            self.case(case);
        }
    }

    fn sender(&self, case: &str) -> watch::Sender<News> {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.entry(case.to_owned()).or_insert_with(|| watch::channel(News::default()).0).clone()
    }

    fn order(&self, order: WorkOrder) {
        self.sender(&order.case_id.clone()).send_modify(|news| {
            let newer = news.order.as_ref().is_none_or(|known| known.version <= order.version);
            if newer {
                news.order = Some(order);
            }
        });
    }

    fn case(&self, case: Case) {
        self.sender(&case.case_id.clone()).send_modify(|news| {
            let newer = news.case.as_ref().is_none_or(|known| known.version <= case.version);
            if newer {
                news.case = Some(case);
            }
        });
    }
}

impl News {
    /// Whether the case has come at least so far on its way to the archive.
    pub(super) fn case_has(&self, status: CaseStatus) -> bool {
        self.case.as_ref().is_some_and(|case| case.status >= status as i32)
    }
}
