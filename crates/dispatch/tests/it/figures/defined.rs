//! What the figures of `docs/figures.md` are of one case, said once more in the plainest way: by
//! looking through all that happened to it, without a state.

use std::collections::BTreeMap;

use super::histories::Happened;

/// A case by all that happened to it.
pub(super) struct Told<'a>(pub(super) Vec<&'a Happened>);

/// A figure's sum by figure, for each dimension, division, day and value.
pub(super) type Sums = BTreeMap<(String, String, i64, String), BTreeMap<String, i64>>;

impl Told<'_> {
    fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|happened| happened.name == name).count()
    }

    fn any(&self, name: &str) -> bool {
        self.count(name) > 0
    }

    fn last(&self, name: &str) -> Option<&Happened> {
        self.0.iter().rev().find(|happened| happened.name == name).copied()
    }

    /// What happened since it was last taken up again.
    fn last_round(&self) -> &[&Happened] {
        let from = self.0.iter().rposition(|happened| happened.name == "reopened");
        &self.0[from.unwrap_or_default()..]
    }

    fn is_merged(&self) -> bool {
        self.count("merged") > self.count("unmerged")
    }

    pub(super) fn is_open(&self) -> bool {
        !self.0.is_empty()
            && !["refused", "on_site", "answered", "withdrawn"].iter().any(|end| self.any(end))
            && self.count("merged") == self.count("unmerged")
            && self.count("order_closed") == self.count("reopened")
    }

    /// What it adds to each figure; what is not there it adds nothing to.
    pub(super) fn figures(&self) -> BTreeMap<String, i64> {
        let yes = |holds: bool| i64::from(holds);
        let done = self.any("order_closed") && !self.is_open() && !self.is_merged();
        let orders = self.count("order_created");
        let rating = self.last_round().iter().rev().find(|happened| happened.name == "rated");
        let says = |what: &str| rating.is_some_and(|r| r.fields[what].as_bool().unwrap());
        let pleased = ["fairly_satisfied", "satisfied", "very_satisfied"];
        let satisfied = rating.is_some_and(|r| pleased.contains(&r.text("/satisfaction").as_str()));
        let unrated = self
            .last_round()
            .iter()
            .any(|happened| happened.name == "archived" && happened.text("/reason") == "unrated");
        let routed = self.last("order_routed");
        let to =
            |whom: &str| routed.is_some_and(|r| !r.text(&format!("/assignee/{whom}")).is_empty());
        let rung = self.last("order_created").is_some_and(|created| {
            let rings = |h: &&&Happened| h.name == "order_overdue" && h.order == created.order;
            self.0.iter().any(|happened| rings(&happened))
        });
        let late = self.0.iter().any(|h| h.text("/deadline") == "handling");
        let took = match (done, self.last("order_closed"), self.last("accepted")) {
            (true, Some(closed), Some(accepted)) => closed.at - accepted.at,
            _ => 0,
        };
        let hours = |from: i64, to: i64| {
            yes(done && (from == 0 || took > from * 3_600_000) && took <= to * 3_600_000)
        };
        let ends = ["order_closed", "on_site", "answered"];
        let all = [
            ("reported", 1),
            ("accepted", yes(self.any("accepted"))),
            ("refused", yes(self.any("refused"))),
            ("answered", yes(self.any("answered"))),
            ("on_site", yes(self.any("on_site"))),
            ("ended", yes(self.any("withdrawn") || self.is_merged())),
            ("routed", yes(self.any("order_routed"))),
            ("closed", yes(done)),
            ("on_time", yes(done && !late)),
            ("first_assigned", yes(done && self.count("order_routed") == orders)),
            ("returned", yes(self.any("order_returned"))),
            ("closed_once", yes(ends.iter().any(|end| self.any(end)))),
            ("reopened", yes(self.any("reopened"))),
            ("rated", yes(rating.is_some())),
            ("contacted", yes(says("contacted"))),
            ("solved", yes(says("solved"))),
            ("satisfied", yes(satisfied)),
            ("unrated", yes(unrated)),
            ("in_grid", yes(self.any("on_site") || (done && to("person") && !to("organisation")))),
            ("open", yes(self.is_open())),
            ("overdue", yes(self.is_open() && rung)),
            ("handling_ms", took),
            ("within_4h", hours(0, 4)),
            ("within_1d", hours(4, 24)),
            ("within_3d", hours(24, 72)),
            ("within_7d", hours(72, 168)),
            ("within_15d", hours(168, 360)),
            ("within_30d", hours(360, 720)),
        ];
        all.into_iter().filter(|(_, by)| *by != 0).map(|(n, by)| (n.to_owned(), by)).collect()
    }

    /// Under what it is counted: dimension, division and value.
    pub(super) fn places(&self) -> Vec<(&'static str, String, String)> {
        let Some(reported) = self.0.first() else { return Vec::new() };
        let (place, category) = self.last("accepted").map_or_else(
            || (reported.text("/place/division"), reported.text("/category")),
            |accepted| (accepted.text("/division"), accepted.text("/category")),
        );
        let routed = self.last("order_routed");
        let to =
            |whom: &str| routed.map(|r| r.text(&format!("/assignee/{whom}"))).unwrap_or_default();
        let up_to = |digits: usize| place.get(..digits).unwrap_or_default().to_owned();
        let (county, township, village) = (up_to(6), up_to(9), up_to(12));
        let mut places = vec![
            ("total", county.clone(), String::new()),
            ("division", county.clone(), township.clone()),
        ];
        for division in [&county, &township].into_iter().filter(|division| !division.is_empty()) {
            places.push(("category", division.clone(), category.clone()));
            places.push(("channel", division.clone(), reported.text("/channel")));
            places.push(("department", division.clone(), to("organisation")));
        }
        if !township.is_empty() {
            places.push(("division", township.clone(), village));
            places.push(("member", township, to("person")));
        }
        places.retain(|(dimension, _, value)| {
            !value.is_empty() || !["department", "member"].contains(dimension)
        });
        places
    }

    /// The case as it was when a moment was over.
    pub(super) fn until(&self, moment: i64) -> Self {
        Self(self.0.iter().copied().take_while(|happened| happened.at < moment).collect())
    }

    /// The stage in which each event left it.
    pub(super) fn stages(&self) -> Vec<(i64, &'static str)> {
        let mut stages: Vec<(i64, &'static str)> = Vec::new();
        for happened in &self.0 {
            let stage = match happened.name {
                "order_routed" => "routed",
                "order_accepted" | "order_sent_back" => "handling",
                "order_returned" => "returned",
                "order_handled" => "handled",
                "order_verified" => "verified",
                "order_closed" => "closed",
                "order_suspended" => "suspended",
                // Where it stood before.
                "order_resumed" | "unmerged" => stages[stages.len() - 2].1,
                "order_created" | "order_overdue" | "resolved" | "rated" => continue,
                other => other,
            };
            if stages.last().is_none_or(|(_, last)| *last != stage) {
                stages.push((happened.at, stage));
            }
        }
        stages
    }
}
