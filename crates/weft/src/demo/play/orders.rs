//! What happens with the orders: accepted or returned, handled, verified or sent back, closed.

use api::dispatch::v1::{
    AcceptWorkOrderRequest, AssignWorkOrderRequest, Assignee, CloseWorkOrderRequest,
    HandlingResult, ListWorkOrdersRequest, ReturnReason, ReturnWorkOrderRequest,
    SubmitFeedbackRequest, UpholdReturnRequest, VerifyWorkOrderRequest, WorkOrder, WorkOrderStatus,
};
use futures::StreamExt as _;
use kernel::{Division, GridCode, id::PersonId};
use platform::grpc::Bearer;

use super::Player;
use crate::{
    demo::{
        lots,
        photo::Scene,
        texts::{self, Matter},
        world::Job,
    },
    simulate::random::Chance,
};

/// How many act at the same time.
const AT_ONCE: usize = 8;

/// How many orders of a hundred lie until they are overdue, where that is soon.
const LATE: usize = 6;

/// How late the late ones are at most, in milliseconds, and what is too far away to wait for.
const LATE_BY: usize = 240_000;
const SOON: i64 = 45 * 60_000;

/// The versions of an order that was routed once, and handled once.
const ROUTED_ONCE: u64 = 2;
const HANDLED_ONCE: u64 = 5;

impl Player<'_> {
    /// Looks at the open orders and does what is due, for ever.
    pub(super) async fn see_to_orders(&self) {
        loop {
            self.rest().await;
            let Ok(desk) = self.people.desk() else { continue };
            let request =
                ListWorkOrdersRequest { page_size: 1_000, open: true, ..Default::default() };
            let answer = self.people.dispatch(desk).list_work_orders(request).await;
            let orders = self.listed(answer).work_orders;
            let yours = self.yours().to_string();
            let others = orders.iter().filter(|order| order.grid != yours);
            futures::stream::iter(others)
                .for_each_concurrent(AT_ONCE, |order| self.act(order))
                .await;
        }
    }

    async fn act(&self, order: &WorkOrder) {
        let version = format!("{}/{}", order.work_order_id, order.version);
        let mut chance = lots::of(self.seed(), &version);
        let step = |name: &str| format!("d-{name}-{}-{}", order.work_order_id, order.version);
        let (request_id, since) = match order.status() {
            WorkOrderStatus::Routed => (step("acc"), self.taken_up(order)),
            WorkOrderStatus::Accepted => (step("fb"), order.updated_at),
            WorkOrderStatus::Handled => (step("ver"), order.updated_at),
            WorkOrderStatus::Verified => (step("cls"), order.updated_at),
            WorkOrderStatus::Returned => (step("uph"), order.updated_at),
            WorkOrderStatus::Unspecified
            | WorkOrderStatus::Arrived
            | WorkOrderStatus::Suspended
            | WorkOrderStatus::Split
            | WorkOrderStatus::Withdrawn
            | WorkOrderStatus::Closed => return,
        };
        if !self.is_time(&request_id, since, &mut chance) {
            return;
        }
        match order.status() {
            WorkOrderStatus::Routed => self.take_up(order, request_id, &mut chance).await,
            WorkOrderStatus::Accepted => self.feed_back(order, request_id, &mut chance).await,
            WorkOrderStatus::Handled => self.verify(order, request_id, &mut chance).await,
            WorkOrderStatus::Verified => self.close(order, request_id).await,
            WorkOrderStatus::Returned => self.uphold(order, request_id).await,
            WorkOrderStatus::Unspecified
            | WorkOrderStatus::Arrived
            | WorkOrderStatus::Suspended
            | WorkOrderStatus::Split
            | WorkOrderStatus::Withdrawn
            | WorkOrderStatus::Closed => {}
        }
    }

    /// From when its assignee looks at an order. A few look when it is late already.
    fn taken_up(&self, order: &WorkOrder) -> i64 {
        let mut chance = lots::of(self.seed(), &order.work_order_id);
        if chance.percent(LATE) && !order.overdue && order.accept_due - order.created_at < SOON {
            let late = i64::try_from(chance.below(LATE_BY)).unwrap_or_default();
            return order.accept_due + late;
        }
        order.updated_at
    }

    /// Whoever an order is with.
    fn assignee(&self, order: &WorkOrder) -> Option<Bearer> {
        let assignee = order.assignee.as_ref()?;
        let world = &self.people.world;
        let staff = match assignee.person_id.parse::<PersonId>() {
            Ok(person) => world.person(&person),
            Err(_) => world.at(Job::Clerk, &assignee.organisation_id),
        };
        self.people.staff(staff?, order.grid.parse().ok()).ok()
    }

    async fn take_up(&self, order: &WorkOrder, request_id: String, chance: &mut Chance) {
        let work_order_id = order.work_order_id.clone();
        if order.assignee.as_ref().is_none_or(|assignee| *assignee == Assignee::default()) {
            self.give(order, request_id).await;
            return;
        }
        let Some(by) = self.assignee(order) else { return };
        let mut dispatch = self.people.dispatch(by);
        if order.version == ROUTED_ONCE && chance.percent(5) {
            let request = ReturnWorkOrderRequest {
                request_id: request_id.clone(),
                work_order_id,
                reason: ReturnReason::NotOurRemit.into(),
                explanation: (*chance.pick(&texts::RETURNS)).to_owned(),
                ..ReturnWorkOrderRequest::default()
            };
            self.heard(&request_id, dispatch.return_work_order(request).await);
        } else {
            let request = AcceptWorkOrderRequest {
                request_id: request_id.clone(),
                work_order_id,
                ..AcceptWorkOrderRequest::default()
            };
            self.heard(&request_id, dispatch.accept_work_order(request).await);
        }
    }

    /// The desk finds that a return was right, and lets the rules choose somebody else.
    async fn uphold(&self, order: &WorkOrder, request_id: String) {
        let Ok(desk) = self.people.desk() else { return };
        let request = UpholdReturnRequest {
            request_id: request_id.clone(),
            work_order_id: order.work_order_id.clone(),
            ..UpholdReturnRequest::default()
        };
        self.heard(&request_id, self.people.dispatch(desk).uphold_return(request).await);
    }

    /// An order that is with nobody: the desk gives it to the member of the grid.
    async fn give(&self, order: &WorkOrder, request_id: String) {
        let member = self.people.world.at(Job::Member, &order.grid);
        let (Some(member), Ok(desk)) = (member, self.people.desk()) else { return };
        let request = AssignWorkOrderRequest {
            request_id: request_id.clone(),
            work_order_id: order.work_order_id.clone(),
            assignee: Some(Assignee {
                organisation_id: String::new(),
                person_id: member.person.to_string(),
            }),
            ..AssignWorkOrderRequest::default()
        };
        self.heard(&request_id, self.people.dispatch(desk).assign_work_order(request).await);
    }

    /// Whether what was reported turns out not to be so.
    fn is_not_so(&self, order: &WorkOrder) -> bool {
        lots::of(self.seed(), &format!("{} is so", order.case_id)).percent(5)
    }

    /// What an order is about, as far as its category and place say.
    fn matter(&self, order: &WorkOrder) -> Option<&Matter> {
        let village: Option<Division> = order.division.parse().ok();
        let of_category = || self.matters.iter().filter(|it| it.category == order.category);
        let here = of_category().find(|it| it.village.is_some() && it.village == village);
        here.or_else(|| {
            let several: Vec<&Matter> = of_category().collect();
            let mut chance = lots::of(self.seed(), &order.case_id);
            (!several.is_empty()).then(|| *chance.pick(&several))
        })
    }

    async fn feed_back(&self, order: &WorkOrder, request_id: String, chance: &mut Chance) {
        let Some(by) = self.assignee(order) else { return };
        let matter = self.matter(order);
        let not_so = self.is_not_so(order);
        let scene = matter.map_or(Scene::None, |matter| matter.scene);
        let mut photos = [Vec::new(), Vec::new()];
        if scene != Scene::None && !not_so && chance.percent(70) {
            for (after, photos) in [false, true].into_iter().zip(&mut photos) {
                let name = format!("{request_id}-{}", if after { "b" } else { "a" });
                *photos = self.photo(by.clone(), name, (scene, after)).await;
            }
        }
        let [photos_before, photos_after] = photos;
        let done = matter.map_or("已处理完毕。", |matter| matter.done.as_str());
        let (result, text) = if not_so {
            (HandlingResult::NotSo, texts::NOT_SO)
        } else {
            (HandlingResult::Solved, done)
        };
        let request = SubmitFeedbackRequest {
            request_id: request_id.clone(),
            work_order_id: order.work_order_id.clone(),
            result: result.into(),
            text: text.to_owned(),
            photos_before,
            photos_after,
            ..SubmitFeedbackRequest::default()
        };
        self.heard(&request_id, self.people.dispatch(by).submit_feedback(request).await);
    }

    /// The chief of the grid where a member handled it, every other time; else the township.
    fn verifier(&self, order: &WorkOrder, chance: &mut Chance) -> Option<Bearer> {
        let world = &self.people.world;
        let by_member = order.assignee.as_ref().is_some_and(|it| !it.person_id.is_empty());
        if by_member && chance.percent(50) {
            let grid: GridCode = order.grid.parse().ok()?;
            let chief = world.at(Job::Chief, &order.grid)?;
            return self.people.staff(chief, Some(grid)).ok();
        }
        let division: Division = order.division.parse().ok()?;
        match world.office(Job::Verifier, division) {
            Some(verifier) => self.people.staff(verifier, None).ok(),
            None => self.people.desk().ok(),
        }
    }

    async fn verify(&self, order: &WorkOrder, request_id: String, chance: &mut Chance) {
        let Some(by) = self.verifier(order, chance) else { return };
        let passed = order.version > HANDLED_ONCE || !chance.percent(8);
        let text = if passed { "" } else { *chance.pick(&texts::SENT_BACK) };
        let request = VerifyWorkOrderRequest {
            request_id: request_id.clone(),
            work_order_id: order.work_order_id.clone(),
            passed,
            found_true: !self.is_not_so(order),
            text: text.to_owned(),
            ..VerifyWorkOrderRequest::default()
        };
        self.heard(&request_id, self.people.dispatch(by).verify_work_order(request).await);
    }

    async fn close(&self, order: &WorkOrder, request_id: String) {
        let Ok(division) = order.division.parse::<Division>() else { return };
        let operator = self.people.world.office(Job::Operator, division);
        let Some(Ok(by)) = operator.map(|operator| self.people.staff(operator, None)) else {
            return;
        };
        let request = CloseWorkOrderRequest {
            request_id: request_id.clone(),
            work_order_id: order.work_order_id.clone(),
            ..CloseWorkOrderRequest::default()
        };
        self.heard(&request_id, self.people.dispatch(by).close_work_order(request).await);
    }
}
