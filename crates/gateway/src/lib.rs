//! The gateway: the only HTTP face. Pages rendered on the server, and their live parts. It has no
//! domain: what a page does is a gRPC call of the service that decides, made with the token of
//! whoever is signed in.
//!
//! | room | what |
//! |---|---|
//! | `projections` | the tables behind the live parts and the big screen |
//! | `live` | what open pages are told as it happens |
//! | `config` | the settings |
//! | `gateway`, `clients` | what every page stands on, and the services that it calls |
//! | `visit`, `session`, `shell` | how an answer is wanted, who is signed in, what surrounds a page |
//! | `renewal` | how a session goes on while its pages are used |
//! | `problem`, `layers` | what a page answers instead, and what every request passes |
//! | `words`, `time`, `names` | texts in two languages, times, names of places and categories |
//! | `assets` | the stylesheet, the modules, what is vendored |
//! | `pages` | the pages, a room each |

mod assets;
mod clients;
pub mod config;
mod gateway;
mod layers;
pub mod live;
mod names;
mod pages;
mod problem;
pub mod projections;
mod renewal;
mod session;
mod shell;
mod time;
mod visit;
mod words;

use futures::FutureExt as _;
use platform::service::{Context, Service, StartError};

use crate::{
    config::Config,
    gateway::Gateway,
    live::{Limits, Live},
    projections::{live_cases::LiveCases, live_orders::LiveOrders},
};

/// The service's name.
pub const NAME: &str = "gateway";

/// The service, as the binary lists it. It has pages and no gRPC methods.
pub fn service() -> Service {
    Service {
        name: NAME,
        defaults: include_str!("../config.default.toml"),
        methods: &[],
        start: |context, _routes| start(context).boxed(),
    }
}

async fn start(context: &Context) -> Result<(), StartError> {
    let config = context.section::<Config>(NAME)?;
    let database = context.database(NAME).await?;
    let cases = context.projection(NAME, &database, LiveCases).await?;
    let orders = context.projection(NAME, &database, LiveOrders).await?;
    let limits =
        Limits { streams: config.max_streams, streams_per_person: config.max_streams_per_person };
    let (live, hearing) = Live::open(context, cases, orders, limits)
        .await
        .map_err(|error| StartError::Other(error.to_string()))?;
    context.lifecycle.spawn("gateway live", async move {
        hearing.await;
        Ok::<(), std::convert::Infallible>(())
    });
    let gateway = Gateway::new(context, config, live)?;
    context.pages.mount(pages::router(gateway));
    Ok(())
}
