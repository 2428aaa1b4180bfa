//! What routing decides from, looked up in dispatch's own tables.

use std::{sync::Arc, time::Duration};

use contracts::dispatch::Assignee;
use kernel::{
    Division, GridCode, Level,
    id::{CategoryCode, OrgKind, OrganisationId, PersonId},
};
use platform::{
    database::SqlError,
    projection::{Behind, View},
};

use crate::{
    config::Rules,
    domain::{
        calendar::WorkingCalendar,
        routing::{self, Body, Decision, Member},
        supervision::Terms,
        work_order::Desks,
    },
    projections::{
        category_rules::{self, Category, CategoryRow},
        figures::FigureRow,
        routing_members::{self, MemberRow},
        routing_organisations::{self, OrganisationRow},
        work_orders::{self, WorkOrderRow},
    },
};

/// How long a process waits for the tables to reach the event that it acts on, before it tries again.
const PATIENCE: Duration = Duration::from_secs(5);

/// The tables and the configuration from which routing decides.
#[derive(Clone)]
pub struct Facts {
    /// The orders.
    pub orders: View<WorkOrderRow>,
    /// The catalogue.
    pub categories: View<CategoryRow>,
    /// Who serves which grid.
    pub members: View<MemberRow>,
    /// Who takes orders.
    pub organisations: View<OrganisationRow>,
    /// What figures are computed from.
    pub figures: View<FigureRow>,
    /// The configuration.
    pub rules: Arc<Rules>,
}

/// What is to be routed.
#[derive(Clone, Debug)]
pub struct Matter<'a> {
    /// The category by which it is handled.
    pub category: &'a Category,
    /// Where it is handled.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Who reported it, where somebody did.
    pub reporter: Option<PersonId>,
    /// Those who returned the order.
    pub returned: Vec<Assignee>,
}

impl Facts {
    /// Waits until the registers are at least as new as an event.
    pub async fn reach(&self, sequence: u64) -> Result<(), Behind> {
        self.categories.wait(sequence, PATIENCE).await?;
        self.members.wait(sequence, PATIENCE).await?;
        self.organisations.wait(sequence, PATIENCE).await
    }

    /// The rules of a category; none where it is not in the catalogue.
    pub fn category(&self, code: &CategoryCode) -> Option<Category> {
        category_rules::find(&self.categories, code)
    }

    /// Whether an organisation takes orders.
    pub fn takes_orders(&self, organisation: &OrganisationId) -> bool {
        routing_organisations::takes_orders(&self.organisations, organisation)
    }

    /// The desks of the tiers above a place.
    pub fn desks(&self, division: Division) -> Desks {
        let kinds = &self.rules.kinds;
        let of = |kind: &OrgKind, level: Level| {
            let around = routing_organisations::around(&self.organisations, division, &[kind]);
            around.into_iter().find(|body| body.division.level() == level).map(|body| body.id)
        };
        Desks {
            township: of(&kinds.township_desk, Level::Township),
            county: of(&kinds.county_desk, Level::County),
        }
    }

    /// The working calendar.
    pub fn calendar(&self) -> WorkingCalendar {
        self.rules.calendar.clone()
    }

    /// How long a supervised body has to answer.
    pub fn supervision_terms(&self) -> Terms {
        Terms { limits: self.rules.answers, calendar: self.calendar() }
    }

    /// Where the rules send a matter now, and why.
    pub async fn route(&self, matter: Matter<'_>) -> Result<Decision, SqlError> {
        let kinds = &self.rules.kinds;
        let handler = &matter.category.handler;
        let members =
            matter.grid.map_or_else(Vec::new, |grid| routing_members::of_grid(&self.members, grid));
        let organisations = routing_organisations::around(
            &self.organisations,
            matter.division,
            &[handler, &kinds.township_desk, &kinds.county_desk],
        );
        let persons: Vec<String> = members.iter().map(|(person, _)| person.to_string()).collect();
        let bodies: Vec<String> = organisations.iter().map(|body| body.id.to_string()).collect();
        let open = work_orders::open_orders(&self.orders, &persons, &bodies).await?;
        let load = |id: String| open.get(&id).copied().unwrap_or_default();
        let facts = routing::Facts {
            kind: matter.category.kind,
            handler: handler.clone(),
            admission: matter.category.admission,
            division: matter.division,
            reporter: matter.reporter,
            members: members
                .into_iter()
                .map(|(person, duty)| Member {
                    open_orders: load(person.to_string()),
                    person,
                    duty,
                })
                .collect(),
            bodies: organisations
                .into_iter()
                .map(|body| Body {
                    open_orders: load(body.id.to_string()),
                    organisation: body.id,
                    kind: body.kind,
                    division: body.division,
                })
                .collect(),
            returned: matter.returned,
        };
        Ok(routing::route(&facts, kinds))
    }
}
