//! Who works in the county of the demo.

use std::collections::BTreeMap;

use kernel::{Division, GridCode, Role, id::PersonId};
use platform::auth::scope::ScopeParts;

use super::World;
use crate::demo::{lots, names};

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::demo) enum Job {
    /// The full-time member of a grid.
    Member,
    /// The chief of the grids of a village (网格长).
    Chief,
    /// A clerk of a body.
    Clerk,
    /// A verifier of a township.
    Verifier,
    /// At the desk of a township or of the county.
    Operator,
    /// Of the county.
    Supervisor,
    /// Of the county.
    Administrator,
}

impl Job {
    pub(in crate::demo) const fn role(self) -> Role {
        match self {
            Self::Member | Self::Chief => Role::GridMember,
            Self::Clerk => Role::DepartmentClerk,
            Self::Verifier => Role::Verifier,
            Self::Operator => Role::Operator,
            Self::Supervisor => Role::Supervisor,
            Self::Administrator => Role::Administrator,
        }
    }
}

/// Somebody who works in the county.
#[derive(Clone, Debug)]
pub(in crate::demo) struct Staff {
    pub(in crate::demo) person: PersonId,
    pub(in crate::demo) request_id: String,
    pub(in crate::demo) division: Division,
    pub(in crate::demo) name: String,
    pub(in crate::demo) phone: String,
    pub(in crate::demo) job: Job,
    /// What the job covers; a chief has several grids.
    pub(in crate::demo) scopes: Vec<ScopeParts>,
}

impl Staff {
    /// The names of the places by which the person is found.
    pub(super) fn places(&self) -> Vec<String> {
        let place = |scope: &ScopeParts| {
            let grid = scope.grid.map(|grid| grid.to_string());
            let org = scope.org.as_ref().map(ToString::to_string);
            grid.or(org).or_else(|| scope.division.map(|division| division.to_string()))
        };
        self.scopes.iter().filter_map(place).collect()
    }

    /// The scope for acting in a grid; the first where it has none of that.
    pub(in crate::demo) fn scope(&self, grid: Option<GridCode>) -> ScopeParts {
        let there = self.scopes.iter().find(|scope| grid.is_some() && scope.grid == grid);
        there.or(self.scopes.first()).cloned().unwrap_or_default()
    }
}

/// The staff of a world whose places and bodies are drawn.
pub(super) fn of(world: &World) -> Vec<Staff> {
    let mut staff = Vec::new();
    let mut hire = |job: Job, division: Division, place: &str, scopes: Vec<ScopeParts>| {
        let request_id = format!("demo-{}-{job:?}-{place}", world.seed);
        let mut chance = lots::of(world.seed, &request_id);
        staff.push(Staff {
            person: PersonId::new(division, world.key("person", &request_id)),
            division,
            name: names::person(&mut chance),
            phone: names::phone(&mut chance),
            request_id,
            job,
            scopes,
        });
    };
    let in_grid = |grid| ScopeParts { grid: Some(grid), ..ScopeParts::default() };
    let mut villages: BTreeMap<Division, Vec<ScopeParts>> = BTreeMap::new();
    for place in &world.places {
        let village = place.grid.village();
        hire(Job::Member, village, &place.grid.to_string(), vec![in_grid(place.grid)]);
        villages.entry(village).or_default().push(in_grid(place.grid));
    }
    for (village, grids) in villages {
        hire(Job::Chief, village, &village.to_string(), grids);
    }
    for body in &world.bodies {
        let scope = ScopeParts {
            division: Some(body.division),
            org: Some(body.id.clone()),
            ..ScopeParts::default()
        };
        let place = format!("{}-{}", body.kind, body.division);
        hire(Job::Clerk, body.division, &place, vec![scope]);
    }
    let at = |division| vec![ScopeParts { division: Some(division), ..ScopeParts::default() }];
    for township in &world.townships {
        hire(Job::Verifier, *township, &township.to_string(), at(*township));
        hire(Job::Operator, *township, &township.to_string(), at(*township));
    }
    for job in [Job::Operator, Job::Supervisor, Job::Administrator] {
        hire(job, world.county, &world.county.to_string(), at(world.county));
    }
    staff
}
