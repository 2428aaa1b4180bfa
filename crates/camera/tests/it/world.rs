//! A suite with camera in it, callers, and four grids of two townships.
//!
//! ```text
//! 35.34   ┌────┬────┐ gap ┌────┐        ┌────┐
//!         │001 │002 │     │ 003│        │next│  in the next township
//! 35.33   └────┴────┘     └────┘        └────┘
//!       .36  .37  .38    .39  .40      .50  .51
//! ```

use api::{
    camera::v1::{
        Camera, CameraDetails, GetCameraRequest, ImportCamerasRequest, ImportCamerasResponse,
        ListCamerasRequest, PlaceKind, RegisterCameraRequest, RegisterCameraResponse,
        camera_service_client::CameraServiceClient,
    },
    common::v1::{Crs, GeoPosition, Position},
};
use contracts::{
    grid::{DivisionEvent, DivisionRegistered, GridCreated, GridEvent, GridKind},
    subject,
};
use kernel::{Division, GridCode, Role, Timestamp, geo::DeltaPolygon};
use platform::{
    auth::scope::ScopeParts,
    grpc::{Bearer, status},
};
use testkit::{Db, Suite};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

pub(crate) type Client = CameraServiceClient<InterceptedService<Channel, Bearer>>;

pub(crate) const WEST: &str = "620821101203001";
pub(crate) const EAST: &str = "620821101203002";
pub(crate) const ACROSS: &str = "620821101204001";
pub(crate) const NEXT_TOWN: &str = "620821102200001";

const DIVISIONS: [&str; 6] =
    ["620821", "620821101", "620821101203", "620821101204", "620821102", "620821102200"];

pub(crate) struct World {
    pub(crate) suite: Suite,
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        let suite = Suite::start(vec![camera::service()], db).await;
        for code in DIVISIONS {
            register_division(&suite, code.parse().unwrap()).await;
        }
        let squares = [(WEST, 107.36), (EAST, 107.37), (ACROSS, 107.39), (NEXT_TOWN, 107.50)];
        for (code, west) in squares {
            draw(&suite, code.parse().unwrap(), west).await;
        }
        Self { suite }
    }

    /// A client of a new person in a role with a scope.
    pub(crate) fn scoped(&self, role: Role, scope: ScopeParts) -> Client {
        let bearer = self.suite.bearer(role, scope);
        CameraServiceClient::with_interceptor(self.suite.channel(), bearer)
            .max_encoding_message_size(32 << 20)
    }

    /// A client of a new person in a role over a division.
    pub(crate) fn caller(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        self.scoped(role, ScopeParts { division, ..Default::default() })
    }

    pub(crate) fn administrator(&self) -> Client {
        self.caller(Role::Administrator, "620821")
    }

    /// The end of the log, which a query can wait for.
    pub(crate) async fn head(&self) -> Option<Position> {
        Some(self.suite.head().await.into())
    }
}

async fn register_division(suite: &Suite, division: Division) {
    let id = subject::division_id(division);
    let document = "620821000000-divisions".parse().unwrap();
    let event: DivisionEvent =
        DivisionRegistered { occurred_at: Timestamp(1), division, document, row: 1 }.into();
    suite.append(&subject::division(&id), &id.to_string(), &[event]).await;
}

/// A square of a hundredth of a degree whose south-western corner is at 35.33° north.
async fn draw(suite: &Suite, grid: GridCode, west: f64) {
    let place = kernel::geo::Position::from_degrees(west, 35.33, kernel::geo::Crs::Cgcs2000);
    let corner = place.unwrap();
    let ring = vec![corner.lon_e7, corner.lat_e7, 100_000, 0, 0, 100_000, -100_000, 0];
    let id = subject::grid_id(grid);
    let event: GridEvent = GridCreated {
        occurred_at: Timestamp(1),
        grid,
        kind: GridKind::Rural,
        boundary: DeltaPolygon { rings: vec![ring] },
        source_crs: kernel::geo::Crs::Cgcs2000,
        document: "620821000000-grids".parse().unwrap(),
        row: 1,
    }
    .into();
    suite.append(&subject::grid(&id), &id.to_string(), &[event]).await;
}

pub(crate) fn at(longitude: f64, latitude: f64) -> GeoPosition {
    GeoPosition { longitude, latitude, crs: Crs::Cgcs2000.into() }
}

/// An id of an IP camera of the county.
pub(crate) fn gb_id(serial: usize) -> String {
    format!("62082101001320{serial:06}")
}

pub(crate) fn details(name: &str, longitude: f64) -> CameraDetails {
    CameraDetails {
        name: name.into(),
        position: Some(at(longitude, 35.335)),
        place_kind: PlaceKind::Road.into(),
        signage: true,
        retention_days: 30,
        ..Default::default()
    }
}

pub(crate) fn register(
    request_id: &str,
    serial: usize,
    details: CameraDetails,
) -> RegisterCameraRequest {
    let details = Some(details);
    RegisterCameraRequest { request_id: request_id.into(), gb_id: gb_id(serial), details }
}

pub(crate) async fn registered(
    client: &mut Client,
    serial: usize,
    details: CameraDetails,
) -> RegisterCameraResponse {
    let ask = register(&format!("register-{serial}"), serial, details);
    client.register_camera(ask).await.unwrap().into_inner()
}

pub(crate) async fn got(client: &mut Client, id: &str, min_position: Option<Position>) -> Camera {
    let ask = GetCameraRequest { camera_id: id.into(), min_position };
    client.get_camera(ask).await.unwrap().into_inner().camera.unwrap()
}

/// All cameras that a caller sees, a few a page.
pub(crate) async fn all(client: &mut Client, ask: ListCamerasRequest) -> Vec<Camera> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = ListCamerasRequest { page_token, ..ask.clone() };
        let page = client.list_cameras(page).await.unwrap().into_inner();
        found.extend(page.cameras);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

pub(crate) async fn import(
    client: &mut Client,
    file: impl Into<Vec<u8>>,
    dry_run: bool,
) -> ImportCamerasResponse {
    let ask = ImportCamerasRequest { request_id: "import".into(), file: file.into(), dry_run };
    client.import_cameras(ask).await.unwrap().into_inner()
}

/// The stable reason of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.unwrap_err();
    let zh = status::message_of(&status, "zh-CN").unwrap_or_default();
    assert!(!zh.is_empty(), "{status:?} says nothing in Chinese");
    status::reason_of(&status).unwrap_or_default()
}

/// The wrong fields of a refusal, each of which is explained in both languages.
pub(crate) fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
    let violations = status::violations_of(&status);
    assert!(violations.iter().all(|v| !v.en.is_empty() && !v.zh.is_empty()), "{violations:?}");
    violations.into_iter().map(|violation| violation.field).collect()
}
