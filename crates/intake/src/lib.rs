//! Intake: what becomes a case. Takes reports, locates and classifies them, accepts or refuses them,
//! lets their reporters follow and rate them, and closes them. Owns the category catalogue.
//!
//! | room | what |
//! |---|---|
//! | [`domain`] | what a case and a category may do |
//! | [`processes`] | what happens by itself: acceptance by rule, resolution, archiving |
//! | [`projections`] | the tables |
//! | [`places`] | from a position or a code to where a case is filed |
//! | [`catalogue`] | the catalogue's table and its names |
//! | [`tracking`] | tracking codes |
//! | `grpc` | the methods, one file each |
//! | [`config`] | the settings |

pub mod catalogue;
pub mod config;
pub mod domain;
mod grpc;
pub mod places;
pub mod processes;
pub mod projections;
pub mod tracking;

use std::sync::Arc;

use api::intake::v1::intake_service_server::IntakeServiceServer;
use futures::FutureExt as _;
use platform::service::{Context, Service, StartError};
use tonic::service::RoutesBuilder;

use crate::{
    catalogue::document::Documents,
    config::Config,
    domain::{case::Case, category::Category, disclosure::Disclosure},
    places::Places,
    processes::{
        accept_reported_cases::AcceptReportedCases,
        archive_rated_cases::ArchiveRatedCases,
        case_timers::{CaseTimer, Then},
        follow_primaries::FollowPrimaries,
        report_successors::ReportSuccessors,
        resolve_closed_cases::ResolveClosedCases,
    },
    projections::{
        case_joins::CaseJoins, case_orders::CaseOrders, cases::Cases, categories::Categories,
        place_divisions::PlaceDivisions, place_grids::PlaceGrids,
    },
};

/// The service's name.
pub const NAME: &str = "intake";

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
    let database = context.database(NAME).await?;
    let cases = context.projection(NAME, &database, Cases).await?;
    let case_orders = context.projection(NAME, &database, CaseOrders).await?;
    let categories = context.projection(NAME, &database, Categories).await?;
    let grids = context.projection(NAME, &database, PlaceGrids).await?;
    let divisions = context.projection(NAME, &database, PlaceDivisions).await?;
    let case_joins = context.projection(NAME, &database, CaseJoins).await?;
    let case_executor = context.executor::<Case>();
    let rating_window_ms = config.rating_window_ms();

    context.process(AcceptReportedCases {
        acceptance: config.acceptance,
        cases: case_executor.clone(),
        categories: categories.clone(),
    });
    context.process(ResolveClosedCases { cases: case_executor.clone() });
    context.process(ArchiveRatedCases { cases: case_executor.clone(), rating_window_ms });
    context.process(FollowPrimaries { cases: case_executor.clone(), rows: cases.clone() });
    context.process(ReportSuccessors {
        cases: case_executor.clone(),
        tracking_secret: Arc::clone(&context.tracking_secret),
    });
    for then in [Then::Archive { rating_window_ms }, Then::Lapse] {
        let (clock, rows) = (Arc::clone(&context.clock), cases.clone());
        CaseTimer { then, clock, rows, cases: case_executor.clone() }.start(context);
    }

    routes.add_service(IntakeServiceServer::new(grpc::Intake {
        places: Places::new(context.county, grids, divisions, config.gap_limit_m),
        documents: Documents::new(context.vault.clone()),
        recent: grpc::report_case::Recent::default(),
        category_executor: context.executor::<Category>(),
        context: context.clone(),
        config,
        cases,
        categories,
        case_orders,
        case_joins,
        case_executor,
        disclosure_executor: context.executor::<Disclosure>(),
    }));
    Ok(())
}
