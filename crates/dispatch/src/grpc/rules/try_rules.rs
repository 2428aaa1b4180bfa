//! `TryRoutingRules`: where past cases would go by other rules. Nothing is written.

use std::collections::BTreeMap;

use api::dispatch::v1::{
    RoutingDifference, RuleUse, TryRoutingRulesRequest, TryRoutingRulesResponse,
};
use contracts::dispatch::Assignee;
use kernel::{Division, Level, Timestamp, id::CategoryCode};
use platform::{
    auth::Placement,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Rules, form};
use crate::{
    domain::routing::{Decision, RuleList},
    facts::Matter,
    grpc::show,
    projections::work_orders::{self, WorkOrderRow},
};

/// The most cases that are looked at.
const MAX_CASES: u32 = 2_000;

const DAY_MS: i64 = 24 * 60 * 60_000;

impl Rules {
    pub(super) async fn try_routing_rules(
        &self,
        request: Request<TryRoutingRulesRequest>,
    ) -> Result<TryRoutingRulesResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let division = v.parse_optional::<Division>("division", &message.division);
        let division = division.unwrap_or(self.context.county);
        call.principal.require(&Placement::of_division(division))?;
        let rules = form::rules_of(&mut v, &message.rules, self.context.county);
        self.take_orders(&mut v, rules.as_deref().unwrap_or_default());
        if message.days > 366 {
            v.push("days", "look back 366 days at most", "最多回看366天");
        }
        if message.max_examples > 100 {
            v.push("max_examples", "ask for 100 examples at most", "最多100个示例");
        }
        v.finish()?;
        let Some(rules) = rules else { unreachable!("checked above") };
        let orders = &self.facts.orders;
        self.context.wait(orders, message.min_position.map(Into::into)).await?;
        let position = self.context.position(orders);

        let days = if message.days == 0 { 30 } else { message.days };
        let since = self.context.clock.now().plus_millis(-i64::from(days) * DAY_MS);
        let place = (column(division), division.to_string());
        let rows =
            work_orders::routed_since(orders, (place.0, &place.1), since.0, MAX_CASES).await?;
        let tried = RuleList::new(0, rules);
        let mut answer =
            TryRoutingRulesResponse { position: Some(position.into()), ..Default::default() };
        let mut uses: BTreeMap<u32, u32> = BTreeMap::new();
        let examples = if message.max_examples == 0 { 20 } else { message.max_examples as usize };
        // The rules in force are asked anew, too: what differs is the rules, not who has left since.
        let in_force = self.facts.rule_book.now();
        for (id, row) in rows {
            let Some(now) = self.decide(&in_force, &row).await? else { continue };
            let Some(then) = self.decide(&tried, &row).await? else { continue };
            answer.looked_at += 1;
            *uses.entry(then.rule_number.unwrap_or_default()).or_default() += 1;
            answer.undecided += u32::from(then.rule_number.is_none());
            if now.assignee != then.assignee {
                answer.elsewhere += 1;
                if answer.examples.len() < examples {
                    answer.examples.push(difference(id, row, &now, &then));
                }
            }
        }
        answer.uses = uses.into_iter().map(|(rule, cases)| RuleUse { rule, cases }).collect();
        Ok(answer)
    }

    /// Where a list would have sent a past order, at the moment at which it was created; none where its
    /// category is not in the catalogue any more.
    async fn decide(
        &self,
        list: &RuleList,
        row: &WorkOrderRow,
    ) -> Result<Option<Decision>, ServiceError> {
        let (Ok(code), Ok(urgency), Ok(division)) =
            (row.category.parse::<CategoryCode>(), row.urgency.parse(), row.division.parse())
        else {
            return Ok(None);
        };
        let Some(category) = self.facts.category(&code) else { return Ok(None) };
        let matter = Matter {
            code: &code,
            category: &category,
            urgency,
            division,
            grid: row.grid.parse().ok(),
            reporter: row.reporter.parse().ok(),
            returned: Vec::<Assignee>::new(),
        };
        Ok(Some(self.facts.route_by(list, Timestamp(row.created_at), matter).await?))
    }
}

fn difference(
    work_order_id: String,
    row: WorkOrderRow,
    now: &Decision,
    then: &Decision,
) -> RoutingDifference {
    RoutingDifference {
        case_id: row.case_id,
        work_order_id,
        category: row.category,
        now: Some(show::assignee(&now.assignee)),
        now_rule: now.rule.to_string(),
        now_rule_number: now.rule_number.unwrap_or_default(),
        then: Some(show::assignee(&then.assignee)),
        then_rule: then.rule.to_string(),
        then_rule_number: then.rule_number.unwrap_or_default(),
    }
}

/// The column that holds a division of this level.
fn column(division: Division) -> &'static str {
    match division.level() {
        Level::Province | Level::Prefecture | Level::County => "county",
        Level::Township => "township",
        Level::Village => "village",
    }
}
