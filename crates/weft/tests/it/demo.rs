//! The demo as a visitor starts it: a county is prepared, lives, stops, is killed, and goes on.

use std::{
    fs,
    process::{Child, Stdio},
};

use api::{
    access::v1::{
        ListAssignmentsRequest, ListOrganisationsRequest, UseSignInLinkRequest,
        access_service_client::AccessServiceClient,
    },
    camera::v1::{ListCamerasRequest, camera_service_client::CameraServiceClient},
    dispatch::v1::{
        ListWorkOrdersRequest, WorkOrderStatus, dispatch_service_client::DispatchServiceClient,
    },
    grid::v1::{ListGridsRequest, MemberDuty, grid_service_client::GridServiceClient},
    intake::v1::{ListCasesRequest, Satisfaction, intake_service_client::IntakeServiceClient},
    points::v1::{
        AccountKind, GetBalanceSheetRequest, ListProgrammesRequest,
        points_service_client::PointsServiceClient,
    },
};
use platform::grpc::Bearer;
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::county::{County, until};

const YOURS: &str = "620821108206001";

/// A demo that runs, small.
pub(crate) struct Demo {
    pub(crate) county: County,
    running: Option<Child>,
}

/// How much of what there is.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    grids: usize,
    members: usize,
    chiefs: usize,
    organisations: usize,
    assignments: usize,
    cameras: usize,
    programmes: usize,
}

/// Six townships with 19 bodies each and the desks of 17 more: see resources/departments.csv.
const ALL: Counts = Counts {
    grids: 20,
    members: 20,
    chiefs: 20,
    organisations: 131,
    assignments: 186,
    cameras: 50,
    programmes: 6,
};

impl Demo {
    pub(crate) fn new() -> Self {
        Self { county: County::new(&[]), running: None }
    }

    fn start(&mut self, more: &[&str]) {
        self.start_at("brisk", more);
    }

    pub(crate) fn start_at(&mut self, pace: &str, more: &[&str]) {
        let file = |name: &str| {
            let path = self.county.data.path().join(name);
            fs::OpenOptions::new().create(true).append(true).open(path).unwrap()
        };
        let http = self.county.http.clone();
        let mut command = self.county.command(&["demo", "--pace", pace, "--http", &http], false);
        command.args(more).arg("--data").arg(self.data());
        command.stdin(Stdio::null()).stdout(file("demo.out")).stderr(file("suite.log"));
        self.running = Some(command.spawn().unwrap());
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.county.data.path().to_owned()
    }

    fn printed(&self) -> String {
        fs::read_to_string(self.county.data.path().join("demo.out")).unwrap_or_default()
    }

    /// Waits until the table was printed so many times.
    pub(crate) fn wait_for_table(&mut self, times: usize) {
        until("the table is printed", || {
            let ended = self.running.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the demo ended: {}", self.county.said());
            self.printed().matches("demo links").count() >= times
        });
    }

    pub(crate) fn kill(&mut self) {
        let mut running = self.running.take().unwrap();
        running.kill().unwrap();
        running.wait().unwrap();
    }

    fn stop(&mut self) -> bool {
        let mut running = self.running.take().unwrap();
        let asked = std::process::Command::new("kill").arg(running.id().to_string()).status();
        assert!(asked.unwrap().success());
        running.wait().unwrap().success()
    }

    /// A client of a role in the county.
    fn bearer(&self, role: &str) -> Bearer {
        let token = self.county.token(&["--role", role, "--division", "620821"]);
        Bearer::new(&token).unwrap()
    }

    async fn channel(&self, role: &str) -> InterceptedService<Channel, Bearer> {
        let channel = platform::grpc::connect(&self.county.grpc).await.unwrap();
        InterceptedService::new(channel, self.bearer(role))
    }

    async fn counts(&self) -> Counts {
        let channel = self.channel("administrator").await;
        let mut grid = GridServiceClient::new(channel.clone());
        let request = ListGridsRequest { page_size: 1_000, ..Default::default() };
        let grids = grid.list_grids(request).await.unwrap().into_inner().grids;
        let with = |duty: MemberDuty| {
            let members = grids.iter().flat_map(|grid| &grid.members);
            members.filter(|member| member.duty() == duty).count()
        };
        let mut access = AccessServiceClient::new(channel.clone());
        let request = ListOrganisationsRequest { page_size: 1_000, ..Default::default() };
        let organisations = access.list_organisations(request).await.unwrap().into_inner();
        let request = ListAssignmentsRequest { page_size: 1_000, ..Default::default() };
        let assignments = access.list_assignments(request).await.unwrap().into_inner();
        let mut points = PointsServiceClient::new(channel.clone());
        let request = ListProgrammesRequest { page_size: 1_000, ..Default::default() };
        let programmes = points.list_programmes(request).await.unwrap().into_inner();
        let mut cameras = CameraServiceClient::new(channel);
        let request = ListCamerasRequest { page_size: 1_000, ..Default::default() };
        let cameras = cameras.list_cameras(request).await.unwrap().into_inner();
        Counts {
            members: with(MemberDuty::FullTime),
            chiefs: with(MemberDuty::Chief),
            grids: grids.len(),
            organisations: organisations.organisations.len(),
            assignments: assignments.assignments.len(),
            cameras: cameras.cameras.len(),
            programmes: programmes.programmes.len(),
        }
    }

    /// How many cases their reporters have rated.
    async fn rated(&self) -> usize {
        let mut intake = IntakeServiceClient::new(self.channel("operator").await);
        let request = ListCasesRequest { page_size: 1_000, ..Default::default() };
        let cases = intake.list_cases(request).await.unwrap().into_inner().cases;
        cases.iter().filter(|case| case.satisfaction() != Satisfaction::Unspecified).count()
    }

    /// How many points the residents hold.
    async fn points(&self) -> i64 {
        let mut points = PointsServiceClient::new(self.channel("administrator").await);
        let request = ListProgrammesRequest { page_size: 100, ..Default::default() };
        let mut held = 0;
        for programme in points.list_programmes(request).await.unwrap().into_inner().programmes {
            let request = GetBalanceSheetRequest {
                programme_id: programme.programme_id,
                ..Default::default()
            };
            let sheet = points.get_balance_sheet(request).await.unwrap().into_inner();
            assert_eq!(sheet.sum, 0);
            let residents = sheet.lines.iter().filter(|it| it.kind() == AccountKind::Resident);
            held += residents.map(|line| line.balance).sum::<i64>();
        }
        held
    }

    /// The orders of the visitor's grid, by where they stand.
    async fn yours(&self) -> Vec<WorkOrderStatus> {
        let mut dispatch = DispatchServiceClient::new(self.channel("operator").await);
        let request = ListWorkOrdersRequest { page_size: 1_000, ..Default::default() };
        let orders = dispatch.list_work_orders(request).await.unwrap().into_inner().work_orders;
        let yours = orders.iter().filter(|order| order.grid == YOURS);
        yours.map(api::dispatch::v1::WorkOrder::status).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ended = running.kill();
            let _ended = running.wait();
        }
    }
}

/// Asks until an answer pleases; for conditions that take a client.
fn wait_for<T, F: Future<Output = T>>(what: &str, ask: impl Fn() -> F, good: impl Fn(&T) -> bool) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    until(what, || good(&runtime.block_on(ask())));
}

fn asked<T>(question: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(question)
}

#[test]
fn a_demo_lives_stops_and_goes_on() {
    let mut demo = Demo::new();
    demo.start(&["--grids", "20", "--cameras", "50"]);
    demo.wait_for_table(1);
    assert_eq!(asked(demo.counts()), ALL);
    wait_for("cases are rated", || demo.rated(), |rated| *rated >= 3);
    wait_for("points are given", || demo.points(), |points| *points > 0);
    wait_for("the visitor has work", || demo.yours(), |orders| orders.len() >= 3);
    let untouched = [WorkOrderStatus::Routed];
    assert!(asked(demo.yours()).iter().all(|status| untouched.contains(status)));

    // A link of the table, and a fresh one.
    let data = demo.data().display().to_string();
    let links = crate::county::weft().args(["demo", "links", "--data", &data]).output().unwrap();
    let printed = demo.printed() + &crate::county::text(&links.stdout);
    let codes: Vec<&str> =
        printed.lines().filter_map(|line| line.split_once("/sign-in/")).map(|it| it.1).collect();
    assert_eq!(codes.len(), 14, "{printed}");
    for code in codes {
        let session = asked(async {
            let channel = platform::grpc::connect(&demo.county.grpc).await.unwrap();
            let request = UseSignInLinkRequest { code: code.to_owned() };
            AccessServiceClient::new(channel).use_sign_in_link(request).await
        });
        assert!(!session.unwrap().into_inner().token.is_empty());
    }

    assert!(demo.stop(), "SIGTERM ends it in good order: {}", demo.county.said());
    let other = crate::county::weft().args(["demo", "--seed", "8", "--data", &data]).output();
    assert!(!other.unwrap().status.success(), "another seed is another county");

    demo.start(&[]);
    demo.wait_for_table(2);
    assert_eq!(asked(demo.counts()), ALL);
    let rated = asked(demo.rated());
    wait_for("it goes on", || demo.rated(), |now| *now > rated);
    let verified: serde_json::Value =
        serde_json::from_str(&demo.county.run(&["verify", "--json"])).unwrap();
    assert_eq!(verified["holds"], true, "{verified}");
    assert!(demo.stop());
    assert!(!demo.county.said().contains("preparing 泾川县, synthetic, from seed 8"));
    assert_eq!(demo.county.said().matches("preparing 泾川县").count(), 1);
}

#[test]
fn killed_while_it_prepares_and_started_again_it_has_everything_once() {
    let mut demo = Demo::new();
    for stage in ["categories", "organisations"] {
        demo.start(&["--grids", "20", "--cameras", "50"]);
        // What follows this stage is under way when the power goes.
        until("it prepares", || demo.county.said().contains(stage));
        demo.kill();
    }
    demo.start(&["--for", "20s"]);
    demo.wait_for_table(1);
    assert_eq!(asked(demo.counts()), ALL);
    let mut running = demo.running.take().unwrap();
    assert!(running.wait().unwrap().success(), "it stops by itself: {}", demo.county.said());
    demo.start(&[]);
    demo.wait_for_table(2);
    assert_eq!(demo.county.said().matches("  prepared").count(), 1);
    assert_eq!(asked(demo.counts()), ALL);
    demo.county.run(&["verify"]);
    assert!(demo.stop());
}
