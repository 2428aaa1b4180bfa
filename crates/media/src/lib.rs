//! Media: photos. Takes them in, draws them anew so that nothing but the picture is kept, seals them,
//! and gives them to those who handle the case that they are attached to. Has no events of its own: a
//! photo counts from the event that names it.
//!
//! | room | what |
//! |---|---|
//! | [`clean`] | from a file to a picture |
//! | [`cleaner`] | the same, off the threads that serve, a few at once |
//! | [`rate`] | how many photos a person may upload |
//! | [`sight`] | who may see a photo |
//! | [`projections`] | to which case a photo belongs, and who handles that |
//! | [`processes`] | erases what no command has named |
//! | `grpc` | `weft.media.v1.MediaService`, one file a method |
//! | [`config`] | the settings |

pub mod clean;
pub mod cleaner;
pub mod config;
mod grpc;
pub mod processes;
pub mod projections;
pub mod rate;
pub mod sight;

use std::sync::Arc;

use api::media::v1::media_service_server::MediaServiceServer;
use futures::FutureExt as _;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

use crate::{
    config::Config, processes::erase_unattached_photos::EraseUnattachedPhotos, projections::Tables,
};

/// The service's name.
pub const NAME: &str = "media";

/// The service, as the binary lists it.
pub fn service() -> Service {
    Service {
        name: NAME,
        defaults: include_str!("../config.default.toml"),
        methods: grpc::METHODS,
        start: |context, routes| start(context, routes).boxed(),
    }
}

async fn start(context: &Context, routes: &mut RoutesBuilder) -> Result<(), StartError> {
    let config = Arc::new(context.section::<Config>(NAME)?.checked()?);
    let tables = Tables::open(context).await?;
    EraseUnattachedPhotos {
        context: context.clone(),
        attachments: tables.attachments.clone(),
        keep_ms: config.keep_unattached_ms(),
    }
    .start();
    routes.add_service(MediaServiceServer::new(grpc::Server::new(context, config, tables)));
    Ok(())
}
