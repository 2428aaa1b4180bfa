//! Random histories of cases with their orders: what may follow what, from one seed. An event is the
//! golden file of its kind with other values in it.

use contracts::{dispatch::WorkOrderEvent, intake::CaseEvent, subject};
use kernel::{
    StoredEvent as _,
    id::{CaseId, WorkOrderId},
};
use platform::log::Recorded;
use serde_json::{Map, Value, json};

/// The first moment: 2026-01-01 in China.
pub(super) const BEGIN: i64 = 1_767_196_800_000;
/// How many days have reports.
pub(super) const DAYS: i64 = 90;

const HOUR: u64 = 3_600_000;

macro_rules! golden {
    ($($name:literal = $file:literal;)*) => {
        /// The type of an event, and an example.
        fn golden(name: &str) -> (&'static str, &'static str) {
            match name {
                $($name => (
                    concat!("weft.", $file),
                    include_str!(concat!("../../../../contracts/golden/weft.", $file, ".json")),
                ),)*
                other => unreachable!("{other}"),
            }
        }
    };
}

golden! {
    "reported" = "intake.case_reported.v1";
    "accepted" = "intake.case_accepted.v1";
    "refused" = "intake.case_refused.v1";
    "resolved" = "intake.case_resolved.v1";
    "rated" = "intake.case_rated.v1";
    "reopened" = "intake.case_reopened.v1";
    "archived" = "intake.case_archived.v1";
    "on_site" = "intake.case_handled_on_site.v1";
    "answered" = "intake.case_answered.v1";
    "withdrawn" = "intake.case_withdrawn.v1";
    "merged" = "intake.case_merged.v1";
    "unmerged" = "intake.case_unmerged.v1";
    "order_suspended" = "dispatch.work_order_suspended.v1";
    "order_resumed" = "dispatch.work_order_resumed.v1";
    "order_created" = "dispatch.work_order_created.v2";
    "order_routed" = "dispatch.work_order_routed.v1";
    "order_accepted" = "dispatch.work_order_accepted.v1";
    "order_returned" = "dispatch.work_order_returned.v1";
    "order_handled" = "dispatch.feedback_submitted.v1";
    "order_verified" = "dispatch.work_order_verified.v1";
    "order_sent_back" = "dispatch.work_order_sent_back.v1";
    "order_closed" = "dispatch.work_order_closed.v1";
    "order_overdue" = "dispatch.work_order_overdue.v1";
}

/// An event of a case, or of the order that served it in a round.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    pub(super) at: i64,
    pub(super) case: String,
    pub(super) order: Option<String>,
    pub(super) name: &'static str,
    pub(super) fields: Map<String, Value>,
}

impl Happened {
    /// As the log has it at this place.
    pub(super) fn recorded(&self, sequence: u64) -> Recorded {
        let (ce_type, example) = golden(self.name);
        let mut fields: Map<String, Value> = serde_json::from_str(example).unwrap();
        fields.extend(self.fields.clone());
        fields.insert("occurred_at".to_owned(), self.at.into());
        for (name, id) in [("case", Some(&self.case)), ("work_order", self.order.as_ref())] {
            if let Some(id) = id.filter(|_| fields.contains_key(name)) {
                fields.insert(name.to_owned(), id.as_str().into());
            }
        }
        let payload = serde_json::to_vec(&fields).unwrap();
        if self.name.starts_with("order_") {
            let id: WorkOrderId = self.order.as_deref().unwrap().parse().unwrap();
            let event = WorkOrderEvent::decode(ce_type, &payload).unwrap();
            testkit::recorded(&subject::work_order(&id), &id.to_string(), sequence, &event)
        } else {
            let id: CaseId = self.case.parse().unwrap();
            let event = CaseEvent::decode(ce_type, &payload).unwrap();
            testkit::recorded(&subject::case(&id), &id.to_string(), sequence, &event)
        }
    }

    /// What a field says.
    pub(super) fn text(&self, path: &str) -> String {
        let found = Value::Object(self.fields.clone()).pointer(path).cloned();
        found.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// Numbers from a seed (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below a limit.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

const CATEGORIES: [&str; 4] = ["0101", "0201", "0301", "0302"];
const CHANNELS: [&str; 4] = ["qr_page", "hotline", "patrol", "snap"];
const VILLAGES: [&str; 7] = [
    "620821101201",
    "620821101203",
    "620821102200",
    "620821103201",
    "620821103202",
    // What lies between the villages, and what the county has itself.
    "620821101",
    "620821",
];
const TEAMS: [&str; 3] = ["620821101000-team", "620821102000-team", "620821000000-centre"];
const MEMBERS: [&str; 3] = ["620821000000-m1", "620821000000-m2", "620821000000-m3"];

/// One case from its report on.
struct Story<'a> {
    dice: &'a mut Dice,
    at: i64,
    case: String,
    order: Option<String>,
    told: Vec<Happened>,
}

impl Story<'_> {
    /// After some time, something happens.
    fn then(&mut self, name: &'static str, fields: Value) {
        // Often at once, sometimes after days.
        let most = if self.dice.percent(30) { 10 } else { 96 * HOUR };
        self.at += i64::try_from(1 + self.dice.below(most)).unwrap();
        self.now(name, fields);
    }

    fn now(&mut self, name: &'static str, fields: Value) {
        let Value::Object(fields) = fields else { unreachable!("fields are an object") };
        let (case, order) = (self.case.clone(), self.order.clone());
        self.told.push(Happened { at: self.at, case, order, name, fields });
    }

    fn routed(&mut self) {
        let assignee = match self.dice.below(4) {
            0 => json!({ "organisation": null, "person": self.dice.one(&MEMBERS) }),
            1 => json!({ "organisation": self.dice.one(&TEAMS), "person": null }),
            2 => {
                json!({ "organisation": self.dice.one(&TEAMS), "person": self.dice.one(&MEMBERS) })
            }
            _ => json!({ "organisation": null, "person": null }),
        };
        self.now("order_routed", json!({ "assignee": assignee }));
    }

    /// An order from creation to closing; whether it came to that.
    fn round(&mut self, round: u32) -> bool {
        self.order = Some(format!("{}o{round}", self.case));
        self.then("order_created", json!({ "round": round }));
        self.routed();
        while self.dice.percent(25) {
            if self.dice.percent(60) {
                self.then("order_returned", json!({}));
                self.at += 1;
            }
            self.routed();
        }
        if self.dice.percent(10) {
            self.then("order_overdue", json!({ "deadline": "acceptance" }));
        }
        if self.dice.percent(10) {
            return false;
        }
        self.then("order_accepted", json!({}));
        if self.dice.percent(15) {
            self.then("order_overdue", json!({ "deadline": "handling" }));
        }
        if self.dice.percent(10) {
            self.then("order_suspended", json!({}));
            self.then("order_resumed", json!({}));
        }
        if self.dice.percent(8) {
            self.then("merged", json!({}));
            if self.dice.percent(40) {
                return false;
            }
            self.then("unmerged", json!({}));
        }
        self.then("order_handled", json!({}));
        while self.dice.percent(15) {
            self.then("order_sent_back", json!({}));
            self.then("order_handled", json!({}));
        }
        if self.dice.percent(10) {
            return false;
        }
        self.then("order_verified", json!({}));
        self.then("order_closed", json!({}));
        // Intake hears of it a little later; some logs end before.
        if self.dice.percent(95) {
            self.then("resolved", json!({}));
        }
        true
    }

    fn tell(&mut self) {
        let place = self.dice.one(&VILLAGES);
        let category = self.dice.one(&CATEGORIES);
        let fields = json!({
            "channel": self.dice.one(&CHANNELS),
            "category": category,
            "place": { "source": "division", "division": place, "grid": null, "position": null },
        });
        self.now("reported", fields);
        if self.dice.percent(10) {
            return self.then("refused", json!({}));
        }
        if self.dice.percent(5) {
            return;
        }
        if self.dice.percent(15) {
            let how = self.dice.one(&["on_site", "answered", "withdrawn"]);
            return self.then(how, json!({}));
        }
        // The desk knows better, now and then.
        let place = if self.dice.percent(5) { self.dice.one(&VILLAGES) } else { place };
        let category = if self.dice.percent(10) { self.dice.one(&CATEGORIES) } else { category };
        let accepted = json!({ "category": category, "division": place, "grid": null });
        self.then("accepted", accepted);
        for round in 1..=3 {
            if !self.round(round) {
                return;
            }
            if self.dice.percent(30) {
                return self.then("archived", json!({ "reason": "unrated" }));
            }
            let levels = ["very_dissatisfied", "dissatisfied", "fairly_satisfied", "satisfied"];
            let rating = json!({
                "contacted": self.dice.percent(80),
                "solved": self.dice.percent(70),
                "satisfaction": self.dice.one(&levels),
            });
            self.then("rated", rating);
            if !self.dice.percent(25) {
                return self.then("archived", json!({ "reason": "rated" }));
            }
            self.then("reopened", json!({ "round": round + 1, "division": place, "grid": null }));
        }
    }
}

/// So many cases, all their events in the order of a log.
pub(super) fn histories(cases: usize, seed: u64) -> Vec<Happened> {
    let mut dice = Dice(seed);
    let mut all = Vec::new();
    for number in 0..cases {
        let days = u64::try_from(DAYS).unwrap();
        let at = BEGIN + i64::try_from(dice.below(days * 24 * HOUR)).unwrap();
        let case = format!("620821101203-c{number}");
        let mut story = Story { dice: &mut dice, at, case, order: None, told: Vec::new() };
        story.tell();
        all.extend(story.told);
    }
    // Stable: what has one moment stays in the order in which it was told.
    all.sort_by_key(|happened| happened.at);
    all
}
