//! The big screen and its maps over the services that they ask, and the stream of one case.

use std::time::Duration;

use api::{
    grid::v1::{
        ImportDivisionsRequest, ImportGridsRequest, grid_service_client::GridServiceClient,
    },
    intake::v1::{
        AddInformationRequest, Channel, ImportCategoriesRequest, ReportCaseRequest,
        ReportCaseResponse, intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
};
use kernel::Role;
use platform::auth::{Basis, Claims, Scope, scope::ScopeParts};
use serde_json::{Value, json};
use testkit::{Db, Suite};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

const CATALOGUE: &str = include_str!("../../../../resources/categories.csv");
const DIVISIONS: &str = "code,name,level,parent\n\
    620821,泾川县,county,\n\
    620821101,玉都镇,township,620821\n\
    620821101203,官村村民委员会,village,620821101\n\
    620821102,高平镇,township,620821\n\
    620821102200,高平村民委员会,village,620821102\n";
pub(crate) const GRID: &str = "620821101203001";
pub(crate) const OTHER_GRID: &str = "620821102200001";
const LAMP: &str = "0101";

pub(crate) struct County {
    suite: Suite,
}

/// A square of a hundredth of a degree.
fn grid(code: &str, name: &str, west: f64) -> Value {
    let east = west + 0.01;
    let ring = [[west, 35.33], [east, 35.33], [east, 35.34], [west, 35.34], [west, 35.33]];
    json!({
        "type": "Feature",
        "properties": { "code": code, "name": name, "kind": "rural", "crs": "cgcs2000" },
        "geometry": { "type": "Polygon", "coordinates": [ring] },
    })
}

impl County {
    pub(crate) async fn start() -> Self {
        let services = vec![
            access::service(),
            grid::service(),
            intake::service(),
            dispatch::service(),
            gateway::service(),
            camera::service(),
        ];
        let suite = Suite::start(services, Db::Sqlite).await;
        let whole = ScopeParts { division: Some(suite.county()), ..ScopeParts::default() };
        let bearer = suite.bearer(Role::Administrator, whole);
        let mut registry = GridServiceClient::with_interceptor(suite.channel(), bearer.clone());
        let csv = DIVISIONS.as_bytes().to_vec();
        let divisions = ImportDivisionsRequest { request_id: "d".into(), csv, dry_run: false };
        assert!(registry.import_divisions(divisions).await.unwrap().into_inner().errors.is_empty());
        suite.settled().await;
        let grids = [grid(GRID, "官村一组", 107.36), grid(OTHER_GRID, "高平一组", 107.50)];
        let geojson = json!({ "type": "FeatureCollection", "features": grids }).to_string();
        let geojson = geojson.into_bytes();
        let grids = ImportGridsRequest { request_id: "g".into(), geojson, dry_run: false };
        assert!(registry.import_grids(grids).await.unwrap().into_inner().errors.is_empty());
        let mut intake = IntakeServiceClient::with_interceptor(suite.channel(), bearer);
        let csv = CATALOGUE.as_bytes().to_vec();
        let categories = ImportCategoriesRequest { request_id: "c".into(), csv, dry_run: false };
        intake.import_categories(categories).await.unwrap();
        suite.settled().await;
        Self { suite }
    }

    /// The header of an operator of a division.
    pub(crate) fn operator(&self, division: &str) -> String {
        let parts =
            ScopeParts { division: Some(division.parse().unwrap()), ..ScopeParts::default() };
        let scope = Scope::for_role(Role::Operator, parts).unwrap();
        let ttl = Duration::from_hours(12);
        let claims = Claims {
            person: self.suite.person(1),
            role: Role::Operator,
            scope,
            ttl,
            basis: Basis::default(),
        };
        let context = self.suite.context();
        format!("weft={}", context.issuer.issue(&claims, context.clock.now()).unwrap())
    }

    /// A resident reports something at a grid.
    pub(crate) async fn reports(
        &self,
        request_id: &str,
        category: &str,
        at: &str,
    ) -> ReportCaseResponse {
        let bearer =
            self.suite.bearer_for(&self.suite.person(9), Role::Resident, ScopeParts::default());
        let mut intake = IntakeServiceClient::with_interceptor(self.suite.channel(), bearer);
        let report = ReportCaseRequest {
            request_id: request_id.into(),
            channel: Channel::QrPage.into(),
            category: category.into(),
            place: Some(Place::Grid(at.to_owned())),
            text: "<script>alert(1)</script> \u{645}\u{631}\u{62d}\u{628}\u{627}".into(),
            ..ReportCaseRequest::default()
        };
        let answer = intake.report_case(report).await.unwrap().into_inner();
        self.suite.settled().await;
        answer
    }

    async fn open(&self, path: &str, headers: &[(&str, &str)]) -> BufReader<TcpStream> {
        let mut connection = TcpStream::connect(self.suite.http()).await.unwrap();
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let request = format!("GET {path} HTTP/1.0\r\nHost: weft\r\n{headers}\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        BufReader::new(connection)
    }

    /// Sends a form, as a page of this site does; the head of the answer, and its body.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> (String, String) {
        let mut connection = TcpStream::connect(self.suite.http()).await.unwrap();
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!(
            "POST {path} HTTP/1.0\r\nHost: weft\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n{}\r\n{form}",
            form.len(),
            headers.concat()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// The head of the answer, and its body.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (String, String) {
        let mut answer = Vec::new();
        self.open(path, headers).await.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}

/// The features' ids.
fn ids(body: &str) -> Vec<String> {
    let collection: Value = serde_json::from_str(body).unwrap();
    let features = collection["features"].as_array().unwrap();
    features.iter().map(|feature| feature["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_township_is_drawn_and_no_more() {
    let county = County::start().await;
    let (all, here) = (county.operator("620821"), county.operator("620821101"));
    let (head, body) = county.get("/api/ui/grids.geojson", &[("Cookie", &all)]).await;
    assert!(head.contains("application/geo+json"), "{head}");
    assert_eq!(ids(&body), [GRID, OTHER_GRID]);
    let first: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(first["features"][0]["geometry"]["coordinates"][0][0], json!([107.36, 35.33]));
    assert_eq!(first["townships"][1]["name"], "高平镇");

    let (head, body) = county.get("/api/ui/grids.geojson", &[("Cookie", &here)]).await;
    assert_eq!(ids(&body), [GRID]);
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let again = [("Cookie", here.as_str()), ("If-None-Match", tag)];
    let (head, body) = county.get("/api/ui/grids.geojson", &again).await;
    assert!(head.contains(" 304 ") && body.is_empty(), "{head}");
    let packed = [("Cookie", here.as_str()), ("Accept-Encoding", "gzip")];
    let (head, _) = county.get("/api/ui/grids.geojson", &packed).await;
    assert!(head.contains("content-encoding: gzip") && !head.contains(tag), "{head}");
    let (_, body) = county.get("/api/ui/cameras.geojson", &[("Cookie", &here)]).await;
    assert!(ids(&body).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_names_places_and_categories_and_nothing_that_was_typed() {
    let county = County::start().await;
    county.reports("a", LAMP, GRID).await;
    county.reports("b", LAMP, OTHER_GRID).await;
    let secret = CATALOGUE.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let secret = secret.clone().find(|row| row[10] == "yes").expect("a confidential category");
    county.reports("c", secret[2], GRID).await;
    let headers =
        [("Cookie", county.operator("620821101")), ("Accept-Language", "zh-CN".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (head, body) = county.get("/screen", &headers).await;
    assert!(head.contains(" 200 "), "{head}");
    for there in ["玉都镇社会治理指挥大屏", "路灯不亮或损坏", "官村一组"] {
        assert!(body.contains(there), "{there}: {body}");
    }
    for elsewhere in ["高平", "alert(1)", "\u{645}\u{631}", secret[3]] {
        assert!(!body.contains(elsewhere), "{elsewhere}");
    }
    // It is counted all the same.
    let (_, figures) = county.get("/api/ui/figures", &headers).await;
    assert_eq!(serde_json::from_str::<Value>(&figures).unwrap()["open"], 2);
    let (_, parts) = county.get("/screen/parts", &headers).await;
    assert!(parts.contains("data-part") && !parts.contains("<html"), "{parts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_code_follows_one_case() {
    let county = County::start().await;
    let mine = county.reports("a", LAMP, GRID).await;
    let path = format!("/events?tracking={}", mine.tracking_code);
    let mut stream = county.open(&path, &[]).await;
    let mut line = String::new();
    while !line.starts_with("event: tick") {
        line.clear();
        assert!(stream.read_line(&mut line).await.unwrap() > 0, "the stream is open");
    }
    county.reports("b", LAMP, GRID).await;
    let bearer =
        county.suite.bearer_for(&county.suite.person(9), Role::Resident, ScopeParts::default());
    let mut intake = IntakeServiceClient::with_interceptor(county.suite.channel(), bearer);
    let add = AddInformationRequest {
        request_id: "add".into(),
        case_id: mine.case_id.clone(),
        text: "还是不亮".into(),
        photos: Vec::new(),
    };
    intake.add_information(add).await.unwrap();
    while !line.starts_with("data: {\"kind\"") {
        line.clear();
        assert!(stream.read_line(&mut line).await.unwrap() > 0, "the stream goes on");
    }
    assert!(line.contains(&mine.case_id), "its own case, and no other: {line}");
    let (head, _) = county.get("/events?tracking=0000000000000000", &[]).await;
    assert!(head.contains(" 40"), "{head}");
}
