//! Access: who there is, and what they may do.
//!
//! | room | what |
//! |---|---|
//! | `domain/person.rs` | a person's registration and roles: when is a role given, refused, taken back |
//! | `domain/organisation.rs` | an organisation: open, then closed |
//! | `domain/service_token.rs` | a token of a portal: made, replaced, taken back |
//! | `domain/sign_in_link.rs` | a link that signs one person in, once |
//! | `code.rs` | the code of such a link: follows from its id and a secret, and is stored nowhere |
//! | `projections/people.rs` | who is registered, and where |
//! | `projections/assignments.rs` | the roles, one row an assignment |
//! | `projections/service_tokens.rs` | the tokens of portals |
//! | `projections/organisations.rs` | the organisations that take orders, or took them |
//! | `grpc.rs` | `weft.access.v1.AccessService` |

mod code;
pub mod domain;
mod grpc;
pub mod projections;

use api::access::v1::access_service_server::AccessServiceServer;
use futures::future::BoxFuture;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

/// The service's name, of its section and of its database.
const NAME: &str = "access";

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
        routes.add_service(AccessServiceServer::new(server));
        Ok(())
    })
}
