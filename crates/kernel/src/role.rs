//! The roles that a person may hold. What each may do is the method policy of `platform`.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 村民/居民: reports, follows and rates what is their own.
    Resident,
    /// 网格员: handles the orders of a grid, reports from patrol.
    GridMember,
    /// 部门经办人: handles the orders of an organisation.
    DepartmentClerk,
    /// 核查员: verifies what others handled (a grid chief, a centre's verifier).
    Verifier,
    /// 调度员: accepts and refuses cases, assigns and closes orders.
    Operator,
    /// 督办员: sees and steers what an operator does, and every deadline.
    Supervisor,
    /// 系统管理员: registers divisions, grids, organisations and people, and keeps the system running;
    /// gives no role and handles no case.
    Administrator,
    /// 安全管理员: gives and takes back roles, sign-ins and tokens, answers what people ask of their data.
    SecurityAdministrator,
    /// 审计管理员: reads the audit trail, and nothing else.
    AuditAdministrator,
    /// 对接单位: a portal that reports on residents' behalf and reads.
    Integrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::Resident,
        Self::GridMember,
        Self::DepartmentClerk,
        Self::Verifier,
        Self::Operator,
        Self::Supervisor,
        Self::Administrator,
        Self::SecurityAdministrator,
        Self::AuditAdministrator,
        Self::Integrator,
    ];

    /// The role's name in tokens, events and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::GridMember => "grid_member",
            Self::DepartmentClerk => "department_clerk",
            Self::Verifier => "verifier",
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
            Self::SecurityAdministrator => "security_administrator",
            Self::AuditAdministrator => "audit_administrator",
            Self::Integrator => "integrator",
        }
    }
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no role {0:?}; roles are resident, grid_member, department_clerk, verifier, operator, supervisor, administrator, security_administrator, audit_administrator, integrator"
)]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.chars().take(32).collect()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
