//! What anybody sees of a random county, through every list, get, watch, map, figure and page, is what
//! a policy of twenty lines says.

use std::{collections::BTreeSet, time::Duration};

use api::{
    camera::v1::{
        GetCameraRequest, ListCamerasRequest, ListNearbyCamerasRequest,
        camera_service_client::CameraServiceClient,
    },
    dispatch::v1::{
        GetWorkOrderRequest, ListWorkOrdersRequest, WatchWorkOrdersRequest,
        dispatch_service_client::DispatchServiceClient,
    },
    intake::v1::{
        GetCaseRequest, ListCasesRequest, WatchCasesRequest,
        intake_service_client::IntakeServiceClient,
    },
    points::v1::{ListProgrammesRequest, points_service_client::PointsServiceClient},
};
use contracts::{
    camera::CameraEvent, dispatch::WorkOrderEvent, intake::CaseEvent, points::LedgerEvent, subject,
};
use futures::future::join_all;
use kernel::{Clock as _, Role, id::PersonId};
use platform::auth::{Basis, Claims, Scope, scope::ScopeParts};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use testkit::Db;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::Streaming;

use super::ground::{Ground, X, place};

/// No rule accepts it: a case of it stays where it is.
const ENQUIRY: &str = "1301";

/// A county in numbers, so that what is drawn by chance often meets.
#[derive(Clone, Debug)]
struct Drawn {
    things: Vec<Thing>,
    people: Vec<Asker>,
}

/// A case with an order, a camera, or a programme, somewhere.
#[derive(Clone, Debug)]
struct Thing {
    kind: Kind,
    division: String,
    grid: Option<String>,
    org: Option<usize>,
    assignee: Option<usize>,
    reporter: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Case,
    Order,
    Camera,
    Programme,
}

#[derive(Clone, Debug)]
struct Asker {
    number: usize,
    role: Role,
    area: Area,
}

/// A scope, in the words of the codes.
#[derive(Clone, Debug)]
enum Area {
    Division(String),
    Grid(String),
    Org(usize, String),
    Own,
    Assigned,
}

/// The policy.
fn sees(asker: &Asker, thing: &Thing) -> bool {
    let mine = thing.kind == Kind::Order && thing.assignee == Some(asker.number);
    match &asker.area {
        Area::Division(code) => thing.division.starts_with(code.as_str()),
        // A member sees the grid, and what was given to them elsewhere.
        Area::Grid(grid) => thing.grid.as_ref() == Some(grid) || mine,
        // Cases and programmes are no organisation's.
        Area::Org(org, code) => {
            matches!(thing.kind, Kind::Order | Kind::Camera)
                && thing.org == Some(*org)
                && thing.division.starts_with(code.as_str())
        }
        Area::Own => thing.kind == Kind::Case && thing.reporter == asker.number,
        Area::Assigned => mine,
    }
}

/// Whether a role lists things of a kind at all.
fn lists(role: Role, kind: Kind) -> bool {
    let staff = matches!(
        role,
        Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Operator
            | Role::Supervisor
    );
    match kind {
        Kind::Case => true,
        Kind::Order => staff || role == Role::Integrator,
        Kind::Camera => staff || role == Role::Administrator,
        Kind::Programme => {
            matches!(role, Role::Operator | Role::Supervisor | Role::Administrator)
        }
    }
}

fn divisions() -> impl Strategy<Value = String> {
    let township = || (101..104).prop_map(|town| format!("620821{town}"));
    prop_oneof![
        1 => Just("620821".to_owned()),
        2 => township(),
        4 => (township(), 200..203).prop_map(|(town, village)| format!("{town}{village}")),
    ]
}

fn grids() -> impl Strategy<Value = String> {
    (101..104, 200..203, 1..3)
        .prop_map(|(town, village, grid)| format!("620821{town}{village}00{grid}"))
}

fn things() -> impl Strategy<Value = Thing> {
    let kind = prop_oneof![
        3 => Just(Kind::Case), 4 => Just(Kind::Order), 3 => Just(Kind::Camera), 1 => Just(Kind::Programme)
    ];
    let org = prop::option::of(0..3_usize);
    let person = prop::option::of(20..26_usize);
    (kind, divisions(), prop::option::weighted(0.6, grids()), org, person, 0..4_usize).prop_map(
        |(kind, division, grid, org, assignee, reporter)| Thing {
            division: grid.as_ref().map_or(division, |grid| grid[..12].to_owned()),
            kind,
            grid,
            org,
            assignee,
            reporter,
        },
    )
}

fn people() -> impl Strategy<Value = Asker> {
    let of_division = prop_oneof![
        Just(Role::Operator),
        Just(Role::Supervisor),
        Just(Role::Verifier),
        Just(Role::Administrator),
        Just(Role::Integrator),
    ];
    prop_oneof![
        3 => (of_division, divisions()).prop_map(|(role, code)| (50, role, Area::Division(code))),
        3 => (20..26_usize, grids()).prop_map(|(number, grid)| (number, Role::GridMember, Area::Grid(grid))),
        2 => (0..3_usize, divisions())
            .prop_map(|(org, code)| (51, Role::DepartmentClerk, Area::Org(org, code))),
        1 => (0..4_usize).prop_map(|number| (number, Role::Resident, Area::Own)),
        1 => (20..26_usize).prop_map(|number| (number, Role::Verifier, Area::Assigned)),
    ]
    .prop_map(|(number, role, area)| Asker { number, role, area })
}

/// The same county each time.
fn drawn() -> Drawn {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let all = (prop::collection::vec(things(), 140), prop::collection::vec(people(), 60));
    let (things, people) = all.new_tree(&mut runner).unwrap().current();
    Drawn { things, people }
}

fn org(number: usize) -> String {
    format!("620821000000-org{number}")
}

impl Drawn {
    fn id(&self, place: usize) -> String {
        let thing = &self.things[place];
        match thing.kind {
            Kind::Case | Kind::Order => format!("{:0<12}-thing{place}", thing.division),
            Kind::Camera => format!("620821000000-62082101001320{place:06}"),
            Kind::Programme => format!("{:0<12}-residents", thing.division),
        }
    }

    /// What the policy lets somebody see of a kind.
    fn seen(&self, asker: &Asker, kind: Kind) -> BTreeSet<String> {
        let of_kind = (0..self.things.len()).filter(|place| self.things[*place].kind == kind);
        of_kind
            .filter(|place| sees(asker, &self.things[*place]))
            .map(|place| self.id(place))
            .collect()
    }

    fn all(&self, kind: Kind) -> BTreeSet<String> {
        let of_kind = (0..self.things.len()).filter(|place| self.things[*place].kind == kind);
        of_kind.map(|place| self.id(place)).collect()
    }
}

impl Ground {
    fn number(&self, number: usize) -> PersonId {
        self.suite.person(7_000 + number as u128)
    }

    fn token(&self, asker: &Asker) -> String {
        let parts = match &asker.area {
            Area::Division(code) => {
                ScopeParts { division: code.parse().ok(), ..Default::default() }
            }
            Area::Grid(grid) => ScopeParts { grid: grid.parse().ok(), ..Default::default() },
            Area::Org(number, code) => ScopeParts {
                division: code.parse().ok(),
                org: org(*number).parse().ok(),
                grid: None,
            },
            Area::Own | Area::Assigned => ScopeParts::default(),
        };
        let claims = Claims {
            person: self.number(asker.number),
            role: asker.role,
            scope: Scope::for_role(asker.role, parts).unwrap(),
            ttl: Duration::from_hours(8),
            basis: Basis::default(),
        };
        self.suite.context().issuer.issue(&claims, self.suite.clock().now()).unwrap()
    }

    async fn enter(&self, drawn: &Drawn, number: usize) {
        let (thing, id) = (&drawn.things[number], drawn.id(number));
        let now = self.suite.clock().now().0;
        let reporter = self.number(thing.reporter);
        let position =
            json!({ "lon_e7": 1_073_600_000 + number, "lat_e7": 353_350_000, "crs": "cgcs2000" });
        match thing.kind {
            Kind::Case => {
                let event = json!({
                    "occurred_at": now, "case": id, "channel": "qr_page", "category": ENQUIRY,
                    "catalogue_version": 1, "urgency": "normal",
                    "place": { "source": "grid", "division": thing.division, "grid": thing.grid, "position": position },
                    "reporter": reporter, "by_staff": false, "text": null, "contact": null,
                    "tracking": format!("{number:064}"), "first_reported_at": now, "photos": [],
                });
                let event = CaseEvent::CaseReported(serde_json::from_value(event).unwrap());
                self.suite.append(&subject::case(&id.parse().unwrap()), &id, &[event]).await;
            }
            Kind::Order => {
                let later = now + 1_000_000_000;
                let created = json!({
                    "occurred_at": now, "work_order": id, "case": id, "category": ENQUIRY,
                    "catalogue_version": 1, "urgency": "normal", "division": thing.division,
                    "grid": thing.grid, "reporter": reporter,
                    "limit": { "amount": 2, "unit": "working_days" },
                    "accept_due": later, "due": later, "calendar_version": 1, "round": 1,
                });
                let routed = json!({
                    "occurred_at": now, "work_order": id, "rule": "manual", "rule_version": 1,
                    "assignee": {
                        "organisation": thing.org.map(org),
                        "person": thing.assignee.map(|number| self.number(number)),
                    },
                    "candidates": [], "shortfall": null,
                });
                let events = [
                    WorkOrderEvent::WorkOrderCreated(serde_json::from_value(created).unwrap()),
                    WorkOrderEvent::WorkOrderRouted(serde_json::from_value(routed).unwrap()),
                ];
                self.suite.append(&subject::work_order(&id.parse().unwrap()), &id, &events).await;
            }
            Kind::Camera => {
                let event = json!({
                    "occurred_at": now, "camera": id, "gb_id": id[13..],
                    "facts": {
                        "division": thing.division, "grid": thing.grid, "position": position,
                        "source_crs": "cgcs2000", "place_kind": "road",
                        "operator": thing.org.map(org), "secrecy_adjacent": false,
                        "consent": null, "signage": true, "retention_days": 30,
                        "started_on": null, "document": "620821000000-document", "row": 1,
                    },
                });
                let event = CameraEvent::CameraRegistered(serde_json::from_value(event).unwrap());
                self.suite.append(&subject::camera(&id.parse().unwrap()), &id, &[event]).await;
            }
            Kind::Programme => {
                let event = json!({
                    "occurred_at": now, "programme": id, "division": thing.division,
                    "name": "620821000000-name",
                });
                let event = LedgerEvent::ProgrammeCreated(serde_json::from_value(event).unwrap());
                self.suite.append(&subject::programme(&id.parse().unwrap()), &id, &[event]).await;
            }
        }
    }

    /// What the gateway answers on a path.
    async fn page(&self, path: &str, token: &str) -> (bool, String) {
        let mut connection = tokio::net::TcpStream::connect(self.suite.http()).await.unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: weft\r\nCookie: weft={token}\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.contains(" 200 "), body.to_owned())
    }
}

/// What a stream tells until it is silent for a while.
async fn told<T>(mut stream: Streaming<T>, id: impl Fn(T) -> String) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    while let Ok(Ok(Some(message))) =
        tokio::time::timeout(Duration::from_millis(400), stream.message()).await
    {
        ids.insert(id(message));
    }
    ids
}

/// One asker with the streams that were open before anything happened.
struct Watching {
    asker: Asker,
    token: String,
    cases: Streaming<api::intake::v1::WatchCasesResponse>,
    orders: Option<Streaming<api::dispatch::v1::WatchWorkOrdersResponse>>,
}

async fn watch(ground: &Ground, asker: Asker) -> Watching {
    let token = ground.token(&asker);
    let channel = || ground.with(platform::grpc::Bearer::new(&token).unwrap());
    let cases = IntakeServiceClient::new(channel()).watch_cases(WatchCasesRequest::default()).await;
    let orders = DispatchServiceClient::new(channel())
        .watch_work_orders(WatchWorkOrdersRequest::default())
        .await;
    assert_eq!(orders.is_ok(), lists(asker.role, Kind::Order), "{asker:?}");
    Watching {
        cases: cases.unwrap().into_inner(),
        orders: orders.ok().map(tonic::Response::into_inner),
        asker,
        token,
    }
}

async fn look(ground: &Ground, drawn: &Drawn, watching: Watching) {
    let Watching { asker, token, cases, orders } = watching;
    let channel = || ground.with(platform::grpc::Bearer::new(&token).unwrap());
    let mut intake = IntakeServiceClient::new(channel());
    let mut dispatch = DispatchServiceClient::new(channel());
    let mut camera = CameraServiceClient::new(channel());

    let expected = drawn.seen(&asker, Kind::Case);
    let list = ListCasesRequest { page_size: 500, ..Default::default() };
    let listed = intake.list_cases(list).await.unwrap().into_inner().cases;
    let listed: BTreeSet<String> = listed.into_iter().map(|case| case.case_id).collect();
    assert_eq!(listed, expected, "cases listed by {asker:?}");
    let told_of = told(cases, |message| message.case.unwrap_or_default().case_id).await;
    assert_eq!(told_of, expected, "cases watched by {asker:?}");
    for id in drawn.all(Kind::Case).into_iter().step_by(3) {
        let get = GetCaseRequest { case_id: id.clone(), min_position: None };
        assert_eq!(intake.get_case(get).await.is_ok(), expected.contains(&id), "{id} by {asker:?}");
    }

    let expected = drawn.seen(&asker, Kind::Order);
    let list = ListWorkOrdersRequest { page_size: 500, ..Default::default() };
    if let Some(orders) = orders {
        let listed = dispatch.list_work_orders(list).await.unwrap().into_inner().work_orders;
        let listed: BTreeSet<String> = listed.into_iter().map(|one| one.work_order_id).collect();
        assert_eq!(listed, expected, "orders listed by {asker:?}");
        let told_of =
            told(orders, |message| message.work_order.unwrap_or_default().work_order_id).await;
        assert_eq!(told_of, expected, "orders watched by {asker:?}");
        for id in drawn.all(Kind::Order).into_iter().step_by(3) {
            let get = GetWorkOrderRequest { work_order_id: id.clone(), min_position: None };
            let got = dispatch.get_work_order(get).await.is_ok();
            assert_eq!(got, expected.contains(&id), "{id} by {asker:?}");
        }
    } else {
        assert!(dispatch.list_work_orders(list).await.is_err(), "{asker:?}");
    }

    let expected = drawn.seen(&asker, Kind::Camera);
    let list = ListCamerasRequest { page_size: 500, ..Default::default() };
    let near = ListNearbyCamerasRequest {
        center: Some(place(X)),
        radius_m: 2_000,
        limit: 200,
        ..Default::default()
    };
    if lists(asker.role, Kind::Camera) {
        let listed = camera.list_cameras(list).await.unwrap().into_inner().cameras;
        let listed: BTreeSet<String> = listed.into_iter().map(|one| one.camera_id).collect();
        assert_eq!(listed, expected, "cameras listed by {asker:?}");
        let near = camera.list_nearby_cameras(near).await.unwrap().into_inner();
        let found = near.cameras.into_iter().map(|one| one.camera.unwrap().camera_id);
        assert_eq!(found.collect::<BTreeSet<_>>(), expected, "cameras near, by {asker:?}");
        assert_eq!(near.left_out, 0);
        for id in drawn.all(Kind::Camera).into_iter().step_by(3) {
            let get = GetCameraRequest { camera_id: id.clone(), min_position: None };
            let got = camera.get_camera(get).await.is_ok();
            assert_eq!(got, expected.contains(&id), "{id} by {asker:?}");
        }
    } else {
        assert!(camera.list_cameras(list).await.is_err(), "{asker:?}");
    }

    if lists(asker.role, Kind::Programme) {
        let list = ListProgrammesRequest { page_size: 500, ..Default::default() };
        let listed = PointsServiceClient::new(channel()).list_programmes(list).await.unwrap();
        let listed = listed.into_inner().programmes.into_iter().map(|one| one.programme_id);
        let expected = drawn.seen(&asker, Kind::Programme);
        assert_eq!(listed.collect::<BTreeSet<_>>(), expected, "programmes by {asker:?}");
    }
    pages(ground, drawn, &asker, &token).await;
}

/// The gateway's map, figures, queue and cameras.
async fn pages(ground: &Ground, drawn: &Drawn, asker: &Asker, token: &str) {
    let cases = drawn.seen(asker, Kind::Case);
    let desk = matches!(asker.role, Role::Operator | Role::Supervisor);
    let (found, map) = ground.page("/api/ui/cases.geojson", token).await;
    assert_eq!(found, desk, "the map for {asker:?}");
    if found {
        assert_eq!(features(&map), cases, "the map of {asker:?}");
        let (_, figures) = ground.page("/api/ui/figures", token).await;
        let figures: Value = serde_json::from_str(&figures).unwrap();
        assert_eq!(figures["open"].as_u64(), Some(cases.len() as u64), "figures of {asker:?}");
        let (_, cameras) = ground.page("/api/ui/cameras.geojson", token).await;
        assert_eq!(features(&cameras), drawn.seen(asker, Kind::Camera), "{asker:?}");
    }
    for path in ["/console", "/work", "/work/me"] {
        let (_, page) = ground.page(path, token).await;
        for (kind, seen) in [(Kind::Case, &cases), (Kind::Order, &drawn.seen(asker, Kind::Order))] {
            for id in drawn.all(kind).difference(seen) {
                // An id of a thing is a page's link, a row or nothing: `thing1` is not `thing12`.
                let shown = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                assert!(shown.into_iter().all(|word| word != id), "{path} shows {id} to {asker:?}");
            }
        }
    }
}

fn features(map: &str) -> BTreeSet<String> {
    let map: Value = serde_json::from_str(map).unwrap();
    let features = map["features"].as_array().unwrap().iter();
    features.map(|feature| feature["id"].as_str().unwrap().to_owned()).collect()
}

async fn everybody_sees_what_the_policy_says(db: Db) {
    let mut drawn = drawn();
    // A division has one programme.
    let mut once = BTreeSet::new();
    let of_programmes =
        |thing: &Thing| thing.kind != Kind::Programme || once.insert(thing.division.clone());
    let mut of_programmes = of_programmes;
    drawn.things.retain(|thing| of_programmes(thing));
    let ground = Ground::start(db).await;
    let watching = join_all(drawn.people.iter().map(|asker| watch(&ground, asker.clone()))).await;
    for number in 0..drawn.things.len() {
        ground.enter(&drawn, number).await;
    }
    ground.suite.settled().await;
    let mut looking = watching.into_iter();
    loop {
        let some: Vec<_> = looking.by_ref().take(12).collect();
        if some.is_empty() {
            break;
        }
        join_all(some.into_iter().map(|one| look(&ground, &drawn, one))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_policy_says_on_sqlite() {
    everybody_sees_what_the_policy_says(Db::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_policy_says_on_postgres() {
    everybody_sees_what_the_policy_says(Db::Postgres).await;
}
