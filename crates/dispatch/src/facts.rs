//! What routing decides from, looked up in dispatch's own tables.

mod deadlines;
mod gather;

use std::{sync::Arc, time::Duration};

use contracts::{dispatch::Assignee, intake::Urgency};
use kernel::{
    Clock, Division, GridCode, Level, Timestamp,
    geo::Position,
    id::{CategoryCode, OrgKind, OrganisationId, PersonId, WorkOrderId},
};
use platform::{
    database::SqlError,
    projection::{Behind, View},
};

pub use deadlines::Deadlines;

use crate::{
    config::Rules,
    domain::{
        calendar::WorkingCalendar,
        routing::{self, Decision, RuleList},
        supervision::Terms,
        work_order::Desks,
    },
    projections::{
        calendars::Calendars,
        category_rules::{self, Category, CategoryRow},
        figures::FigureRow,
        incident_orders::{self, IncidentOrderRow},
        leaves::LeaveRow,
        rosters::RosterRow,
        routing_grids::GridRow,
        routing_members::MemberRow,
        routing_organisations::{self, OrganisationRow},
        routing_rules::RuleBook,
        work_orders::WorkOrderRow,
    },
};

/// How long a process waits for the tables to reach the event that it acts on, before it tries again.
const PATIENCE: Duration = Duration::from_secs(5);

/// The tables and the configuration from which routing decides.
#[derive(Clone)]
pub struct Facts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The orders.
    pub orders: View<WorkOrderRow>,
    /// The orders of incidents.
    pub incident_orders: View<IncidentOrderRow>,
    /// The catalogue.
    pub categories: View<CategoryRow>,
    /// Who serves which grid.
    pub members: View<MemberRow>,
    /// Who takes orders.
    pub organisations: View<OrganisationRow>,
    /// What the grids are for, and where.
    pub grids: View<GridRow>,
    /// Who is on duty when.
    pub rosters: View<RosterRow>,
    /// Who is away.
    pub leaves: View<LeaveRow>,
    /// Where members are, as far as anybody knows.
    pub positions: Arc<dyn Positions>,
    /// Which days are worked.
    pub calendars: Calendars,
    /// What goes where.
    pub rule_book: RuleBook,
    /// What figures are computed from.
    pub figures: View<FigureRow>,
    /// The configuration.
    pub rules: Arc<Rules>,
}

/// Where members are. A position is of the moment and is never on the log; whoever keeps them is asked
/// when an order is routed.
pub trait Positions: Send + Sync {
    /// Where a person was last seen, and when.
    fn last(&self, person: &PersonId) -> Option<(Position, Timestamp)>;
}

/// Nobody keeps positions: a member is where the middle of the grid is that they serve.
pub struct NoPositions;

impl Positions for NoPositions {
    fn last(&self, _person: &PersonId) -> Option<(Position, Timestamp)> {
        None
    }
}

/// What is to be routed.
#[derive(Clone, Debug)]
pub struct Matter<'a> {
    /// The code of the category.
    pub code: &'a CategoryCode,
    /// The category by which it is handled.
    pub category: &'a Category,
    /// How pressing it is.
    pub urgency: Urgency,
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
        self.grids.wait(sequence, PATIENCE).await?;
        self.rosters.wait(sequence, PATIENCE).await?;
        self.leaves.wait(sequence, PATIENCE).await?;
        self.calendars.view().wait(sequence, PATIENCE).await?;
        self.rule_book.view().wait(sequence, PATIENCE).await?;
        self.organisations.wait(sequence, PATIENCE).await
    }

    /// The rules of a category; none where it is not in the catalogue.
    pub fn category(&self, code: &CategoryCode) -> Option<Category> {
        category_rules::find(&self.categories, code)
    }

    /// Whether an order belongs to an incident that is not stood down.
    pub async fn is_held(&self, order: &WorkOrderId) -> Result<bool, SqlError> {
        incident_orders::is_held(&self.incident_orders, order).await
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

    /// The working calendar as it is now.
    pub fn calendar(&self) -> Arc<WorkingCalendar> {
        self.calendars.now()
    }

    /// How long a supervised body has to answer.
    pub fn supervision_terms(&self) -> Terms {
        Terms { limits: self.rules.answers, calendar: self.calendar() }
    }

    /// Where the rules send a matter now, and why.
    pub async fn route(&self, matter: Matter<'_>) -> Result<Decision, SqlError> {
        self.route_by(&self.rule_book.now(), self.clock.now(), matter).await
    }

    /// Where a list of rules would send a matter at a moment, by what is registered now.
    pub async fn route_by(
        &self,
        list: &RuleList,
        at: Timestamp,
        matter: Matter<'_>,
    ) -> Result<Decision, SqlError> {
        let seen = self.seen(&matter, at);
        let applying = list.applying(&seen);
        let facts = self.gather(list, &applying, &matter, seen, at).await?;
        Ok(routing::route(&facts, &self.rules.kinds, list, &applying))
    }
}
