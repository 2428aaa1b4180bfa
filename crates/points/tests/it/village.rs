//! A village with a programme, what intake would write about its cases, and callers.

use api::points::v1::{
    AwardRequest, CreateProgrammeRequest, Entry, GetAccountRequest, GetBalanceSheetRequest,
    ListEntriesRequest, ReverseAwardRequest, SetRuleRequest,
    points_service_client::PointsServiceClient,
};
use contracts::{
    intake::{CaseEvent, CategoryEvent},
    subject,
};
use kernel::{
    Clock as _, Role, StoredEvent as _,
    id::{CaseId, PersonId},
};
use platform::{
    auth::scope::ScopeParts,
    grpc::{Bearer, status},
};
use serde_json::{Value, json};
use testkit::{Db, Suite};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};

pub(crate) type Client = PointsServiceClient<InterceptedService<Channel, Bearer>>;

pub(crate) const COUNTY: &str = "620821";
pub(crate) const TOWNSHIP: &str = "620821101";
pub(crate) const VILLAGE: &str = "620821101203";
pub(crate) const OTHER_TOWNSHIP: &str = "620821102";
pub(crate) const PROGRAMME: &str = "620821101203-residents";

/// Reports of it earn points.
pub(crate) const EARNS: &str = "0101";
/// Reports of it earn none.
pub(crate) const EARNS_NOTHING: &str = "0102";
/// Reports of it would earn points, were they not confidential.
pub(crate) const CONFIDENTIAL: &str = "0103";

pub(crate) struct Village {
    pub(crate) suite: Suite,
}

impl Village {
    /// A catalogue, and a programme whose rule gives 5 points a report and 8 a day.
    pub(crate) async fn start(db: Db) -> Self {
        let village = Self::bare(db).await;
        village.create(VILLAGE).await;
        village.rule(PROGRAMME, 5, 8).await;
        village.suite.settled().await;
        village
    }

    /// A catalogue and nothing else.
    pub(crate) async fn bare(db: Db) -> Self {
        let village = Self { suite: Suite::start(vec![points::service()], db).await };
        village.category(EARNS, true, false).await;
        village.category(EARNS_NOTHING, false, false).await;
        village.category(CONFIDENTIAL, true, true).await;
        village
    }

    pub(crate) fn staff(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        let bearer = self.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() });
        self.client(bearer)
    }

    pub(crate) fn client(&self, bearer: Bearer) -> Client {
        PointsServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    pub(crate) fn operator(&self) -> Client {
        self.staff(Role::Operator, TOWNSHIP)
    }

    pub(crate) fn resident(&self, number: u128) -> Client {
        let person = self.suite.person(number);
        let bearer = self.suite.bearer_for(&person, Role::Resident, ScopeParts::default());
        self.client(bearer)
    }

    pub(crate) fn person(&self, number: u128) -> PersonId {
        self.suite.person(number)
    }

    pub(crate) async fn create(&self, division: &str) {
        let request = CreateProgrammeRequest {
            request_id: format!("create-{division}"),
            division: division.into(),
            name: "文明积分".into(),
        };
        let mut county = self.staff(Role::Administrator, COUNTY);
        county.create_programme(request).await.unwrap();
    }

    pub(crate) async fn rule(&self, programme: &str, points: u32, daily_cap: u32) {
        let request = SetRuleRequest {
            request_id: format!("rule-{programme}-{points}-{daily_cap}"),
            programme_id: programme.into(),
            points_for_true_report: points,
            daily_cap,
        };
        self.staff(Role::Supervisor, COUNTY).set_rule(request).await.unwrap();
    }

    pub(crate) async fn balance(&self, programme: &str, number: u128) -> i64 {
        self.suite.settled().await;
        let request = GetAccountRequest {
            programme_id: programme.into(),
            person_id: self.person(number).to_string(),
            min_position: None,
        };
        let mut county = self.staff(Role::Supervisor, COUNTY);
        county.get_account(request).await.unwrap().into_inner().balance
    }

    /// A resident's statement in the village's programme, as its operator sees it.
    pub(crate) async fn statement(&self, number: u128) -> Vec<Entry> {
        self.suite.settled().await;
        let request = ListEntriesRequest {
            programme_id: PROGRAMME.into(),
            person_id: self.person(number).to_string(),
            ..ListEntriesRequest::default()
        };
        self.operator().list_entries(request).await.unwrap().into_inner().entries
    }

    pub(crate) async fn sum(&self, programme: &str) -> i64 {
        let request = GetBalanceSheetRequest { programme_id: programme.into(), min_position: None };
        let mut county = self.staff(Role::Supervisor, COUNTY);
        county.get_balance_sheet(request).await.unwrap().into_inner().sum
    }

    async fn category(&self, code: &str, earns: bool, confidential: bool) {
        let id = subject::category_id(self.suite.county(), &code.parse().unwrap());
        let event = json!({
            "occurred_at": self.suite.clock().now().0, "category": code, "parent": null,
            "rules": {
                "kind": "component", "handler": "d001",
                "limit": { "amount": 2, "unit": "working_days" },
                "urgency": "normal", "admission": "grid", "confidential": confidential,
                "consent_needed": false, "report_earns_points": earns
            },
            "catalogue_version": 1, "document": "620821000000-d", "row": 1
        });
        let event =
            CategoryEvent::decode("weft.intake.category_defined.v1", event.to_string().as_bytes());
        let events = [event.unwrap()];
        self.suite.append(&subject::category(&id), &id.to_string(), &events).await;
    }

    /// As intake would: something happens to a case.
    pub(crate) async fn happens(&self, case: &CaseId, name: &str, mut fields: Value) {
        fields["occurred_at"] = json!(self.suite.clock().now().0);
        fields["case"] = json!(case);
        let ce_type = format!("weft.intake.{name}.v1");
        let event = CaseEvent::decode(&ce_type, fields.to_string().as_bytes()).unwrap();
        self.suite.append(&subject::case(case), &case.to_string(), &[event]).await;
    }

    /// As intake would: a case is reported and accepted in the village.
    pub(crate) async fn reported(&self, key: &str, by: u128, category: &str) -> CaseId {
        self.reported_by(key, by, category, false).await
    }

    pub(crate) async fn reported_by(
        &self,
        key: &str,
        by: u128,
        category: &str,
        by_staff: bool,
    ) -> CaseId {
        let case: CaseId = format!("{VILLAGE}-{key}").parse().unwrap();
        let now = self.suite.clock().now().0;
        let reported = json!({
            "channel": "qr_page", "category": category, "catalogue_version": 1,
            "urgency": "normal",
            "place": {
                "source": "division", "division": VILLAGE, "grid": null, "position": null
            },
            "reporter": self.person(by), "by_staff": by_staff, "text": null, "contact": null,
            "tracking": "0".repeat(64), "first_reported_at": now
        });
        self.happens(&case, "case_reported", reported).await;
        let accepted = json!({
            "accepted_by": "rule", "rule_version": 1, "category": category,
            "catalogue_version": 1, "urgency": "normal", "division": VILLAGE, "grid": null,
            "reporter": self.person(by), "first_reported_at": now
        });
        self.happens(&case, "case_accepted", accepted).await;
        case
    }

    pub(crate) async fn resolved(&self, case: &CaseId, found_true: bool) {
        let fields = json!({ "work_order": format!("{VILLAGE}-w"), "found_true": found_true });
        self.happens(case, "case_resolved", fields).await;
    }

    pub(crate) async fn rated(&self, case: &CaseId, satisfaction: &str) {
        let fields = json!({
            "contacted": true, "solved": true, "satisfaction": satisfaction, "comment": null
        });
        self.happens(case, "case_rated", fields).await;
    }

    pub(crate) async fn reopened(&self, case: &CaseId, by: u128, category: &str, round: u32) {
        let fields = json!({
            "reporter": self.person(by), "by": self.person(by), "round": round,
            "category": category, "catalogue_version": 1, "urgency": "normal",
            "division": VILLAGE, "grid": null,
            "first_reported_at": self.suite.clock().now().0, "reason": null
        });
        self.happens(case, "case_reopened", fields).await;
    }

    /// A case that is reported and found true.
    pub(crate) async fn true_report(&self, key: &str, by: u128) -> CaseId {
        let case = self.reported(key, by, EARNS).await;
        self.resolved(&case, true).await;
        case
    }
}

pub(crate) fn by_hand(id: &str, person: &PersonId, points: u32) -> AwardRequest {
    AwardRequest {
        request_id: id.into(),
        programme_id: PROGRAMME.into(),
        person_id: person.to_string(),
        points,
        reason: "帮邻居扫雪".into(),
        case_id: String::new(),
    }
}

pub(crate) fn take_back(id: &str, award: &str) -> ReverseAwardRequest {
    ReverseAwardRequest {
        request_id: id.into(),
        programme_id: PROGRAMME.into(),
        award_id: award.into(),
        reason: "记错了人".into(),
    }
}

/// The code and the stable reason of a refusal, which says something in Chinese.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let zh = status::message_of(&status, "zh-CN").unwrap_or_default();
    assert!(!zh.is_empty(), "{status:?} says nothing in Chinese");
    (status.code(), status::reason_of(&status).unwrap_or_default())
}

/// The wrong fields of a refusal, each of which is explained in both languages.
pub(crate) fn wrong_fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let violations = status::violations_of(&status);
    assert!(violations.iter().all(|v| !v.en.is_empty() && !v.zh.is_empty()), "{violations:?}");
    violations.into_iter().map(|violation| violation.field).collect()
}
