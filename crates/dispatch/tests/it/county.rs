//! A small county: one grid with its members, three bodies, three categories.

use api::dispatch::v1::{
    GetWorkOrderRequest, GetWorkOrderResponse, ListWorkOrdersRequest, WorkOrder,
    dispatch_service_client::DispatchServiceClient,
};
use contracts::{
    access::{OrganisationEvent, OrganisationRegistered},
    grid::{GridEvent, MemberAssigned, MemberDuty},
    intake::{
        AcceptedBy, Admission, CaseAccepted, CaseEvent, CategoryDefined, CategoryEvent,
        CategoryKind, CategoryRules, Urgency,
    },
    subject,
};
use kernel::{
    Clock as _, Division, GridCode, Role,
    id::{CaseId, CategoryCode, OrganisationId, PersonId, RecordId},
};
use platform::{auth::scope::ScopeParts, grpc::Bearer, service::Service};
use testkit::{Db, Suite};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};

pub(crate) const GRID: &str = "620821101203001";
pub(crate) const VILLAGE: &str = "620821101203";
pub(crate) const TOWNSHIP: &str = "620821101";
pub(crate) const OTHER_TOWNSHIP: &str = "620821102";

/// Goes to a member of the grid; to be handled within two working hours.
pub(crate) const FOR_MEMBERS: &str = "0101";
/// Goes to the township's enforcement team.
pub(crate) const FOR_THE_TEAM: &str = "0201";
/// Has no body in charge here.
pub(crate) const FOR_NOBODY: &str = "0301";

/// Full-time member of the grid.
pub(crate) const MEMBER: u128 = 1;
/// Part-time member of the grid.
pub(crate) const SECOND: u128 = 2;
/// Chief of the grid.
pub(crate) const CHIEF: u128 = 3;
/// Who reports every case.
pub(crate) const REPORTER: u128 = 9;

pub(crate) type Client = DispatchServiceClient<InterceptedService<Channel, Bearer>>;

pub(crate) struct County {
    pub(crate) suite: Suite,
}

pub(crate) fn team() -> OrganisationId {
    "620821101000-team".parse().unwrap()
}

pub(crate) fn desk() -> OrganisationId {
    "620821101000-desk".parse().unwrap()
}

pub(crate) fn centre() -> OrganisationId {
    "620821000000-centre".parse().unwrap()
}

fn record() -> RecordId {
    "620821000000-document".parse().unwrap()
}

impl County {
    /// With its members and bodies.
    pub(crate) async fn start(db: Db) -> Self {
        Self::with(dispatch::service(), db).await
    }

    /// The same with a service of other settings.
    pub(crate) async fn with(service: Service, db: Db) -> Self {
        let county = Self::empty(service, db).await;
        for (person, duty) in [
            (MEMBER, MemberDuty::FullTime),
            (SECOND, MemberDuty::PartTime),
            (CHIEF, MemberDuty::Chief),
        ] {
            county.serves(person, duty).await;
        }
        for (id, kind, division) in
            [(team(), "d012", TOWNSHIP), (desk(), "d026", TOWNSHIP), (centre(), "d900", "620821")]
        {
            county.registers(&id, kind, division).await;
        }
        county.suite.settled().await;
        county
    }

    /// With a catalogue only.
    pub(crate) async fn without_anybody(db: Db) -> Self {
        Self::empty(dispatch::service(), db).await
    }

    async fn empty(service: Service, db: Db) -> Self {
        let suite = Suite::start(vec![service], db).await;
        let county = Self { suite };
        county.defines(FOR_MEMBERS, CategoryKind::Event, "d000", "2wh").await;
        county.defines(FOR_THE_TEAM, CategoryKind::Component, "d012", "3wd").await;
        county.defines(FOR_NOBODY, CategoryKind::Component, "d099", "240min").await;
        county.suite.settled().await;
        county
    }

    pub(crate) async fn defines(&self, code: &str, kind: CategoryKind, handler: &str, limit: &str) {
        self.defines_leaf(code, kind, handler, limit, false).await;
    }

    /// A category that the grid's members handle, confidential or not.
    pub(crate) async fn defines_as(&self, code: &str, kind: CategoryKind, confidential: bool) {
        self.defines_leaf(code, kind, "d000", "2wh", confidential).await;
    }

    async fn defines_leaf(
        &self,
        code: &str,
        kind: CategoryKind,
        handler: &str,
        limit: &str,
        confidential: bool,
    ) {
        let category: CategoryCode = code.parse().unwrap();
        let id = subject::category_id(self.suite.county(), &category);
        let defined = CategoryEvent::from(CategoryDefined {
            occurred_at: self.suite.clock().now(),
            category,
            parent: None,
            rules: Some(CategoryRules {
                kind,
                handler: handler.parse().unwrap(),
                limit: limit.parse().unwrap(),
                urgency: Urgency::Normal,
                admission: Admission::Grid,
                confidential,
                consent_needed: false,
                report_earns_points: false,
                details: contracts::intake::CategoryDetails::default(),
            }),
            catalogue_version: 1,
            document: record(),
            row: 1,
            until: None,
            successor: None,
        });
        self.suite.append(&subject::category(&id), &id.to_string(), &[defined]).await;
    }

    pub(crate) async fn serves(&self, person: u128, duty: MemberDuty) {
        let grid: GridCode = GRID.parse().unwrap();
        let id = subject::grid_id(grid);
        let assigned = GridEvent::from(MemberAssigned {
            occurred_at: self.suite.clock().now(),
            grid,
            person: self.person(person),
            duty,
        });
        self.suite.append(&subject::grid(&id), &id.to_string(), &[assigned]).await;
    }

    pub(crate) async fn registers(&self, id: &OrganisationId, kind: &str, division: &str) {
        let registered = OrganisationEvent::from(OrganisationRegistered {
            occurred_at: self.suite.clock().now(),
            organisation: id.clone(),
            kind: kind.parse().unwrap(),
            division: division.parse().unwrap(),
            name: record(),
        });
        self.suite.append(&subject::organisation(id), &id.to_string(), &[registered]).await;
    }

    /// Intake accepts a case; the order that dispatch makes of it.
    pub(crate) async fn order(&self, case: &str, category: &str) -> WorkOrder {
        self.order_at(case, category, VILLAGE, Some(GRID)).await
    }

    pub(crate) async fn order_at(
        &self,
        case: &str,
        category: &str,
        division: &str,
        grid: Option<&str>,
    ) -> WorkOrder {
        let id = self.accepts(case, category, division, grid).await;
        self.order_of(&id).await
    }

    /// Intake accepts a case.
    pub(crate) async fn accepts(
        &self,
        case: &str,
        category: &str,
        division: &str,
        grid: Option<&str>,
    ) -> CaseId {
        let division: Division = division.parse().unwrap();
        let id = CaseId::new(division, case.parse().unwrap());
        let now = self.suite.clock().now();
        let accepted = CaseEvent::from(CaseAccepted {
            occurred_at: now,
            case: id.clone(),
            accepted_by: AcceptedBy::Rule,
            rule_version: Some(1),
            category: category.parse().unwrap(),
            catalogue_version: 1,
            urgency: Urgency::Normal,
            division,
            grid: grid.map(|grid| grid.parse().unwrap()),
            reporter: self.person(REPORTER),
            first_reported_at: now,
        });
        self.suite.append(&subject::case(&id), &id.to_string(), &[accepted]).await;
        id
    }

    /// The one order of a case, when everything is settled.
    pub(crate) async fn order_of(&self, case: &CaseId) -> WorkOrder {
        self.suite.settled().await;
        let request = ListWorkOrdersRequest {
            case_id: case.to_string(),
            min_position: Some(self.suite.head().await.into()),
            ..ListWorkOrdersRequest::default()
        };
        let mut client = self.operator("620821");
        let mut found = client.list_work_orders(request).await.unwrap().into_inner().work_orders;
        assert_eq!(found.len(), 1, "one case, one order");
        found.remove(0)
    }

    pub(crate) fn person(&self, number: u128) -> PersonId {
        self.suite.person(number)
    }

    pub(crate) fn client(&self, bearer: Bearer) -> Client {
        DispatchServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    /// A member of the grid, or whoever acts as one.
    pub(crate) fn member(&self, number: u128) -> Client {
        self.member_of(number, GRID)
    }

    /// A person as a member of this grid.
    pub(crate) fn member_of(&self, number: u128, grid: &str) -> Client {
        let scope = ScopeParts { grid: Some(grid.parse().unwrap()), ..ScopeParts::default() };
        self.client(self.suite.bearer_for(&self.person(number), Role::GridMember, scope))
    }

    pub(crate) fn clerk(&self, organisation: &OrganisationId) -> Client {
        let division = Some("620821".parse().unwrap());
        let scope = ScopeParts { division, grid: None, org: Some(organisation.clone()) };
        self.client(self.suite.bearer(Role::DepartmentClerk, scope))
    }

    pub(crate) fn operator(&self, division: &str) -> Client {
        self.office(Role::Operator, division)
    }

    pub(crate) fn office(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        self.client(self.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() }))
    }

    pub(crate) fn resident(&self) -> Client {
        self.client(self.suite.bearer(Role::Resident, ScopeParts::default()))
    }

    /// The order with its history, as it is when everything is settled.
    pub(crate) async fn get(&self, id: &str) -> GetWorkOrderResponse {
        self.suite.settled().await;
        let request = GetWorkOrderRequest { work_order_id: id.to_owned(), min_position: None };
        self.operator("620821").get_work_order(request).await.unwrap().into_inner()
    }

    /// The names of the events of an order.
    pub(crate) async fn history(&self, id: &str) -> Vec<String> {
        self.get(id).await.timeline.into_iter().map(|entry| entry.event).collect()
    }
}

/// A refusal must have this code and this reason.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: &str) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), code, "{status:?}");
    let details = String::from_utf8_lossy(status.details()).into_owned();
    assert!(details.contains(reason), "{reason} is not in {details:?}");
}
