//! Intake: what becomes a case. Takes reports, locates and classifies them, accepts or refuses them,
//! lets their reporters follow and rate them, and closes them. Owns the category catalogue, the
//! admission list, and what is hot.
//!
//! | room | what |
//! |---|---|
//! | [`domain`] | what a case, a category, an admission and a hot spot may do |
//! | [`processes`] | what happens by itself: acceptance by rule, resolution, archiving, hot spots; and timers |
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

use api::intake::v1::{
    catalogue_service_server::CatalogueServiceServer, intake_service_server::IntakeServiceServer,
};
use futures::FutureExt as _;
use platform::{
    database::Database,
    projection::View,
    service::{Context, Service, StartError},
};
use tonic::service::RoutesBuilder;

use crate::{
    catalogue::document::Documents,
    config::Config,
    domain::{
        admission::Admission, case::Case, category::Category, disclosure::Disclosure,
        hotspot::Hotspot,
    },
    grpc::catalogue::Neighbours,
    places::Places,
    processes::{
        accept_reported_cases::AcceptReportedCases,
        archive_rated_cases::ArchiveRatedCases,
        case_timers::{ArchiveUnratedCases, LapseUnansweredCases},
        clear_quiet_hotspots::ClearQuietHotspots,
        due,
        end_admissions::EndAdmissions,
        follow_primaries::FollowPrimaries,
        raise_hotspots::RaiseHotspots,
        report_findings::ReportFindings,
        report_successors::ReportSuccessors,
        report_urgent_disputes::ReportUrgentDisputes,
        resolve_closed_cases::ResolveClosedCases,
        turn_catalogue::TurnCatalogue,
    },
    projections::{
        admissions::Admissions,
        case_joins::CaseJoins,
        case_orders::CaseOrders,
        cases::Cases,
        categories::{Categories, CategoryRow},
        category_versions::CategoryVersions,
        hotspot_reports::HotspotReports,
        hotspots::Hotspots,
        place_divisions::PlaceDivisions,
        place_grids::PlaceGrids,
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
    context.process(ReportUrgentDisputes {
        cases: case_executor.clone(),
        categories: categories.clone(),
        tracking_secret: Arc::clone(&context.tracking_secret),
    });
    context.process(ArchiveRatedCases { cases: case_executor.clone(), rating_window_ms });
    context.process(FollowPrimaries { cases: case_executor.clone(), rows: cases.clone() });
    context.process(ReportSuccessors {
        cases: case_executor.clone(),
        tracking_secret: Arc::clone(&context.tracking_secret),
    });
    let (rows, executor) = (cases.clone(), case_executor.clone());
    due::start(ArchiveUnratedCases { rows, cases: executor, rating_window_ms }, context);
    let (rows, executor) = (cases.clone(), case_executor.clone());
    due::start(LapseUnansweredCases { rows, cases: executor }, context);
    context.process(ReportFindings {
        cases: case_executor.clone(),
        categories: categories.clone(),
        vault: context.vault.clone(),
        tracking_secret: Arc::clone(&context.tracking_secret),
    });

    let catalogue = catalogue(context, &database, &config, &categories).await?;
    let intake = grpc::Intake {
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
    };
    let catalogue = grpc::catalogue::Catalogue { intake: intake.clone(), neighbours: catalogue };
    routes.add_service(CatalogueServiceServer::new(catalogue));
    routes.add_service(IntakeServiceServer::new(intake));
    Ok(())
}

/// The catalogue's neighbours: its versions, the admission list and the hot spots, with what they do
/// by themselves.
async fn catalogue(
    context: &Context,
    database: &Database,
    config: &Config,
    categories: &View<CategoryRow>,
) -> Result<Neighbours, StartError> {
    let versions = context.projection(NAME, database, CategoryVersions).await?;
    let admissions = context.projection(NAME, database, Admissions).await?;
    let reports = context.projection(NAME, database, HotspotReports).await?;
    let hotspots = context.projection(NAME, database, Hotspots).await?;
    let admission_executor = context.executor::<Admission>();
    let hotspot_executor = context.executor::<Hotspot>();
    context.process(RaiseHotspots {
        county: context.county,
        reports,
        hotspots: hotspots.clone(),
        categories: categories.clone(),
        executor: hotspot_executor.clone(),
        needed: config.hotspot_cases,
        window_days: config.hotspot_window_days,
    });
    let cleared = ClearQuietHotspots {
        hotspots: hotspots.clone(),
        executor: hotspot_executor.clone(),
        quiet_days: config.hotspot_quiet_days,
    };
    due::start(cleared, context);
    let ended =
        EndAdmissions { admissions: admissions.clone(), executor: admission_executor.clone() };
    due::start(ended, context);
    let turned = TurnCatalogue {
        county: context.county,
        categories: categories.clone(),
        executor: context.executor::<Category>(),
    };
    due::start(turned, context);
    Ok(Neighbours { versions, admissions, hotspots, admission_executor, hotspot_executor })
}
