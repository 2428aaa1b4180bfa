//! A suite with access in it, and callers.

use api::access::v1::{self as v1, access_service_client::AccessServiceClient};
use contracts::{
    access::{PersonEvent, PersonRegistered, RoleAssigned, ScopeKind},
    subject,
};
use kernel::{
    Clock as _, Role,
    id::{AssignmentId, PersonId},
};
use platform::{
    auth::scope::ScopeParts,
    grpc::{Bearer, status},
};
use testkit::{Db, Suite};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

pub(crate) type Client = AccessServiceClient<InterceptedService<Channel, Bearer>>;

pub(crate) struct World {
    pub(crate) suite: Suite,
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        Self { suite: Suite::start(vec![access::service()], db).await }
    }

    /// A client of a new person in a role over a division.
    pub(crate) fn caller(&self, role: Role, division: &str) -> Client {
        let scope = ScopeParts { division: Some(division.parse().unwrap()), ..Default::default() };
        let bearer = self.suite.bearer(role, scope);
        AccessServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    /// A client of whoever has this token.
    pub(crate) fn holder(&self, token: &str) -> Client {
        let bearer = Bearer::new(token).unwrap();
        AccessServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    /// A client of somebody without a token.
    pub(crate) fn anybody(&self) -> AccessServiceClient<Channel> {
        AccessServiceClient::new(self.suite.channel())
    }

    pub(crate) fn administrator(&self) -> Client {
        self.caller(Role::Administrator, "620821")
    }

    /// Who says who may do what.
    pub(crate) fn security(&self) -> Client {
        self.caller(Role::SecurityAdministrator, "620821")
    }

    /// Has a person hold these roles from now on, as if they had been given; each is the assignment of
    /// its number, from 1.
    pub(crate) async fn employ(&self, person: &str, duties: &[(Role, ScopeKind, ScopeParts)]) {
        let person: PersonId = person.parse().unwrap();
        let at = self.suite.clock().now();
        let registered = PersonRegistered {
            occurred_at: at,
            person: person.clone(),
            profile: None,
            organisation: None,
        };
        let mut events = vec![PersonEvent::from(registered)];
        for (number, (role, scope, parts)) in duties.iter().enumerate() {
            let key = format!("a{}", number + 1).parse().unwrap();
            let given = RoleAssigned {
                occurred_at: at,
                person: person.clone(),
                assignment: AssignmentId::new(person.division(), key),
                role: *role,
                scope: *scope,
                division: parts.division,
                grid: parts.grid,
                organisation: parts.org.clone(),
                from: at,
                until: None,
                by: None,
            };
            events.push(given.into());
        }
        self.suite.append(&subject::person(&person), &person.to_string(), &events).await;
    }
}

pub(crate) fn organisation(id: &str, division: &str) -> v1::RegisterOrganisationRequest {
    v1::RegisterOrganisationRequest {
        request_id: id.into(),
        division: division.into(),
        kind: "d026".into(),
        name: format!("{division} 综治中心"),
    }
}

pub(crate) fn person(id: &str, division: &str) -> v1::RegisterPersonRequest {
    v1::RegisterPersonRequest {
        request_id: id.into(),
        division: division.into(),
        name: "李静怡".into(),
        phone: "13993390001".into(),
        organisation_id: String::new(),
    }
}

pub(crate) fn role(id: &str, person: &str, division: &str) -> v1::AssignRoleRequest {
    v1::AssignRoleRequest {
        request_id: id.into(),
        person_id: person.into(),
        role: v1::Role::Operator.into(),
        division: division.into(),
        ..Default::default()
    }
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
