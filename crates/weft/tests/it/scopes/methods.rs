//! Every method, asked by every role about another township: nothing of it is in any answer, and
//! what is refused says the same whether the thing exists or not.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use kernel::Role;
use platform::{
    auth::{Access, scope::ScopeParts},
    grpc::{
        Bearer,
        status::{reason_of, violations_of},
    },
};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, prost::Message as _};
use testkit::Db;
use tonic::{Code, Status, service::Interceptor as _};

use super::{
    fill::{Filler, names_something},
    ground::{Ground, Things, X, Y, of_division, of_grid},
};
use crate::raw::Raw;

/// Services that do not run here, and the test that asks them.
const ELSEWHERE: &[(&str, &str)] =
    &[("weft.admin.v1.AdminService", "admin::tests of the binary, which it is a part of")];

/// What may succeed although it names something of another township.
const FOR_ANYBODY: &[(&str, &str)] = &[
    ("ReportCase", "whoever sees something reports it, wherever it is"),
    ("Upload", "a photo is nobody's until a command names it"),
    ("LocateGrid", "which grid a place lies in is on every map"),
    ("ListDivisions", "residents choose from them where they report"),
    ("ListGrids", "portals choose from them where they report"),
    ("DescribePlaces", "the names of places are public"),
    ("DescribePersons", "the staff of a county know each other by name"),
    ("ExplainRouting", "without an order it explains the rule, not a case"),
];

/// What may succeed for who serves the same place.
const OF_THE_SAME_PLACE: &[(&str, &str)] =
    // Every body asks for the place that it serves; who decides is another.
    &[("RequestAdmission", "a clerk of another body of the same township")];

/// What is refused for a reason of its own, wherever the thing is.
const REFUSED_ANYWAY: &[(&str, &str)] = &[
    // Who asks here has a token without a session.
    ("SwitchRole", "NO_SESSION"),
];

/// How long a stream that has no end is listened to.
const A_WHILE: Duration = Duration::from_millis(250);

/// Everything that a call answered, and how it ended.
struct Heard {
    bytes: Vec<u8>,
    ended: Result<(), Status>,
}

impl Heard {
    fn outcome(&self) -> (Code, String) {
        match &self.ended {
            Ok(()) => (Code::Ok, String::new()),
            Err(status) => (status.code(), reason_of(status).unwrap_or_default()),
        }
    }

    /// Which of these texts it holds, in its messages or in what the refusal says.
    fn leaks<'a>(&self, secrets: &'a [String], told: &[u8]) -> Vec<&'a str> {
        let details = self
            .ended
            .as_ref()
            .err()
            .map(|status| [status.message().as_bytes(), status.details()].concat());
        let details = details.unwrap_or_default();
        let holds = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        let answered = |text: &str| holds(&self.bytes, text) || holds(&details, text);
        secrets
            .iter()
            // What the caller said themselves may come back.
            .filter(|secret| answered(secret) && !holds(told, secret))
            .map(String::as_str)
            .collect()
    }
}

/// Somebody who asks.
struct Asking {
    who: String,
    role: Role,
    bearer: Bearer,
    /// What of the town they may know: the same township's staff knows who serves in its grids.
    knows: Vec<String>,
}

fn callers(ground: &Ground, y: &Things) -> Vec<Asking> {
    let mut callers: Vec<Asking> = Role::ALL
        .into_iter()
        .map(|role| {
            let scope = match role {
                Role::Resident => ScopeParts::default(),
                Role::GridMember => of_grid(X.grid),
                Role::DepartmentClerk => ScopeParts {
                    org: Some("620821101000-roads".parse().unwrap()),
                    ..of_division(X.township)
                },
                Role::Verifier
                | Role::Operator
                | Role::Supervisor
                | Role::Administrator
                | Role::SecurityAdministrator
                | Role::AuditAdministrator
                | Role::Integrator => of_division(X.township),
            };
            Asking {
                who: role.to_string(),
                role,
                bearer: ground.suite.bearer(role, scope),
                knows: Vec::new(),
            }
        })
        .collect();
    let beside = [
        ("a member of the next grid", Role::GridMember, of_grid(Y.next_grid)),
        (
            "a clerk of another body of the same township",
            Role::DepartmentClerk,
            ScopeParts {
                org: Some("620821102000-roads".parse().unwrap()),
                ..of_division(Y.township)
            },
        ),
        ("a verifier with other orders", Role::Verifier, ScopeParts::default()),
    ];
    callers.extend(beside.map(|(who, role, scope)| Asking {
        who: who.to_owned(),
        role,
        bearer: ground.suite.bearer(role, scope),
        knows: vec![y.member.to_string()],
    }));
    callers
}

async fn ask(ground: &Ground, caller: &Asking, path: &str, request: &DynamicMessage) -> Heard {
    let mut grpc = tonic::client::Grpc::new(ground.suite.channel());
    grpc.ready().await.unwrap();
    let mut bearer = caller.bearer.clone();
    let headers = bearer.call(tonic::Request::new(())).unwrap();
    let body = Bytes::from(request.encode_to_vec());
    let mut asked = tonic::Request::new(futures::stream::iter([body]));
    *asked.metadata_mut() = headers.metadata().clone();
    let path = http::uri::PathAndQuery::try_from(path).unwrap();
    let mut bytes = Vec::new();
    let ended = match grpc.streaming(asked, path, Raw).await {
        Err(status) => Err(status),
        Ok(answer) => {
            let mut messages = answer.into_inner();
            loop {
                match tokio::time::timeout(A_WHILE, messages.message()).await {
                    Ok(Ok(Some(message))) => bytes.extend_from_slice(&message),
                    Ok(Ok(None)) | Err(_) => break Ok(()),
                    Ok(Err(status)) => break Err(status),
                }
            }
        }
    };
    Heard { bytes, ended }
}

fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(api::DESCRIPTORS).unwrap();
    let here = |name: &str| ELSEWHERE.iter().all(|(elsewhere, _)| *elsewhere != name);
    pool.services()
        .filter(|service| here(service.full_name()))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_method_tells_any_role_of_another_township() {
    let ground = Ground::start(Db::Sqlite).await;
    ground.fill(X).await;
    let y = ground.fill(Y).await;
    let secrets = y.secrets();
    let callers = callers(&ground, &y);
    let mut wrong = BTreeSet::new();
    let (mut asked, mut number) = (0, 0);
    for method in methods() {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let row = ground.rows.iter().find(|(row, _)| *row == path);
        let Some((_, access)) = row else {
            unreachable!(
                "{path} runs nowhere: start its service in scopes/ground.rs, or name it in ELSEWHERE with the test that asks it"
            );
        };
        for caller in &callers {
            let mut outcomes = Vec::new();
            for (ghosts, bare) in [(false, false), (true, false), (false, true)] {
                number += 1;
                let filler = Filler {
                    town: Y,
                    things: &y,
                    ghosts,
                    bare,
                    request_id: format!("foreign-{number}"),
                };
                let request = filler.request(&method.input());
                let heard = ask(&ground, caller, &path, &request).await;
                asked += 1;
                let (code, reason) = heard.outcome();
                let say = format!("{} to {}: {code:?} {reason}", method.name(), caller.who);
                let allowed = match access {
                    Access::Public => true,
                    Access::Roles(roles) => roles.contains(&caller.role),
                };
                if !allowed
                    && (code, reason.as_str()) != (Code::PermissionDenied, "ROLE_NOT_ALLOWED")
                {
                    wrong
                        .insert(format!("{say}: the role has no row, and is not refused for that"));
                }
                let anybody = FOR_ANYBODY.iter().any(|(name, _)| *name == method.name());
                if !anybody {
                    let leaks = heard.leaks(&secrets, &request.encode_to_vec());
                    if leaks.iter().any(|leak| caller.knows.iter().all(|known| known != leak)) {
                        wrong.insert(format!("{say}: tells {leaks:?}"));
                    }
                }
                let writes = method.input().get_field_by_name("request_id").is_some();
                let names = names_something(&request);
                let same_place = OF_THE_SAME_PLACE.contains(&(method.name(), &*caller.who));
                let expected = if code == Code::Ok {
                    anybody || same_place || !(writes && names)
                } else {
                    // Half a request, or a secret that is none, may be refused for that.
                    matches!(code, Code::PermissionDenied | Code::NotFound)
                        || anybody
                        || bare
                        || !names
                        || matches!(access, Access::Public)
                        || REFUSED_ANYWAY.contains(&(method.name(), reason.as_str()))
                };
                if !expected {
                    let fields = heard.ended.as_ref().err().map(violations_of);
                    wrong.insert(format!("{say}: {fields:?}"));
                }
                if !bare {
                    outcomes.push((code, reason));
                }
            }
            let anybody = FOR_ANYBODY.iter().any(|(name, _)| *name == method.name());
            if !anybody && outcomes[0] != outcomes[1] {
                wrong.insert(format!(
                    "{} to {}: {:?} where it exists, {:?} where it does not",
                    method.name(),
                    caller.who,
                    outcomes[0],
                    outcomes[1]
                ));
            }
        }
    }
    assert!(asked > 1_500, "only {asked} questions were asked");
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}
