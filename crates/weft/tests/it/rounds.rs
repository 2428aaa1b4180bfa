//! A case that is reopened, over intake and dispatch together: two rounds, two orders, two ratings.

use api::{
    dispatch::v1::{
        AcceptWorkOrderRequest, AssignWorkOrderRequest, Assignee, CloseWorkOrderRequest,
        HandlingResult, ListWorkOrdersRequest, SubmitFeedbackRequest, VerifyWorkOrderRequest,
        WorkOrder, dispatch_service_client::DispatchServiceClient,
    },
    intake::v1::{
        Case, CaseStatus, Channel, GetCaseRequest, ImportCategoriesRequest, RateCaseRequest,
        ReopenCaseRequest, ReportCaseRequest, Satisfaction,
        intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
};
use kernel::Role;
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use testkit::{Db, Suite};
use tonic::{service::interceptor::InterceptedService, transport::Channel as Wire};

const CATALOGUE: &str = include_str!("../../../../resources/categories.csv");
const COUNTY: &str = "620821";

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_case_is_handled_anew_on_sqlite() {
    a_reopened_case_is_handled_anew(Db::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_case_is_handled_anew_on_postgres() {
    a_reopened_case_is_handled_anew(Db::Postgres).await;
}

type Intake = IntakeServiceClient<InterceptedService<Wire, Bearer>>;
type Dispatch = DispatchServiceClient<InterceptedService<Wire, Bearer>>;

struct Both {
    suite: Suite,
}

impl Both {
    fn bearer(&self, person: u128, role: Role) -> Bearer {
        let division =
            (role != Role::Resident && role != Role::GridMember).then(|| COUNTY.parse().unwrap());
        let grid = (role == Role::GridMember).then(|| "620821101203001".parse().unwrap());
        let scope = ScopeParts { division, grid, ..ScopeParts::default() };
        self.suite.bearer_for(&self.suite.person(person), role, scope)
    }

    fn intake(&self, person: u128, role: Role) -> Intake {
        IntakeServiceClient::with_interceptor(self.suite.channel(), self.bearer(person, role))
    }

    fn dispatch(&self, person: u128, role: Role) -> Dispatch {
        DispatchServiceClient::with_interceptor(self.suite.channel(), self.bearer(person, role))
    }

    async fn case(&self, case: &str) -> Case {
        self.suite.settled().await;
        let request = GetCaseRequest { case_id: case.to_owned(), min_position: None };
        let answer = self.intake(1, Role::Resident).get_case(request).await.unwrap();
        answer.into_inner().case.unwrap()
    }

    /// The orders of the case that are not closed.
    async fn open_orders(&self, case: &str) -> Vec<WorkOrder> {
        self.suite.settled().await;
        let request = ListWorkOrdersRequest {
            case_id: case.to_owned(),
            open: true,
            ..ListWorkOrdersRequest::default()
        };
        let mut desk = self.dispatch(2, Role::Operator);
        desk.list_work_orders(request).await.unwrap().into_inner().work_orders
    }

    /// The one open order of the case, from assignment to closing; its id.
    async fn handle(&self, case: &str, round: u32) -> String {
        let orders = self.open_orders(case).await;
        assert_eq!(orders.len(), 1, "one order a round");
        assert_eq!(orders[0].round, round);
        let work_order_id = orders[0].work_order_id.clone();
        let (mut desk, mut member) =
            (self.dispatch(2, Role::Operator), self.dispatch(3, Role::GridMember));
        let person_id = self.suite.person(3).to_string();
        let assign = AssignWorkOrderRequest {
            request_id: format!("assign-{round}"),
            work_order_id: work_order_id.clone(),
            assignee: Some(Assignee { person_id, organisation_id: String::new() }),
            ..AssignWorkOrderRequest::default()
        };
        desk.assign_work_order(assign).await.unwrap();
        let accept = AcceptWorkOrderRequest {
            request_id: format!("accept-{round}"),
            work_order_id: work_order_id.clone(),
            ..AcceptWorkOrderRequest::default()
        };
        member.accept_work_order(accept).await.unwrap();
        let feedback = SubmitFeedbackRequest {
            request_id: format!("feedback-{round}"),
            work_order_id: work_order_id.clone(),
            result: HandlingResult::Solved.into(),
            photos_after: vec![format!("620821000000-after{round}")],
            ..SubmitFeedbackRequest::default()
        };
        member.submit_feedback(feedback).await.unwrap();
        let verify = VerifyWorkOrderRequest {
            request_id: format!("verify-{round}"),
            work_order_id: work_order_id.clone(),
            passed: true,
            found_true: true,
            ..VerifyWorkOrderRequest::default()
        };
        desk.verify_work_order(verify).await.unwrap();
        let close = CloseWorkOrderRequest {
            request_id: format!("close-{round}"),
            work_order_id: work_order_id.clone(),
            ..CloseWorkOrderRequest::default()
        };
        desk.close_work_order(close).await.unwrap();
        work_order_id
    }

    async fn rate(&self, case: &str, round: u32, satisfaction: Satisfaction) {
        let rate = RateCaseRequest {
            request_id: format!("rate-{round}"),
            case_id: case.to_owned(),
            contacted: true,
            solved: satisfaction == Satisfaction::Satisfied,
            satisfaction: satisfaction.into(),
            comment: String::new(),
            ..RateCaseRequest::default()
        };
        self.intake(1, Role::Resident).rate_case(rate).await.unwrap();
    }
}

async fn a_reopened_case_is_handled_anew(db: Db) {
    let suite = Suite::start(vec![intake::service(), dispatch::service()], db).await;
    let both = Both { suite };
    let catalogue = ImportCategoriesRequest {
        request_id: "catalogue".into(),
        csv: CATALOGUE.as_bytes().to_vec(),
        dry_run: false,
    };
    let mut administrator = both.intake(4, Role::Administrator);
    administrator.import_categories(catalogue).await.unwrap();
    both.suite.settled().await;

    let mut resident = both.intake(1, Role::Resident);
    let report = ReportCaseRequest {
        request_id: "report".into(),
        channel: Channel::QrPage.into(),
        category: "0101".into(),
        place: Some(Place::Division(COUNTY.to_owned())),
        text: "路灯不亮".into(),
        photos: vec!["620821000000-dark".into()],
        ..ReportCaseRequest::default()
    };
    let case = resident.report_case(report).await.unwrap().into_inner().case_id;
    let first = both.handle(&case, 1).await;
    assert_eq!(both.case(&case).await.status(), CaseStatus::Resolved);
    both.rate(&case, 1, Satisfaction::VeryDissatisfied).await;
    assert_eq!(both.case(&case).await.status(), CaseStatus::Archived);

    let reopen = ReopenCaseRequest {
        request_id: "reopen".into(),
        case_id: case.clone(),
        text: "又不亮了".into(),
    };
    for _ in 0..2 {
        let answer = resident.reopen_case(reopen.clone()).await.unwrap().into_inner();
        assert_eq!(answer.round, 2);
    }
    // A restart between the two rounds repeats nothing.
    let both = Both { suite: both.suite.restart_without_databases().await };
    let second = both.handle(&case, 2).await;
    assert_ne!(first, second);
    assert_eq!(both.case(&case).await.status(), CaseStatus::Resolved);
    both.rate(&case, 2, Satisfaction::Satisfied).await;
    let end = both.case(&case).await;
    assert_eq!((end.status(), end.round), (CaseStatus::Archived, 2));
    assert_eq!(end.satisfaction(), Satisfaction::Satisfied);
    assert!(both.open_orders(&case).await.is_empty());
}
