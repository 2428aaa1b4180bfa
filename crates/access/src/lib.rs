//! Access: who there is, and what they may do.
//!
//! | room | what |
//! |---|---|
//! | `domain/person.rs` | a person's registration and roles: when is a role given, refused, taken back |
//! | `domain/organisation.rs` | an organisation: open, then closed |
//! | `domain/service_token.rs` | a token of a portal: made, replaced, taken back |
//! | `domain/sign_in_link.rs` | a link that signs one person in, once |
//! | `domain/account.rs` | an account: wrong tries lock it, a code is taken once |
//! | `domain/session.rs` | a session: begun, ended |
//! | `domain/substitution.rs` | who stands in for whom |
//! | `passwords.rs`, `totp.rs` | which passwords are taken, how they are hashed; codes of a second factor |
//! | `logins.rs` | from a login to its person, in the vault alone |
//! | `config.rs` | how long sessions last |
//! | `code.rs` | the code of such a link: follows from its id and a secret, and is stored nowhere |
//! | `projections/people.rs` | who is registered, and where |
//! | `projections/assignments.rs` | the roles, one row an assignment |
//! | `projections/service_tokens.rs` | the tokens of portals |
//! | `projections/organisations.rs` | the organisations that take orders, or took them |
//! | `projections/sessions.rs` | who is signed in |
//! | `projections/substitutions.rs` | who stands in for whom |
//! | `grpc.rs` | `weft.access.v1.AccessService` |

mod code;
pub mod config;
pub mod domain;
mod grpc;
mod logins;
mod passwords;
pub mod projections;
mod totp;

use api::access::v1::access_service_server::AccessServiceServer;
use futures::future::BoxFuture;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

/// The service's name, of its section and of its database.
const NAME: &str = "access";

/// The service, as the binary starts it.
pub fn service() -> Service {
    Service { name: NAME, defaults: config::DEFAULTS, methods: grpc::METHODS, start }
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
