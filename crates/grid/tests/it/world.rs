//! A suite with grid in it, callers, and the real county.

use api::{
    common::v1::Position,
    grid::v1::{
        ImportDivisionsRequest, ImportDivisionsResponse, ImportGridsRequest, ImportGridsResponse,
        grid_service_client::GridServiceClient,
    },
};
use kernel::Role;
use platform::{
    auth::scope::ScopeParts,
    grpc::{Bearer, status},
};
use testkit::{Db, Suite};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

pub(crate) type Client = GridServiceClient<InterceptedService<Channel, Bearer>>;

/// 泾川县 as it is shipped: the county, its townships and its villages.
pub(crate) const COUNTY: &str = include_str!("../../../../resources/divisions/620821.csv");

pub(crate) struct World {
    pub(crate) suite: Suite,
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        Self { suite: Suite::start(vec![grid::service()], db).await }
    }

    /// A client of a new person in a role with a scope.
    pub(crate) fn scoped(&self, role: Role, scope: ScopeParts) -> Client {
        let bearer = self.suite.bearer(role, scope);
        GridServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    /// A client of a new person in a role over a division.
    pub(crate) fn caller(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        self.scoped(role, ScopeParts { division, ..Default::default() })
    }

    pub(crate) fn administrator(&self) -> Client {
        self.caller(Role::Administrator, "620821")
    }

    /// The end of the log, which a query can wait for.
    pub(crate) async fn head(&self) -> Option<Position> {
        Some(self.suite.head().await.into())
    }
}

pub(crate) async fn import_divisions(
    client: &mut Client,
    csv: impl Into<Vec<u8>>,
    dry_run: bool,
) -> ImportDivisionsResponse {
    let request_id = "import".into();
    let ask = ImportDivisionsRequest { request_id, csv: csv.into(), dry_run };
    client.import_divisions(ask).await.unwrap().into_inner()
}

pub(crate) async fn import_grids(
    client: &mut Client,
    geojson: impl Into<Vec<u8>>,
    dry_run: bool,
) -> ImportGridsResponse {
    let request_id = "import".into();
    let ask = ImportGridsRequest { request_id, geojson: geojson.into(), dry_run };
    client.import_grids(ask).await.unwrap().into_inner()
}

/// The stable reason of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.unwrap_err();
    let zh = status::message_of(&status, "zh-CN").unwrap_or_default();
    assert!(!zh.is_empty(), "{status:?} says nothing in Chinese");
    status::reason_of(&status).unwrap_or_default()
}

/// The wrong fields of a refusal, each of which is explained in both languages.
pub(crate) fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
    let violations = status::violations_of(&status);
    assert!(violations.iter().all(|v| !v.en.is_empty() && !v.zh.is_empty()), "{violations:?}");
    violations.into_iter().map(|violation| violation.field).collect()
}
