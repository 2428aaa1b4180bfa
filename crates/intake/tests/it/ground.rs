//! The ground of every test: intake alone, the shipped catalogue, one township with two villages, and
//! one grid of a kilometre's square in the first.

use api::{
    common::v1::{GeoPosition, Position},
    intake::v1::{
        Case, Channel, Contact, GetCaseRequest, GetCaseResponse, ImportCategoriesRequest,
        ImportCategoriesResponse, ReportCaseRequest, ReportCaseResponse,
        catalogue_service_client::CatalogueServiceClient,
        intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
};
use contracts::{
    dispatch::{HandlingResult, WorkOrderClosed, WorkOrderEvent},
    grid::{DivisionEvent, DivisionRegistered, GridCreated, GridEvent, GridKind},
    subject,
};
use kernel::{
    Clock as _, Division, GridCode, Role,
    geo::{Crs, DeltaPolygon},
    id::{CaseId, WorkOrderId},
};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use testkit::{Db, Suite};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel as Wire};

pub(crate) type Client = IntakeServiceClient<InterceptedService<Wire, Bearer>>;

pub(crate) type CatalogueClient = CatalogueServiceClient<InterceptedService<Wire, Bearer>>;

pub(crate) const CATALOGUE: &str = include_str!("../../../../resources/categories.csv");
pub(crate) const TOWNSHIP: &str = "620821101";
pub(crate) const VILLAGE: &str = "620821101203";
pub(crate) const OTHER_VILLAGE: &str = "620821102200";
pub(crate) const GRID: &str = "620821101203001";
/// The beginning of its row in the shipped catalogue.
pub(crate) const LEAF_ROW: &str = "01,公共设施,0101,路灯不亮或损坏,street lamp out or broken,component,乡镇村镇建设服务中心,2wd,normal,grid,no";
/// 路灯不亮或损坏: accepted by rule, open to all who handle it.
pub(crate) const LAMP: &str = "0101";

pub(crate) struct Ground {
    pub(crate) suite: Suite,
}

impl Ground {
    /// A county with divisions, a grid and the catalogue.
    pub(crate) async fn start(db: Db) -> Self {
        let ground = Self::bare(db).await;
        for division in [TOWNSHIP, VILLAGE, "620821102", OTHER_VILLAGE] {
            ground.register(division.parse().unwrap()).await;
        }
        ground.draw(GRID.parse().unwrap()).await;
        let answer = ground.import("catalogue", CATALOGUE).await.unwrap();
        assert_eq!((answer.written, answer.errors.len()), (157, 0));
        ground.suite.settled().await;
        ground
    }

    /// A county of which nothing is known.
    pub(crate) async fn bare(db: Db) -> Self {
        Self { suite: Suite::start(vec![intake::service()], db).await }
    }

    pub(crate) fn client(&self, bearer: Bearer) -> Client {
        IntakeServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    pub(crate) fn resident(&self, number: u128) -> Client {
        let person = self.suite.person(number);
        self.client(self.suite.bearer_for(&person, Role::Resident, ScopeParts::default()))
    }

    pub(crate) fn of_division(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        self.client(self.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() }))
    }

    /// Who asks the catalogue beyond its list.
    pub(crate) fn catalogue(&self, role: Role, division: &str) -> CatalogueClient {
        self.catalogue_of(1, role, division)
    }

    /// The same for one of several people.
    pub(crate) fn catalogue_of(&self, number: u128, role: Role, division: &str) -> CatalogueClient {
        let division = Some(division.parse().unwrap());
        let scope = ScopeParts { division, ..ScopeParts::default() };
        // Whoever has another role is another person.
        let person = self.suite.person(100 * number + role as u128);
        let bearer = self.suite.bearer_for(&person, role, scope);
        CatalogueServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    pub(crate) fn member(&self, grid: &str) -> Client {
        let grid = Some(grid.parse().unwrap());
        let scope = ScopeParts { grid, ..ScopeParts::default() };
        self.client(self.suite.bearer(Role::GridMember, scope))
    }

    pub(crate) async fn import(
        &self,
        request_id: &str,
        csv: &str,
    ) -> Result<ImportCategoriesResponse, Status> {
        self.import_bytes(&request_id.replace(' ', "_"), csv.as_bytes()).await
    }

    /// The same for a table of any form.
    pub(crate) async fn import_bytes(
        &self,
        request_id: &str,
        table: &[u8],
    ) -> Result<ImportCategoriesResponse, Status> {
        let request = ImportCategoriesRequest {
            request_id: request_id.to_owned(),
            csv: table.to_vec(),
            dry_run: false,
        };
        let scope = ScopeParts { division: Some(self.suite.county()), ..ScopeParts::default() };
        let person = self.suite.person(9);
        let bearer = self.suite.bearer_for(&person, Role::Administrator, scope);
        let mut administrator = self.client(bearer);
        Ok(administrator.import_categories(request).await?.into_inner())
    }

    /// As grid would: a division is in force.
    pub(crate) async fn register(&self, division: Division) {
        let id = subject::division_id(division);
        let event = DivisionEvent::from(DivisionRegistered {
            occurred_at: self.suite.clock().now(),
            division,
            document: "620821000000-document".parse().unwrap(),
            row: 1,
        });
        self.suite.append(&subject::division(&id), &id.to_string(), &[event]).await;
    }

    /// As grid would: a grid of 0.01 degrees' side, from 107.36 east and 35.33 north.
    pub(crate) async fn draw(&self, grid: GridCode) {
        let id = subject::grid_id(grid);
        let side = 100_000;
        let ring = vec![1_073_600_000, 353_300_000, side, 0, 0, side, -side, 0];
        let event = GridEvent::from(GridCreated {
            occurred_at: self.suite.clock().now(),
            grid,
            kind: GridKind::Rural,
            boundary: DeltaPolygon { rings: vec![ring] },
            source_crs: Crs::Cgcs2000,
            document: "620821000000-document".parse().unwrap(),
            row: 1,
        });
        self.suite.append(&subject::grid(&id), &id.to_string(), &[event]).await;
    }

    /// As dispatch would: the case's work order is closed.
    pub(crate) async fn close_order(&self, case: &str) {
        let key = case.rsplit('-').next().unwrap();
        self.close_order_named(case, key).await;
    }

    /// The same, for an order with a key of its own.
    pub(crate) async fn close_order_named(&self, case: &str, key: &str) {
        let case: CaseId = case.parse().unwrap();
        let order = WorkOrderId::new(case.division(), key.parse().unwrap());
        let event = WorkOrderEvent::from(WorkOrderClosed {
            occurred_at: self.suite.clock().now(),
            work_order: order.clone(),
            case,
            by: self.suite.person(1),
            result: HandlingResult::Solved,
            found_true: true,
            parent: None,
        });
        self.suite.append(&subject::work_order(&order), &order.to_string(), &[event]).await;
        self.suite.settled().await;
    }

    /// What the desk of the county sees of a case once all has settled.
    pub(crate) async fn seen(&self, case: &str) -> GetCaseResponse {
        self.suite.settled().await;
        get(&mut self.of_division(Role::Operator, "620821"), case, None).await.unwrap()
    }

    /// The case once all has settled.
    pub(crate) async fn case(&self, case: &str) -> Case {
        self.seen(case).await.case.unwrap()
    }
}

pub(crate) fn position(longitude: f64, latitude: f64) -> Place {
    Place::Position(GeoPosition { longitude, latitude, crs: 0 })
}

/// A lamp in the grid, written about by somebody with a name and a phone.
pub(crate) fn lamp(request_id: &str) -> ReportCaseRequest {
    ReportCaseRequest {
        request_id: request_id.to_owned(),
        channel: Channel::QrPage.into(),
        category: LAMP.to_owned(),
        place: Some(position(107.365, 35.335)),
        text: "村口的路灯坏了".to_owned(),
        contact: Some(Contact {
            name: "张三".to_owned(),
            phone: "13800138000".to_owned(),
            address: String::new(),
        }),
        photos: Vec::new(),
        ..ReportCaseRequest::default()
    }
}

pub(crate) async fn report(client: &mut Client, request: ReportCaseRequest) -> ReportCaseResponse {
    client.report_case(request).await.unwrap().into_inner()
}

pub(crate) async fn get(
    client: &mut Client,
    case: &str,
    min_position: Option<Position>,
) -> Result<GetCaseResponse, Status> {
    let request = GetCaseRequest { case_id: case.to_owned(), min_position };
    Ok(client.get_case(request).await?.into_inner())
}

pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = platform::grpc::status::reason_of(&status).unwrap_or_default();
    assert!(platform::grpc::status::message_of(&status, "zh-CN").is_some(), "{status:?}");
    (status.code(), reason)
}

/// The fields that an answer says are wrong.
pub(crate) fn wrong_fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let violations = platform::grpc::status::violations_of(&status);
    violations.into_iter().map(|violation| violation.field).collect()
}

/// What an answer says about a field, in English and Chinese.
pub(crate) fn messages<T: std::fmt::Debug>(answer: Result<T, Status>, field: &str) -> [String; 2] {
    let violations = platform::grpc::status::violations_of(&answer.unwrap_err());
    let found = violations.into_iter().find(|violation| violation.field == field).unwrap();
    [found.en, found.zh]
}
