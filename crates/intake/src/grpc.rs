//! The methods of `weft.intake.v1.IntakeService`, one file each: check the request, then the command
//! or the query. What several of them need is in `answer` and `facts`.

mod accept_case;
mod add_information;
mod answer;
mod asking;
mod call_back;
pub(crate) mod catalogue;
mod channels;
mod disclose;
mod facts;
mod find_similar_cases;
mod form;
mod get_case;
mod handling;
mod import_categories;
mod joining;
mod list_cases;
mod list_categories;
mod moving;
mod rate_case;
mod refuse_case;
mod reopen_case;
pub(crate) mod report_case;
mod track_case;
mod watch_cases;
mod way;

use std::sync::Arc;

use api::intake::v1::{self as proto, intake_service_server::IntakeService};
use platform::{
    auth::{Access, MethodRow, Role},
    executor::Executor,
    projection::View,
    service::Context,
};
use tonic::{Request, Response, Status};

use crate::{
    catalogue::document::Documents,
    config::Config,
    domain::{case::Case, category::Category, disclosure::Disclosure},
    places::Places,
    projections::{
        case_joins::CaseJoinRow, case_orders::CaseOrderRow, cases::CaseRow, categories::CategoryRow,
    },
};

/// Whoever may report: everybody but administrators, who handle no case.
const REPORTERS: Access = Access::Roles(&[
    Role::Resident,
    Role::GridMember,
    Role::DepartmentClerk,
    Role::Verifier,
    Role::Operator,
    Role::Supervisor,
    Role::Integrator,
]);

const DESK: Access = Access::Roles(&[Role::Operator, Role::Supervisor]);

/// All but those who look after the administrators and the trail.
const EVERYBODY: Access = Access::Roles(&[
    Role::Resident,
    Role::GridMember,
    Role::DepartmentClerk,
    Role::Verifier,
    Role::Operator,
    Role::Supervisor,
    Role::Administrator,
    Role::Integrator,
]);
/// Whoever may have to reach a reporter: the desk, and who handles the case.
const CONTACTS: Access =
    Access::Roles(&[Role::GridMember, Role::DepartmentClerk, Role::Operator, Role::Supervisor]);

/// Whoever settles on the spot: the members of a grid and its chief.
const MEMBERS: Access = Access::Roles(&[Role::GridMember, Role::Verifier]);
/// Whoever checks what was settled so.
const CHECKERS: Access = Access::Roles(&[Role::Verifier, Role::Operator, Role::Supervisor]);
/// Whoever tells of devices' alarms.
const ALARMS: Access = Access::Roles(&[Role::Integrator, Role::Operator, Role::Supervisor]);
/// Whoever may ask that a matter enters the grids.
const PROPOSERS: Access = Access::Roles(&[Role::DepartmentClerk, Role::Operator, Role::Supervisor]);

/// Who sees what the grids are given, and what comes up where.
const STAFF: Access = Access::Roles(&[
    Role::GridMember,
    Role::DepartmentClerk,
    Role::Operator,
    Role::Supervisor,
    Role::Administrator,
]);

/// Who may call what; what they see of it is a matter of their scope.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.intake.v1.IntakeService/ReportCase", REPORTERS),
    ("/weft.intake.v1.IntakeService/AcceptCase", DESK),
    ("/weft.intake.v1.IntakeService/RefuseCase", DESK),
    ("/weft.intake.v1.IntakeService/AddInformation", REPORTERS),
    ("/weft.intake.v1.IntakeService/RateCase", Access::Roles(&[Role::Resident, Role::Integrator])),
    ("/weft.intake.v1.IntakeService/ReopenCase", REPORTERS),
    ("/weft.intake.v1.IntakeService/JoinCase", REPORTERS),
    ("/weft.intake.v1.IntakeService/MergeCases", DESK),
    ("/weft.intake.v1.IntakeService/UnmergeCase", DESK),
    ("/weft.intake.v1.IntakeService/ListSimilar", DESK),
    ("/weft.intake.v1.IntakeService/RequestInformation", DESK),
    ("/weft.intake.v1.IntakeService/AnswerCase", DESK),
    ("/weft.intake.v1.IntakeService/TransferCase", DESK),
    ("/weft.intake.v1.IntakeService/SetConfidential", REPORTERS),
    ("/weft.intake.v1.IntakeService/WithdrawCase", REPORTERS),
    ("/weft.intake.v1.IntakeService/HandleOnSite", MEMBERS),
    ("/weft.intake.v1.IntakeService/ConfirmSpotCheck", CHECKERS),
    ("/weft.intake.v1.IntakeService/CallBack", DESK),
    ("/weft.intake.v1.IntakeService/CountAlarm", ALARMS),
    ("/weft.intake.v1.IntakeService/GetCase", EVERYBODY),
    ("/weft.intake.v1.IntakeService/ListCases", EVERYBODY),
    // The code in the request is the secret.
    ("/weft.intake.v1.IntakeService/TrackCase", Access::Public),
    // Before anybody has a token; it answers nothing that is anybody's.
    ("/weft.intake.v1.IntakeService/FindSimilarCases", Access::Public),
    ("/weft.intake.v1.IntakeService/WatchCases", EVERYBODY),
    ("/weft.intake.v1.IntakeService/ImportCategories", Access::Roles(&[Role::Administrator])),
    ("/weft.intake.v1.IntakeService/ListCategories", EVERYBODY),
    ("/weft.intake.v1.IntakeService/RevealContact", CONTACTS),
    ("/weft.intake.v1.IntakeService/FindByPhone", Access::Roles(&[Role::Operator])),
    ("/weft.intake.v1.CatalogueService/GetCategory", EVERYBODY),
    ("/weft.intake.v1.CatalogueService/EndCategory", Access::Roles(&[Role::Administrator])),
    ("/weft.intake.v1.CatalogueService/ExportCategories", EVERYBODY),
    ("/weft.intake.v1.CatalogueService/RequestAdmission", PROPOSERS),
    ("/weft.intake.v1.CatalogueService/GrantAdmission", Access::Roles(&[Role::Supervisor])),
    ("/weft.intake.v1.CatalogueService/RefuseAdmission", Access::Roles(&[Role::Supervisor])),
    ("/weft.intake.v1.CatalogueService/EndAdmission", Access::Roles(&[Role::Supervisor])),
    ("/weft.intake.v1.CatalogueService/ListAdmissions", STAFF),
    ("/weft.intake.v1.CatalogueService/AcknowledgeHotspot", DESK),
    ("/weft.intake.v1.CatalogueService/ConcludeHotspot", DESK),
    ("/weft.intake.v1.CatalogueService/ListHotspots", STAFF),
];

/// The service's methods and what they stand on.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) context: Context,
    pub(crate) config: Arc<Config>,
    pub(crate) cases: View<CaseRow>,
    pub(crate) categories: View<CategoryRow>,
    pub(crate) places: Places,
    pub(crate) documents: Documents,
    pub(crate) recent: report_case::Recent,
    pub(crate) case_orders: View<CaseOrderRow>,
    pub(crate) case_joins: View<CaseJoinRow>,
    pub(crate) case_executor: Executor<Case>,
    pub(crate) disclosure_executor: Executor<Disclosure>,
    pub(crate) category_executor: Executor<Category>,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl IntakeService for Intake {
    async fn report_case(
        &self,
        request: Request<proto::ReportCaseRequest>,
    ) -> Answer<proto::ReportCaseResponse> {
        Ok(Response::new(report_case::report_case(self, request).await?))
    }

    async fn accept_case(
        &self,
        request: Request<proto::AcceptCaseRequest>,
    ) -> Answer<proto::AcceptCaseResponse> {
        Ok(Response::new(accept_case::accept_case(self, request).await?))
    }

    async fn refuse_case(
        &self,
        request: Request<proto::RefuseCaseRequest>,
    ) -> Answer<proto::RefuseCaseResponse> {
        Ok(Response::new(refuse_case::refuse_case(self, request).await?))
    }

    async fn add_information(
        &self,
        request: Request<proto::AddInformationRequest>,
    ) -> Answer<proto::AddInformationResponse> {
        Ok(Response::new(add_information::add_information(self, request).await?))
    }

    async fn rate_case(
        &self,
        request: Request<proto::RateCaseRequest>,
    ) -> Answer<proto::RateCaseResponse> {
        Ok(Response::new(rate_case::rate_case(self, request).await?))
    }

    async fn reopen_case(
        &self,
        request: Request<proto::ReopenCaseRequest>,
    ) -> Answer<proto::ReopenCaseResponse> {
        Ok(Response::new(reopen_case::reopen_case(self, request).await?))
    }

    async fn join_case(
        &self,
        request: Request<proto::JoinCaseRequest>,
    ) -> Answer<proto::JoinCaseResponse> {
        Ok(Response::new(joining::join_case(self, request).await?))
    }

    async fn merge_cases(
        &self,
        request: Request<proto::MergeCasesRequest>,
    ) -> Answer<proto::MergeCasesResponse> {
        Ok(Response::new(joining::merge_cases(self, request).await?))
    }

    async fn unmerge_case(
        &self,
        request: Request<proto::UnmergeCaseRequest>,
    ) -> Answer<proto::UnmergeCaseResponse> {
        Ok(Response::new(joining::unmerge_case(self, request).await?))
    }

    async fn list_similar(
        &self,
        request: Request<proto::ListSimilarRequest>,
    ) -> Answer<proto::ListSimilarResponse> {
        Ok(Response::new(find_similar_cases::list_similar(self, request).await?))
    }

    async fn request_information(
        &self,
        request: Request<proto::RequestInformationRequest>,
    ) -> Answer<proto::RequestInformationResponse> {
        Ok(Response::new(asking::request_information(self, request).await?))
    }

    async fn answer_case(
        &self,
        request: Request<proto::AnswerCaseRequest>,
    ) -> Answer<proto::AnswerCaseResponse> {
        Ok(Response::new(asking::answer_case(self, request).await?))
    }

    async fn transfer_case(
        &self,
        request: Request<proto::TransferCaseRequest>,
    ) -> Answer<proto::TransferCaseResponse> {
        Ok(Response::new(moving::transfer_case(self, request).await?))
    }

    async fn set_confidential(
        &self,
        request: Request<proto::SetConfidentialRequest>,
    ) -> Answer<proto::SetConfidentialResponse> {
        Ok(Response::new(moving::set_confidential(self, request).await?))
    }

    async fn withdraw_case(
        &self,
        request: Request<proto::WithdrawCaseRequest>,
    ) -> Answer<proto::WithdrawCaseResponse> {
        Ok(Response::new(moving::withdraw_case(self, request).await?))
    }

    async fn handle_on_site(
        &self,
        request: Request<proto::HandleOnSiteRequest>,
    ) -> Answer<proto::HandleOnSiteResponse> {
        Ok(Response::new(handling::handle_on_site(self, request).await?))
    }

    async fn confirm_spot_check(
        &self,
        request: Request<proto::ConfirmSpotCheckRequest>,
    ) -> Answer<proto::ConfirmSpotCheckResponse> {
        Ok(Response::new(handling::confirm_spot_check(self, request).await?))
    }

    async fn call_back(
        &self,
        request: Request<proto::CallBackRequest>,
    ) -> Answer<proto::CallBackResponse> {
        Ok(Response::new(call_back::call_back(self, request).await?))
    }

    async fn count_alarm(
        &self,
        request: Request<proto::CountAlarmRequest>,
    ) -> Answer<proto::CountAlarmResponse> {
        Ok(Response::new(handling::count_alarm(self, request).await?))
    }

    async fn get_case(
        &self,
        request: Request<proto::GetCaseRequest>,
    ) -> Answer<proto::GetCaseResponse> {
        Ok(Response::new(get_case::get_case(self, request).await?))
    }

    async fn list_cases(
        &self,
        request: Request<proto::ListCasesRequest>,
    ) -> Answer<proto::ListCasesResponse> {
        Ok(Response::new(list_cases::list_cases(self, request).await?))
    }

    async fn track_case(
        &self,
        request: Request<proto::TrackCaseRequest>,
    ) -> Answer<proto::TrackCaseResponse> {
        Ok(Response::new(track_case::track_case(self, request).await?))
    }

    async fn find_similar_cases(
        &self,
        request: Request<proto::FindSimilarCasesRequest>,
    ) -> Answer<proto::FindSimilarCasesResponse> {
        Ok(Response::new(find_similar_cases::find_similar_cases(self, request).await?))
    }

    type WatchCasesStream = watch_cases::Watch;

    async fn watch_cases(
        &self,
        request: Request<proto::WatchCasesRequest>,
    ) -> Answer<Self::WatchCasesStream> {
        Ok(Response::new(watch_cases::watch_cases(self, &request)?))
    }

    async fn import_categories(
        &self,
        request: Request<proto::ImportCategoriesRequest>,
    ) -> Answer<proto::ImportCategoriesResponse> {
        Ok(Response::new(import_categories::import_categories(self, request).await?))
    }

    async fn list_categories(
        &self,
        request: Request<proto::ListCategoriesRequest>,
    ) -> Answer<proto::ListCategoriesResponse> {
        Ok(Response::new(list_categories::list_categories(self, request).await?))
    }

    async fn reveal_contact(
        &self,
        request: Request<proto::RevealContactRequest>,
    ) -> Answer<proto::RevealContactResponse> {
        Ok(Response::new(disclose::reveal_contact(self, request).await?))
    }

    async fn find_by_phone(
        &self,
        request: Request<proto::FindByPhoneRequest>,
    ) -> Answer<proto::FindByPhoneResponse> {
        Ok(Response::new(disclose::find_by_phone(self, request).await?))
    }
}
