//! `weft.access.v1.AccessService`: calls in, commands and queries out.

mod accounts;
mod audit;
mod begin;
mod credentials;
mod duties;
mod enrolment;
mod fields;
mod held;
mod names;
mod organisations;
mod people;
mod persons;
pub(crate) mod privacy;
mod proof;
mod residents;
mod roles;
mod service_tokens;
mod sessions;
mod sign_in;
mod single_sign_on;
mod substitutions;

use api::access::v1::{self, access_service_server::AccessService};
use futures::stream::BoxStream;
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
    config::Config,
    domain::{
        account::Account, organisation::Organisation, person::Person, service_token::ServiceToken,
        session::Session, sign_in_link::SignInLink, substitution::Substitution,
    },
    oidc::Provider,
    passwords::Passwords,
    projections::{
        assignments::{AssignmentRow, Assignments},
        organisations::{OrganisationRow, Organisations},
        people::{People, PersonRow},
        service_tokens::{ServiceTokenRow, ServiceTokens},
        sessions::{SessionRow, Sessions},
        substitutions::{SubstitutionRow, Substitutions},
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
/// A token of an enrolment has no role of its own, and is for these methods alone.
const ENROLLING: Access = Access::Roles(&[Resident]);
/// Whoever signs in: what is a person's own.
const OWN: Access = Access::Roles(&[
    GridMember,
    DepartmentClerk,
    Verifier,
    Operator,
    Supervisor,
    Administrator,
    SecurityAdministrator,
    AuditAdministrator,
]);
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
    ("/weft.access.v1.PrivacyService/RequestErasure", SECURITY),
    ("/weft.access.v1.PrivacyService/RestrictProcessing", SECURITY),
    ("/weft.access.v1.PrivacyService/LiftRestriction", SECURITY),
    (
        "/weft.access.v1.PrivacyService/ExportPersonalData",
        Access::Roles(&[SecurityAdministrator, Resident]),
    ),
    (
        "/weft.access.v1.PrivacyService/GetDataRequest",
        Access::Roles(&[SecurityAdministrator, AuditAdministrator]),
    ),
    ("/weft.access.v1.AccessService/SignIn", Access::Public),
    ("/weft.access.v1.AccessService/RenewSession", OWN),
    ("/weft.access.v1.AccessService/SwitchRole", OWN),
    ("/weft.access.v1.AccessService/EndSession", OWN),
    ("/weft.access.v1.AccessService/EndSessions", OWN),
    (sessions::LIST, OWN),
    ("/weft.access.v1.AccessService/CreateEnrolmentLink", SECURITY),
    ("/weft.access.v1.AccessService/BeginEnrolment", Access::Public),
    (enrolment::GET, ENROLLING),
    (enrolment::COMPLETE, ENROLLING),
    ("/weft.access.v1.AccessService/SetPassword", OWN),
    ("/weft.access.v1.AccessService/EnrolSecondFactor", OWN),
    ("/weft.access.v1.AccessService/ConfirmSecondFactor", OWN),
    ("/weft.access.v1.AccessService/UnlockAccount", SECURITY),
    ("/weft.access.v1.AccessService/CloseAccount", SECURITY),
    ("/weft.access.v1.AccessService/GetAccount", OWN),
    (persons::LIST, PEOPLE),
    ("/weft.access.v1.AccessService/BeginSubstitution", OWN),
    ("/weft.access.v1.AccessService/EndSubstitution", OWN),
    (substitutions::LIST, OWN),
    ("/weft.access.v1.AccessService/LinkIdentity", SECURITY),
    ("/weft.access.v1.AccessService/UnlinkIdentity", SECURITY),
    ("/weft.access.v1.AccessService/BeginIssuerSignIn", Access::Public),
    ("/weft.access.v1.AccessService/CompleteIssuerSignIn", Access::Public),
    ("/weft.access.v1.AccessService/ExchangeToken", Access::Public),
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
    config: Config,
    passwords: Passwords,
    provider: Option<Provider>,
    person: Executor<Person>,
    organisation: Executor<Organisation>,
    sign_in_link: Executor<SignInLink>,
    service_token: Executor<ServiceToken>,
    account: Executor<Account>,
    session: Executor<Session>,
    substitution: Executor<Substitution>,
    people: View<PersonRow>,
    assignments: View<AssignmentRow>,
    organisations: View<OrganisationRow>,
    service_tokens: View<ServiceTokenRow>,
    sessions: View<SessionRow>,
    substitutions: View<SubstitutionRow>,
}

impl Server {
    /// Opens the tables.
    pub(crate) async fn open(context: &Context) -> Result<Self, StartError> {
        let database = context.database(crate::NAME).await?;
        let config: Config = context.section(crate::NAME)?;
        config.sessions.checked()?;
        let passwords = Passwords::new(config.passwords);
        let passwords = passwords.map_err(|error| StartError::Other(error.to_string()))?;
        Ok(Self {
            provider: Provider::of(&config.oidc).map_err(StartError::Other)?,
            config,
            passwords,
            account: context.executor(),
            session: context.executor(),
            substitution: context.executor(),
            sessions: context.projection(crate::NAME, &database, Sessions).await?,
            substitutions: context.projection(crate::NAME, &database, Substitutions).await?,
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
    sign_in in accounts: SignInRequest -> SignInResponse;
    renew_session in sessions: RenewSessionRequest -> RenewSessionResponse;
    switch_role in sessions: SwitchRoleRequest -> SwitchRoleResponse;
    end_session in sessions: EndSessionRequest -> EndSessionResponse;
    end_sessions in sessions: EndSessionsRequest -> EndSessionsResponse;
    list_sessions in sessions: ListSessionsRequest -> ListSessionsResponse;
    create_enrolment_link in enrolment: CreateEnrolmentLinkRequest -> CreateEnrolmentLinkResponse;
    begin_enrolment in enrolment: BeginEnrolmentRequest -> BeginEnrolmentResponse;
    get_enrolment in enrolment: GetEnrolmentRequest -> GetEnrolmentResponse;
    complete_enrolment in enrolment: CompleteEnrolmentRequest -> CompleteEnrolmentResponse;
    set_password in credentials: SetPasswordRequest -> SetPasswordResponse;
    enrol_second_factor in credentials: EnrolSecondFactorRequest -> EnrolSecondFactorResponse;
    confirm_second_factor in credentials: ConfirmSecondFactorRequest -> ConfirmSecondFactorResponse;
    unlock_account in accounts: UnlockAccountRequest -> UnlockAccountResponse;
    close_account in accounts: CloseAccountRequest -> CloseAccountResponse;
    get_account in accounts: GetAccountRequest -> GetAccountResponse;
    list_persons in persons: ListPersonsRequest -> ListPersonsResponse;
    begin_substitution in substitutions: BeginSubstitutionRequest -> BeginSubstitutionResponse;
    end_substitution in substitutions: EndSubstitutionRequest -> EndSubstitutionResponse;
    list_substitutions in substitutions: ListSubstitutionsRequest -> ListSubstitutionsResponse;
    link_identity in single_sign_on: LinkIdentityRequest -> LinkIdentityResponse;
    unlink_identity in single_sign_on: UnlinkIdentityRequest -> UnlinkIdentityResponse;
    begin_issuer_sign_in in single_sign_on: BeginIssuerSignInRequest -> BeginIssuerSignInResponse;
    complete_issuer_sign_in in single_sign_on: CompleteIssuerSignInRequest -> CompleteIssuerSignInResponse;
    exchange_token in single_sign_on: ExchangeTokenRequest -> ExchangeTokenResponse;
    create_service_token in service_tokens: CreateServiceTokenRequest -> CreateServiceTokenResponse;
    rotate_service_token in service_tokens: RotateServiceTokenRequest -> RotateServiceTokenResponse;
    revoke_service_token in service_tokens: RevokeServiceTokenRequest -> RevokeServiceTokenResponse;
    list_service_tokens in service_tokens: ListServiceTokensRequest -> ListServiceTokensResponse;
    list_audit_records in audit: ListAuditRecordsRequest -> ListAuditRecordsResponse;
}
