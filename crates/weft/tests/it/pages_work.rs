//! The pages of members, clerks and verifiers over the services that they call, as a browser without
//! scripts uses them.

use api::{
    dispatch::v1::{
        AssignWorkOrderRequest, Assignee, ListWorkOrdersRequest,
        dispatch_service_client::DispatchServiceClient,
    },
    intake::v1::{
        Channel, ImportCategoriesRequest, ListCasesRequest, ReportCaseRequest,
        intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
};
use kernel::Role;
use platform::{
    auth::{Basis, Claims, Scope, scope::ScopeParts},
    grpc::Bearer,
};
use testkit::{Db, Suite};
use tonic::{service::interceptor::InterceptedService, transport::Channel as Wire};

use crate::browser::{Answer, Browser};

const CATALOGUE: &str = include_str!("../../../../resources/categories.csv");
const COUNTY: &str = "620821";
const GRID: &str = "620821101203001";
/// Text that would do something, were it not only text.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=y>مرحبا{{7*7}}";

struct Desk {
    suite: Suite,
}

impl Desk {
    async fn start() -> Self {
        let services = vec![intake::service(), dispatch::service(), gateway::service()];
        let desk = Self { suite: Suite::start(services, Db::Sqlite).await };
        let catalogue = ImportCategoriesRequest {
            request_id: "catalogue".into(),
            csv: CATALOGUE.as_bytes().to_vec(),
            dry_run: false,
        };
        desk.intake(9, Role::Administrator).import_categories(catalogue).await.unwrap();
        desk.suite.settled().await;
        desk
    }

    fn parts(role: Role, grid: &str) -> ScopeParts {
        let member = role == Role::GridMember;
        let nowhere = member || role == Role::Resident;
        ScopeParts {
            division: (!nowhere).then(|| COUNTY.parse().unwrap()),
            grid: member.then(|| grid.parse().unwrap()),
            org: None,
        }
    }

    fn bearer(&self, person: u128, role: Role) -> Bearer {
        self.suite.bearer_for(&self.suite.person(person), role, Self::parts(role, GRID))
    }

    fn intake(
        &self,
        person: u128,
        role: Role,
    ) -> IntakeServiceClient<InterceptedService<Wire, Bearer>> {
        IntakeServiceClient::with_interceptor(self.suite.channel(), self.bearer(person, role))
    }

    fn dispatch(
        &self,
        person: u128,
        role: Role,
    ) -> DispatchServiceClient<InterceptedService<Wire, Bearer>> {
        DispatchServiceClient::with_interceptor(self.suite.channel(), self.bearer(person, role))
    }

    /// The browser of this person.
    fn browser_in(&self, person: u128, role: Role, grid: &str) -> Browser {
        let scope = Scope::for_role(role, Self::parts(role, grid)).unwrap();
        let ttl = std::time::Duration::from_hours(12);
        let claims =
            Claims { person: self.suite.person(person), role, scope, ttl, basis: Basis::default() };
        let context = self.suite.context();
        let token = context.issuer.issue(&claims, context.clock.now()).unwrap();
        Browser::new(self.suite.http(), &format!("weft={token}"))
    }

    fn browser(&self, person: u128, role: Role) -> Browser {
        self.browser_in(person, role, GRID)
    }

    /// A case that was reported, and its order with the member number 3; the order's id.
    async fn order(&self, text: &str) -> String {
        let report = ReportCaseRequest {
            request_id: "report".into(),
            channel: Channel::QrPage.into(),
            category: "0101".into(),
            place: Some(Place::Division(COUNTY.to_owned())),
            text: text.to_owned(),
            ..ReportCaseRequest::default()
        };
        self.intake(1, Role::Resident).report_case(report).await.unwrap();
        self.suite.settled().await;
        let mut desk = self.dispatch(2, Role::Operator);
        let orders = desk.list_work_orders(ListWorkOrdersRequest::default()).await.unwrap();
        let work_order_id = orders.into_inner().work_orders.remove(0).work_order_id;
        let person_id = self.suite.person(3).to_string();
        let assign = AssignWorkOrderRequest {
            request_id: "assign".into(),
            work_order_id: work_order_id.clone(),
            assignee: Some(Assignee { person_id, organisation_id: String::new() }),
            ..AssignWorkOrderRequest::default()
        };
        desk.assign_work_order(assign).await.unwrap();
        self.suite.settled().await;
        work_order_id
    }
}

/// The form on a page that is sent there, filled in and sent.
async fn fill(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let request_id = page.value("request_id");
    let mut all = vec![("request_id", request_id.as_str())];
    all.extend_from_slice(fields);
    browser.post(path, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_its_acceptance_to_its_closing_on_a_phone() {
    let desk = Desk::start().await;
    let id = desk.order("村口路灯不亮").await;
    let (member, verifier) = (desk.browser(3, Role::GridMember), desk.browser(4, Role::Verifier));
    let path = format!("/work/{id}");

    let list = member.get("/work").await;
    assert!(list.has(&format!("order-{id}")) && list.has("路灯不亮或损坏"), "{}", list.body);
    let page = member.get(&path).await;
    assert!(page.has("村口路灯不亮"), "whoever handles it reads the report");
    assert!(page.has("接单</button>") && page.has("退单</a>") && !page.has("/feedback\""));

    let request_id = page.value("request_id");
    let accept = format!("{path}/accept");
    for _twice in 0..2 {
        let sent = member.post(&accept, &[("request_id", &request_id)]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page = member.get(&sent.location).await;
        assert!(page.has("已接单，请在办理时限内") && page.has("处理中"));
    }

    // Half a form keeps what was typed, photos with it.
    let feedback = format!("{path}/feedback");
    let photo = "620821000000-after";
    let half = [("result", "not-so"), ("photos_after", photo), ("photos_before", "620821000000-b")];
    let half = fill(&member, &feedback, &half).await;
    assert_eq!(half.status, 422);
    assert!(half.has("value=\"not-so\" checked") && half.has(photo) && half.has("field-error"));
    let sent = fill(&member, &feedback, &[("result", "solved"), ("text", HOSTILE)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = member.get(&sent.location).await;
    assert!(page.has("该工单由您处置，须由他人核查") && !page.has("/verify\""));
    assert!(page.has("&#60;script&#62;alert(1)") && !page.has("<script>alert"), "{}", page.body);
    assert!(page.has("dir=\"auto\""), "a text of the other direction stays in its place");

    // The handler who tries all the same is told so by the service, and keeps what was typed.
    let verify = format!("{path}/verify");
    let yes = [("passed", "yes"), ("found_true", "yes"), ("text", "已现场核实")];
    let refused = fill(&member, &verify, &yes).await;
    assert_eq!(refused.status, 403);
    assert!(refused.has("须由他人核查") && refused.has("已现场核实"));

    let list = verifier.get("/work").await;
    assert!(list.has(&format!("order-{id}")), "it awaits the verifier first of all");
    let undecided = fill(&verifier, &verify, &[("text", "看过了")]).await;
    assert_eq!(undecided.status, 422);
    assert!(undecided.has("请选择一项") && undecided.has("看过了"));
    let sent = fill(&verifier, &verify, &yes).await;
    let page = verifier.get(&sent.location).await;
    assert!(page.has("核查结果已提交") && page.has("办结</button>"));
    let sent = verifier.post(&format!("{path}/close"), &[("request_id", "close-1")]).await;
    let page = verifier.get(&sent.location).await;
    assert!(page.has("工单已办结") && page.has("已办结"));
    assert!(member.get("/work/done").await.has(&format!("order-{id}")));
    assert!(!member.get("/work?tab=doing").await.has(&format!("order-{id}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_given_back_with_its_reason_and_anothers_is_not_shown() {
    let desk = Desk::start().await;
    let id = desk.order("井盖松动").await;
    let member = desk.browser(3, Role::GridMember);
    let path = format!("/work/{id}/return");
    let half = fill(&member, &path, &[("reason", "not-our-area")]).await;
    assert_eq!(half.status, 422);
    assert!(half.has("value=\"not-our-area\" checked") && half.has("e-explanation"));
    let stranger = desk.browser_in(7, Role::GridMember, "620821102201001");
    let hidden = stranger.get(&format!("/work/{id}")).await;
    assert_eq!(hidden.status, 403);
    assert!(!hidden.has("井盖松动"));
    let full = [("reason", "not-our-area"), ("explanation", "属于邻村")];
    let sent = fill(&member, &path, &full).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let list = member.get(&sent.location).await;
    assert!(list.has("已退单") && !list.has(&format!("order-{id}")), "{}", list.body);

    // A session that is over keeps the form.
    let gone = Browser::new(desk.suite.http(), "weft=gone");
    let kept = gone.post(&path, &full).await;
    assert_eq!(kept.status, 401);
    assert!(kept.has("属于邻村") && kept.has("not-our-area"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_from_patrol_is_one_case_however_often_it_is_sent() {
    let desk = Desk::start().await;
    let verifier = desk.browser(5, Role::Verifier);
    let page = verifier.get("/work/report").await;
    assert!(page.has("optgroup") && page.has("路灯不亮或损坏"), "{}", page.body);
    let half = fill(&verifier, "/work/report", &[("text", HOSTILE), ("photos", "620821000000-p")]);
    let half = half.await;
    assert_eq!(half.status, 422);
    assert!(half.has("&#60;script&#62;") && !half.has("<script>alert") && half.has("000000-p"));
    let request_id = page.value("request_id");
    let fields = [
        ("request_id", request_id.as_str()),
        ("category", "0101"),
        ("place", COUNTY),
        ("text", "巡查发现路灯不亮"),
    ];
    let (first, second) = tokio::join!(
        verifier.post("/work/report", &fields),
        verifier.post("/work/report", &fields)
    );
    assert_eq!((first.status, second.status), (303, 303), "{}{}", first.body, second.body);
    let case = |answer: &Answer| answer.location.split('?').next().unwrap().to_owned();
    assert_eq!(case(&first), case(&second));
    let receipt = verifier.get(&first.location).await;
    assert!(receipt.has("已上报") && receipt.has("路灯不亮或损坏"), "{}", receipt.body);
    desk.suite.settled().await;
    let mut operator = desk.intake(2, Role::Operator);
    let cases = operator.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases;
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].channel(), Channel::Patrol);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_away_costs_a_part_and_what_was_typed_stays() {
    let suite = Suite::start(vec![gateway::service()], Db::Sqlite).await;
    let away = Desk { suite };
    let member = away.browser(3, Role::GridMember);
    for path in ["/work/me", "/work/report"] {
        let page = member.get(path).await;
        assert_eq!(page.status, 200, "{path} {}", page.body);
    }
    let en = member.get("/work/me?lang=en").await;
    assert!(en.has("Grid member") || en.has("Me"), "{}", en.body);
    let fields =
        [("request_id", "r1"), ("category", "0101"), ("place", GRID), ("text", "写了很久")];
    let kept = member.post("/work/report", &fields).await;
    assert!(kept.status >= 400 && kept.has("写了很久"), "{} {}", kept.status, kept.body);
}
