//! `weft.points.v1.PointsService`: calls in, commands and queries out.

mod accounts;
mod awards;
mod entries;
mod fields;
mod programmes;

use api::points::v1::{self, points_service_server::PointsService};
use kernel::{
    ErrorCode,
    Role::{Administrator, Operator, Resident, Supervisor},
    id::ProgrammeId,
};
use platform::{
    auth::{Access, MethodRow},
    executor::Executor,
    grpc::ServiceError,
    projection::View,
    service::Context,
};
use tonic::{Request, Response, Status};

use crate::{
    config::Config,
    domain::ledger::Ledger,
    projections::{accounts::AccountRow, entries::EntryRow, programmes::ProgrammeRow},
};

const MANAGE: Access = Access::Roles(&[Operator, Supervisor, Administrator]);
const GIVE: Access = Access::Roles(&[Operator, Supervisor]);
const READ: Access = Access::Roles(&[Resident, Operator, Supervisor, Administrator]);

/// Who may call what.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.points.v1.PointsService/CreateProgramme", MANAGE),
    ("/weft.points.v1.PointsService/SetRule", MANAGE),
    ("/weft.points.v1.PointsService/Award", GIVE),
    ("/weft.points.v1.PointsService/ReverseAward", GIVE),
    ("/weft.points.v1.PointsService/GetAccount", READ),
    (entries::LIST, READ),
    ("/weft.points.v1.PointsService/GetBalanceSheet", MANAGE),
    (programmes::LIST, READ),
];

/// What the handlers stand on.
pub(crate) struct Server {
    pub(crate) context: Context,
    pub(crate) config: Config,
    pub(crate) ledgers: Executor<Ledger>,
    pub(crate) programmes: View<ProgrammeRow>,
    pub(crate) accounts: View<AccountRow>,
    pub(crate) entries: View<EntryRow>,
}

impl Server {
    /// The programme, for queries; its ledger might know it before the table does.
    async fn programme(&self, id: &ProgrammeId) -> Result<ProgrammeRow, ServiceError> {
        let missing = || {
            let code = ErrorCode::NotFound;
            let (en, zh) =
                ("there is no such programme: check its id", "没有这个积分项目, 请核对编号");
            ServiceError::new(code, "NO_SUCH_PROGRAMME", en, zh)
        };
        self.programmes.get(&id.to_string()).await?.ok_or_else(missing)
    }
}

/// Each method of the service is one function of the same name below.
macro_rules! answered_by {
    ($($method:ident in $room:ident: $request:ident -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl PointsService for Server {
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
    create_programme in programmes: CreateProgrammeRequest -> CreateProgrammeResponse;
    set_rule in programmes: SetRuleRequest -> SetRuleResponse;
    award in awards: AwardRequest -> AwardResponse;
    reverse_award in awards: ReverseAwardRequest -> ReverseAwardResponse;
    get_account in accounts: GetAccountRequest -> GetAccountResponse;
    list_entries in entries: ListEntriesRequest -> ListEntriesResponse;
    get_balance_sheet in accounts: GetBalanceSheetRequest -> GetBalanceSheetResponse;
    list_programmes in programmes: ListProgrammesRequest -> ListProgrammesResponse;
}
