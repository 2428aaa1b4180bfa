//! Whoever works together: clients of the coordination service, and the moments of a day.

use api::dispatch::v1::coordination_service_client::CoordinationServiceClient;
use kernel::{Role, Timestamp, id::OrganisationId};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::county::County;

pub(crate) type Together = CoordinationServiceClient<InterceptedService<Channel, Bearer>>;

/// A moment of a day, such as `2026-06-05T14:30`, in Shanghai.
pub(crate) fn at(moment: &str) -> Timestamp {
    Timestamp::from_rfc3339(&format!("{moment}:00+08:00")).unwrap()
}

impl County {
    fn together(&self, bearer: Bearer) -> Together {
        CoordinationServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    /// An operator of a division.
    pub(crate) fn desk_of(&self, division: &str) -> Together {
        let division = Some(division.parse().unwrap());
        let scope = ScopeParts { division, ..ScopeParts::default() };
        self.together(self.suite.bearer(Role::Operator, scope))
    }

    /// This person as a supervisor of a division.
    pub(crate) fn leader(&self, number: u128, division: &str) -> Together {
        let division = Some(division.parse().unwrap());
        let scope = ScopeParts { division, ..ScopeParts::default() };
        self.together(self.suite.bearer_for(&self.person(number), Role::Supervisor, scope))
    }

    /// A clerk of a body, all over the county.
    pub(crate) fn body(&self, organisation: &OrganisationId) -> Together {
        let division = Some("620821".parse().unwrap());
        let scope = ScopeParts { division, grid: None, org: Some(organisation.clone()) };
        self.together(self.suite.bearer(Role::DepartmentClerk, scope))
    }

    /// A member of a grid.
    pub(crate) fn of_grid(&self, grid: &str) -> Together {
        let scope = ScopeParts { grid: Some(grid.parse().unwrap()), ..ScopeParts::default() };
        self.together(self.suite.bearer(Role::GridMember, scope))
    }
}
