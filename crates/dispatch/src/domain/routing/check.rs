//! What is wrong with a list of rules that is put.

use std::collections::BTreeMap;

use contracts::dispatch::rules::{Rule, RuleAction};
use kernel::{
    Division,
    id::{CategoryCode, OrgKind},
};

use super::rules::MAX_RULES;

/// Something wrong with a list; rules are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRules {
    /// More rules than a list may have.
    #[error("a list has at most 1000 rules: join some")]
    TooMany,
    /// The rule names no body although what it does needs one.
    #[error("rule {0} must name a kind of body or an organisation, as its action says")]
    NoTarget(u32),
    /// A division outside of the county.
    #[error("rule {0} names a division outside of the county: take it out")]
    Elsewhere(u32),
    /// A day of the week, or a time of day, that there is not.
    #[error("rule {0} names a time that there is not: weekdays are 1 to 7, minutes 0 to 1440")]
    Time(u32),
    /// The rule goes on with one that is not in the list.
    #[error("rule {0} goes on with a rule that is not in the list")]
    NoSuchRule(u32),
    /// Rules go on with each other in a circle.
    #[error("the rules go round in a circle, {}: let each go on with a later one", path(.0))]
    Loop(Vec<u32>),
    /// Bodies hand what they return to each other in a circle.
    #[error("bodies hand returned orders round in a circle, {}: end it at a desk", bodies(.0))]
    HandedRound(Vec<OrgKind>),
}

fn path(numbers: &[u32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

fn bodies(kinds: &[OrgKind]) -> String {
    kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

impl InvalidRules {
    /// The same in Chinese.
    pub fn message_zh(&self) -> String {
        match self {
            Self::TooMany => "规则最多1000条，请合并".to_owned(),
            Self::NoTarget(rule) => format!("第{rule}条规则须按其动作填写部门类型或单位"),
            Self::Elsewhere(rule) => format!("第{rule}条规则的区划不属于本县，请删除"),
            Self::Time(rule) => format!("第{rule}条规则的时间不存在：星期为1至7，分钟为0至1440"),
            Self::NoSuchRule(rule) => format!("第{rule}条规则转入的规则不在清单中"),
            Self::Loop(numbers) => format!("规则循环（{}），请转入其后的规则", path(numbers)),
            Self::HandedRound(kinds) => {
                format!("退单在部门间循环（{}），请以调度岗收尾", bodies(kinds))
            }
        }
    }
}

/// Everything that is wrong with a list for a county.
pub fn check(rules: &[Rule], county: Division) -> Vec<InvalidRules> {
    let mut wrong = Vec::new();
    if rules.len() > MAX_RULES {
        return vec![InvalidRules::TooMany];
    }
    for (number, rule) in (1_u32..).zip(rules) {
        let has_target = match rule.action {
            RuleAction::BodyOfKind => rule.kind.is_some(),
            RuleAction::Organisation => rule.organisation.is_some(),
            RuleAction::GridMember
            | RuleAction::NearestMember
            | RuleAction::BodyInCharge
            | RuleAction::Desk => true,
        };
        if !has_target {
            wrong.push(InvalidRules::NoTarget(number));
        }
        if rule.when.divisions.iter().any(|division| !county.contains(*division)) {
            wrong.push(InvalidRules::Elsewhere(number));
        }
        let days = rule.when.weekdays.iter().all(|day| (1..=7).contains(day));
        let part = rule.when.day_part.is_none_or(|part| {
            part.from_minute <= 1_440
                && part.to_minute <= 1_440
                && part.from_minute != part.to_minute
        });
        if !days || !part {
            wrong.push(InvalidRules::Time(number));
        }
        match rule.otherwise {
            Some(other) if other == 0 || other as usize > rules.len() => {
                wrong.push(InvalidRules::NoSuchRule(number));
            }
            Some(other) if other <= number => {
                wrong.push(InvalidRules::Loop(circle(rules, other, number)));
            }
            Some(_) | None => {}
        }
    }
    wrong.extend(handed_round(rules).map(InvalidRules::HandedRound));
    wrong
}

/// The way from a rule to a later one, and back: rule by rule, by where each goes on.
fn circle(rules: &[Rule], from: u32, back: u32) -> Vec<u32> {
    let mut way = vec![from];
    let mut at = from;
    while at < back {
        let onward = rules.get(at as usize - 1).and_then(|rule| rule.otherwise);
        at = onward.filter(|other| *other > at).unwrap_or(at + 1).min(back);
        way.push(at);
    }
    way.push(from);
    way
}

/// Kinds of bodies that hand returned orders to each other in a circle, under the same categories.
fn handed_round(rules: &[Rule]) -> Option<Vec<OrgKind>> {
    let mut hands: BTreeMap<&[CategoryCode], BTreeMap<&OrgKind, Vec<&OrgKind>>> = BTreeMap::new();
    for rule in rules {
        let to = match rule.action {
            RuleAction::BodyOfKind => rule.kind.as_ref(),
            RuleAction::GridMember
            | RuleAction::NearestMember
            | RuleAction::BodyInCharge
            | RuleAction::Organisation
            | RuleAction::Desk => None,
        };
        for from in &rule.when.returned_by {
            let of = hands.entry(&rule.when.categories).or_default().entry(from).or_default();
            of.extend(to);
        }
    }
    hands.values().find_map(|edges| {
        let mut done = Vec::new();
        edges.keys().find_map(|start| walk(edges, start, &mut Vec::new(), &mut done))
    })
}

/// Follows what is handed on, and gives the circle that it ends in, if it does.
fn walk<'a>(
    edges: &BTreeMap<&'a OrgKind, Vec<&'a OrgKind>>,
    at: &'a OrgKind,
    way: &mut Vec<&'a OrgKind>,
    done: &mut Vec<&'a OrgKind>,
) -> Option<Vec<OrgKind>> {
    if let Some(begin) = way.iter().position(|kind| *kind == at) {
        return Some(way[begin..].iter().copied().chain([at]).cloned().collect());
    }
    if done.contains(&at) {
        return None;
    }
    way.push(at);
    let found = edges.get(at).into_iter().flatten().find_map(|next| walk(edges, next, way, done));
    way.pop();
    done.push(at);
    found
}
