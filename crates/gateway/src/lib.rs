//! The gateway: the only HTTP face. Pages rendered on the server, and their live parts. It has no
//! domain: what a page does is a gRPC call of the service that decides, made with the token of
//! whoever is signed in.
//!
//! | room | what |
//! |---|---|
//! | [`config`] | the settings |

pub mod config;

use futures::FutureExt as _;
use platform::service::{Context, Service, StartError};

use crate::config::Config;

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
    let _ = config;
    Ok(())
}
