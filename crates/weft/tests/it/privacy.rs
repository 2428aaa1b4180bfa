//! Planted names and numbers: they go through the whole suite, in every field that takes a text and in
//! some that do not, at the level of logs at which everything is said; then everything that was written
//! is searched for them. What is kept of them is sealed, and erased it opens for nobody.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
};

use api::{
    access::v1::{
        ExportPersonalDataRequest, GetDataRequestRequest, RegisterPersonRequest, RequestBasis,
        RequestErasureRequest, access_service_client::AccessServiceClient,
        privacy_service_client::PrivacyServiceClient,
    },
    dispatch::v1::{
        AcceptWorkOrderRequest, AssignWorkOrderRequest, Assignee, CloseWorkOrderRequest,
        GetWorkOrderRequest, HandlingResult, ListWorkOrdersRequest, SubmitFeedbackRequest,
        VerifyWorkOrderRequest, dispatch_service_client::DispatchServiceClient,
    },
    intake::v1::{
        AddInformationRequest, Channel, Contact, DisclosurePurpose, FindByPhoneRequest,
        GetCaseRequest, GetCaseResponse, ListCasesRequest, RateCaseRequest, ReportCaseRequest,
        RevealContactRequest, Satisfaction, TrackCaseRequest,
        intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
    media::v1::{
        DownloadRequest, UploadHeader, UploadRequest, media_service_client::MediaServiceClient,
        upload_request::Part,
    },
};
use futures::stream;
use image::{RgbImage, codecs::jpeg::JpegEncoder};
use platform::grpc::Bearer;
use testkit::postgres::TestPostgres;
use tonic::{Request, service::interceptor::InterceptedService, transport::Channel as Wire};

use crate::{
    collector::Collector,
    county::{County, text, until},
};

const NAME: &str = "欧阳翠兰雀";
const PHONE: &str = "13912345671";
const ID: &str = "622701199003074512";
const PLATE: &str = "甘L7K3Q9";
const ADDRESS: &str = "柳湖巷九十九号院";
const EXIF: &str = "Canary-GPS-35.33451-107.36512";
const PLANTED: [&str; 6] = [NAME, PHONE, ID, PLATE, ADDRESS, EXIF];

const GRID: &str = "620821101203001";
const RESIDENT: &str = "620821000000-canaryresident";
const MEMBER: &str = "620821000000-canarymember";

#[test]
fn nothing_that_names_somebody_lies_open_on_sqlite() {
    nothing_that_names_somebody_lies_open(None);
}

#[test]
fn nothing_that_names_somebody_lies_open_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestPostgres::create());
    nothing_that_names_somebody_lies_open(Some(database.url()));
}

fn nothing_that_names_somebody_lies_open(database: Option<&str>) {
    let url = database.map(|url| format!("database.url={url}"));
    let debug = "telemetry.log_filter=debug";
    let collector = Collector::start();
    let traces = format!("telemetry.otlp_endpoint={}", collector.url());
    let settings: Vec<&str> =
        [Some(debug), Some(&*traces), url.as_deref()].into_iter().flatten().collect();
    let mut county = County::settled(&settings);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let played = runtime.block_on(async { Cast::of(&county).play(&county).await });
    county.settle();
    runtime.block_on(async { Cast::of(&county).what_is_wrong(&county, &played).await });
    let metrics = http(&county, "GET /metrics HTTP/1.0\r\n\r\n");
    county.settle();
    assert!(county.stop().success());

    assert!(county.said().contains("DEBUG"), "the logs say everything");
    // The search finds what does lie open: an id.
    assert!(!holding(county.data.path(), RESIDENT.as_bytes()).is_empty());
    let dump = database.map(dumped).unwrap_or_default();
    let traces = collector.taken();
    let in_traces = |text: &str| traces.windows(text.len()).any(|at| at == text.as_bytes());
    assert!(in_traces("report_case"), "the traces tell what was called");
    for planted in PLANTED {
        for form in forms(planted) {
            let found = holding(county.data.path(), form.as_bytes());
            assert!(found.is_empty(), "{form} lies open in {found:?}");
            assert!(!metrics.contains(&form), "{form} is in the metrics");
            assert!(!dump.contains(&form), "{form} is in the database");
            assert!(!in_traces(&form), "{form} is in the traces");
        }
    }
    assert!(metrics.contains("weft_") && (database.is_none() || dump.contains("personal_records")));

    // Erased, it opens for nobody; and nothing of it came to lie open on the way.
    county.up();
    runtime.block_on(async { Cast::of(&county).erase(&county, &played).await });
    assert!(county.stop().success());
    for planted in PLANTED {
        let found = holding(county.data.path(), planted.as_bytes());
        assert!(found.is_empty(), "{planted} lies open in {found:?}");
    }
}

/// How a text may lie somewhere: as it is, escaped in JSON, in an address, in hexadecimal.
fn forms(planted: &str) -> Vec<String> {
    let json: String = planted
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(ascii) => char::from(ascii).to_string(),
            Err(_) => format!("\\u{unit:04x}"),
        })
        .collect();
    let address: String = planted
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let hex = data_encoding::HEXLOWER.encode(planted.as_bytes());
    vec![planted.to_owned(), json, address, hex]
}

/// The files below a folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if fs::read(&path).unwrap_or_default().windows(bytes.len()).any(|at| at == bytes) {
            found.push(path);
        }
    }
    found
}

fn dumped(url: &str) -> String {
    let output = Command::new("pg_dump").arg("--inserts").arg(url).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// One request over HTTP as it is, and the whole answer.
fn http(county: &County, request: &str) -> String {
    let mut connection = TcpStream::connect(&county.http).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    text(&answer)
}

/// A photo whose file says where it was taken.
fn photo() -> Vec<u8> {
    let mut file = Vec::new();
    let image =
        RgbImage::from_fn(48, 32, |x, y| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]));
    JpegEncoder::new(&mut file).encode_image(&image).unwrap();
    let said = format!("Exif\0\0MM\0*{EXIF}");
    let length = u16::try_from(said.len() + 2).unwrap().to_be_bytes();
    let segment = [&[0xff, 0xe1, length[0], length[1]], said.as_bytes()].concat();
    [&file[..2], &segment, &file[2..]].concat()
}

type Of = InterceptedService<Wire, Bearer>;

/// What was played: one case with all that was said about it.
struct Played {
    case: String,
    order: String,
    photo: String,
}

/// Who calls.
struct Cast {
    wire: Wire,
    tokens: [Bearer; 5],
}

const RESIDENTS: usize = 0;
const DESK: usize = 1;
const MEMBERS: usize = 2;
const ADMIN: usize = 3;
const OFFICER: usize = 4;

impl Cast {
    fn of(county: &County) -> Self {
        let whole = ["--division", "620821"];
        let tokens = [
            vec!["--role", "resident", "--person", RESIDENT],
            [&["--role", "operator"][..], &whole].concat(),
            vec!["--role", "grid_member", "--grid", GRID, "--person", MEMBER],
            [&["--role", "administrator"][..], &whole].concat(),
            [&["--role", "security_administrator"][..], &whole].concat(),
        ];
        let tokens = tokens.map(|who| Bearer::new(&county.token(&who)).unwrap());
        let address = format!("http://{}", county.grpc);
        // A program says what it is in a header, too.
        let wire = Wire::from_shared(address).unwrap().user_agent(format!("portal/{PHONE}"));
        let wire = wire.unwrap().connect_lazy();
        Self { wire, tokens }
    }

    fn intake(&self, who: usize) -> IntakeServiceClient<Of> {
        IntakeServiceClient::with_interceptor(self.wire.clone(), self.tokens[who].clone())
    }

    fn dispatch(&self, who: usize) -> DispatchServiceClient<Of> {
        DispatchServiceClient::with_interceptor(self.wire.clone(), self.tokens[who].clone())
    }

    fn media(&self, who: usize) -> MediaServiceClient<Of> {
        MediaServiceClient::with_interceptor(self.wire.clone(), self.tokens[who].clone())
    }

    fn privacy(&self) -> PrivacyServiceClient<Of> {
        PrivacyServiceClient::with_interceptor(self.wire.clone(), self.tokens[OFFICER].clone())
    }

    async fn case(&self, who: usize, case: &str) -> GetCaseResponse {
        let request = GetCaseRequest { case_id: case.to_owned(), min_position: None };
        self.intake(who).get_case(request).await.unwrap().into_inner()
    }

    /// A case from its report to its rating, with everything said that can be said.
    async fn play(&self, county: &County) -> Played {
        let header = UploadHeader { request_id: "photo".into() };
        let parts = [Part::Header(header), Part::Chunk(photo())];
        let parts = parts.map(|part| UploadRequest { part: Some(part) });
        let uploaded = self.media(RESIDENTS).upload(stream::iter(parts)).await.unwrap();
        let photo = uploaded.into_inner().media_id;
        let report = ReportCaseRequest {
            request_id: "report".into(),
            channel: Channel::QrPage.into(),
            category: "0101".into(),
            place: Some(Place::Grid(GRID.into())),
            text: format!("我是{NAME}，身份证{ID}，{PLATE}挡在{ADDRESS}门口"),
            contact: Some(Contact {
                name: NAME.into(),
                phone: PHONE.into(),
                address: ADDRESS.into(),
            }),
            photos: vec![photo.clone()],
            ..ReportCaseRequest::default()
        };
        let answer = self.intake(RESIDENTS).report_case(report).await.unwrap().into_inner();
        let case = answer.case_id;
        let more = AddInformationRequest {
            request_id: "more".into(),
            case_id: case.clone(),
            text: format!("{NAME}的车是{PLATE}，电话{PHONE}"),
            photos: Vec::new(),
        };
        self.intake(RESIDENTS).add_information(more).await.unwrap();
        let person = RegisterPersonRequest {
            request_id: "person".into(),
            division: "620821".into(),
            name: NAME.into(),
            phone: PHONE.into(),
            organisation_id: String::new(),
        };
        AccessServiceClient::with_interceptor(self.wire.clone(), self.tokens[ADMIN].clone())
            .register_person(person)
            .await
            .unwrap();
        county.settle();
        let order = self.handle(county, &case).await;
        let rating = RateCaseRequest {
            request_id: "rating".into(),
            case_id: case.clone(),
            contacted: true,
            solved: true,
            satisfaction: Satisfaction::Satisfied.into(),
            comment: format!("{NAME}谢谢，有事打{PHONE}"),
            ..RateCaseRequest::default()
        };
        self.intake(RESIDENTS).rate_case(rating).await.unwrap();
        self.disclose(&case).await;
        Played { case, order, photo }
    }

    /// The order of a case, from its assignment to its end.
    async fn handle(&self, county: &County, case: &str) -> String {
        let orders = ListWorkOrdersRequest { case_id: case.to_owned(), ..Default::default() };
        let orders = self.dispatch(DESK).list_work_orders(orders).await.unwrap().into_inner();
        let work_order_id = orders.work_orders[0].work_order_id.clone();
        let (mut desk, mut member) = (self.dispatch(DESK), self.dispatch(MEMBERS));
        let assignee = Assignee { person_id: MEMBER.into(), organisation_id: String::new() };
        let (order, assignee) = (work_order_id.clone(), Some(assignee));
        let assign = AssignWorkOrderRequest {
            request_id: "assign".into(),
            work_order_id: order,
            assignee,
            ..AssignWorkOrderRequest::default()
        };
        desk.assign_work_order(assign).await.unwrap();
        let order = work_order_id.clone();
        let accept = AcceptWorkOrderRequest {
            request_id: "accept".into(),
            work_order_id: order,
            ..AcceptWorkOrderRequest::default()
        };
        member.accept_work_order(accept).await.unwrap();
        let feedback = SubmitFeedbackRequest {
            request_id: "feedback".into(),
            work_order_id: work_order_id.clone(),
            result: HandlingResult::Solved.into(),
            text: format!("已到{ADDRESS}，{NAME}已挪走{PLATE}"),
            photos_after: vec!["620821000000-after".into()],
            ..SubmitFeedbackRequest::default()
        };
        member.submit_feedback(feedback).await.unwrap();
        let verify = VerifyWorkOrderRequest {
            request_id: "verify".into(),
            work_order_id: work_order_id.clone(),
            passed: true,
            found_true: true,
            text: format!("{PHONE}已回访"),
            ..VerifyWorkOrderRequest::default()
        };
        desk.verify_work_order(verify).await.unwrap();
        let order = work_order_id.clone();
        let close = CloseWorkOrderRequest {
            request_id: "close".into(),
            work_order_id: order,
            ..CloseWorkOrderRequest::default()
        };
        desk.close_work_order(close).await.unwrap();
        county.settle();
        work_order_id
    }

    async fn disclose(&self, case: &str) {
        let reveal = RevealContactRequest {
            request_id: "reveal".into(),
            case_id: case.to_owned(),
            purpose: DisclosurePurpose::CallBack.into(),
            note: format!("{NAME}要求回电{PHONE}"),
        };
        let contact = self.intake(DESK).reveal_contact(reveal).await.unwrap().into_inner().contact;
        assert_eq!(contact.unwrap().phone, PHONE);
        let find = FindByPhoneRequest {
            request_id: "find".into(),
            phone: PHONE.into(),
            purpose: DisclosurePurpose::PersonsRequest.into(),
            note: NAME.into(),
        };
        let found = self.intake(DESK).find_by_phone(find).await.unwrap().into_inner().case_ids;
        assert_eq!(found, [case]);
    }

    /// The same values where nobody expects them.
    async fn what_is_wrong(&self, county: &County, played: &Played) {
        for planted in PLANTED {
            let mut intake = self.intake(DESK);
            let get = GetCaseRequest { case_id: planted.into(), min_position: None };
            assert!(intake.get_case(get).await.is_err());
            let list = ListCasesRequest {
                page_token: planted.into(),
                category: planted.into(),
                order_by: planted.into(),
                ..ListCasesRequest::default()
            };
            assert!(intake.list_cases(list).await.is_err());
            let track = TrackCaseRequest { tracking_code: planted.into(), min_position: None };
            assert!(intake.track_case(track).await.is_err());
            let wrong = ReportCaseRequest {
                request_id: planted.into(),
                category: planted.into(),
                place: Some(Place::Division(planted.into())),
                photos: vec![planted.into()],
                ..ReportCaseRequest::default()
            };
            assert!(intake.report_case(wrong).await.is_err());
            let find = FindByPhoneRequest {
                request_id: "wrong".into(),
                phone: format!("{planted}x"),
                ..FindByPhoneRequest::default()
            };
            assert!(intake.find_by_phone(find).await.is_err());
            let download = DownloadRequest { media_id: planted.into(), ..Default::default() };
            assert!(self.media(DESK).download(download).await.is_err());
            let order = GetWorkOrderRequest { work_order_id: planted.into(), min_position: None };
            assert!(self.dispatch(DESK).get_work_order(order).await.is_err());
            // A header of the caller's own.
            let mut again =
                Request::new(GetCaseRequest { case_id: played.case.clone(), min_position: None });
            if let Ok(value) = planted.parse() {
                again.metadata_mut().insert("x-note", value);
            }
            intake.get_case(again).await.unwrap();
            let coded = forms(planted).remove(2);
            for path in ["t", "media", "console/cases", "sign-in", "report"] {
                http(
                    county,
                    &format!(
                        "GET /{path}/{coded}?q={coded} HTTP/1.0\r\nHost: weft\r\nUser-Agent: {planted}\r\nCookie: s={coded}\r\nReferer: http://weft/{coded}\r\n\r\n"
                    ),
                );
            }
            http(
                county,
                &format!(
                    "POST /track HTTP/1.0\r\nHost: weft\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\ncode={coded}",
                    coded.len() + 5
                ),
            );
        }
    }

    /// Erases whom it is about, and shows that nothing opens.
    async fn erase(&self, county: &County, played: &Played) {
        let case = self.case(DESK, &played.case).await;
        assert!(case.text.contains(NAME), "it opens before");
        let ask = RequestErasureRequest {
            request_id: "erase".into(),
            person_id: RESIDENT.into(),
            basis: RequestBasis::PersonsRequest.into(),
        };
        self.privacy().request_erasure(ask).await.unwrap();
        let get = GetDataRequestRequest { person_id: RESIDENT.into(), min_position: None };
        testkit::until("all of the person is erased", || async {
            let answer = self.privacy().get_data_request(get.clone()).await.unwrap().into_inner();
            answer.request.unwrap().completed_at > 0
        })
        .await;
        let case = self.case(DESK, &played.case).await;
        assert_eq!((case.text.as_str(), case.contact), ("", None));
        assert!(case.timeline.iter().all(|entry| entry.text.is_empty()));
        let order = GetWorkOrderRequest { work_order_id: played.order.clone(), min_position: None };
        let order = self.dispatch(DESK).get_work_order(order).await.unwrap().into_inner();
        let texts = order.timeline.iter().chain(&order.report);
        assert!(texts.map(|entry| &entry.text).all(String::is_empty), "{order:?}");
        let download = DownloadRequest { media_id: played.photo.clone(), ..Default::default() };
        assert!(self.media(DESK).download(download).await.is_err());
        let find = FindByPhoneRequest {
            request_id: "after".into(),
            phone: PHONE.into(),
            purpose: DisclosurePurpose::PersonsRequest.into(),
            note: String::new(),
        };
        let found = self.intake(DESK).find_by_phone(find).await.unwrap().into_inner().case_ids;
        assert_eq!(found, [""; 0]);
        let export = ExportPersonalDataRequest {
            request_id: "export".into(),
            person_id: RESIDENT.into(),
            min_position: None,
        };
        assert!(self.privacy().export_personal_data(export).await.is_err());
        county.settle();
    }
}

#[test]
fn a_new_master_key_while_the_suite_runs() {
    let mut county = County::settled(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = |request_id: &str| ReportCaseRequest {
        request_id: request_id.into(),
        channel: Channel::QrPage.into(),
        category: "0101".into(),
        place: Some(Place::Grid(GRID.into())),
        text: "路灯坏了".into(),
        ..ReportCaseRequest::default()
    };
    let case = runtime.block_on(async {
        let players = Cast::of(&county);
        players.intake(RESIDENTS).report_case(report("one")).await.unwrap().into_inner().case_id
    });
    let before = county.run(&["vault", "status"]);
    assert!(before.contains("generation\t1\n") && before.contains("older one\t0\n"), "{before}");
    let rotated = county.run(&["vault", "rotate"]);
    assert!(rotated.contains("sealed under generation 2"), "{rotated}");
    let after = county.run(&["vault", "status"]);
    assert!(after.contains("generation\t2\n") && after.contains("older one\t0\n"), "{after}");

    // The old file may go now.
    fs::remove_file(county.data.path().join("keys/vault.master")).unwrap();
    assert!(county.stop().success());
    county.up();
    until("the case is there", || {
        runtime.block_on(async {
            let players = Cast::of(&county);
            players.intake(RESIDENTS).report_case(report("two")).await.is_ok()
                && players.case(DESK, &case).await.text == "路灯坏了"
        })
    });
}
