//! Where an order goes, and why: version 1 of the rules.
//!
//! 1. What the grids may settle goes to a member of the grid: full-time before part-time before
//!    auxiliary, then who has fewer open orders. The chief verifies what the members handle, and is
//!    not asked.
//! 2. Else the body in charge that serves the narrowest division around the place.
//! 3. Else the desk of the township, then of the county.
//! 4. Else nobody: operators see the order and give it to somebody.
//!
//! Whoever returned the order is passed over, and so is whoever reported the case as long as there
//! is anybody else.

use std::cmp::Reverse;

use contracts::{
    dispatch::{Assignee, Candidate, CandidateReason, RoutingRule, Shortfall},
    grid::MemberDuty,
    intake::{Admission, CategoryKind},
};
use kernel::{
    Division, Level,
    id::{OrgKind, OrganisationId, PersonId},
};

/// The version of these rules.
pub const RULE_VERSION: u32 = 1;

/// How many candidates a decision names at most.
const MAX_CANDIDATES: usize = 16;

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

/// What the rules look at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the category is about.
    pub kind: CategoryKind,
    /// The kind of body in charge of it.
    pub handler: OrgKind,
    /// Whether it may enter the grids.
    pub admission: Admission,
    /// Where it is handled.
    pub division: Division,
    /// Who reported the case, where it is known.
    pub reporter: Option<PersonId>,
    /// The members of the grid at the place.
    pub members: Vec<Member>,
    /// The bodies in charge and the desks that serve a division around the place.
    pub bodies: Vec<Body>,
    /// Those who returned the order.
    pub returned: Vec<Assignee>,
}

/// A member of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// In which duty.
    pub duty: MemberDuty,
    /// How many orders are open with the person.
    pub open_orders: u32,
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
}

/// Where an order goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// To whom; to nobody where nobody is registered.
    pub assignee: Assignee,
    /// By which rule.
    pub rule: RoutingRule,
    /// Who was considered, the chosen first; at most sixteen.
    pub candidates: Vec<Candidate>,
    /// What was missing, where it goes to a desk.
    pub shortfall: Option<Shortfall>,
}

/// Whether a matter of this kind is the grid members' to settle.
pub fn is_for_members(facts: &Facts, kinds: &Kinds) -> bool {
    let of_members = facts.handler == kinds.grid_member;
    match facts.kind {
        // A facility goes to its owner first; where the owner is the grid, that is its member.
        CategoryKind::Component
        | CategoryKind::Alarm
        | CategoryKind::Dispute
        | CategoryKind::Service
        | CategoryKind::Enquiry => of_members,
        // An event goes to its territory first.
        CategoryKind::Event => {
            of_members
                || (facts.admission == Admission::Grid
                    && kinds.village_bodies.contains(&facts.handler))
        }
    }
}

/// Decides where an order goes.
pub fn route(facts: &Facts, kinds: &Kinds) -> Decision {
    let mut considered = Vec::new();
    let for_members = is_for_members(facts, kinds);
    if for_members {
        let members = ranked_members(facts);
        if let Some(chosen) = choose(facts, members, false, &mut considered) {
            return chosen.by(RoutingRule::GridMember, considered, None);
        }
    }
    let in_charge = ranked_bodies(facts, |body| body.kind == facts.handler);
    if let Some(chosen) = choose(facts, in_charge, false, &mut considered) {
        return chosen.by(RoutingRule::ResponsibleBody, considered, None);
    }
    let shortfall = Some(if facts.handler == kinds.grid_member {
        Shortfall::NoGridMember
    } else {
        Shortfall::NoResponsibleBody
    });
    let desks = ranked_bodies(facts, |body| kinds.is_desk(&body.kind));
    if let Some(chosen) = choose(facts, desks, false, &mut considered) {
        return chosen.by(RoutingRule::Desk, considered, shortfall);
    }
    // Nobody but the reporter is left: better the reporter than nobody.
    if for_members {
        let mut again = Vec::new();
        if let Some(chosen) = choose(facts, ranked_members(facts), true, &mut again) {
            return chosen.by(RoutingRule::GridMember, again, None);
        }
    }
    let nobody = Chosen { assignee: Assignee { organisation: None, person: None }, open: None };
    nobody.by(RoutingRule::Desk, considered, shortfall)
}

impl Kinds {
    /// Whether this is the kind of a desk.
    pub fn is_desk(&self, kind: &OrgKind) -> bool {
        *kind == self.township_desk || *kind == self.county_desk
    }
}

/// Somebody in the order in which the rules ask, with why the next in line were passed over.
struct Ranked {
    assignee: Assignee,
    open_orders: u32,
    /// Compared before the load; a smaller one comes first.
    rank: u8,
    /// The level of the division served, for bodies.
    level: Option<Level>,
}

fn ranked_members(facts: &Facts) -> Vec<Ranked> {
    let mut members: Vec<(u8, &Member)> =
        facts.members.iter().filter_map(|member| Some((rank_of(member.duty)?, member))).collect();
    members.sort_by(|(a, one), (b, other)| {
        (a, one.open_orders, &one.person).cmp(&(b, other.open_orders, &other.person))
    });
    members
        .into_iter()
        .map(|(rank, member)| Ranked {
            assignee: Assignee { organisation: None, person: Some(member.person.clone()) },
            open_orders: member.open_orders,
            rank,
            level: None,
        })
        .collect()
}

/// The place in line of a duty; none for the chief, who verifies.
const fn rank_of(duty: MemberDuty) -> Option<u8> {
    match duty {
        MemberDuty::FullTime => Some(0),
        MemberDuty::PartTime => Some(1),
        MemberDuty::Auxiliary => Some(2),
        MemberDuty::Chief => None,
    }
}

fn ranked_bodies(facts: &Facts, fits: impl Fn(&Body) -> bool) -> Vec<Ranked> {
    let mut bodies: Vec<&Body> = facts
        .bodies
        .iter()
        .filter(|body| fits(body) && body.division.contains(facts.division))
        .collect();
    bodies.sort_by(|one, other| {
        let key = |body: &Body| (Reverse(body.division.level()), body.open_orders);
        key(one).cmp(&key(other)).then_with(|| one.organisation.cmp(&other.organisation))
    });
    bodies
        .into_iter()
        .map(|body| Ranked {
            assignee: Assignee { organisation: Some(body.organisation.clone()), person: None },
            open_orders: body.open_orders,
            rank: 0,
            level: Some(body.division.level()),
        })
        .collect()
}

struct Chosen {
    assignee: Assignee,
    open: Option<u32>,
}

/// Takes the first in line who may be asked, and notes everybody with the reason.
fn choose(
    facts: &Facts,
    line: Vec<Ranked>,
    reporter_too: bool,
    considered: &mut Vec<Candidate>,
) -> Option<Chosen> {
    let mut chosen: Option<Ranked> = None;
    for next in line {
        let reason = if was_returned_by(facts, &next.assignee) {
            CandidateReason::ReturnedBefore
        } else if !reporter_too && is_reporter(facts, &next.assignee) {
            CandidateReason::IsReporter
        } else if let Some(first) = &chosen {
            if next.level < first.level {
                CandidateReason::ServesWiderDivision
            } else if next.rank == first.rank && next.open_orders > first.open_orders {
                CandidateReason::MoreLoaded
            } else {
                CandidateReason::NextInLine
            }
        } else {
            chosen = Some(next);
            continue;
        };
        let (assignee, open_orders) = (next.assignee, next.open_orders);
        considered.push(Candidate { assignee, reason, open_orders });
    }
    chosen.map(|first| Chosen { assignee: first.assignee, open: Some(first.open_orders) })
}

fn was_returned_by(facts: &Facts, assignee: &Assignee) -> bool {
    facts.returned.iter().any(|returned| {
        (assignee.person.is_some() && returned.person == assignee.person)
            || (assignee.organisation.is_some() && returned.organisation == assignee.organisation)
    })
}

fn is_reporter(facts: &Facts, assignee: &Assignee) -> bool {
    assignee.person.is_some() && assignee.person == facts.reporter
}

impl Chosen {
    fn by(
        self,
        rule: RoutingRule,
        considered: Vec<Candidate>,
        shortfall: Option<Shortfall>,
    ) -> Decision {
        let chosen = self.open.map(|open_orders| Candidate {
            assignee: self.assignee.clone(),
            reason: CandidateReason::Chosen,
            open_orders,
        });
        let candidates = chosen.into_iter().chain(considered).take(MAX_CANDIDATES).collect();
        Decision { assignee: self.assignee, rule, candidates, shortfall }
    }
}

#[cfg(test)]
mod tests;
