//! Camera: the registry of cameras. It holds no picture, no address of a stream and no credential.
//!
//! | room | what |
//! |---|---|
//! | `domain/camera.rs` | a camera: registered under the rules of order 799, changed, retired |
//! | `domain/import.rs` | a whole file is in the register |
//! | `places.rs` | from what is stated of a place to division and grid |
//! | `imports.rs` | tables from XLSX and CSV, read and checked as a whole |
//! | `documents.rs` | the texts of cameras in the vault |
//! | `projections/*.rs` | the tables: cameras, and where divisions and grids are |
//! | `grpc.rs` | `weft.camera.v1.CameraService` |

pub mod config;
mod documents;
pub mod domain;
mod grpc;
mod imports;
mod places;
pub mod projections;

use api::camera::v1::camera_service_server::CameraServiceServer;
use futures::future::BoxFuture;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

/// The service's name, of its section and of its database.
const NAME: &str = "camera";

/// The most bytes of a request: a file of [`imports::MAX_FILE_BYTES`], and what is around it.
const MAX_MESSAGE_BYTES: usize = imports::MAX_FILE_BYTES + 4 * 1024 * 1024;

/// The service, as the binary starts it.
pub fn service() -> Service {
    Service {
        name: NAME,
        defaults: include_str!("../config.default.toml"),
        methods: grpc::METHODS,
        start,
    }
}

fn start<'a>(
    context: &'a Context,
    routes: &'a mut RoutesBuilder,
) -> BoxFuture<'a, Result<(), StartError>> {
    Box::pin(async move {
        let server = grpc::Server::open(context).await?;
        routes.add_service(
            CameraServiceServer::new(server).max_decoding_message_size(MAX_MESSAGE_BYTES),
        );
        Ok(())
    })
}
