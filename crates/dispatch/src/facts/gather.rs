//! Who may be asked by the rules that apply: members with distance, rest, duty and leave, bodies with
//! load and leave.

use std::{
    collections::{BTreeSet, HashMap},
    str::FromStr,
};

use contracts::{
    dispatch::rules::{Rule, RuleAction},
    grid::MemberDuty,
};
use kernel::{
    GridCode, Timestamp,
    geo::{Position, distance_m},
    id::{OrgKind, OrganisationId, PersonId},
};
use platform::database::SqlError;

use super::{Facts, Matter};
use crate::{
    domain::{
        calendar::clock_of,
        routing::{self, Body, Member, Presence, RuleList},
    },
    projections::{
        leaves::{self, Whereabouts},
        rosters, routing_grids, routing_members,
        routing_organisations::{self, Organisation},
        work_orders,
    },
};

/// Somebody who serves a grid, before it is known how much is open with them.
struct Serving {
    person: PersonId,
    duty: MemberDuty,
    grid: GridCode,
    whereabouts: Whereabouts,
}

impl Facts {
    /// What the conditions of rules look at.
    pub(super) fn seen(&self, matter: &Matter<'_>, at: Timestamp) -> routing::Matter {
        let (weekday, minute) = clock_of(at);
        let kind_of = |id: &OrganisationId| routing_organisations::find(&self.organisations, id);
        let returned = matter.returned.iter().filter_map(|one| one.organisation.as_ref());
        routing::Matter {
            category: matter.code.clone(),
            kind: matter.category.kind,
            handler: matter.category.handler.clone(),
            admission: matter.category.admission,
            urgency: matter.urgency,
            division: matter.division,
            grid_kind: matter
                .grid
                .and_then(|grid| routing_grids::find(&self.grids, grid))
                .map(|grid| grid.kind),
            weekday,
            minute,
            working_time: self.calendar().is_working_time(at),
            returned_by: returned.filter_map(kind_of).map(|body| body.kind).collect(),
        }
    }

    /// Who may be asked.
    pub(super) async fn gather(
        &self,
        list: &RuleList,
        applying: &[usize],
        matter: &Matter<'_>,
        seen: routing::Matter,
        at: Timestamp,
    ) -> Result<routing::Facts, SqlError> {
        let rules = || applying.iter().filter_map(|place| list.rules.get(*place));
        let nearest = rules().any(|rule| rule.action == RuleAction::NearestMember);
        let serving = self.serving(matter, nearest, at);
        let bodies: Vec<(Organisation, Whereabouts)> = self
            .bodies(rules(), matter)
            .into_iter()
            .map(|body| (self.whereabouts(&body.id.to_string(), at), body))
            .map(|(whereabouts, body)| (body, whereabouts))
            .collect();
        let mut persons: BTreeSet<String> = BTreeSet::new();
        for one in &serving {
            persons.insert(one.person.to_string());
            persons.extend(stand_in(&one.whereabouts));
        }
        let mut organisations: BTreeSet<String> = BTreeSet::new();
        for (body, whereabouts) in &bodies {
            organisations.insert(body.id.to_string());
            organisations.extend(stand_in(whereabouts));
        }
        let persons: Vec<String> = persons.into_iter().collect();
        let organisations: Vec<String> = organisations.into_iter().collect();
        let open = work_orders::open_orders(&self.orders, &persons, &organisations).await?;
        let rest = i64::from(self.rules.routing.rest_minutes) * 60_000;
        let since = at.0.saturating_sub(rest);
        let tired = if nearest {
            Some(work_orders::emergencies(&self.orders, &persons, since).await?)
        } else {
            None
        };
        Ok(routing::Facts {
            matter: seen,
            reporter: matter.reporter.clone(),
            members: serving
                .into_iter()
                .map(|one| self.member(one, matter, &open, tired.as_ref(), at))
                .collect(),
            bodies: bodies
                .into_iter()
                .map(|(body, whereabouts)| Body {
                    open_orders: load(&open, &body.id.to_string()),
                    presence: presence(&whereabouts, &open),
                    organisation: body.id,
                    kind: body.kind,
                    division: body.division,
                })
                .collect(),
            returned: matter.returned.clone(),
        })
    }

    /// The members of the grid, or of all grids of its village where the nearest is asked for.
    fn serving(&self, matter: &Matter<'_>, nearest: bool, at: Timestamp) -> Vec<Serving> {
        let members = match matter.grid {
            _ if nearest => routing_members::within(&self.members, matter.division),
            Some(grid) => routing_members::of_grid(&self.members, grid)
                .into_iter()
                .map(|(person, duty)| (grid, person, duty))
                .collect(),
            None => Vec::new(),
        };
        members
            .into_iter()
            .map(|(grid, person, duty)| Serving {
                whereabouts: self.whereabouts(&person.to_string(), at),
                person,
                duty,
                grid,
            })
            .collect()
    }

    /// The bodies that the rules may name, and the desks.
    fn bodies<'a>(
        &self,
        rules: impl Iterator<Item = &'a Rule>,
        matter: &Matter<'_>,
    ) -> Vec<Organisation> {
        let kinds = &self.rules.kinds;
        let mut asked: Vec<&OrgKind> =
            vec![&matter.category.handler, &kinds.township_desk, &kinds.county_desk];
        let mut named: Vec<&OrganisationId> = Vec::new();
        for rule in rules {
            asked.extend(&rule.kind);
            named.extend(&rule.organisation);
        }
        let mut bodies =
            routing_organisations::around(&self.organisations, matter.division, &asked);
        for id in named {
            if bodies.iter().all(|body| body.id != *id) {
                bodies.extend(routing_organisations::find(&self.organisations, id));
            }
        }
        bodies
    }

    fn member(
        &self,
        one: Serving,
        matter: &Matter<'_>,
        open: &HashMap<String, u32>,
        tired: Option<&HashMap<String, i64>>,
        at: Timestamp,
    ) -> Member {
        let id = one.person.to_string();
        Member {
            duty: one.duty,
            open_orders: load(open, &id),
            of_the_grid: matter.grid == Some(one.grid),
            distance_m: self.distance(&one, matter, at),
            rested: tired.map(|tired| !tired.contains_key(&id)),
            on_duty: rosters::on_duty(&self.rosters, one.grid, &one.person, at),
            presence: presence(&one.whereabouts, open),
            person: one.person,
        }
    }

    /// How far a member is from the place: from where they were last seen, if that is not too long
    /// ago, else from the middle of the grid that they serve.
    fn distance(&self, one: &Serving, matter: &Matter<'_>, at: Timestamp) -> Option<u32> {
        let middle = |grid| routing_grids::find(&self.grids, grid).map(|grid| grid.middle);
        let place: Position = middle(matter.grid?)?;
        let oldest = at.plus_millis(-i64::from(self.rules.routing.position_seconds) * 1_000);
        let seen = self.positions.last(&one.person).filter(|(_, seen)| *seen >= oldest);
        let from = seen.map(|(position, _)| position).or_else(|| middle(one.grid))?;
        Some(whole_metres(distance_m(from, place)))
    }

    fn whereabouts(&self, who: &str, at: Timestamp) -> Whereabouts {
        leaves::whereabouts(&self.leaves, who, at)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on the ground, and what is larger than any is the largest"
)]
fn whole_metres(metres: f64) -> u32 {
    metres.round() as u32
}

fn load(open: &HashMap<String, u32>, id: &str) -> u32 {
    open.get(id).copied().unwrap_or_default()
}

fn stand_in(whereabouts: &Whereabouts) -> Option<String> {
    match whereabouts {
        Whereabouts::StoodInBy(id) => Some(id.clone()),
        Whereabouts::There | Whereabouts::Away => None,
    }
}

fn presence<Id: FromStr>(whereabouts: &Whereabouts, open: &HashMap<String, u32>) -> Presence<Id> {
    match whereabouts {
        Whereabouts::There => Presence::There,
        Whereabouts::Away => Presence::Away,
        Whereabouts::StoodInBy(id) => {
            id.parse().map_or(Presence::Away, |parsed| Presence::StoodInBy(parsed, load(open, id)))
        }
    }
}
