//! One case from its report to its rating, as the people concerned play it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use api::{
    common::v1::{Crs, GeoPosition, Position},
    dispatch::v1::{
        AcceptWorkOrderRequest, AssignWorkOrderRequest, Assignee, CloseWorkOrderRequest,
        HandlingResult, ReturnReason, ReturnWorkOrderRequest, SubmitFeedbackRequest,
        UpholdReturnRequest, VerifyWorkOrderRequest, WorkOrder, WorkOrderStatus,
        dispatch_service_client::DispatchServiceClient,
    },
    intake::v1::{
        AcceptCaseRequest, CaseStatus, Channel as Via, Contact, ListCasesRequest, RateCaseRequest,
        ReportCaseRequest, ReportCaseResponse, Satisfaction, TrackCaseRequest,
        intake_service_client::IntakeServiceClient, report_case_request,
    },
};
use kernel::Division;
use platform::grpc::Bearer;

use super::{
    cast::{Cast, refused},
    random::Chance,
    report::Report,
    retry::answered,
    watch::Watch,
};
use crate::client::Authorised;

/// How many returns one case may see before the player gives up.
const MAX_RETURNS: usize = 3;

pub(super) struct Player<'a> {
    cast: &'a Arc<Cast>,
    watch: &'a Watch,
    report: &'a Arc<Mutex<Report>>,
    number: usize,
}

/// Sends one command until it is answered, measures it, and notes what was acknowledged.
macro_rules! step {
    ($player:expr, $name:literal, $case:expr, $client:expr, $method:ident, $request:expr) => {{
        let begun = Instant::now();
        let client = $client;
        let request = $request;
        let answer = answered($player.cast.patience, || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.$method(request).await }
        })
        .await
        .map_err(|status| refused(status).context($name))?;
        let position: Position = answer.position.clone().unwrap_or_default();
        let case: String = $case(&answer);
        $player.note($name, &case, position.sequence, begun);
        answer
    }};
}

impl<'a> Player<'a> {
    pub(super) fn new(
        cast: &'a Arc<Cast>,
        watch: &'a Watch,
        report: &'a Arc<Mutex<Report>>,
        number: usize,
    ) -> Self {
        Self { cast, watch, report, number }
    }

    /// Plays the case to its end.
    pub(super) async fn play(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut chance = Chance::new(self.cast.seed, self.number);
        // Some people report more than once.
        let resident = self.cast.resident(self.number - chance.below(self.number.min(3) + 1))?;
        let category = chance.pick(&self.cast.categories).clone();
        let reported = self.report_case(&mut chance, &resident, &category.code).await?;
        let case = reported.case_id.clone();
        let of_case = |_: &_| case.clone();
        if category.kind == "enquiry" || category.code == "1311" {
            step!(
                self,
                "accept_case",
                of_case,
                self.intake(self.cast.operator()?),
                accept_case,
                AcceptCaseRequest {
                    request_id: self.request("accept-case"),
                    case_id: case.clone(),
                    ..AcceptCaseRequest::default()
                }
            );
        }
        self.search(&case, &reported).await?;
        let order = self.handle(&mut chance, &case, &reported).await?;
        let verifier = self.cast.verifier(reported.division.parse()?)?;
        let of_case = |_: &_| case.clone();
        step!(
            self,
            "verify",
            of_case,
            self.dispatch(verifier),
            verify_work_order,
            VerifyWorkOrderRequest {
                request_id: self.request("verify"),
                work_order_id: order.work_order_id.clone(),
                passed: true,
                found_true: true,
                text: String::new(),
                ..VerifyWorkOrderRequest::default()
            }
        );
        let of_case = |_: &_| case.clone();
        step!(
            self,
            "close",
            of_case,
            self.dispatch(self.cast.operator()?),
            close_work_order,
            CloseWorkOrderRequest {
                request_id: self.request("close"),
                work_order_id: order.work_order_id.clone(),
                ..CloseWorkOrderRequest::default()
            }
        );
        let resolving = Instant::now();
        self.watch
            .until(&case, self.cast.patience, |news| {
                news.case_has(CaseStatus::Resolved).then_some(())
            })
            .await?;
        self.measure("resolve (by itself)", resolving);
        self.rate(&mut chance, &case, &reported, resident).await?;
        self.measure("whole case", begun);
        self.report.lock().unwrap_or_else(PoisonError::into_inner).played();
        Ok(())
    }

    async fn report_case(
        &self,
        chance: &mut Chance,
        resident: &Bearer,
        category: &str,
    ) -> anyhow::Result<ReportCaseResponse> {
        let place = chance.pick(&self.cast.places).clone();
        let at = |longitude, latitude| {
            let crs = Crs::Cgcs2000 as i32;
            report_case_request::Place::Position(GeoPosition { longitude, latitude, crs })
        };
        let place = match chance.below(100) {
            0..70 => at(place.longitude, place.latitude),
            70..90 => report_case_request::Place::Grid(place.grid.to_string()),
            90..97 => report_case_request::Place::Division(place.grid.village().to_string()),
            // A phone that is wrong about where it is.
            _ => at(place.longitude + 20.0, place.latitude),
        };
        let contact = chance.percent(50).then(|| Contact {
            name: "模拟居民".to_owned(),
            phone: format!("139{:08}", chance.below(100_000_000)),
            address: String::new(),
        });
        let request = ReportCaseRequest {
            request_id: self.request("report"),
            channel: Via::QrPage as i32,
            category: category.to_owned(),
            place: Some(place),
            text: "模拟反映: 请尽快处理".to_owned(),
            contact,
            photos: Vec::new(),
            ..ReportCaseRequest::default()
        };
        let of_answer = |answer: &ReportCaseResponse| answer.case_id.clone();
        Ok(step!(self, "report", of_answer, self.intake(resident.clone()), report_case, request))
    }

    /// The desk's list shows the case as soon as its report is answered.
    async fn search(&self, case: &str, reported: &ReportCaseResponse) -> anyhow::Result<()> {
        let of_case = |_: &_| case.to_owned();
        let desk = self.intake(self.cast.operator()?);
        // The wider the division, the more is reported there at the same time.
        let narrow = reported.division.len() == 12;
        let found = step!(
            self,
            "search",
            of_case,
            desk,
            list_cases,
            ListCasesRequest {
                page_size: if narrow { 20 } else { 200 },
                division: reported.division.clone(),
                order_by: "reported_at desc".to_owned(),
                min_position: reported.position.clone(),
                ..ListCasesRequest::default()
            }
        );
        anyhow::ensure!(
            found.cases.iter().any(|one| one.case_id == case),
            "the list of {} does not show {case}, which was reported there",
            reported.division
        );
        Ok(())
    }

    /// From the order's arrival to the feedback; some orders are returned once first.
    async fn handle(
        &self,
        chance: &mut Chance,
        case: &str,
        reported: &ReportCaseResponse,
    ) -> anyhow::Result<WorkOrder> {
        let waiting = Instant::now();
        let mut order = self.arrived(case, 0).await?;
        self.measure("dispatch (by itself)", waiting);
        let mut returns = 0;
        while returns < MAX_RETURNS && chance.percent(3) {
            let assignee = order.assignee.clone().unwrap_or_default();
            if assignee == Assignee::default() {
                break;
            }
            let of_case = |_: &_| case.to_owned();
            let answer = step!(
                self,
                "return",
                of_case,
                self.dispatch(self.cast.assignee(&assignee)?),
                return_work_order,
                ReturnWorkOrderRequest {
                    request_id: self.request(&format!("return-{returns}")),
                    work_order_id: order.work_order_id.clone(),
                    reason: ReturnReason::NotOurRemit as i32,
                    explanation: "模拟退单: 不属本单位职责".to_owned(),
                    ..ReturnWorkOrderRequest::default()
                }
            );
            let of_case = |_: &_| case.to_owned();
            step!(
                self,
                "uphold",
                of_case,
                self.dispatch(self.cast.operator()?),
                uphold_return,
                UpholdReturnRequest {
                    request_id: self.request(&format!("uphold-{returns}")),
                    work_order_id: order.work_order_id.clone(),
                    ..UpholdReturnRequest::default()
                }
            );
            returns += 1;
            order = self.arrived(case, answer.version).await?;
        }
        let mut assignee = order.assignee.clone().unwrap_or_default();
        if assignee == Assignee::default() {
            assignee = self.assign(case, &order, reported).await?;
        }
        let handler = self.cast.assignee(&assignee)?;
        let of_case = |_: &_| case.to_owned();
        step!(
            self,
            "accept",
            of_case,
            self.dispatch(handler.clone()),
            accept_work_order,
            AcceptWorkOrderRequest {
                request_id: self.request("accept"),
                work_order_id: order.work_order_id.clone(),
                ..AcceptWorkOrderRequest::default()
            }
        );
        let of_case = |_: &_| case.to_owned();
        step!(
            self,
            "feedback",
            of_case,
            self.dispatch(handler),
            submit_feedback,
            SubmitFeedbackRequest {
                request_id: self.request("feedback"),
                work_order_id: order.work_order_id.clone(),
                result: HandlingResult::Solved as i32,
                text: "模拟反馈: 已处理".to_owned(),
                ..SubmitFeedbackRequest::default()
            }
        );
        Ok(order)
    }

    /// Waits for an order that is with somebody, newer than a version.
    async fn arrived(&self, case: &str, after: u64) -> anyhow::Result<WorkOrder> {
        self.watch
            .until(case, self.cast.patience, |news| {
                news.order
                    .as_ref()
                    .filter(|order| order.version > after)
                    .filter(|order| order.status() == WorkOrderStatus::Routed)
                    .cloned()
            })
            .await
    }

    /// An order that the rules could give to nobody: the operator gives it to a member nearby.
    async fn assign(
        &self,
        case: &str,
        order: &WorkOrder,
        reported: &ReportCaseResponse,
    ) -> anyhow::Result<Assignee> {
        let division: Division = reported.division.parse()?;
        let place = self
            .cast
            .places
            .iter()
            .find(|place| division.contains(place.grid.village()))
            .unwrap_or(&self.cast.places[0]);
        let assignee = Assignee {
            person_id: self.cast.member_of(place.grid).to_string(),
            organisation_id: String::new(),
        };
        let of_case = |_: &_| case.to_owned();
        step!(
            self,
            "assign",
            of_case,
            self.dispatch(self.cast.operator()?),
            assign_work_order,
            AssignWorkOrderRequest {
                request_id: self.request("assign"),
                work_order_id: order.work_order_id.clone(),
                assignee: Some(assignee.clone()),
                ..AssignWorkOrderRequest::default()
            }
        );
        Ok(assignee)
    }

    async fn rate(
        &self,
        chance: &mut Chance,
        case: &str,
        reported: &ReportCaseResponse,
        resident: Bearer,
    ) -> anyhow::Result<()> {
        let satisfaction = 1 + i32::try_from(chance.below(5)).unwrap_or_default();
        let of_case = |_: &_| case.to_owned();
        let rated = step!(
            self,
            "rate",
            of_case,
            self.intake(resident),
            rate_case,
            RateCaseRequest {
                request_id: self.request("rate"),
                case_id: case.to_owned(),
                contacted: chance.percent(80),
                solved: chance.percent(90),
                satisfaction,
                comment: String::new(),
                ..RateCaseRequest::default()
            }
        );
        // What the resident sees in the end, by nothing but the code.
        let of_case = |_: &_| case.to_owned();
        let anonymous = IntakeServiceClient::new(self.cast.channel(self.number));
        let seen = step!(
            self,
            "track",
            of_case,
            anonymous,
            track_case,
            TrackCaseRequest {
                tracking_code: reported.tracking_code.clone(),
                min_position: rated.position.clone(),
            }
        );
        let seen = seen.case.unwrap_or_default();
        anyhow::ensure!(
            seen.case_id == case && seen.satisfaction == satisfaction,
            "the tracking code of {case} shows {} rated {}, expected {}",
            seen.case_id,
            Satisfaction::try_from(seen.satisfaction).unwrap_or_default().as_str_name(),
            Satisfaction::try_from(satisfaction).unwrap_or_default().as_str_name()
        );
        Ok(())
    }

    /// The request id of a step: the same run and case ask for the same.
    fn request(&self, step: &str) -> String {
        format!("sim-{}-{}-{step}", self.cast.run(), self.number)
    }

    fn intake(&self, bearer: Bearer) -> IntakeServiceClient<Authorised> {
        IntakeServiceClient::with_interceptor(self.cast.channel(self.number), bearer)
    }

    fn dispatch(&self, bearer: Bearer) -> DispatchServiceClient<Authorised> {
        DispatchServiceClient::with_interceptor(self.cast.channel(self.number), bearer)
    }

    fn note(&self, step: &'static str, case: &str, sequence: u64, begun: Instant) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.acknowledged(step, case, sequence);
        report.took(step, begun.elapsed());
    }

    fn measure(&self, step: &'static str, begun: Instant) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.took(step, begun.elapsed());
    }
}
