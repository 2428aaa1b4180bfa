//! A small county in two townships: X, whose people ask, and Y, of which they may know nothing.

use api::{
    access::v1::{
        self as people, AssignRoleRequest, RegisterOrganisationRequest, RegisterPersonRequest,
        access_service_client::AccessServiceClient,
    },
    camera::v1::{
        CameraDetails, PlaceKind, RegisterCameraRequest, camera_service_client::CameraServiceClient,
    },
    common::v1::GeoPosition,
    dispatch::v1::{
        AcceptWorkOrderRequest, AssignWorkOrderRequest, Assignee, HandlingResult,
        ListWorkOrdersRequest, SubmitFeedbackRequest,
        dispatch_service_client::DispatchServiceClient,
    },
    grid::v1::{AssignMemberRequest, MemberDuty, grid_service_client::GridServiceClient},
    intake::v1::{
        AcceptCaseRequest, Channel, Contact, ImportCategoriesRequest, ReportCaseRequest,
        intake_service_client::IntakeServiceClient, report_case_request::Place,
    },
    media::v1::{
        UploadHeader, UploadRequest, media_service_client::MediaServiceClient, upload_request::Part,
    },
    points::v1::{
        AwardRequest, CreateProgrammeRequest, points_service_client::PointsServiceClient,
    },
};
use contracts::{
    grid::{DivisionEvent, DivisionRegistered, GridCreated, GridEvent, GridKind},
    subject,
};
use kernel::{
    Clock as _, Division, GridCode, Role,
    geo::{Crs, DeltaPolygon},
    id::PersonId,
};
use platform::{
    auth::{Access, MethodRow, scope::ScopeParts},
    grpc::Bearer,
};
use testkit::{Db, Suite};
use tonic::{service::interceptor::InterceptedService, transport::Channel as Wire};

type Authorised = InterceptedService<Wire, Bearer>;

const CATALOGUE: &str = include_str!("../../../../../resources/categories.csv");

/// A township of which everything is asked, with a village and two grids in it.
#[derive(Clone, Copy)]
pub(super) struct Town {
    pub(super) township: &'static str,
    pub(super) village: &'static str,
    pub(super) grid: &'static str,
    pub(super) next_grid: &'static str,
    /// The western edge of the grid, in degrees; its southern edge is at 35.33.
    pub(super) west: f64,
    /// Tells its people and requests from the other's.
    pub(super) name: &'static str,
}

pub(super) const X: Town = Town {
    township: "620821101",
    village: "620821101203",
    grid: "620821101203001",
    next_grid: "620821101203002",
    west: 107.36,
    name: "x",
};

pub(super) const Y: Town = Town {
    township: "620821102",
    village: "620821102200",
    grid: "620821102200001",
    next_grid: "620821102200002",
    west: 107.50,
    name: "y",
};

/// What a town is filled with: ids, and what was written, by the name that requests use.
#[derive(Clone, Debug)]
pub(super) struct Things {
    pub(super) case: String,
    pub(super) order: String,
    pub(super) camera: String,
    pub(super) photo: String,
    pub(super) member: PersonId,
    pub(super) resident: PersonId,
    pub(super) organisation: String,
    pub(super) assignment: String,
    pub(super) programme: String,
    pub(super) award: String,
    /// Names, phones and texts.
    pub(super) written: Vec<String>,
}

impl Things {
    /// What must not reach whoever may not know of the town: ids and texts.
    pub(super) fn secrets(&self) -> Vec<String> {
        let ids = [
            &self.case,
            &self.order,
            &self.camera,
            &self.photo,
            &self.organisation,
            &self.assignment,
            &self.programme,
            &self.award,
        ];
        let people = [self.member.to_string(), self.resident.to_string()];
        ids.into_iter().cloned().chain(people).chain(self.written.iter().cloned()).collect()
    }
}

pub(super) struct Ground {
    pub(super) suite: Suite,
    pub(super) rows: Vec<MethodRow>,
}

pub(super) fn place(town: Town) -> GeoPosition {
    GeoPosition { longitude: town.west + 0.005, latitude: 35.335, crs: 3 }
}

pub(super) fn of_division(code: &str) -> ScopeParts {
    ScopeParts { division: Some(code.parse().unwrap()), ..ScopeParts::default() }
}

pub(super) fn of_grid(code: &str) -> ScopeParts {
    ScopeParts { grid: Some(code.parse().unwrap()), ..ScopeParts::default() }
}

impl Ground {
    /// Every service that has methods, both towns drawn, the catalogue imported.
    pub(super) async fn start(db: Db) -> Self {
        let services = vec![
            access::service(),
            grid::service(),
            intake::service(),
            dispatch::service(),
            points::service(),
            camera::service(),
            media::service(),
            gateway::service(),
            outlet::service(),
        ];
        let rows = services.iter().flat_map(|service| service.methods).copied().collect();
        let ground = Self { suite: Suite::start(services, db).await, rows };
        for code in ["620821", X.township, X.village, Y.township, Y.village] {
            ground.register(code.parse().unwrap()).await;
        }
        for town in [X, Y] {
            ground.draw(town.grid.parse().unwrap(), town.west).await;
            ground.draw(town.next_grid.parse().unwrap(), town.west + 0.01).await;
        }
        let import = ImportCategoriesRequest {
            request_id: "catalogue".into(),
            csv: CATALOGUE.as_bytes().to_vec(),
            dry_run: false,
        };
        let mut intake = IntakeServiceClient::new(ground.county("ImportCategories"));
        intake.import_categories(import).await.unwrap();
        ground.suite.settled().await;
        ground
    }

    /// As grid would: a division is in force.
    async fn register(&self, division: Division) {
        let id = subject::division_id(division);
        let event = DivisionEvent::from(DivisionRegistered {
            occurred_at: self.suite.clock().now(),
            division,
            document: "620821000000-document".parse().unwrap(),
            row: 1,
        });
        self.suite.append(&subject::division(&id), &id.to_string(), &[event]).await;
    }

    /// As grid would: a grid of 0.01 degrees' side.
    async fn draw(&self, grid: GridCode, west: f64) {
        let id = subject::grid_id(grid);
        let corner = kernel::geo::Position::from_degrees(west, 35.33, Crs::Cgcs2000).unwrap();
        let ring = vec![corner.lon_e7, corner.lat_e7, 100_000, 0, 0, 100_000, -100_000, 0];
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

    /// A channel with these credentials.
    pub(super) fn with(&self, bearer: Bearer) -> Authorised {
        InterceptedService::new(self.suite.channel(), bearer)
    }

    fn as_person(&self, person: &PersonId, role: Role, scope: ScopeParts) -> Authorised {
        self.with(self.suite.bearer_for(person, role, scope))
    }

    /// A channel as somebody who may call this method, all over the county: so the ground stays
    /// true when a method is given to another role.
    fn county(&self, method: &str) -> Authorised {
        let suffix = format!("/{method}");
        let row = self.rows.iter().find(|(path, _)| path.ends_with(&suffix));
        let Some((_, Access::Roles(roles))) = row else { unreachable!("{method} is for roles") };
        let all_over = |role: &&Role| {
            !matches!(role, Role::Resident | Role::GridMember | Role::DepartmentClerk)
        };
        let role = *roles.iter().find(all_over).unwrap();
        self.with(self.suite.bearer(role, of_division("620821")))
    }

    /// Fills a town with one thing of each kind.
    #[expect(clippy::too_many_lines, reason = "a list of things, each made once")]
    pub(super) async fn fill(&self, town: Town) -> Things {
        let name = |what: &str| format!("{}-{what}", town.name);
        let written: Vec<String> =
            ["成员", "单位", "项目", "电话亭旁", "联系人", "缘由", "反馈", "摄像"]
                .map(|what| format!("{what}标记{}", town.name))
                .into();
        let phone = if town.name == "x" { "13700000001" } else { "13700000002" };

        let register = RegisterOrganisationRequest {
            request_id: name("organisation"),
            division: town.township.into(),
            kind: "d001".into(),
            name: written[1].clone(),
        };
        let mut access = AccessServiceClient::new(self.county("RegisterOrganisation"));
        let organisation = access.register_organisation(register).await.unwrap();
        let organisation = organisation.into_inner().organisation_id;
        let register = RegisterPersonRequest {
            request_id: name("member"),
            division: town.village.into(),
            name: written[0].clone(),
            phone: phone.into(),
            organisation_id: String::new(),
        };
        let mut access = AccessServiceClient::new(self.county("RegisterPerson"));
        let member = access.register_person(register).await.unwrap().into_inner().person_id;
        let assign = AssignRoleRequest {
            request_id: name("role"),
            person_id: member.clone(),
            role: people::Role::GridMember.into(),
            grid: town.grid.into(),
            ..AssignRoleRequest::default()
        };
        let mut access = AccessServiceClient::new(self.county("AssignRole"));
        let assignment = access.assign_role(assign).await.unwrap().into_inner().assignment_id;
        let assign = AssignMemberRequest {
            request_id: name("duty"),
            grid: town.grid.into(),
            person_id: member.clone(),
            duty: MemberDuty::FullTime.into(),
        };
        let mut grid = GridServiceClient::new(self.county("AssignMember"));
        grid.assign_member(assign).await.unwrap();
        let member: PersonId = member.parse().unwrap();

        let resident = self.suite.person(if town.name == "x" { 71 } else { 72 });
        let reporter = || self.as_person(&resident, Role::Resident, ScopeParts::default());
        let photo = self.upload(MediaServiceClient::new(reporter()), &name("photo")).await;
        let report = ReportCaseRequest {
            request_id: name("report"),
            channel: Channel::QrPage.into(),
            category: "0101".into(),
            place: Some(Place::Position(place(town))),
            text: written[3].clone(),
            contact: Some(Contact {
                name: written[4].clone(),
                phone: phone.into(),
                address: String::new(),
            }),
            photos: vec![photo.clone()],
            ..ReportCaseRequest::default()
        };
        let case = IntakeServiceClient::new(reporter()).report_case(report).await.unwrap();
        let case = case.into_inner().case_id;
        self.suite.settled().await;
        // Accepted by a rule as a rule; by hand where the catalogue says otherwise.
        let accept = AcceptCaseRequest {
            request_id: name("accept"),
            case_id: case.clone(),
            ..AcceptCaseRequest::default()
        };
        let mut desk = IntakeServiceClient::new(self.county("AcceptCase"));
        let _already = desk.accept_case(accept).await;
        let order = self.handled(&name("order"), &case, town, &member, &written[6]).await;

        let camera = RegisterCameraRequest {
            request_id: name("camera"),
            gb_id: format!("62082101001320{:06}", if town.name == "x" { 1 } else { 2 }),
            details: Some(CameraDetails {
                name: written[7].clone(),
                position: Some(place(town)),
                place_kind: PlaceKind::Road.into(),
                signage: true,
                retention_days: 30,
                ..CameraDetails::default()
            }),
        };
        let mut cameras = CameraServiceClient::new(self.county("RegisterCamera"));
        let camera = cameras.register_camera(camera).await.unwrap().into_inner().camera_id;

        let create = CreateProgrammeRequest {
            request_id: name("programme"),
            division: town.village.into(),
            name: written[2].clone(),
        };
        let mut points = PointsServiceClient::new(self.county("CreateProgramme"));
        let programme = points.create_programme(create).await.unwrap().into_inner().programme_id;
        let award = AwardRequest {
            request_id: name("award"),
            programme_id: programme.clone(),
            person_id: resident.to_string(),
            points: 5,
            reason: written[5].clone(),
            case_id: String::new(),
        };
        let mut points = PointsServiceClient::new(self.county("Award"));
        let award = points.award(award).await.unwrap().into_inner().award_id;
        self.suite.settled().await;
        let written = written.into_iter().chain([phone.to_owned()]).collect();
        Things {
            case,
            order,
            camera,
            photo,
            member,
            resident,
            organisation,
            assignment,
            programme,
            award,
            written,
        }
    }

    async fn upload(&self, mut media: MediaServiceClient<Authorised>, request_id: &str) -> String {
        let picture = image::DynamicImage::new_rgb8(40, 30);
        let mut file = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
        let header = UploadHeader { request_id: request_id.to_owned() };
        let parts = [Part::Header(header), Part::Chunk(file.into_inner())];
        let parts = parts.map(|part| UploadRequest { part: Some(part) });
        media.upload(futures::stream::iter(parts)).await.unwrap().into_inner().media_id
    }

    /// The case's order, given to the member, accepted and handled; its id.
    async fn handled(
        &self,
        name: &str,
        case: &str,
        town: Town,
        member: &PersonId,
        text: &str,
    ) -> String {
        self.suite.settled().await;
        let list =
            ListWorkOrdersRequest { case_id: case.to_owned(), ..ListWorkOrdersRequest::default() };
        let mut desk = DispatchServiceClient::new(self.county("AssignWorkOrder"));
        let orders = desk.list_work_orders(list).await.unwrap().into_inner().work_orders;
        let work_order_id = orders[0].work_order_id.clone();
        let assign = AssignWorkOrderRequest {
            request_id: format!("{name}-assign"),
            work_order_id: work_order_id.clone(),
            assignee: Some(Assignee {
                person_id: member.to_string(),
                organisation_id: String::new(),
            }),
            ..AssignWorkOrderRequest::default()
        };
        desk.assign_work_order(assign).await.unwrap();
        let handler = self.as_person(member, Role::GridMember, of_grid(town.grid));
        let mut handler = DispatchServiceClient::new(handler);
        let accept = AcceptWorkOrderRequest {
            request_id: format!("{name}-accept"),
            work_order_id: work_order_id.clone(),
            ..AcceptWorkOrderRequest::default()
        };
        handler.accept_work_order(accept).await.unwrap();
        let feedback = SubmitFeedbackRequest {
            request_id: format!("{name}-feedback"),
            work_order_id: work_order_id.clone(),
            result: HandlingResult::Solved.into(),
            text: text.to_owned(),
            photos_after: vec!["620821000000-after".into()],
            ..SubmitFeedbackRequest::default()
        };
        handler.submit_feedback(feedback).await.unwrap();
        work_order_id
    }
}
