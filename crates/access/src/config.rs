//! The section `[access]`; `config.default.toml` has the defaults and is the reference.

mod keeping;

use std::path::PathBuf;

use contracts::revocation::LONGEST_SESSION_MS;
use kernel::Role;
use platform::service::StartError;
use serde::Deserialize;

pub use keeping::{Keeping, days_ms};

/// The defaults, which are also the reference.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

const HOUR: u32 = 3_600;

/// What can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long sessions last.
    pub sessions: Sessions,
    /// How passwords are checked.
    pub passwords: Passwords,
    /// For how long what is kept of persons is kept.
    pub keeping: Keeping,
    /// Another issuer, by whose word people sign in.
    pub oidc: Oidc,
}

/// Another issuer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Its name, as its tokens have it; empty for none.
    pub issuer: String,
    /// What it calls this suite.
    pub client_id: String,
    /// A file with the secret that it gave, if it gave one.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// A file with certificates of authorities in PEM; those of the system where there is none.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Unused at a desk, in minutes.
    pub desk_idle_minutes: u32,
    /// Unused in the field, in hours.
    pub field_idle_hours: u32,
    /// In all at a desk, in hours.
    pub desk_hours: u32,
    /// In all in the field, in hours.
    pub field_hours: u32,
}

/// How passwords are checked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// At the same time.
    pub at_once: usize,
    /// Waiting for their turn.
    pub waiting: usize,
}

/// How long a session of a role lasts, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// When it is not used.
    pub idle: u32,
    /// In all.
    pub longest: u32,
}

impl Sessions {
    /// Refuses sessions that would last longer than it is known of them that they ended.
    pub fn checked(self) -> Result<Self, StartError> {
        let longest = LONGEST_SESSION_MS / 3_600_000;
        if i64::from(self.desk_hours.max(self.field_hours)) > longest {
            return Err(StartError::Other(format!(
                "access.sessions: a session lasts {longest} hours at most; make desk_hours and field_hours smaller"
            )));
        }
        Ok(self)
    }

    /// Whoever works in the field, or sits at one desk among many, need not sign in each day.
    pub const fn of(&self, role: Role) -> Length {
        match role {
            Role::GridMember | Role::DepartmentClerk | Role::Resident => Length {
                idle: self.field_idle_hours.saturating_mul(HOUR),
                longest: self.field_hours.saturating_mul(HOUR),
            },
            Role::Verifier
            | Role::Operator
            | Role::Supervisor
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator
            | Role::Integrator => Length {
                idle: self.desk_idle_minutes.saturating_mul(60),
                longest: self.desk_hours.saturating_mul(HOUR),
            },
        }
    }
}
