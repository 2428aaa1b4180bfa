//! Who is asked by a rule, in which order, and why the others were passed over.

use std::cmp::Reverse;

use contracts::{
    dispatch::{Assignee, Candidate, CandidateReason, Shortfall},
    grid::MemberDuty,
};
use kernel::{Level, id::OrganisationId};

use super::{Body, Facts, Presence};

/// Somebody in the order in which a rule asks.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    /// Who would get the order; of somebody on leave who stands in.
    assignee: Assignee,
    open_orders: u32,
    /// Whether nobody is there, nor stands in.
    away: bool,
    stands_in_for: Option<Assignee>,
    rank: Rank,
    /// The level of the division served, for bodies.
    level: Option<Level>,
    distance_m: Option<u32>,
    rested: Option<bool>,
    on_duty: Option<bool>,
}

/// What is compared before the load; smaller comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// On duty before those whom no roster names, and these before whoever is off duty.
    off_duty: u8,
    /// Rested before resting, however near.
    resting: bool,
    /// Metres, where distance counts; whoever's is not known comes last.
    distance: u32,
    /// Full-time before part-time before auxiliary.
    duty: u8,
}

/// The members who may be asked: of the grid at the place by duty and load, or of all around by
/// distance. The chief verifies what members handle, and is not asked.
pub(super) fn ranked_members(facts: &Facts, nearest: bool) -> Vec<Ranked> {
    let asked = facts.members.iter().filter(|member| nearest || member.of_the_grid);
    let mut line: Vec<Ranked> = asked
        .filter_map(|member| {
            let rank = Rank {
                off_duty: match member.on_duty {
                    Some(true) => 0,
                    None => 1,
                    Some(false) => 2,
                },
                resting: member.rested == Some(false),
                distance: if nearest { member.distance_m.unwrap_or(u32::MAX) } else { 0 },
                duty: rank_of(member.duty)?,
            };
            let own = Assignee { organisation: None, person: Some(member.person.clone()) };
            let ranked = Ranked {
                assignee: own.clone(),
                open_orders: member.open_orders,
                away: false,
                stands_in_for: None,
                rank,
                level: None,
                distance_m: member.distance_m,
                rested: member.rested,
                on_duty: member.on_duty,
            };
            Some(match &member.presence {
                Presence::There => ranked,
                Presence::Away => Ranked { away: true, ..ranked },
                Presence::StoodInBy(person, open_orders) => Ranked {
                    assignee: Assignee { organisation: None, person: Some(person.clone()) },
                    open_orders: *open_orders,
                    stands_in_for: Some(own),
                    ..ranked
                },
            })
        })
        .collect();
    line.sort_by(|one, other| {
        (one.rank, one.open_orders, &one.assignee.person).cmp(&(
            other.rank,
            other.open_orders,
            &other.assignee.person,
        ))
    });
    line
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

/// The bodies that fit and serve a division around the place, the narrowest first.
pub(super) fn ranked_bodies(facts: &Facts, fits: impl Fn(&Body) -> bool) -> Vec<Ranked> {
    let place = facts.matter.division;
    let around = |body: &&Body| fits(body) && body.division.contains(place);
    let mut bodies: Vec<&Body> = facts.bodies.iter().filter(around).collect();
    bodies.sort_by(|one, other| {
        let key = |body: &Body| (Reverse(body.division.level()), body.open_orders);
        key(one).cmp(&key(other)).then_with(|| one.organisation.cmp(&other.organisation))
    });
    bodies.into_iter().map(ranked_body).collect()
}

/// The organisation that a rule names, wherever it serves.
pub(super) fn named(facts: &Facts, organisation: Option<&OrganisationId>) -> Vec<Ranked> {
    let is_named = |body: &&Body| Some(&body.organisation) == organisation;
    facts.bodies.iter().filter(is_named).map(ranked_body).collect()
}

fn ranked_body(body: &Body) -> Ranked {
    let own = Assignee { organisation: Some(body.organisation.clone()), person: None };
    let ranked = Ranked {
        assignee: own.clone(),
        open_orders: body.open_orders,
        away: false,
        stands_in_for: None,
        rank: Rank::default(),
        level: Some(body.division.level()),
        distance_m: None,
        rested: None,
        on_duty: None,
    };
    match &body.presence {
        Presence::There => ranked,
        Presence::Away => Ranked { away: true, ..ranked },
        Presence::StoodInBy(organisation, open_orders) => Ranked {
            assignee: Assignee { organisation: Some(organisation.clone()), person: None },
            open_orders: *open_orders,
            stands_in_for: Some(own),
            ..ranked
        },
    }
}

/// Who gets an order.
pub(super) struct Chosen {
    pub(super) assignee: Assignee,
    pub(super) candidate: Option<Candidate>,
}

impl Chosen {
    pub(super) const fn nobody() -> Self {
        Self { assignee: Assignee { organisation: None, person: None }, candidate: None }
    }
}

/// Takes the first in line who may be asked, and notes everybody else with the reason.
pub(super) fn choose(
    facts: &Facts,
    line: Vec<Ranked>,
    max_open_orders: Option<u32>,
    reporter_too: bool,
    considered: &mut Vec<Candidate>,
) -> Option<Chosen> {
    let mut chosen: Option<Ranked> = None;
    for next in line {
        let reason = if was_returned_by(facts, &next.assignee) {
            CandidateReason::ReturnedBefore
        } else if !reporter_too && is_reporter(facts, &next.assignee) {
            CandidateReason::IsReporter
        } else if next.away {
            CandidateReason::OnLeave
        } else if max_open_orders.is_some_and(|most| next.open_orders > most) {
            CandidateReason::Overloaded
        } else if let Some(first) = &chosen {
            next.behind(first)
        } else {
            chosen = Some(next);
            continue;
        };
        considered.push(next.candidate(reason));
    }
    chosen.map(|first| Chosen {
        assignee: first.assignee.clone(),
        candidate: Some(first.candidate(CandidateReason::Chosen)),
    })
}

impl Ranked {
    /// Why this one stands behind the chosen.
    fn behind(&self, first: &Self) -> CandidateReason {
        let (own, other) = (self.rank, first.rank);
        if self.level < first.level {
            CandidateReason::ServesWiderDivision
        } else if own.off_duty > other.off_duty {
            CandidateReason::OffDuty
        } else if own.resting && !other.resting {
            CandidateReason::Resting
        } else if own.distance > other.distance {
            CandidateReason::FurtherAway
        } else if own == other && self.open_orders > first.open_orders {
            CandidateReason::MoreLoaded
        } else {
            CandidateReason::NextInLine
        }
    }

    fn candidate(self, reason: CandidateReason) -> Candidate {
        Candidate {
            distance_m: self.distance_m,
            rested: self.rested,
            on_duty: self.on_duty,
            stands_in_for: self.stands_in_for,
            ..Candidate::new(self.assignee, reason, self.open_orders)
        }
    }
}

/// What a rule was short of that found nobody among these.
pub(super) fn shortfall(passed: &[Candidate], missing: Shortfall) -> Shortfall {
    let all = |reason| passed.iter().all(|one| one.reason == reason);
    if passed.is_empty() {
        missing
    } else if all(CandidateReason::OnLeave) {
        Shortfall::AllOnLeave
    } else if all(CandidateReason::Overloaded) {
        Shortfall::AllOverloaded
    } else {
        Shortfall::AllPassedOver
    }
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
