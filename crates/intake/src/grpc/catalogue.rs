//! The methods of `weft.intake.v1.CatalogueService`: the catalogue beyond its list, the admission list
//! and the hot spots.

mod admissions;
mod end_category;
mod export_categories;
mod get_category;
mod hotspots;
mod list_admissions;
mod list_hotspots;

use api::intake::v1::{self as proto, catalogue_service_server::CatalogueService};
use kernel::Timestamp;
use platform::{executor::Executor, grpc::Violations, projection::View};
use tonic::{Request, Response, Status};

use super::Intake;
use crate::{
    catalogue::days,
    domain::{admission::Admission, hotspot::Hotspot},
    projections::{
        admissions::AdmissionRow,
        category_versions::{AsOf, CategoryVersionRow},
        hotspots::HotspotRow,
    },
};

/// What stands beside the catalogue.
#[derive(Clone)]
pub(crate) struct Neighbours {
    pub(crate) versions: View<CategoryVersionRow>,
    pub(crate) admissions: View<AdmissionRow>,
    pub(crate) hotspots: View<HotspotRow>,
    pub(crate) admission_executor: Executor<Admission>,
    pub(crate) hotspot_executor: Executor<Hotspot>,
}

/// The service's methods and what they stand on.
#[derive(Clone)]
pub(crate) struct Catalogue {
    pub(crate) intake: Intake,
    pub(crate) neighbours: Neighbours,
}

/// When the catalogue is looked at.
fn as_of(asked: Option<&proto::AsOf>) -> AsOf {
    use proto::as_of::When;
    match asked.and_then(|asked| asked.when) {
        None => AsOf::Newest,
        Some(When::CatalogueVersion(version)) => AsOf::Version(version),
        Some(When::Moment(moment)) => AsOf::Moment(Timestamp(moment)),
    }
}

/// A last day that may be left out, as the moment at which it is over.
fn last_day(v: &mut Violations, field: &str, text: &str) -> Option<Timestamp> {
    if text.is_empty() {
        return None;
    }
    let end = days::ends(text);
    if end.is_none() {
        v.push(field, "a day such as 2026-07-31 is needed", "应为日期，例如 2026-07-31");
    }
    end
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CatalogueService for Catalogue {
    async fn get_category(
        &self,
        request: Request<proto::GetCategoryRequest>,
    ) -> Answer<proto::GetCategoryResponse> {
        Ok(Response::new(get_category::get_category(self, request).await?))
    }

    async fn end_category(
        &self,
        request: Request<proto::EndCategoryRequest>,
    ) -> Answer<proto::EndCategoryResponse> {
        Ok(Response::new(end_category::end_category(self, request).await?))
    }

    async fn export_categories(
        &self,
        request: Request<proto::ExportCategoriesRequest>,
    ) -> Answer<proto::ExportCategoriesResponse> {
        Ok(Response::new(export_categories::export_categories(self, request).await?))
    }

    async fn request_admission(
        &self,
        request: Request<proto::RequestAdmissionRequest>,
    ) -> Answer<proto::RequestAdmissionResponse> {
        Ok(Response::new(admissions::request_admission(self, request).await?))
    }

    async fn grant_admission(
        &self,
        request: Request<proto::GrantAdmissionRequest>,
    ) -> Answer<proto::GrantAdmissionResponse> {
        Ok(Response::new(admissions::grant_admission(self, request).await?))
    }

    async fn refuse_admission(
        &self,
        request: Request<proto::RefuseAdmissionRequest>,
    ) -> Answer<proto::RefuseAdmissionResponse> {
        Ok(Response::new(admissions::refuse_admission(self, request).await?))
    }

    async fn end_admission(
        &self,
        request: Request<proto::EndAdmissionRequest>,
    ) -> Answer<proto::EndAdmissionResponse> {
        Ok(Response::new(admissions::end_admission(self, request).await?))
    }

    async fn list_admissions(
        &self,
        request: Request<proto::ListAdmissionsRequest>,
    ) -> Answer<proto::ListAdmissionsResponse> {
        Ok(Response::new(list_admissions::list_admissions(self, request).await?))
    }

    async fn acknowledge_hotspot(
        &self,
        request: Request<proto::AcknowledgeHotspotRequest>,
    ) -> Answer<proto::AcknowledgeHotspotResponse> {
        Ok(Response::new(hotspots::acknowledge_hotspot(self, request).await?))
    }

    async fn conclude_hotspot(
        &self,
        request: Request<proto::ConcludeHotspotRequest>,
    ) -> Answer<proto::ConcludeHotspotResponse> {
        Ok(Response::new(hotspots::conclude_hotspot(self, request).await?))
    }

    async fn list_hotspots(
        &self,
        request: Request<proto::ListHotspotsRequest>,
    ) -> Answer<proto::ListHotspotsResponse> {
        Ok(Response::new(list_hotspots::list_hotspots(self, request).await?))
    }
}
