//! Who calls: what a verified token says.

use kernel::{
    Actor, Division, ErrorCode, Timestamp,
    id::{AssignmentId, PersonId, SessionId},
};

use super::{
    role::Role,
    scope::{Placement, Scope, ScopePredicate},
};
use crate::grpc::status::ServiceError;

/// The caller of a method. The layer puts it into the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub person: PersonId,
    /// The role in which the person acts.
    pub role: Role,
    /// What the role covers.
    pub scope: Scope,
    /// The token's own id, for the audit and for revocation.
    pub token_id: String,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// What it rests on.
    pub basis: Basis,
}

/// What a token rests on: take one of these away, and the token falls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// The token's id (`jti`), where its issuer chose one that it can name again; a random one otherwise.
    pub token_id: Option<String>,
    /// The session (`sid`) that began with a sign-in.
    pub session: Option<SessionId>,
    /// The assignment that gave the role.
    pub assignment: Option<AssignmentId>,
    /// The paths of the only methods that the bearer may call, such as
    /// `/weft.intake.v1.IntakeService/ReportCase`; where there are none, all that the role may call.
    pub methods: Vec<String>,
}

impl Principal {
    /// The caller as idempotency keys know it: `person:<id>`.
    pub fn caller(&self) -> String {
        self.actor().to_string()
    }

    /// The caller as events name it.
    pub fn actor(&self) -> Actor {
        Actor::Person(self.person.clone())
    }

    /// Whether the caller's scope covers a thing.
    pub fn covers(&self, thing: &Placement) -> bool {
        self.scope.covers(&self.person, thing)
    }

    /// Refuses with `PERMISSION_DENIED`, reason `OUT_OF_SCOPE`, unless the scope covers the thing.
    pub fn require(&self, thing: &Placement) -> Result<(), ServiceError> {
        if self.covers(thing) {
            return Ok(());
        }
        Err(ServiceError::new(
            ErrorCode::PermissionDenied,
            "OUT_OF_SCOPE",
            "this lies outside of what your role covers: ask the office in charge",
            "该事项不在您的职责范围内，请联系负责单位",
        ))
    }

    /// Which rows of a table of `home`'s things the caller may see; see [`Scope::predicate`].
    pub fn predicate(&self, home: Division) -> ScopePredicate {
        self.scope.predicate(&self.person, home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_refused_with_a_reason_in_both_languages() {
        let principal = Principal {
            person: "620821000000-p1".parse().unwrap(),
            role: Role::Operator,
            scope: Scope::Division("620821101".parse().unwrap()),
            token_id: "t".into(),
            expires_at: Timestamp(0),
            basis: Basis::default(),
        };
        assert_eq!(principal.caller(), "person:620821000000-p1");
        let at = |code: &str| Placement::of_division(code.parse().unwrap());
        assert!(principal.require(&at("620821101203")).is_ok());
        let refused = principal.require(&at("620821102")).unwrap_err();
        assert_eq!((refused.code, refused.reason), (ErrorCode::PermissionDenied, "OUT_OF_SCOPE"));
    }
}
