//! A county of which the gateway alone is there: its cases and orders happen on the log.

use std::time::Duration;

use contracts::{
    dispatch::{
        Assignee, HandlingResult, RoutingRule, WorkOrderClosed, WorkOrderCreated, WorkOrderEvent,
        WorkOrderOverdue, WorkOrderRouted,
    },
    intake::{
        AcceptedBy, CaseAccepted, CaseEvent, CaseRated, CaseReported, CaseResolved, Channel,
        InformationAdded, Place, PlaceSource, Satisfaction, Urgency,
    },
    subject,
};
use kernel::{
    Division, GridCode, Role, Timestamp,
    geo::{Crs, Position},
    hash::Sha256,
    id::{CaseId, Key, OrganisationId, PersonId, WorkOrderId},
};
use platform::{
    auth::{Basis, Claims, Scope, scope::ScopeParts},
    service::Service,
};
use testkit::{Db, Suite};

pub(crate) const GRID: &str = "620821101203001";
pub(crate) const NEXT_GRID: &str = "620821101203002";
pub(crate) const OTHER_GRID: &str = "620821102201001";
pub(crate) const TOWNSHIP: &str = "620821101";
pub(crate) const OTHER_TOWNSHIP: &str = "620821102";

pub(crate) struct County {
    pub(crate) suite: Suite,
}

/// The key with this number.
fn key(number: u128) -> Key {
    Key::from_bits(number)
}

pub(crate) fn case(number: u128) -> CaseId {
    CaseId::new("620821".parse().unwrap(), key(number))
}

pub(crate) fn order(number: u128) -> WorkOrderId {
    WorkOrderId::new("620821".parse().unwrap(), key(1_000_000 + number))
}

pub(crate) fn team(number: u128) -> OrganisationId {
    OrganisationId::new("620821".parse().unwrap(), key(number))
}

fn grid(code: &str) -> (Division, GridCode) {
    let grid: GridCode = code.parse().unwrap();
    (grid.village(), grid)
}

impl County {
    pub(crate) async fn start() -> Self {
        Self::with(gateway::service()).await
    }

    pub(crate) async fn with(service: Service) -> Self {
        Self { suite: Suite::start(vec![service], Db::Sqlite).await }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.suite.context().clock.now()
    }

    pub(crate) fn person(&self, number: u128) -> PersonId {
        self.suite.person(number)
    }

    /// The header that signs in a person of this role, for so long.
    pub(crate) fn cookie_for(
        &self,
        person: &PersonId,
        role: Role,
        parts: ScopeParts,
        ttl: Duration,
    ) -> String {
        let scope = Scope::for_role(role, parts).unwrap();
        let claims = Claims { person: person.clone(), role, scope, ttl, basis: Basis::default() };
        let token = self.suite.context().issuer.issue(&claims, self.now()).unwrap();
        let name = if role == Role::Resident { "weft-resident" } else { "weft" };
        format!("{name}={token}")
    }

    /// The header of an operator of a division.
    pub(crate) fn operator(&self, division: &str) -> String {
        let parts = ScopeParts { division: Some(division.parse().unwrap()), ..Default::default() };
        self.cookie_for(&self.person(1), Role::Operator, parts, Duration::from_hours(12))
    }

    /// The header of this member of a grid.
    pub(crate) fn member(&self, person: u128, grid: &str) -> String {
        let parts = ScopeParts { grid: Some(grid.parse().unwrap()), ..Default::default() };
        self.cookie_for(&self.person(person), Role::GridMember, parts, Duration::from_hours(12))
    }

    /// The header of a clerk of an organisation.
    pub(crate) fn clerk(&self, org: &OrganisationId) -> String {
        let division = Some(self.suite.county());
        let parts = ScopeParts { division, org: Some(org.clone()), ..Default::default() };
        self.cookie_for(&self.person(3), Role::DepartmentClerk, parts, Duration::from_hours(12))
    }

    async fn of_case(&self, id: &CaseId, event: CaseEvent) {
        self.suite.append(&subject::case(id), &id.to_string(), &[event]).await;
    }

    async fn of_order(&self, id: &WorkOrderId, event: WorkOrderEvent) {
        self.suite.append(&subject::work_order(id), &id.to_string(), &[event]).await;
    }

    /// A case is reported in a grid, by the person with the case's number; its id.
    pub(crate) async fn reports(&self, number: u128, at: &str) -> String {
        let (id, (division, grid)) = (case(number), grid(at));
        let reported = CaseReported {
            occurred_at: self.now(),
            case: id.clone(),
            channel: Channel::QrPage,
            category: "0101".parse().unwrap(),
            catalogue_version: 1,
            urgency: Urgency::Normal,
            place: Place {
                source: PlaceSource::PositionInGrid,
                division,
                grid: Some(grid),
                position: Position::from_degrees(107.36, 35.33, Crs::Cgcs2000).ok(),
            },
            reporter: self.person(number),
            by_staff: false,
            text: None,
            contact: None,
            tracking: Sha256::default(),
            first_reported_at: self.now(),
            photos: Vec::new(),
            form: None,
            confidential: false,
            predecessor: None,
            texts_of: None,
            entered_by: None,
            reference: None,
        };
        self.of_case(&id, reported.into()).await;
        id.to_string()
    }

    /// Something is added to it.
    pub(crate) async fn adds(&self, number: u128) {
        let id = case(number);
        let added = InformationAdded {
            occurred_at: self.now(),
            case: id.clone(),
            by: self.person(number),
            text: id.to_string().parse().unwrap(),
            photos: Vec::new(),
        };
        self.of_case(&id, added.into()).await;
    }

    /// It is accepted in a grid.
    pub(crate) async fn accepts(&self, number: u128, at: &str) {
        let (id, (division, grid)) = (case(number), grid(at));
        let accepted = CaseAccepted {
            occurred_at: self.now(),
            case: id.clone(),
            accepted_by: AcceptedBy::Operator,
            rule_version: None,
            category: "0101".parse().unwrap(),
            catalogue_version: 1,
            urgency: Urgency::Normal,
            division,
            grid: Some(grid),
            reporter: self.person(number),
            first_reported_at: self.now(),
        };
        self.of_case(&id, accepted.into()).await;
    }

    /// Its work is done.
    pub(crate) async fn resolves(&self, number: u128) {
        let id = case(number);
        let resolved = CaseResolved {
            occurred_at: self.now(),
            case: id.clone(),
            work_order: order(number),
            found_true: true,
        };
        self.of_case(&id, resolved.into()).await;
    }

    /// Its reporter says how it went.
    pub(crate) async fn rates(&self, number: u128, satisfaction: Satisfaction) {
        let id = case(number);
        let rated = CaseRated {
            occurred_at: self.now(),
            case: id.clone(),
            contacted: true,
            solved: true,
            satisfaction,
            comment: None,
            by: None,
            joiner: None,
            recorded_by: None,
        };
        self.of_case(&id, rated.into()).await;
    }

    /// The case with this number gets an order in a grid, due in an hour.
    pub(crate) async fn orders(&self, number: u128, at: &str) -> String {
        let (id, (division, grid)) = (order(number), grid(at));
        let created = WorkOrderCreated {
            occurred_at: self.now(),
            work_order: id.clone(),
            case: case(number),
            category: "0101".parse().unwrap(),
            catalogue_version: 1,
            urgency: Urgency::Normal,
            division,
            grid: Some(grid),
            reporter: self.person(number),
            limit: "60min".parse().unwrap(),
            accept_due: self.now().plus_millis(1_800_000),
            due: self.now().plus_millis(3_600_000),
            calendar_version: 1,
            round: 1,
            origin: None,
            parent: None,
            instruction: None,
            at_risk: None,
            threefold_due: None,
        };
        self.of_order(&id, created.into()).await;
        id.to_string()
    }

    /// It goes to this organisation or person.
    pub(crate) async fn routes(
        &self,
        number: u128,
        organisation: Option<OrganisationId>,
        person: Option<PersonId>,
    ) {
        let routed = self.routed(number, Assignee { organisation, person });
        self.of_order(&order(number), routed).await;
    }

    /// It goes to one after the other at once.
    pub(crate) async fn routes_on<const N: usize>(
        &self,
        number: u128,
        to: [Option<OrganisationId>; N],
    ) {
        let id = order(number);
        let routed =
            to.map(|organisation| self.routed(number, Assignee { organisation, person: None }));
        self.suite.append(&subject::work_order(&id), &id.to_string(), &routed).await;
    }

    fn routed(&self, number: u128, assignee: Assignee) -> WorkOrderEvent {
        let routed = WorkOrderRouted {
            occurred_at: self.now(),
            work_order: order(number),
            assignee,
            rule: RoutingRule::Manual,
            rule_version: 1,
            candidates: Vec::new(),
            shortfall: None,
            rule_number: None,
            shortfalls: Vec::new(),
        };
        routed.into()
    }

    /// Its time ran out.
    pub(crate) async fn runs_out(&self, number: u128) {
        let id = order(number);
        let overdue = WorkOrderOverdue {
            occurred_at: self.now(),
            work_order: id.clone(),
            deadline: contracts::dispatch::DeadlineKind::Handling,
            due: self.now(),
        };
        self.of_order(&id, overdue.into()).await;
    }

    /// It is closed.
    pub(crate) async fn closes(&self, number: u128) {
        let id = order(number);
        let closed = WorkOrderClosed {
            occurred_at: self.now(),
            work_order: id.clone(),
            case: case(number),
            by: self.person(3),
            result: HandlingResult::Solved,
            found_true: true,
            parent: None,
        };
        self.of_order(&id, closed.into()).await;
    }
}
