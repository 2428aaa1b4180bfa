//! `weft.grid.v1.GridService`: calls in, commands and queries out.

mod grids;
mod imports;
mod lists;
mod members;
mod places;
pub(crate) mod roster;

use api::grid::v1::{self, grid_service_server::GridService};
use kernel::{
    Division, ErrorCode, LogPosition,
    Role::{
        Administrator, DepartmentClerk, GridMember, Integrator, Operator, Resident,
        SecurityAdministrator, Supervisor, Verifier,
    },
};
use platform::{
    auth::{Access, MethodRow, Principal, Scope},
    database::table::Row,
    executor::Executor,
    grpc::{ServiceError, Violations},
    projection::View,
    service::{Context, StartError},
};
use tonic::{Request, Response, Status};

use crate::{
    documents::Documents,
    domain::{division::RegisteredDivision, grid::Grid, import::Import},
    locator::Locator,
    projections::{
        divisions::{DivisionRow, Divisions},
        grid_boundaries::{BoundaryRow, GridBoundaries},
        grids::{GridRow, Grids},
        members::{MemberRow, Members},
    },
};

const WRITE: Access = Access::Roles(&[Administrator]);
const KEEPERS: Access = Access::Roles(&[Administrator, Operator, Supervisor]);
const READ: Access = Access::Roles(&[
    Operator,
    Supervisor,
    Administrator,
    GridMember,
    DepartmentClerk,
    Verifier,
    Integrator,
]);

/// All but the audit administrator, who reads the trail and nothing else.
const EVERYBODY: Access = Access::Roles(&[
    Resident,
    Operator,
    Supervisor,
    Administrator,
    SecurityAdministrator,
    GridMember,
    DepartmentClerk,
    Verifier,
    Integrator,
]);

/// Who may call what.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.grid.v1.GridService/ImportDivisions", WRITE),
    ("/weft.grid.v1.GridService/ImportGrids", WRITE),
    ("/weft.grid.v1.GridService/CreateGrid", WRITE),
    ("/weft.grid.v1.GridService/AssignMember", WRITE),
    ("/weft.grid.v1.GridService/RelieveMember", WRITE),
    ("/weft.grid.v1.GridService/LocateGrid", EVERYBODY),
    ("/weft.grid.v1.GridService/GetGrid", READ),
    (lists::GRIDS, READ),
    (lists::DIVISIONS, EVERYBODY),
    ("/weft.grid.v1.GridService/DescribePlaces", Access::Public),
    roster::PUT,
    roster::GET,
    roster::SET,
    roster::END,
];

/// What the handlers stand on.
pub(crate) struct Server {
    context: Context,
    division: Executor<RegisteredDivision>,
    grid: Executor<Grid>,
    import: Executor<Import>,
    divisions: View<DivisionRow>,
    grids: View<GridRow>,
    boundaries: View<BoundaryRow>,
    members: View<MemberRow>,
    locator: Locator,
    documents: Documents,
}

impl Server {
    /// Opens the tables.
    pub(crate) async fn open(context: &Context) -> Result<Self, StartError> {
        let database = context.database(crate::NAME).await?;
        let drawn = GridBoundaries::default();
        let seen = drawn.seen();
        let boundaries = context.projection(crate::NAME, &database, drawn).await?;
        Ok(Self {
            division: context.executor(),
            grid: context.executor(),
            import: context.executor(),
            divisions: context.projection(crate::NAME, &database, Divisions).await?,
            grids: context.projection(crate::NAME, &database, Grids).await?,
            members: context.projection(crate::NAME, &database, Members).await?,
            locator: Locator::new(boundaries.clone(), seen),
            boundaries,
            documents: Documents::new(context.vault.clone()),
            context: context.clone(),
        })
    }

    /// Who serves which grid.
    pub(crate) fn members(&self) -> View<MemberRow> {
        self.members.clone()
    }

    /// Waits until a table has all that the log has now: what is looked up for a command must not
    /// miss what the caller did a moment ago.
    async fn caught_up<R: Row>(&self, view: &View<R>) -> Result<(), ServiceError> {
        let state = self.context.log.stream().state().await.map_err(|_unreachable| {
            ServiceError::new(
                ErrorCode::Unavailable,
                "LOG_UNAVAILABLE",
                "the log cannot be read now; send the same request again",
                "日志暂时无法读取, 请用同一请求重试",
            )
        })?;
        let log = self.context.log.name().to_owned();
        self.context.wait(view, Some(LogPosition { log, sequence: state.last })).await
    }
}

/// The caller as a reader of the register, which concerns places and not orders: what an
/// organisation is limited to is a division.
fn reader_of_grids(principal: &Principal) -> Principal {
    let scope = match &principal.scope {
        Scope::Organisation { division, .. } => Scope::Division(*division),
        other @ (Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned) => {
            other.clone()
        }
    };
    Principal { scope, ..principal.clone() }
}

/// The same for divisions: a grid lies in its village.
fn reader_of_divisions(principal: &Principal, county: Division) -> Principal {
    let reader = reader_of_grids(principal);
    match reader.scope {
        Scope::Grid(grid) => Principal { scope: Scope::Division(grid.village()), ..reader },
        // Residents choose the village that they report from; names of places are public.
        Scope::Own => Principal { scope: Scope::Division(county), ..reader },
        Scope::Division(_) | Scope::Organisation { .. } | Scope::Assigned => reader,
    }
}

/// What the violations speak for: all fields are there, or the call ends here.
fn checked<T>(v: Violations, fields: Option<T>) -> Result<T, ServiceError> {
    v.finish()?;
    fields.ok_or_else(|| ServiceError::internal(Unnoted))
}

#[derive(Debug, thiserror::Error)]
#[error("a field was refused without a violation")]
struct Unnoted;

/// Each method of the service is one function of the same name below.
macro_rules! answered_by {
    ($($method:ident in $room:ident: $request:ident -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl GridService for Server {
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
    import_divisions in imports: ImportDivisionsRequest -> ImportDivisionsResponse;
    import_grids in imports: ImportGridsRequest -> ImportGridsResponse;
    create_grid in grids: CreateGridRequest -> CreateGridResponse;
    assign_member in members: AssignMemberRequest -> AssignMemberResponse;
    relieve_member in members: RelieveMemberRequest -> RelieveMemberResponse;
    locate_grid in grids: LocateGridRequest -> LocateGridResponse;
    get_grid in grids: GetGridRequest -> GetGridResponse;
    list_grids in lists: ListGridsRequest -> ListGridsResponse;
    list_divisions in lists: ListDivisionsRequest -> ListDivisionsResponse;
    describe_places in places: DescribePlacesRequest -> DescribePlacesResponse;
}
