//! Where an order goes, and why.
//!
//! Of the rules that apply to a matter, in their order, the first that finds somebody decides; what
//! a rule before it was short of is said. Where none does it goes to the county's desk, then to the
//! reporter if they serve the grid: a matter is never lost. Where nobody is registered at all,
//! operators see the order and give it to somebody.
//!
//! Whoever returned the order is passed over, and so is whoever reported the case as long as there
//! is anybody else. For whoever is on leave goes who stands in.
//!
//! | file | what |
//! |---|---|
//! | `routing/rules.rs` | the list of rules, its index, and the list that is shipped |
//! | `routing/check.rs` | what is wrong with a list |
//! | `routing/line.rs` | who is asked, in which order |

pub mod check;
mod line;
pub mod rules;

use contracts::{
    dispatch::{
        Assignee, Candidate, CandidateReason, RoutingRule, RuleShortfall, Shortfall,
        WorkOrderRouted,
        rules::{DeskTier, Rule, RuleAction},
    },
    grid::{GridKind, MemberDuty},
    intake::{Admission, CategoryKind, Urgency},
};
use kernel::{
    Division,
    id::{CategoryCode, OrgKind, OrganisationId, PersonId},
};

use line::{Chosen, choose, ranked_bodies, ranked_members};
pub use rules::{RULE_VERSION, RuleList};

/// How many candidates, and how many shortfalls, a decision names at most.
const MAX_NAMED: usize = 16;

/// The kinds of bodies that have a part of their own in the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// The members of the grids.
    pub grid_member: OrgKind,
    /// The bodies of a village, whose events its grids may settle.
    pub village_bodies: Vec<OrgKind>,
    /// The desk of a township.
    pub township_desk: OrgKind,
    /// The desk of the county.
    pub county_desk: OrgKind,
}

impl Kinds {
    /// Whether a body of this kind is the desk of a tier, or a desk at all.
    pub fn has_desk(&self, kind: &OrgKind, tier: Option<DeskTier>) -> bool {
        match tier {
            None => *kind == self.township_desk || *kind == self.county_desk,
            Some(DeskTier::Township) => *kind == self.township_desk,
            Some(DeskTier::County) => *kind == self.county_desk,
        }
    }
}

/// What the conditions of rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// The category by which it is handled.
    pub category: CategoryCode,
    /// What the category is about.
    pub kind: CategoryKind,
    /// The kind of body in charge of it.
    pub handler: OrgKind,
    /// Whether it may enter the grids.
    pub admission: Admission,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Where it is handled.
    pub division: Division,
    /// What the grid at the place is for, where it lies in one that is known.
    pub grid_kind: Option<GridKind>,
    /// The day of the week at +08:00, 1 for Monday to 7 for Sunday.
    pub weekday: u32,
    /// Minutes since midnight at +08:00.
    pub minute: u32,
    /// Whether people work now.
    pub working_time: bool,
    /// The kinds of the bodies that returned the order.
    pub returned_by: Vec<OrgKind>,
}

/// What routing looks at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the conditions look at.
    pub matter: Matter,
    /// Who reported the case, where it is known.
    pub reporter: Option<PersonId>,
    /// The members of the grids around the place.
    pub members: Vec<Member>,
    /// The bodies that the rules which apply may name, and the desks.
    pub bodies: Vec<Body>,
    /// Those who returned the order.
    pub returned: Vec<Assignee>,
}

/// Whether somebody is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presence<Id> {
    /// There.
    #[default]
    There,
    /// On leave, and this one stands in, with so many open orders.
    StoodInBy(Id, u32),
    /// On leave, and nobody stands in.
    Away,
}

/// A member of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// In which duty.
    pub duty: MemberDuty,
    /// How many orders are open with the person.
    pub open_orders: u32,
    /// Whether the grid that the person serves is the one at the place.
    pub of_the_grid: bool,
    /// How far the person is from the place, in metres, where it is known.
    pub distance_m: Option<u32>,
    /// Whether the person has rested since their last emergency, where it was looked at.
    pub rested: Option<bool>,
    /// Whether the person is on duty now, where a roster says.
    pub on_duty: Option<bool>,
    /// Whether the person is there.
    pub presence: Presence<PersonId>,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its kind.
    pub kind: OrgKind,
    /// The division that it serves.
    pub division: Division,
    /// How many orders are open with it.
    pub open_orders: u32,
    /// Whether it is there.
    pub presence: Presence<OrganisationId>,
}

/// Where an order goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// To whom; to nobody where nobody is registered.
    pub assignee: Assignee,
    /// By which rule.
    pub rule: RoutingRule,
    /// The version of the rules.
    pub rule_version: u32,
    /// Which rule of the list, from 1; none for a person's choice, or where no rule found anybody.
    pub rule_number: Option<u32>,
    /// Who was considered, the chosen first; at most sixteen.
    pub candidates: Vec<Candidate>,
    /// What was missing, where it goes to a desk.
    pub shortfall: Option<Shortfall>,
    /// The rules that applied before and found nobody, in order; at most sixteen.
    pub shortfalls: Vec<RuleShortfall>,
}

impl Decision {
    /// What a person chose.
    pub fn by_hand(assignee: Assignee) -> Self {
        let chosen = Candidate::new(assignee.clone(), CandidateReason::Chosen, 0);
        Self {
            assignee,
            rule: RoutingRule::Manual,
            rule_version: RULE_VERSION,
            rule_number: None,
            candidates: vec![chosen],
            shortfall: None,
            shortfalls: Vec::new(),
        }
    }
}

impl From<WorkOrderRouted> for Decision {
    fn from(event: WorkOrderRouted) -> Self {
        Self {
            assignee: event.assignee,
            rule: event.rule,
            rule_version: event.rule_version,
            rule_number: event.rule_number,
            candidates: event.candidates,
            shortfall: event.shortfall,
            shortfalls: event.shortfalls,
        }
    }
}

/// Decides where an order goes: `applying` are the places in the list of the rules that apply.
pub fn route(facts: &Facts, kinds: &Kinds, list: &RuleList, applying: &[usize]) -> Decision {
    let mut trail = Trail { version: list.version, considered: Vec::new(), short: Vec::new() };
    let mut next = 0;
    for place in applying.iter().copied() {
        let Some(rule) = list.rules.get(place).filter(|_| place >= next) else { continue };
        let number = u32::try_from(place + 1).unwrap_or(u32::MAX);
        match ask(facts, kinds, rule, &mut trail.considered) {
            Ok(chosen) => return trail.ends(facts, kinds, Some(number), word(rule.action), chosen),
            Err(shortfall) => trail.short.push(RuleShortfall { rule: number, shortfall }),
        }
        next = rule.otherwise.map_or(place + 1, |other| other.saturating_sub(1) as usize);
    }
    let desk = Rule { tier: Some(DeskTier::County), ..rules::everything(RuleAction::Desk) };
    if let Ok(chosen) = ask(facts, kinds, &desk, &mut trail.considered) {
        return trail.ends(facts, kinds, None, RoutingRule::Desk, chosen);
    }
    // Nobody but the reporter is left: better the reporter than nobody.
    let of_the_grid = ranked_members(facts, false);
    let mut again = Vec::new();
    if rules::is_for_members(&facts.matter, kinds)
        && let Some(chosen) = choose(facts, of_the_grid, None, true, &mut again)
    {
        trail.considered = again;
        return trail.ends(facts, kinds, None, RoutingRule::GridMember, chosen);
    }
    let nobody = Chosen::nobody();
    trail.ends(facts, kinds, None, RoutingRule::Desk, nobody)
}

/// Whom a rule finds, or what it is short of.
fn ask(
    facts: &Facts,
    kinds: &Kinds,
    rule: &Rule,
    considered: &mut Vec<Candidate>,
) -> Result<Chosen, Shortfall> {
    let (line, missing) = match rule.action {
        RuleAction::GridMember => (ranked_members(facts, false), Shortfall::NoGridMember),
        RuleAction::NearestMember => (ranked_members(facts, true), Shortfall::NoGridMember),
        RuleAction::BodyInCharge => {
            let handler = &facts.matter.handler;
            (ranked_bodies(facts, |body| body.kind == *handler), Shortfall::NoResponsibleBody)
        }
        RuleAction::BodyOfKind => {
            let of_kind = |body: &Body| Some(&body.kind) == rule.kind.as_ref();
            (ranked_bodies(facts, of_kind), Shortfall::NoResponsibleBody)
        }
        RuleAction::Organisation => {
            (line::named(facts, rule.organisation.as_ref()), Shortfall::NoSuchOrganisation)
        }
        RuleAction::Desk => {
            (ranked_bodies(facts, |body| kinds.has_desk(&body.kind, rule.tier)), Shortfall::NoDesk)
        }
    };
    let before = considered.len();
    choose(facts, line, rule.max_open_orders, false, considered)
        .ok_or_else(|| line::shortfall(&considered[before..], missing))
}

/// The word of a rule for what it does.
const fn word(action: RuleAction) -> RoutingRule {
    match action {
        RuleAction::GridMember => RoutingRule::GridMember,
        RuleAction::NearestMember => RoutingRule::NearestMember,
        RuleAction::BodyInCharge => RoutingRule::ResponsibleBody,
        RuleAction::BodyOfKind => RoutingRule::BodyOfKind,
        RuleAction::Organisation => RoutingRule::NamedOrganisation,
        RuleAction::Desk => RoutingRule::Desk,
    }
}

/// What was found on the way to a decision.
struct Trail {
    version: u32,
    considered: Vec<Candidate>,
    short: Vec<RuleShortfall>,
}

impl Trail {
    fn ends(
        self,
        facts: &Facts,
        kinds: &Kinds,
        number: Option<u32>,
        rule: RoutingRule,
        chosen: Chosen,
    ) -> Decision {
        let fell_back = rule == RoutingRule::Desk && (number.is_none() || !self.short.is_empty());
        let shortfall = fell_back.then_some(if facts.matter.handler == kinds.grid_member {
            Shortfall::NoGridMember
        } else {
            Shortfall::NoResponsibleBody
        });
        let mut candidates: Vec<Candidate> = chosen.candidate.into_iter().collect();
        for one in self.considered {
            if candidates.iter().all(|named| named.assignee != one.assignee) {
                candidates.push(one);
            }
        }
        candidates.truncate(MAX_NAMED);
        Decision {
            assignee: chosen.assignee,
            rule,
            rule_version: self.version,
            rule_number: number,
            candidates,
            shortfall,
            shortfalls: self.short.into_iter().take(MAX_NAMED).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
