//! Dispatch: who does what by when. Work orders from creation to closing, their routing and their
//! deadlines.
//!
//! | room | what |
//! |---|---|
//! | [`domain`] | the work order, routing and the working calendar, pure |
//! | [`processes`] | orders for accepted cases, parts, another way for returned ones, the clocks, the ladder |
//! | [`projections`] | its own orders, and the registers that routing needs |
//! | [`adapters`] | the ways on which notifications leave the house |
//! | [`wording`] | what notifications say |
//! | [`facts`] | what routing decides from, looked up in the tables |
//! | [`grpc`] | calls to commands and queries |
//! | [`coordination`] | what working together stands on |
//! | [`site_code`] | the code that is shown where bodies meet |
//! | [`config`] | the section `[dispatch]` |

pub mod adapters;
pub mod config;
pub mod coordination;
pub mod domain;
pub mod facts;
pub mod grpc;
pub mod processes;
pub mod projections;
pub mod site_code;
pub mod wording;

use std::sync::Arc;

use futures::{FutureExt as _, future::BoxFuture};
use platform::{
    database::Database,
    executor::Executor,
    service::{Context, Service, StartError},
};
use tonic::service::RoutesBuilder;

use adapters::Adapters;
use config::{Config, NotificationsSection, Returns, Rules};
use coordination::{Executors, Tables};
use domain::{
    mediation::Mediation, notification::Outbox, routing::RuleList, supervision::Supervision,
    work_order::WorkOrder,
};
use facts::{Facts, NoPositions};
use grpc::{mediation::Desk, notification::Post};
use processes::{
    create_parts::CreateParts, end_campaign_tasks::EndCampaignTasks, escalate_late_orders,
    follow_cases::FollowCases, give_out_campaign_tasks::GiveOutCampaignTasks,
    join_parts::JoinParts, mark_overdue, mediation_dates, order_accepted_cases::OrderAcceptedCases,
    queue_notifications::QueueNotifications, raise_escalated_mediations::RaiseEscalatedMediations,
    raise_unanswered::RaiseUnanswered, replan_deadlines::ReplanDeadlines, ring_coordination,
    route_returned_orders::RouteReturnedOrders, send_notifications::SendNotifications,
};
use projections::{
    calendars::{CalendarVersions, Calendars},
    category_rules::CategoryRules,
    figures::Figures,
    incident_orders::IncidentOrders,
    leaves::Leaves,
    mediations::Mediations,
    notification_cases::NotificationCases,
    notification_readers::NotificationReaders,
    notification_rules::NotificationRuleVersions,
    notifications::Notifications,
    rosters::Rosters,
    routing_grids::RoutingGrids,
    routing_members::RoutingMembers,
    routing_organisations::RoutingOrganisations,
    routing_rules::{RuleBook, RuleVersions},
    supervisions::Supervisions,
    work_orders::WorkOrders,
};
use wording::Wording;

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
        let config = context.section::<Config>(NAME)?;
        let notifications = config.notifications.clone();
        let rules = Arc::new(Rules::try_from(config)?);
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
            incident_orders: context.projection(NAME, &database, IncidentOrders).await?,
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
        let (tables, executors) =
            (Tables::open(context, &database).await?, Executors::new(context));
        context
            .process(GiveOutCampaignTasks { facts: facts.clone(), executors: executors.clone() });
        context.process(EndCampaignTasks { executors: executors.clone() });
        ring_coordination::start(context, tables.clone(), executors.clone());
        grpc::coordination::add(context, routes, facts.clone(), tables, executors);
        let rows = context.projection(NAME, &database, Mediations).await?;
        let mediations = context.executor::<Mediation>();
        mediation_dates::start(context, rows.clone(), mediations.clone());
        context.process(RaiseEscalatedMediations { executor: mediations.clone() });
        let orders = executor.clone();
        Desk { context: context.clone(), facts: facts.clone(), orders, mediations, rows }
            .add(routes);
        notify(context, routes, &database, &notifications, &facts, &executor).await?;
        grpc::add(context, routes, facts, executor);
        Ok(())
    }
    .boxed()
}

/// Notifications: who is told, by which way, and what each was told.
async fn notify(
    context: &Context,
    routes: &mut RoutesBuilder,
    database: &Database,
    section: &NotificationsSection,
    facts: &Facts,
    orders: &Executor<WorkOrder>,
) -> Result<(), StartError> {
    let rows = context.projection(NAME, database, Notifications).await?;
    let readers = context.projection(NAME, database, NotificationReaders).await?;
    let rules = context.projection(NAME, database, NotificationRuleVersions).await?;
    let cases = context.projection(NAME, database, NotificationCases).await?;
    let outboxes = context.executor::<Outbox>();
    let wording = Wording::new(context.vault.clone(), rules.clone());
    context.process(QueueNotifications {
        facts: facts.clone(),
        orders: orders.clone(),
        outboxes: outboxes.clone(),
        rules: rules.clone(),
        readers: readers.clone(),
        cases,
    });
    SendNotifications {
        context: context.clone(),
        rows: rows.clone(),
        readers: readers.clone(),
        wording: wording.clone(),
        adapters: Adapters::new(section)?,
        schedule: section.schedule()?,
        outboxes: outboxes.clone(),
    }
    .start();
    Post {
        context: context.clone(),
        rows,
        readers,
        rules,
        wording,
        outboxes,
        reader: context.executor(),
        own_rules: context.executor(),
    }
    .add(routes);
    Ok(())
}
