//! Who is signed in. A session is the bearer token in a cookie: the services check it at each call;
//! here it is read only for what is shown. Staff and residents have a cookie each, so that a phone
//! can be both.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, request::Parts},
};
use kernel::Role;
use platform::auth::{Principal, Scope};

use crate::{
    gateway::Gateway,
    problem::Problem,
    shell::Shell,
    visit::{Visit, cookie},
};

/// How long a resident's browser is known, in seconds: 400 days, the longest that browsers keep a
/// cookie.
pub(crate) const RESIDENT_SECONDS: i64 = 400 * 24 * 3600;

/// A person who is signed in, and their token.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// The token, for the calls.
    pub(crate) token: String,
    /// What it says.
    pub(crate) principal: Principal,
}

impl Who {
    /// The division that the role covers, or in which it lies; the county for the rest.
    pub(crate) fn division(&self, gateway: &Gateway) -> String {
        match &self.principal.scope {
            Scope::Division(division) | Scope::Organisation { division, .. } => {
                division.to_string()
            }
            Scope::Grid(grid) => grid.to_string(),
            Scope::Own | Scope::Assigned => gateway.context.county.to_string(),
        }
    }

    /// The first page of the role.
    pub(crate) fn home(&self) -> &'static str {
        match self.principal.role {
            Role::Resident | Role::Integrator => "/",
            Role::GridMember | Role::DepartmentClerk | Role::Verifier => "/work",
            Role::Operator | Role::Supervisor => "/console",
            Role::Administrator => "/console/system",
            Role::SecurityAdministrator => "/console/people",
            Role::AuditAdministrator => "/account",
        }
    }
}

/// Which of the two sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Members, departments, operators.
    Staff,
    /// Residents.
    Resident,
}

impl Kind {
    /// Which session a role has.
    pub(crate) const fn of(role: Role) -> Self {
        match role {
            Role::Resident => Self::Resident,
            Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Operator
            | Role::Supervisor
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator
            | Role::Integrator => Self::Staff,
        }
    }

    /// The cookie's name. With the prefix, a browser takes it over https only, for all paths, and
    /// from no subdomain.
    pub(crate) const fn cookie(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Staff, true) => "__Host-weft",
            (Self::Staff, false) => "weft",
            (Self::Resident, true) => "__Host-weft-resident",
            (Self::Resident, false) => "weft-resident",
        }
    }
}

/// Who these headers sign in, if the token is still good.
pub(crate) fn who(gateway: &Gateway, headers: &HeaderMap, secure: bool, kind: Kind) -> Option<Who> {
    let token = cookie(headers, kind.cookie(secure))?;
    let principal = gateway.read_token(token).ok()?;
    (Kind::of(principal.role) == kind).then(|| Who { token: token.to_owned(), principal })
}

/// The `Set-Cookie` that signs in for so many seconds, or out with none.
pub(crate) fn set_cookie(secure: bool, kind: Kind, token: &str, seconds: i64) -> HeaderValue {
    plain_cookie(kind.cookie(secure), token, seconds, secure, "; HttpOnly")
}

/// A `Set-Cookie` for the whole site.
pub(crate) fn plain_cookie(
    name: &str,
    value: &str,
    seconds: i64,
    tls: bool,
    more: &str,
) -> HeaderValue {
    let secure = if tls { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{more}{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A member of staff. Without one, a page goes to the sign-in, and a form is kept.
#[derive(Clone)]
pub(crate) struct StaffSession {
    /// Who.
    pub(crate) who: Who,
    /// How the answer is wanted.
    pub(crate) visit: Visit,
}

impl StaffSession {
    /// The token, for the calls.
    pub(crate) fn token(&self) -> &str {
        &self.who.token
    }

    /// What surrounds this person's pages.
    pub(crate) fn shell(&self) -> Shell {
        self.visit.shell_of(&self.who)
    }

    /// Refuses unless the role is one of these: for pages that would be empty for others. What may be
    /// done is for the services to say.
    pub(crate) fn only(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.contains(&self.who.principal.role) { Ok(()) } else { Err(Problem::forbidden()) }
    }
}

impl FromRequestParts<Gateway> for StaffSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let (who, visit) = session(parts, gateway, Kind::Staff).await?;
        Ok(Self { who, visit })
    }
}

/// A resident. `Option<ResidentSession>` for pages that also serve who is not known yet.
#[derive(Clone)]
pub(crate) struct ResidentSession {
    /// Who.
    pub(crate) who: Who,
    /// How the answer is wanted.
    pub(crate) visit: Visit,
}

impl ResidentSession {
    /// The token, for the calls.
    pub(crate) fn token(&self) -> &str {
        &self.who.token
    }

    /// What surrounds this person's pages.
    pub(crate) fn shell(&self) -> Shell {
        self.visit.shell_of(&self.who)
    }
}

impl FromRequestParts<Gateway> for ResidentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let (who, visit) = session(parts, gateway, Kind::Resident).await?;
        Ok(Self { who, visit })
    }
}

impl OptionalFromRequestParts<Gateway> for ResidentSession {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Gateway,
    ) -> Result<Option<Self>, Problem> {
        let session = session(parts, gateway, Kind::Resident).await;
        Ok(session.ok().map(|(who, visit)| Self { who, visit }))
    }
}

async fn session(parts: &Parts, gateway: &Gateway, kind: Kind) -> Result<(Who, Visit), Problem> {
    let visit = Visit::of(gateway, &parts.uri, &parts.headers, &parts.extensions);
    let who = who(gateway, &parts.headers, visit.secure, kind)
        .ok_or_else(|| Problem::signed_out(kind))?;
    gateway.names.refresh(gateway, &who.token, &who.principal).await;
    Ok((who, visit))
}
