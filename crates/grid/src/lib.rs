//! Grid: the registry of divisions, grids, boundaries and members.
//!
//! | room | what |
//! |---|---|
//! | `domain/division.rs` | a division is registered, once |
//! | `domain/grid.rs` | a grid: created with its boundary, redrawn, served by members |
//! | `domain/import.rs` | a whole file is in the register |
//! | `domain/roster.rs` | who is on duty when, grid by grid |
//! | `domain/leave.rs` | who is away, and who stands in |
//! | `imports.rs` | files read and checked as a whole: divisions from CSV, grids from GeoJSON |
//! | `documents.rs` | the imported files in the vault, and the names in their rows |
//! | `locator.rs` | from a place to its grid, in memory |
//! | `projections/*.rs` | the tables: divisions, grids, their boundaries, their members |
//! | `grpc.rs` | `weft.grid.v1.GridService` and `RosterService` |

mod documents;
pub mod domain;
mod grpc;
mod imports;
mod locator;
pub mod projections;

use api::grid::v1::{
    grid_service_server::GridServiceServer, roster_service_server::RosterServiceServer,
};
use futures::future::BoxFuture;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

/// The service's name, of its section and of its database.
const NAME: &str = "grid";

/// The most bytes of a request: a file of [`imports::MAX_FILE_BYTES`], and what is around it.
const MAX_MESSAGE_BYTES: usize = imports::MAX_FILE_BYTES + 4 * 1024 * 1024;

/// The most bytes of a roster: 300 shifts, with room.
const MAX_ROSTER_BYTES: usize = 128 * 1024;

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
        let rosters = grpc::roster::RosterServer::open(context, server.members()).await?;
        routes.add_service(
            GridServiceServer::new(server).max_decoding_message_size(MAX_MESSAGE_BYTES),
        );
        routes.add_service(
            RosterServiceServer::new(rosters).max_decoding_message_size(MAX_ROSTER_BYTES),
        );
        Ok(())
    })
}
