//! Rules as requests and answers have them.

use std::{fmt::Display, str::FromStr};

use api::dispatch::v1::{DayPart, RoutingRule};
use contracts::dispatch::rules::{self, Condition, Rule, RuleAction};
use kernel::Division;
use platform::grpc::Violations;

use crate::domain::routing::check::check;

/// The most entries of a list of a condition.
const MAX_ENTRIES: usize = 200;

/// The most violations that are told of one list.
const MAX_TOLD: usize = 50;

/// A list of rules, with everything that is wrong with it noted.
pub(super) fn rules_of(
    v: &mut Violations,
    rules: &[RoutingRule],
    county: Division,
) -> Option<Vec<Rule>> {
    let read: Vec<Option<Rule>> =
        rules.iter().enumerate().map(|(place, rule)| rule_of(v, place, rule)).collect();
    let read: Vec<Rule> = read.into_iter().collect::<Option<_>>()?;
    let wrong = check(&read, county);
    for invalid in wrong.iter().take(MAX_TOLD) {
        v.push("rules", invalid.to_string(), invalid.message_zh());
    }
    wrong.is_empty().then_some(read)
}

fn rule_of(v: &mut Violations, place: usize, rule: &RoutingRule) -> Option<Rule> {
    let at = |field: &str| format!("rules[{place}].{field}");
    let when = Condition {
        categories: each(v, &at("categories"), &rule.categories)?,
        divisions: each(v, &at("divisions"), &rule.divisions)?,
        grid_kinds: each(v, &at("grid_kinds"), &rule.grid_kinds)?,
        category_kinds: each(v, &at("category_kinds"), &rule.category_kinds)?,
        admission: optional(v, &at("admission"), &rule.admission)?,
        handlers: each(v, &at("handlers"), &rule.handlers)?,
        urgencies: each(v, &at("urgencies"), &rule.urgencies)?,
        weekdays: rule.weekdays.clone(),
        day_part: rule.day_part.map(|part| rules::DayPart {
            from_minute: part.from_minute,
            to_minute: part.to_minute,
        }),
        working_time: rule.working_time,
        returned_by: each(v, &at("returned_by"), &rule.returned_by)?,
    };
    Some(Rule {
        when,
        action: v.parse::<RuleAction>(&at("action"), &rule.action)?,
        kind: optional(v, &at("kind"), &rule.kind)?,
        organisation: optional(v, &at("organisation_id"), &rule.organisation_id)?,
        tier: optional(v, &at("tier"), &rule.tier)?,
        max_open_orders: rule.max_open_orders,
        otherwise: (rule.otherwise != 0).then_some(rule.otherwise),
    })
}

fn each<T: FromStr<Err: Display> + PartialEq>(
    v: &mut Violations,
    field: &str,
    texts: &[String],
) -> Option<Vec<T>> {
    v.parse_each(field, texts, MAX_ENTRIES)
}

/// None is a violation; nothing written is nothing asked.
#[expect(clippy::option_option, reason = "what is wrong and what is not asked are two things")]
fn optional<T: FromStr<Err: Display>>(
    v: &mut Violations,
    field: &str,
    text: &str,
) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { v.parse_optional(field, text).map(Some) }
}

/// A rule as answers have it.
pub(super) fn shown(rule: &Rule) -> RoutingRule {
    fn words<T: ToString>(list: &[T]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }
    fn word<T: ToString>(value: Option<&T>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    let when = &rule.when;
    RoutingRule {
        categories: words(&when.categories),
        divisions: words(&when.divisions),
        grid_kinds: words(&when.grid_kinds),
        category_kinds: words(&when.category_kinds),
        admission: word(when.admission.as_ref()),
        handlers: words(&when.handlers),
        urgencies: words(&when.urgencies),
        weekdays: when.weekdays.clone(),
        day_part: when
            .day_part
            .map(|part| DayPart { from_minute: part.from_minute, to_minute: part.to_minute }),
        working_time: when.working_time,
        returned_by: words(&when.returned_by),
        action: rule.action.to_string(),
        kind: word(rule.kind.as_ref()),
        organisation_id: word(rule.organisation.as_ref()),
        tier: word(rule.tier.as_ref()),
        max_open_orders: rule.max_open_orders,
        otherwise: rule.otherwise.unwrap_or_default(),
    }
}
