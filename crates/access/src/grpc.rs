//! `weft.access.v1.AccessService`: calls in, commands and queries out.

mod duties;
mod fields;
mod names;
mod organisations;
mod people;
pub(crate) mod privacy;
mod residents;
mod roles;
mod sign_in;

use api::access::v1::{self, access_service_server::AccessService};
use kernel::Role::{
    Administrator, AuditAdministrator, DepartmentClerk, GridMember, Operator, Resident,
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
    domain::{organisation::Organisation, person::Person, sign_in_link::SignInLink},
    projections::{
        assignments::{AssignmentRow, Assignments},
        organisations::{OrganisationRow, Organisations},
        people::{People, PersonRow},
    },
};

const WRITE: Access = Access::Roles(&[Administrator]);
const PRIVACY: Access = Access::Roles(&[SecurityAdministrator]);
const READ: Access = Access::Roles(&[Operator, Supervisor, Administrator]);
const STAFF: Access =
    Access::Roles(&[GridMember, DepartmentClerk, Verifier, Operator, Supervisor, Administrator]);

/// Who may call what.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.access.v1.AccessService/RegisterPerson", WRITE),
    ("/weft.access.v1.AccessService/RegisterOrganisation", WRITE),
    ("/weft.access.v1.AccessService/CloseOrganisation", WRITE),
    ("/weft.access.v1.AccessService/AssignRole", WRITE),
    ("/weft.access.v1.AccessService/RevokeRole", WRITE),
    (organisations::LIST, READ),
    (roles::LIST, READ),
    ("/weft.access.v1.AccessService/CreateSignInLink", WRITE),
    ("/weft.access.v1.AccessService/UseSignInLink", Access::Public),
    ("/weft.access.v1.AccessService/EnrolResident", Access::Public),
    ("/weft.access.v1.AccessService/DescribePersons", STAFF),
    ("/weft.access.v1.PrivacyService/RequestErasure", PRIVACY),
    ("/weft.access.v1.PrivacyService/RestrictProcessing", PRIVACY),
    ("/weft.access.v1.PrivacyService/LiftRestriction", PRIVACY),
    (
        "/weft.access.v1.PrivacyService/ExportPersonalData",
        Access::Roles(&[SecurityAdministrator, Resident]),
    ),
    (
        "/weft.access.v1.PrivacyService/GetDataRequest",
        Access::Roles(&[SecurityAdministrator, AuditAdministrator]),
    ),
];

/// What the handlers stand on.
pub(crate) struct Server {
    context: Context,
    person: Executor<Person>,
    organisation: Executor<Organisation>,
    sign_in_link: Executor<SignInLink>,
    people: View<PersonRow>,
    assignments: View<AssignmentRow>,
    organisations: View<OrganisationRow>,
}

impl Server {
    /// Opens the tables.
    pub(crate) async fn open(context: &Context) -> Result<Self, StartError> {
        let database = context.database(crate::NAME).await?;
        Ok(Self {
            person: context.executor(),
            organisation: context.executor(),
            sign_in_link: context.executor(),
            people: context.projection(crate::NAME, &database, People).await?,
            assignments: context.projection(crate::NAME, &database, Assignments).await?,
            organisations: context.projection(crate::NAME, &database, Organisations).await?,
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
}
