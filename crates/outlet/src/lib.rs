//! The outlet: the only face to integrators on NATS. It reads the county's log, leaves out what is
//! confidential, translates the rest to the public events of `contracts::public`, and publishes them
//! in order, each once. It has no methods, no events of its own and no database: where it goes on
//! stands on its own last message.
//!
//! | room | what is in it |
//! |---|---|
//! | `discretion.rs` | which cases and orders are not told of |
//! | `envelope.rs` | a public event as a message: subject, CloudEvents headers, body |
//! | `carrier.rs` | from the log to the public stream |
//! | `config.rs` | its section of the configuration |

use futures::FutureExt as _;
use platform::{
    publication::Publication,
    service::{Context, ProcessState, Service, StartError},
};

mod carrier;
mod config;
mod discretion;
mod envelope;

pub use config::Config;

/// Under which name `weft status` shows how far it is, and its lease is held.
pub const NAME: &str = "outlet.publish";

/// The service.
pub fn service() -> Service {
    Service {
        name: "outlet",
        defaults: include_str!("../config.default.toml"),
        methods: &[],
        start: |context, _routes| start(context).boxed(),
    }
}

async fn start(context: &Context) -> Result<(), StartError> {
    let config: Config = context.section::<Config>("outlet")?.checked()?;
    let publication = Publication::open(&context.reach, config.publication())
        .await
        .map_err(|error| StartError::Other(chain(&error)))?;
    context.running.report(NAME, ProcessState::default());
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
