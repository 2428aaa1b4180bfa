//! Dispatch: who does what by when. Work orders from creation to closing, their routing and their
//! deadlines.
//!
//! | room | what |
//! |---|---|
//! | [`domain`] | the work order, routing and the working calendar, pure |
//! | [`processes`] | orders for accepted cases, parts, another way for returned ones, the clocks, the ladder |
//! | [`projections`] | its own orders, and the registers that routing needs |
//! | [`facts`] | what routing decides from, looked up in the tables |
//! | [`grpc`] | calls to commands and queries |
//! | [`config`] | the section `[dispatch]` |

pub mod config;
pub mod domain;
pub mod facts;
pub mod grpc;
pub mod processes;
pub mod projections;

use std::sync::Arc;

use futures::{FutureExt as _, future::BoxFuture};
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

use config::{Config, Returns, Rules};
use domain::{routing::RuleList, supervision::Supervision, work_order::WorkOrder};
use facts::{Facts, NoPositions};
use processes::{
    create_parts::CreateParts, escalate_late_orders, follow_cases::FollowCases,
    join_parts::JoinParts, mark_overdue, order_accepted_cases::OrderAcceptedCases,
    raise_unanswered::RaiseUnanswered, replan_deadlines::ReplanDeadlines,
    route_returned_orders::RouteReturnedOrders,
};
use projections::{
    calendars::{CalendarVersions, Calendars},
    category_rules::CategoryRules,
    figures::Figures,
    leaves::Leaves,
    rosters::Rosters,
    routing_grids::RoutingGrids,
    routing_members::RoutingMembers,
    routing_organisations::RoutingOrganisations,
    routing_rules::{RuleBook, RuleVersions},
    supervisions::Supervisions,
    work_orders::WorkOrders,
};

/// The service's name: of its section, its database and its schema.
pub const NAME: &str = "dispatch";

/// The service.
pub fn service() -> Service {
    Service { name: NAME, defaults: config::DEFAULTS, methods: grpc::METHODS, start }
}

fn start<'a>(
    context: &'a Context,
    routes: &'a mut RoutesBuilder,
) -> BoxFuture<'a, Result<(), StartError>> {
    async move {
        let rules = Arc::new(Rules::try_from(context.section::<Config>(NAME)?)?);
        let database = context.database(NAME).await?;
        let calendars = context.projection(NAME, &database, CalendarVersions).await?;
        let put = context.projection(NAME, &database, RuleVersions).await?;
        let facts = Facts {
            clock: Arc::clone(&context.clock),
            grids: context.projection(NAME, &database, RoutingGrids).await?,
            rosters: context.projection(NAME, &database, Rosters).await?,
            leaves: context.projection(NAME, &database, Leaves).await?,
            positions: Arc::new(NoPositions),
            calendars: Calendars::new(calendars, rules.calendar.clone()),
            rule_book: RuleBook::new(put, RuleList::shipped(&rules.kinds)),
            orders: context.projection(NAME, &database, WorkOrders).await?,
            categories: context.projection(NAME, &database, CategoryRules).await?,
            members: context.projection(NAME, &database, RoutingMembers).await?,
            organisations: context.projection(NAME, &database, RoutingOrganisations).await?,
            figures: context.projection(NAME, &database, Figures).await?,
            rules,
        };
        let executor = context.executor::<WorkOrder>();
        context.process(OrderAcceptedCases { facts: facts.clone(), executor: executor.clone() });
        context.process(CreateParts {
            log: context.log.clone(),
            facts: facts.clone(),
            executor: executor.clone(),
        });
        context.process(JoinParts { executor: executor.clone() });
        if facts.rules.returns == Returns::Rule {
            let (facts, executor) = (facts.clone(), executor.clone());
            context.process(RouteReturnedOrders { facts, executor });
        }
        context.process(FollowCases {
            log: context.log.clone(),
            facts: facts.clone(),
            executor: executor.clone(),
        });
        let rows = context.projection(NAME, &database, Supervisions).await?;
        let supervisions = context.executor::<Supervision>();
        let unanswered = RaiseUnanswered {
            rows: rows.clone(),
            facts: facts.clone(),
            executor: supervisions.clone(),
        };
        unanswered.start(context);
        grpc::supervision::add(context, routes, facts.clone(), rows, supervisions);
        escalate_late_orders::start(context, facts.clone(), executor.clone());
        context.process(ReplanDeadlines { facts: facts.clone(), executor: executor.clone() });
        mark_overdue::start(context, facts.orders.clone(), executor.clone());
        grpc::add(context, routes, facts, executor);
        Ok(())
    }
    .boxed()
}
