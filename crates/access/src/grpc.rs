//! `weft.access.v1.AccessService`: calls in, commands and queries out.

mod audit;
mod duties;
mod fields;
mod names;
mod organisations;
mod people;
mod residents;
mod roles;
mod service_tokens;
mod sign_in;

use api::access::v1::{self, access_service_server::AccessService};
use futures::stream::BoxStream;
use kernel::Role::{
    Administrator, AuditAdministrator, DepartmentClerk, GridMember, Operator,
    SecurityAdministrator, Supervisor, Verifier,
};
use platform::{
    auth::{Access, MethodRow},
    executor::Executor,
    projection::View,
    service::{Context, StartError},
};
use tonic::{Request, Response, Status};

use crate::{
    domain::{
        organisation::Organisation, person::Person, service_token::ServiceToken,
        sign_in_link::SignInLink,
    },
    projections::{
        assignments::{AssignmentRow, Assignments},
        organisations::{OrganisationRow, Organisations},
        people::{People, PersonRow},
        service_tokens::{ServiceTokenRow, ServiceTokens},
    },
};

/// Whoever keeps the registers.
const REGISTER: Access = Access::Roles(&[Administrator]);
/// Whoever enters people: to give somebody a role one must be able to name them.
const PEOPLE: Access = Access::Roles(&[Administrator, SecurityAdministrator]);
/// Whoever says who may do what.
const SECURITY: Access = Access::Roles(&[SecurityAdministrator]);
/// Whoever looks after all of them.
const AUDIT: Access = Access::Roles(&[AuditAdministrator]);
const READ: Access = Access::Roles(&[Operator, Supervisor, Administrator, SecurityAdministrator]);
const STAFF: Access = Access::Roles(&[
    GridMember,
    DepartmentClerk,
    Verifier,
    Operator,
    Supervisor,
    Administrator,
    SecurityAdministrator,
]);

/// Who may call what.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.access.v1.AccessService/RegisterPerson", PEOPLE),
    ("/weft.access.v1.AccessService/RegisterOrganisation", REGISTER),
    ("/weft.access.v1.AccessService/CloseOrganisation", REGISTER),
    ("/weft.access.v1.AccessService/AssignRole", SECURITY),
    ("/weft.access.v1.AccessService/RevokeRole", SECURITY),
    (organisations::LIST, READ),
    (roles::LIST, READ),
    ("/weft.access.v1.AccessService/CreateSignInLink", SECURITY),
    ("/weft.access.v1.AccessService/UseSignInLink", Access::Public),
    ("/weft.access.v1.AccessService/EnrolResident", Access::Public),
    ("/weft.access.v1.AccessService/DescribePersons", STAFF),
    ("/weft.access.v1.AccessService/CreateServiceToken", SECURITY),
    ("/weft.access.v1.AccessService/RotateServiceToken", SECURITY),
    ("/weft.access.v1.AccessService/RevokeServiceToken", SECURITY),
    (service_tokens::LIST, SECURITY),
    (audit::LIST, AUDIT),
    ("/weft.access.v1.AccessService/ExportAudit", AUDIT),
];

/// What the handlers stand on.
pub(crate) struct Server {
    context: Context,
    person: Executor<Person>,
    organisation: Executor<Organisation>,
    sign_in_link: Executor<SignInLink>,
    service_token: Executor<ServiceToken>,
    people: View<PersonRow>,
    assignments: View<AssignmentRow>,
    organisations: View<OrganisationRow>,
    service_tokens: View<ServiceTokenRow>,
}

impl Server {
    /// Opens the tables.
    pub(crate) async fn open(context: &Context) -> Result<Self, StartError> {
        let database = context.database(crate::NAME).await?;
        Ok(Self {
            person: context.executor(),
            organisation: context.executor(),
            sign_in_link: context.executor(),
            service_token: context.executor(),
            people: context.projection(crate::NAME, &database, People).await?,
            assignments: context.projection(crate::NAME, &database, Assignments).await?,
            organisations: context.projection(crate::NAME, &database, Organisations).await?,
            service_tokens: context.projection(crate::NAME, &database, ServiceTokens).await?,
            context: context.clone(),
        })
    }
}

/// Each method of the service is one function of the same name below.
macro_rules! answered_by {
    ($($method:ident in $room:ident: $request:ident -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl AccessService for Server {
            $(async fn $method(
                &self,
                request: Request<v1::$request>,
            ) -> Result<Response<v1::$response>, Status> {
                Ok(Response::new($room::$method(self, request).await?))
            })*

            type ExportAuditStream = BoxStream<'static, Result<v1::ExportAuditResponse, Status>>;

            async fn export_audit(
                &self,
                request: Request<v1::ExportAuditRequest>,
            ) -> Result<Response<Self::ExportAuditStream>, Status> {
                Ok(Response::new(audit::export_audit(self, request).await?))
            }
        }
    };
}

answered_by! {
    register_person in people: RegisterPersonRequest -> RegisterPersonResponse;
    register_organisation in organisations: RegisterOrganisationRequest -> RegisterOrganisationResponse;
    close_organisation in organisations: CloseOrganisationRequest -> CloseOrganisationResponse;
    assign_role in roles: AssignRoleRequest -> AssignRoleResponse;
    revoke_role in roles: RevokeRoleRequest -> RevokeRoleResponse;
    list_organisations in organisations: ListOrganisationsRequest -> ListOrganisationsResponse;
    list_assignments in roles: ListAssignmentsRequest -> ListAssignmentsResponse;
    create_sign_in_link in sign_in: CreateSignInLinkRequest -> CreateSignInLinkResponse;
    use_sign_in_link in sign_in: UseSignInLinkRequest -> UseSignInLinkResponse;
    enrol_resident in residents: EnrolResidentRequest -> EnrolResidentResponse;
    describe_persons in names: DescribePersonsRequest -> DescribePersonsResponse;
    create_service_token in service_tokens: CreateServiceTokenRequest -> CreateServiceTokenResponse;
    rotate_service_token in service_tokens: RotateServiceTokenRequest -> RotateServiceTokenResponse;
    revoke_service_token in service_tokens: RevokeServiceTokenRequest -> RevokeServiceTokenResponse;
    list_service_tokens in service_tokens: ListServiceTokensRequest -> ListServiceTokensResponse;
    list_audit_records in audit: ListAuditRecordsRequest -> ListAuditRecordsResponse;
}
