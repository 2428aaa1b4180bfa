//! The stage: 泾川县 with the places of the scenarios, a clock in the test's hand, and calls written as
//! JSON, as a client would who has nothing but the descriptors.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use kernel::{Role, Timestamp};
use platform::{
    auth::scope::ScopeParts,
    grpc::{Bearer, status::reason_of},
};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions, prost::Message as _};
use serde_json::{Value, json};
use testkit::{Db, Suite};
use tonic::{Status, service::Interceptor as _};

use crate::raw::Raw;

const COUNTY: &str = "620821";
const DIVISIONS: &str = include_str!("../../../../../resources/divisions/620821.csv");
const CATALOGUE: &str = include_str!("../../../../../resources/categories.csv");

/// Somebody who calls.
#[derive(Clone)]
pub(crate) struct Actor {
    /// Their person's id.
    pub(crate) person: String,
    bearer: Bearer,
}

/// A county of which the test says what happens, and when.
pub(crate) struct Stage {
    suite: Suite,
    pool: DescriptorPool,
    requests: AtomicU64,
    people: AtomicU64,
}

/// A moment of the scenario, such as `2026-05-24 08:40`, in Shanghai.
pub(crate) fn moment(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    Timestamp::from_rfc3339(&format!("{day}T{time}:00+08:00")).unwrap()
}

impl Stage {
    /// The real divisions and the shipped catalogue, on the first day of 2026.
    pub(crate) async fn set(db: Db) -> Self {
        let services = vec![
            access::service(),
            grid::service(),
            intake::service(),
            dispatch::service(),
            points::service(),
            media::service(),
            outlet::service(),
        ];
        let suite = Suite::start(services, db).await;
        suite.clock().set(moment("2026-01-01 00:00"));
        let pool = DescriptorPool::decode(api::DESCRIPTORS).unwrap();
        let stage = Self { suite, pool, requests: AtomicU64::new(0), people: AtomicU64::new(1) };
        let administrator = stage.acts(Role::Administrator, of_division(COUNTY));
        let table = |text: &str| json!({ "csv": data_encoding::BASE64.encode(text.as_bytes()) });
        stage.tell(&administrator, "grid.ImportDivisions", table(DIVISIONS)).await;
        stage.tell(&administrator, "intake.ImportCategories", table(CATALOGUE)).await;
        stage
    }

    /// The services stop and start again on the same data, as after a crash of the machine.
    pub(crate) async fn restart(self) -> Self {
        Self { suite: self.suite.restart().await, ..self }
    }

    /// It is now this moment. The clocks look now and then, so what rings by itself is waited for with
    /// [`Self::rings`].
    pub(crate) async fn at(&self, text: &str) {
        self.suite.clock().set(moment(text));
        self.settled().await;
    }

    /// Waits until an aggregate has an event of this name so many times.
    pub(crate) async fn rings(&self, category: &str, id: &str, name: &str, times: usize) {
        testkit::until(&format!("{times} {name} of {id}"), || async {
            let facts = self.facts(category, id).await;
            facts.iter().filter(|fact| *fact == name).count() >= times
        })
        .await;
        self.settled().await;
    }

    /// Every table and every process has seen all there is.
    pub(crate) async fn settled(&self) {
        self.suite.settled().await;
    }

    fn acts(&self, role: Role, scope: ScopeParts) -> Actor {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        self.acts_as(&self.suite.person(9_000 + u128::from(number)).to_string(), role, scope)
    }

    fn acts_as(&self, person: &str, role: Role, scope: ScopeParts) -> Actor {
        let bearer = self.suite.bearer_for(&person.parse().unwrap(), role, scope);
        Actor { person: person.to_owned(), bearer }
    }

    /// The desk of a division.
    pub(crate) fn desk(&self, division: &str) -> Actor {
        self.acts(Role::Operator, of_division(division))
    }

    /// A leader or the supervision of a division.
    pub(crate) fn supervisor(&self, division: &str) -> Actor {
        self.acts(Role::Supervisor, of_division(division))
    }

    /// A system administrator of the county.
    pub(crate) fn administrator(&self) -> Actor {
        self.acts(Role::Administrator, of_division(COUNTY))
    }

    /// A government portal of the county.
    pub(crate) fn portal(&self) -> Actor {
        self.acts(Role::Integrator, of_division(COUNTY))
    }

    /// A resident, by number.
    pub(crate) fn resident(&self, number: u128) -> Actor {
        let person = self.suite.person(number).to_string();
        self.acts_as(&person, Role::Resident, ScopeParts::default())
    }

    /// A person who is registered and serves in a grid.
    pub(crate) async fn member(&self, grid: &str, duty: &str) -> Actor {
        let person = self.registered(&grid[..12]).await;
        let assign = json!({ "grid": grid, "person_id": person, "duty": duty });
        self.tell(&self.administrator(), "grid.AssignMember", assign).await;
        let scope = ScopeParts { grid: grid.parse().ok(), ..ScopeParts::default() };
        self.acts_as(&person, Role::GridMember, scope)
    }

    /// The same person with the office to verify.
    pub(crate) fn in_office(&self, actor: &Actor, division: &str) -> Actor {
        self.acts_as(&actor.person, Role::Verifier, of_division(division))
    }

    /// Somebody who verifies in a village, such as its grid chief.
    pub(crate) fn verifier(&self, division: &str) -> Actor {
        self.acts(Role::Verifier, of_division(division))
    }

    /// A body of this kind in a division, and a clerk of it.
    pub(crate) async fn body(&self, kind: &str, division: &str) -> (String, Actor) {
        let register =
            json!({ "division": division, "kind": kind, "name": format!("{kind}-{division}") });
        let registered =
            self.tell(&self.administrator(), "access.RegisterOrganisation", register).await;
        let organisation = text(&registered, "organisation_id");
        let clerk = self.clerk(&organisation, division);
        (organisation, clerk)
    }

    /// One more clerk of a body.
    pub(crate) fn clerk(&self, organisation: &str, division: &str) -> Actor {
        let scope = ScopeParts { org: organisation.parse().ok(), ..of_division(division) };
        self.acts(Role::DepartmentClerk, scope)
    }

    async fn registered(&self, division: &str) -> String {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let register = json!({ "division": division, "name": format!("周{number}") });
        let answer = self.tell(&self.administrator(), "access.RegisterPerson", register).await;
        text(&answer, "person_id")
    }

    /// A grid of 0.01 degrees' side whose south-western corner is here.
    pub(crate) async fn grid(&self, grid: &str, west: f64, south: f64) {
        let corner =
            |x: f64, y: f64| json!({ "longitude": west + x, "latitude": south + y, "crs": 3 });
        let (a, b, c, d) =
            (corner(0.0, 0.0), corner(0.01, 0.0), corner(0.01, 0.01), corner(0.0, 0.01));
        let ring = json!({ "points": [a, b, c, d, corner(0.0, 0.0)] });
        let create = json!({
            "grid": grid, "name": format!("第{}网格", &grid[12..]), "kind": "GRID_KIND_RURAL",
            "boundary": [ring],
        });
        self.tell(&self.administrator(), "grid.CreateGrid", create).await;
    }

    /// The orders of a case, the first first, as the county sees them.
    pub(crate) async fn orders(&self, case: &str) -> Vec<Value> {
        let list = json!({ "case_id": case, "order_by": "created_at desc" });
        let listed = self.tell(&self.desk(COUNTY), "dispatch.ListWorkOrders", list).await;
        let mut orders = listed["work_orders"].as_array().unwrap().clone();
        orders.reverse();
        orders
    }

    /// The one order of a case.
    pub(crate) async fn order(&self, case: &str) -> Value {
        let orders = self.orders(case).await;
        assert_eq!(orders.len(), 1, "{case} has one order: {orders:?}");
        orders[0].clone()
    }

    /// An order as it stands.
    pub(crate) async fn work_order(&self, id: &str) -> Value {
        let get = json!({ "work_order_id": id });
        self.tell(&self.desk(COUNTY), "dispatch.GetWorkOrder", get).await["work_order"].clone()
    }

    /// A case as it stands.
    pub(crate) async fn case(&self, id: &str) -> Value {
        let get = json!({ "case_id": id });
        self.tell(&self.desk(COUNTY), "intake.GetCase", get).await["case"].clone()
    }

    /// The way of an order that nothing disturbs, from its acceptance to its closing.
    pub(crate) async fn line(&self, order: &str, handler: &Actor, verifier: &Actor) {
        let id = json!({ "work_order_id": order });
        self.tell(handler, "dispatch.AcceptWorkOrder", id.clone()).await;
        self.tell(handler, "dispatch.SubmitFeedback", feedback(order)).await;
        let passed = json!({ "work_order_id": order, "passed": true, "found_true": true });
        self.tell(verifier, "dispatch.VerifyWorkOrder", passed).await;
        self.tell(verifier, "dispatch.CloseWorkOrder", id).await;
    }

    /// Calls a method, such as `intake.ReportCase`; the request's id and the position that a query is to
    /// have reached are filled in. Answers with the message as JSON.
    pub(crate) async fn call(
        &self,
        actor: &Actor,
        method: &str,
        mut request: Value,
    ) -> Result<Value, Status> {
        let (service, name) = method.split_once('.').unwrap();
        let found = self.pool.services().find_map(|each| {
            let here = each.full_name().starts_with(&format!("weft.{service}.v1."));
            here.then(|| each.methods().find(|method| method.name() == name)).flatten()
        });
        let found = found.unwrap_or_else(|| unreachable!("there is no method {method}"));
        if found.input().get_field_by_name("request_id").is_some()
            && request.get("request_id").is_none()
        {
            let number = self.requests.fetch_add(1, Ordering::Relaxed);
            request["request_id"] = json!(format!("scene-{number}"));
        }
        if found.input().get_field_by_name("min_position").is_some() {
            let head = self.suite.head().await;
            request["min_position"] = json!({ "log": head.log, "sequence": head.sequence });
        }
        let message = DynamicMessage::deserialize(found.input(), request.clone())
            .unwrap_or_else(|error| unreachable!("{method} {request}: {error}"));
        let mut grpc = tonic::client::Grpc::new(self.suite.channel());
        grpc.ready().await.unwrap();
        let mut asked = tonic::Request::new(Bytes::from(message.encode_to_vec()));
        let mut bearer = actor.bearer.clone();
        *asked.metadata_mut() = bearer.call(tonic::Request::new(())).unwrap().metadata().clone();
        let path = format!("/{}/{name}", found.parent_service().full_name());
        let answer = grpc.unary(asked, path.parse().unwrap(), Raw).await?;
        let answer = DynamicMessage::decode(found.output(), answer.into_inner()).unwrap();
        let options = SerializeOptions::new()
            .use_proto_field_name(true)
            .skip_default_fields(false)
            .stringify_64_bit_integers(false);
        Ok(answer.serialize_with_options(serde_json::value::Serializer, &options).unwrap())
    }

    /// The same of a call that is answered; what follows from it has followed.
    pub(crate) async fn tell(&self, actor: &Actor, method: &str, request: Value) -> Value {
        let answer = self.call(actor, method, request.clone()).await;
        let answer = answer.unwrap_or_else(|status| {
            let reason = reason_of(&status).unwrap_or_default();
            unreachable!("{method} {request} is refused: {reason}, {status:?}")
        });
        self.settled().await;
        answer
    }

    /// The reason for which a call is refused.
    pub(crate) async fn refused(&self, actor: &Actor, method: &str, request: Value) -> String {
        match self.call(actor, method, request.clone()).await {
            Ok(answer) => unreachable!("{method} {request} is answered: {answer}"),
            Err(status) => reason_of(&status).unwrap_or_else(|| format!("{:?}", status.code())),
        }
    }

    /// The names of the events of one aggregate, in the order of the log.
    pub(crate) async fn facts(&self, category: &str, id: &str) -> Vec<String> {
        self.log_of(category, id).await.into_iter().map(|(name, _)| name).collect()
    }

    /// The events of one aggregate, with what they hold.
    pub(crate) async fn log_of(&self, category: &str, id: &str) -> Vec<(String, Value)> {
        let (division, key) = id.split_once('-').unwrap();
        let (county, rest) = division.split_at(6);
        let (township, village) = rest.split_at(3);
        self.log(&format!("weft.{county}.{township}.{village}.{category}.{key}")).await
    }

    /// Events by subject: their names, such as `case_reported`, and what they hold.
    pub(crate) async fn log(&self, subject: &str) -> Vec<(String, Value)> {
        let recorded = self.suite.context().log.load(subject, 1).await.unwrap();
        let events = recorded.iter().map(|event| {
            let name = event.ce_type.clone();
            let name = name.split('.').nth(2).unwrap().to_owned();
            (name, serde_json::from_slice(&event.payload).unwrap())
        });
        events.collect()
    }
}

fn of_division(code: &str) -> ScopeParts {
    ScopeParts { division: Some(code.parse().unwrap()), ..ScopeParts::default() }
}

/// A field of an answer that holds a text.
pub(crate) fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_else(|| unreachable!("no {field} in {answer}")).to_owned()
}

/// Feedback that a matter is solved, with photos of before and after.
pub(crate) fn feedback(order: &str) -> Value {
    json!({
        "work_order_id": order, "result": "HANDLING_RESULT_SOLVED", "text": "已处理",
        "photos_before": ["620821000000-before"], "photos_after": ["620821000000-after"],
    })
}

/// A position in the coordinates of the state.
pub(crate) fn position(longitude: f64, latitude: f64) -> Value {
    json!({ "longitude": longitude, "latitude": latitude, "crs": 3 })
}
