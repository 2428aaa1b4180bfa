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
//! | `oidc.rs` | another issuer's word: discovery, keys, ID tokens |
//! | `config.rs` | how long sessions last |
//! | `code.rs` | the code of such a link: follows from its id and a secret, and is stored nowhere |
//! | `projections/people.rs` | who is registered, and where |
//! | `projections/assignments.rs` | the roles, one row an assignment |
//! | `projections/service_tokens.rs` | the tokens of portals |
//! | `projections/organisations.rs` | the organisations that take orders, or took them |
//! | `domain/data_request.rs` | what a person may ask over what is kept of them |
//! | `domain/retention.rs` | how long the texts of a case are kept |
//! | `projections/personal_records.rs` | the register: which records and photos are about whom |
//! | `keeper.rs` | restricts and erases, in the vault and the media |
//! | `processes/` | what happens by itself |
//! | `grpc/privacy.rs` | `weft.access.v1.PrivacyService` |
//! | `projections/sessions.rs` | who is signed in |
//! | `projections/substitutions.rs` | who stands in for whom |
//! | `grpc.rs` | `weft.access.v1.AccessService` |

mod code;
pub mod config;
pub mod domain;
mod grpc;
pub mod keeper;
mod logins;
mod oidc;
mod passwords;
pub mod processes;
pub mod projections;
mod totp;

use std::{sync::Arc, time::Duration};

use api::access::v1::{
    access_service_server::AccessServiceServer, privacy_service_server::PrivacyServiceServer,
};
use futures::future::BoxFuture;
use kernel::id::PersonId;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

use crate::{
    config::{Config, Keeping},
    grpc::privacy::Privacy,
    keeper::Keeper,
    processes::{carry_out_data_requests::CarryOutDataRequests, erase_old_texts::EraseOldTexts},
    projections::{data_requests::DataRequests, personal_records::PersonalRecords},
};

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
        let keeping = context.section::<Config>(NAME)?.keeping.checked()?;
        let server = Arc::new(grpc::Server::open(context).await?);
        let privacy = keep(context, &keeping, Arc::clone(&server)).await?;
        routes.add_service(PrivacyServiceServer::new(privacy));
        routes.add_service(AccessServiceServer::from_arc(server));
        Ok(())
    })
}

/// Fences in the vault whom the log says was erased, before anything is served; then keeps what may be
/// kept, and no longer.
async fn keep(
    context: &Context,
    keeping: &Keeping,
    people: Arc<grpc::Server>,
) -> Result<Privacy, StartError> {
    let database = context.database(NAME).await?;
    let records = context.projection(NAME, &database, PersonalRecords).await?;
    let requests = context.projection(NAME, &database, DataRequests).await?;
    let keeper = Keeper::new(context, records, people);
    let away = |error: platform::grpc::ServiceError| {
        StartError::Other(format!("the vault cannot be brought up to the log: {}", error.reason))
    };
    let returned = keeper.fence().await.map_err(away)?;
    if !returned.is_empty() {
        let persons = returned.len();
        tracing::warn!(persons, "the vault had keys of who was erased; they are erased again");
    }
    erase_again(context, keeper.clone(), returned);
    context.process(CarryOutDataRequests { keeper: keeper.clone(), requests: requests.clone() });
    EraseOldTexts::new(Arc::clone(&context.clock), keeper.clone(), keeping).start(context);
    let erasure_ms = keeping.erasure_ms();
    Ok(Privacy { context: context.clone(), keeper, requests, erasure_ms })
}

/// What came back with a copy of the vault besides keys: what others wrote about the cases of those who
/// were erased, and what was erased by age. It waits until the register knows all that the log has.
fn erase_again(context: &Context, keeper: Keeper, persons: Vec<PersonId>) {
    let gate = context.lifecycle.gate("what was erased stays erased");
    let (stop, log) = (context.lifecycle.soft_token(), context.log.stream().clone());
    context.lifecycle.spawn("access.erase_again", async move {
        while !stop.is_cancelled() {
            let caught_up = match log.state().await {
                Ok(state) => {
                    keeper.records().wait(state.last, Duration::from_millis(500)).await.is_ok()
                }
                Err(_away) => false,
            };
            let done = async {
                keeper.erase_again(&persons).await?;
                keeper.erase_old_again().await
            };
            if caught_up && done.await.is_ok() {
                gate.open();
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok::<(), std::convert::Infallible>(())
    });
}
