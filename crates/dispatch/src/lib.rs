//! Dispatch: who does what by when. Work orders from creation to closing, their routing and their
//! deadlines.
//!
//! | room | what |
//! |---|---|
//! | [`domain`] | the work order, routing and the working calendar, pure |
//! | [`processes`] | orders for accepted cases, another way for returned ones, the clocks |
//! | [`projections`] | its own orders, and the registers that routing needs |
//! | [`adapters`] | the ways on which notifications leave the house |
//! | [`wording`] | what notifications say |
//! | [`facts`] | what routing decides from, looked up in the tables |
//! | [`grpc`] | calls to commands and queries |
//! | [`config`] | the section `[dispatch]` |

pub mod adapters;
pub mod config;
pub mod domain;
pub mod facts;
pub mod grpc;
pub mod processes;
pub mod projections;
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
use config::{Config, NotificationsSection, Rules};
use domain::{mediation::Mediation, notification::Outbox, work_order::WorkOrder};
use facts::Facts;
use grpc::{mediation::Desk, notification::Post};
use processes::{
    mark_overdue, mediation_dates, order_accepted_cases::OrderAcceptedCases,
    queue_notifications::QueueNotifications, raise_escalated_mediations::RaiseEscalatedMediations,
    route_returned_orders::RouteReturnedOrders, send_notifications::SendNotifications,
};
use projections::{
    category_rules::CategoryRules, mediations::Mediations, notification_cases::NotificationCases,
    notification_readers::NotificationReaders, notification_rules::NotificationRuleVersions,
    notifications::Notifications, routing_members::RoutingMembers,
    routing_organisations::RoutingOrganisations, work_orders::WorkOrders,
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
        let facts = Facts {
            orders: context.projection(NAME, &database, WorkOrders).await?,
            categories: context.projection(NAME, &database, CategoryRules).await?,
            members: context.projection(NAME, &database, RoutingMembers).await?,
            organisations: context.projection(NAME, &database, RoutingOrganisations).await?,
            rules,
        };
        let executor = context.executor::<WorkOrder>();
        context.process(OrderAcceptedCases { facts: facts.clone(), executor: executor.clone() });
        context.process(RouteReturnedOrders { facts: facts.clone(), executor: executor.clone() });
        mark_overdue::start(context, facts.orders.clone(), executor.clone());
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
