//! The outlet: the only face to integrators. It reads the county's log, leaves out what is confidential,
//! translates the rest to the public events of `contracts::public`, and publishes them in order, each
//! once; where it goes on stands on its own last message. From the public stream integrators read on
//! NATS, and webhooks are sent; what was delivered to whom is entered in a register in the log.
//!
//! | room | what is in it |
//! |---|---|
//! | `discretion.rs` | which cases and orders are not told of |
//! | `envelope.rs` | a public event as a message: subject, CloudEvents headers, body |
//! | `carrier.rs` | from the log to the public stream |
//! | `webhooks.rs` | from the public stream to whoever asked for it by HTTPS |
//! | `integrators.rs` | the users of nats-server: their consumers, and what they have read |
//! | `domain/*.rs` | webhooks, integrators, and the register of deliveries |
//! | `projections/*.rs` | the tables: webhooks, deliveries |
//! | `grpc.rs` | `weft.outlet.v1.OutletService` |
//! | `config.rs` | its section of the configuration |

use api::outlet::v1::outlet_service_server::OutletServiceServer;
use futures::FutureExt as _;
use platform::{
    http::post::Poster,
    publication::Publication,
    service::{Context, ProcessState, Service, StartError},
};
use tonic::service::RoutesBuilder;

use integrators::Readers;
use projections::{deliveries::DeliveryEntries, webhooks::Webhooks};
use webhooks::{Couriers, Cursors};

mod carrier;
mod config;
mod discretion;
pub mod domain;
mod envelope;
mod grpc;
mod integrators;
pub mod projections;
mod webhooks;

pub use config::Config;

/// Under which name `weft status` shows how far it is, and its lease is held.
pub const NAME: &str = "outlet.publish";

/// The service's name, of its section and of its database.
const SERVICE: &str = "outlet";

/// The service.
pub fn service() -> Service {
    Service {
        name: SERVICE,
        defaults: include_str!("../config.default.toml"),
        methods: grpc::METHODS,
        start: |context, routes| start(context, routes).boxed(),
    }
}

async fn start(context: &Context, routes: &mut RoutesBuilder) -> Result<(), StartError> {
    let config: Config = context.section::<Config>(SERVICE)?.checked()?;
    let publication = Publication::open(&context.reach, config.publication())
        .await
        .map_err(|error| StartError::Other(chain(&error)))?;
    let cursors = Cursors::open(&publication, context.county)
        .await
        .map_err(|error| StartError::Other(chain(&error)))?;
    let poster = Poster::new(config.post()).map_err(|error| StartError::Other(chain(&error)))?;
    let database = context.database(SERVICE).await?;
    let webhooks = context.projection(SERVICE, &database, Webhooks).await?;
    let deliveries = context.projection(SERVICE, &database, DeliveryEntries).await?;
    context.running.report(NAME, ProcessState::default());

    let couriers = Couriers {
        context: context.clone(),
        publication: publication.clone(),
        cursors: cursors.clone(),
        poster: poster.clone(),
        schedule: config.schedule(),
        record_every_ms: i64::from(config.record_every_s) * 1_000,
        webhooks: webhooks.clone(),
        entries: deliveries.clone(),
        webhook: context.executor(),
        deliveries: context.executor(),
        head: tokio::sync::watch::Sender::default(),
    };
    let server = grpc::Server {
        context: context.clone(),
        webhook: couriers.webhook.clone(),
        webhooks,
        deliveries,
        publication: publication.clone(),
        cursors: cursors.clone(),
        poster,
    };
    routes.add_service(OutletServiceServer::new(server));
    let readers = Readers {
        context: context.clone(),
        publication: publication.clone(),
        cursors,
        record_every_ms: couriers.record_every_ms,
        integrator: context.executor(),
        deliveries: couriers.deliveries.clone(),
    };
    context.lifecycle.spawn("outlet's standing", couriers.clone().report());
    context.lifecycle.spawn(webhooks::NAME, couriers.run());
    context.lifecycle.spawn(integrators::NAME, readers.run());
    let shared = context.clone();
    context
        .lifecycle
        .spawn(NAME, async move { carrier::run(&shared, &publication, config.remembered).await });
    Ok(())
}

/// An error with what is behind it, in a line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}
