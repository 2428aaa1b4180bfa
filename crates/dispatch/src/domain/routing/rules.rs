//! A list of rules, compiled: an index from categories and divisions to the rules that may apply, so
//! that a decision looks at a few rules of a thousand.

use std::collections::HashMap;

use contracts::{
    dispatch::rules::{Condition, DayPart, Rule, RuleAction},
    intake::{Admission, CategoryKind},
};
use kernel::{Division, Level, id::CategoryCode};

use super::{Kinds, Matter};

/// The version of the list that is shipped; what is put has later ones.
pub const RULE_VERSION: u32 = 1;

/// The most rules of a list.
pub const MAX_RULES: usize = 1_000;

/// An ordered list of rules.
#[derive(Clone, Debug)]
pub struct RuleList {
    /// The number that decisions carry.
    pub version: u32,
    /// The rules; their numbers are their places plus one.
    pub rules: Vec<Rule>,
    /// Places by the category and the division that a rule names; none where it names no such.
    index: HashMap<(Option<CategoryCode>, Option<Division>), Vec<usize>>,
}

impl RuleList {
    /// Compiles a list.
    pub fn new(version: u32, rules: Vec<Rule>) -> Self {
        let mut index: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, rule) in rules.iter().enumerate() {
            for category in each(&rule.when.categories) {
                for division in each(&rule.when.divisions) {
                    index.entry((category.clone(), division)).or_default().push(place);
                }
            }
        }
        Self { version, rules, index }
    }

    /// The list that is shipped.
    ///
    /// 1. What is in the charge of the grids' members goes to a member of the grid: full-time before
    ///    part-time before auxiliary, then who has fewer open orders.
    /// 2. So does an event that may enter the grids and is in the charge of a body of the village: an
    ///    event goes to its territory first, a facility to its owner.
    /// 3. Else the body in charge that serves the narrowest division around the place.
    /// 4. Else the desk of the township, then of the county.
    pub fn shipped(kinds: &Kinds) -> Self {
        let of_members =
            Condition { handlers: vec![kinds.grid_member.clone()], ..Condition::default() };
        let of_the_village = Condition {
            category_kinds: vec![CategoryKind::Event],
            admission: Some(Admission::Grid),
            handlers: kinds.village_bodies.clone(),
            ..Condition::default()
        };
        let mut rules = vec![Rule { when: of_members, ..everything(RuleAction::GridMember) }];
        if !kinds.village_bodies.is_empty() {
            rules.push(Rule { when: of_the_village, ..everything(RuleAction::GridMember) });
        }
        rules.push(everything(RuleAction::BodyInCharge));
        rules.push(everything(RuleAction::Desk));
        Self::new(RULE_VERSION, rules)
    }

    /// The places of the rules that apply, in order.
    pub fn applying(&self, matter: &Matter) -> Vec<usize> {
        let code = matter.category.as_str();
        let prefixes = (1..=code.len()).filter_map(|length| code.get(..length)?.parse().ok());
        let categories: Vec<Option<CategoryCode>> =
            std::iter::once(None).chain(prefixes.map(Some)).collect();
        let mut places = Vec::new();
        for division in std::iter::once(None).chain(around(matter.division).map(Some)) {
            for category in &categories {
                let named = self.index.get(&(category.clone(), division));
                places.extend(named.into_iter().flatten().copied());
            }
        }
        // A rule that names a group and its leaf is found twice.
        places.sort_unstable();
        places.dedup();
        places.retain(|place| self.rules.get(*place).is_some_and(|rule| holds(&rule.when, matter)));
        places
    }

    /// The same, looked for in every rule: what the index must find.
    pub fn applying_one_by_one(&self, matter: &Matter) -> Vec<usize> {
        let named = |when: &Condition| {
            let code = matter.category.as_str();
            (when.categories.is_empty()
                || when.categories.iter().any(|group| code.starts_with(group.as_str())))
                && (when.divisions.is_empty()
                    || when.divisions.iter().any(|around| around.contains(matter.division)))
        };
        let applies = |rule: &Rule| named(&rule.when) && holds(&rule.when, matter);
        self.rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| applies(rule))
            .map(|(place, _)| place)
            .collect()
    }
}

/// A rule for everything.
pub fn everything(action: RuleAction) -> Rule {
    Rule {
        when: Condition::default(),
        action,
        kind: None,
        organisation: None,
        tier: None,
        max_open_orders: None,
        otherwise: None,
    }
}

/// Whether a matter is the grid members' to settle, by the shipped rules.
pub fn is_for_members(matter: &Matter, kinds: &Kinds) -> bool {
    let of_members = matter.handler == kinds.grid_member;
    match matter.kind {
        // A facility goes to its owner first; where the owner is the grid, that is its member.
        CategoryKind::Component
        | CategoryKind::Alarm
        | CategoryKind::Dispute
        | CategoryKind::Service
        | CategoryKind::Enquiry => of_members,
        // An event goes to its territory first.
        CategoryKind::Event => {
            of_members
                || (matter.admission == Admission::Grid
                    && kinds.village_bodies.contains(&matter.handler))
        }
    }
}

/// Every entry of a list, or none once where it names nothing.
fn each<T: Clone>(list: &[T]) -> Vec<Option<T>> {
    if list.is_empty() { vec![None] } else { list.iter().cloned().map(Some).collect() }
}

/// A division and those around it.
fn around(place: Division) -> impl Iterator<Item = Division> {
    [Level::Province, Level::Prefecture, Level::County, Level::Township, Level::Village]
        .into_iter()
        .filter_map(move |level| place.at(level))
}

/// Whether what a rule asks beside category and division holds.
fn holds(when: &Condition, matter: &Matter) -> bool {
    fn one_of<T: PartialEq>(list: &[T], value: &T) -> bool {
        list.is_empty() || list.contains(value)
    }
    one_of(&when.handlers, &matter.handler)
        && one_of(&when.category_kinds, &matter.kind)
        && one_of(&when.urgencies, &matter.urgency)
        && one_of(&when.weekdays, &matter.weekday)
        && when.admission.is_none_or(|admission| admission == matter.admission)
        && when.working_time.is_none_or(|working| working == matter.working_time)
        && (when.grid_kinds.is_empty()
            || matter.grid_kind.is_some_and(|kind| when.grid_kinds.contains(&kind)))
        && (when.returned_by.is_empty()
            || when.returned_by.iter().any(|kind| matter.returned_by.contains(kind)))
        && when.day_part.is_none_or(|part| is_within(part, matter.minute))
}

const fn is_within(part: DayPart, minute: u32) -> bool {
    if part.from_minute <= part.to_minute {
        part.from_minute <= minute && minute < part.to_minute
    } else {
        part.from_minute <= minute || minute < part.to_minute
    }
}
