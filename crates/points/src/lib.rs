//! Points: the ledgers of programmes, in which residents earn points.
//!
//! | room | what |
//! |---|---|
//! | `domain/ledger.rs` | one programme: its rule, awards and reversals as transfers that sum to zero |
//! | `conservation.rs` | what `weft verify` checks of every ledger at every position |
//! | `processes/award_true_reports.rs` | a report that is found true earns points |
//! | `processes/reverse_reopened.rs` | its reopening takes them back |
//! | `projections/accounts.rs`, `entries.rs` | what each account holds, and each entry |
//! | `projections/programmes.rs` | the programmes and their rules |
//! | `projections/reports.rs`, `earning_categories.rs` | what the rule looks at |
//! | `grpc.rs` | `weft.points.v1.PointsService` |

pub mod config;
pub mod conservation;
pub mod domain;
mod grpc;
pub mod processes;
pub mod projections;

use api::points::v1::points_service_server::PointsServiceServer;
use futures::future::BoxFuture;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

use crate::{
    processes::{award_true_reports::AwardTrueReports, reverse_reopened::ReverseReopened},
    projections::{
        accounts::Accounts, earning_categories::EarningCategories, entries::Entries,
        programmes::Programmes, reports::Reports,
    },
};

/// The service's name, of its section and of its database.
const NAME: &str = "points";

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
        let config = context.section(NAME)?;
        let database = context.database(NAME).await?;
        let programmes = context.projection(NAME, &database, Programmes).await?;
        let accounts = context.projection(NAME, &database, Accounts).await?;
        let entries = context.projection(NAME, &database, Entries).await?;
        let reports = context.projection(NAME, &database, Reports).await?;
        let categories = context.projection(NAME, &database, EarningCategories).await?;
        let ledgers = context.executor();

        context.invariant(NAME, conservation::NAME, conservation::begin);
        context.process(AwardTrueReports {
            reports: reports.clone(),
            categories,
            programmes: programmes.clone(),
            ledgers: ledgers.clone(),
        });
        context.process(ReverseReopened { entries: entries.clone(), ledgers: ledgers.clone() });

        let context = context.clone();
        let server = grpc::Server { context, config, ledgers, programmes, accounts, entries };
        routes.add_service(PointsServiceServer::new(server));
        Ok(())
    })
}
