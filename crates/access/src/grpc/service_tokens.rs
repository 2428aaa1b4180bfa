//! Tokens of portals and other services: for named methods and one division, replaced without a gap.

use std::{sync::OnceLock, time::Duration};

use api::access::v1;
use contracts::{
    access::{ServiceTokenEvent, service_token_jti},
    subject,
};
use kernel::{
    Division, MethodPath, Role, Timestamp,
    id::{Key, PersonId, ServiceTokenId},
};
use platform::{
    auth::{Access, Basis, Claims, Placement, Scope, policy::methods_of},
    executor::Target,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{Server, fields, sign_in::seconds};
use crate::{
    domain::service_token::{Command, Grant, State},
    projections::service_tokens::{self, ServiceTokenRow},
};

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListServiceTokens";

const DAY: i64 = 24 * 3_600;

/// How long a token is valid where nothing is said, and at most: in seconds.
const TTL: (i64, i64) = (90 * DAY, 400 * DAY);

/// How long the token before is taken where nothing is said, and at most: in seconds.
const OVERLAP: (i64, i64) = (3_600, 30 * DAY);

/// The most methods of one token.
const MOST_METHODS: usize = 32;

pub(super) async fn create_service_token(
    server: &Server,
    request: tonic::Request<v1::CreateServiceTokenRequest>,
) -> Result<v1::CreateServiceTokenResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let name: Option<Key> = v.parse("name", &message.name);
    let division: Option<Division> = fields::local(&mut v, county, "division", &message.division);
    let methods = server.methods(&mut v, &message.methods);
    let ttl = seconds(&mut v, "ttl_seconds", message.ttl_seconds, TTL);
    let given = request_id.zip(name).zip(division).zip(methods.zip(ttl));
    let (((request_id, name), division), (methods, ttl_seconds)) = fields::checked(v, given)?;
    call.principal.require(&Placement::of_division(division))?;

    let request = call.request(request_id, "CreateServiceToken", &message);
    let token = ServiceTokenId::new(division, name);
    let person = PersonId::new(division, request.key("service token"));
    let by = call.principal.person.clone();
    let target = target(&token, true);
    let (id, bearer) = (token.to_string(), person.to_string());
    let outcome = server
        .service_token
        .execute(target, request, move |at| Command::CreateServiceToken {
            token: token.clone(),
            person: person.clone(),
            role: Role::Integrator,
            division,
            methods: methods.clone(),
            ttl_seconds,
            by: by.clone(),
            at,
        })
        .await?;
    let created = outcome.events.iter().find_map(|event| match event {
        ServiceTokenEvent::ServiceTokenCreated(event) => Some(event),
        ServiceTokenEvent::ServiceTokenRotated(_) | ServiceTokenEvent::ServiceTokenRevoked(_) => {
            None
        }
    });
    let token = match created {
        Some(event) if !outcome.replayed => {
            server.signed(&event.token, &Grant::from(event), event.occurred_at)?
        }
        Some(_) | None => String::new(),
    };
    Ok(v1::CreateServiceTokenResponse {
        service_token_id: id,
        token,
        person_id: bearer,
        expires_at: created.map(|event| event.expires_at.0).unwrap_or_default(),
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn rotate_service_token(
    server: &Server,
    request: tonic::Request<v1::RotateServiceTokenRequest>,
) -> Result<v1::RotateServiceTokenResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let token = server.token_id(&mut v, &message.service_token_id);
    let overlap = match message.overlap_seconds {
        Some(0) => Some(0),
        asked => seconds(&mut v, "overlap_seconds", asked.unwrap_or_default(), OVERLAP),
    };
    let ((request_id, token), overlap_seconds) =
        fields::checked(v, request_id.zip(token).zip(overlap))?;
    call.principal.require(&Placement::of_division(token.division()))?;

    let request = call.request(request_id, "RotateServiceToken", &message);
    let by = call.principal.person.clone();
    let id = token.clone();
    let outcome = server
        .service_token
        .execute(target(&id, false), request, move |at| Command::RotateServiceToken {
            token: token.clone(),
            overlap_seconds,
            by: by.clone(),
            at,
        })
        .await?;
    let rotated = outcome.events.iter().find_map(|event| match event {
        ServiceTokenEvent::ServiceTokenRotated(event) => Some(event),
        ServiceTokenEvent::ServiceTokenCreated(_) | ServiceTokenEvent::ServiceTokenRevoked(_) => {
            None
        }
    });
    let (known, _) = server.service_token.load(&subject::service_token(&id)).await?;
    let token = match (rotated, known) {
        (Some(event), State::Active(grant)) if !outcome.replayed => {
            let grant = Grant { generation: event.generation, ..grant };
            server.signed(&id, &grant, event.occurred_at)?
        }
        (Some(_) | None, State::Active(_) | State::Unknown | State::Revoked) => String::new(),
    };
    Ok(v1::RotateServiceTokenResponse {
        token,
        expires_at: rotated.map(|event| event.expires_at.0).unwrap_or_default(),
        old_ends_at: rotated.map(|event| event.old_ends_at.0).unwrap_or_default(),
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn revoke_service_token(
    server: &Server,
    request: tonic::Request<v1::RevokeServiceTokenRequest>,
) -> Result<v1::RevokeServiceTokenResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let token = server.token_id(&mut v, &message.service_token_id);
    let (request_id, token) = fields::checked(v, request_id.zip(token))?;
    call.principal.require(&Placement::of_division(token.division()))?;

    let request = call.request(request_id, "RevokeServiceToken", &message);
    let by = call.principal.person.clone();
    let outcome = server
        .service_token
        .execute(target(&token, false), request, move |at| Command::RevokeServiceToken {
            token: token.clone(),
            by: by.clone(),
            at,
        })
        .await?;
    let position = Some(outcome.position.into());
    Ok(v1::RevokeServiceTokenResponse { version: outcome.version, position })
}

pub(super) async fn list_service_tokens(
    server: &Server,
    request: tonic::Request<v1::ListServiceTokensRequest>,
) -> Result<v1::ListServiceTokensResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let mut v = Violations::new();
    let list = ListKey::new(LIST, &[&format!("{scope:?}")]);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    context.wait(&server.service_tokens, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.service_tokens);
    let listed = service_tokens::list(&server.service_tokens, &scope, &page).await?;
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListServiceTokensResponse {
        service_tokens: listed.rows.into_iter().map(|(id, row)| shown(id, row)).collect(),
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    fn token_id(&self, v: &mut Violations, text: &str) -> Option<ServiceTokenId> {
        fields::local(v, self.context.county, "service_token_id", text)
    }

    /// The methods that a token is for: each must exist, and be one that a portal may call.
    fn methods(&self, v: &mut Violations, asked: &[String]) -> Option<Vec<MethodPath>> {
        if asked.is_empty() || asked.len() > MOST_METHODS {
            v.push(
                "methods",
                format!("name from 1 to {MOST_METHODS} methods"),
                format!("请指定1至{MOST_METHODS}个接口"),
            );
            return None;
        }
        let good: Vec<MethodPath> = asked
            .iter()
            .filter_map(|path| path.parse().ok())
            .filter(|path: &MethodPath| self.may_be_called(path))
            .collect();
        if good.len() < asked.len() {
            v.push(
                "methods",
                "a method does not exist or is not for portals: ask reflection for those there are",
                "存在未知的或对接单位无权调用的接口, 请核对",
            );
            return None;
        }
        Some(good)
    }

    /// Whether a method exists and, where its row is known in this process, is for portals. Where it is
    /// not, the process that serves it refuses the role.
    fn may_be_called(&self, path: &MethodPath) -> bool {
        static EXISTING: OnceLock<std::collections::BTreeSet<String>> = OnceLock::new();
        let existing = EXISTING.get_or_init(|| methods_of(&[api::DESCRIPTORS]).unwrap_or_default());
        let row = self.context.methods.iter().find(|(row, _)| *row == path.as_str());
        existing.contains(path.as_str())
            && row.is_none_or(|(_, access)| match access {
                Access::Public => true,
                Access::Roles(roles) => roles.contains(&Role::Integrator),
            })
    }

    fn signed(
        &self,
        token: &ServiceTokenId,
        grant: &Grant,
        at: Timestamp,
    ) -> Result<String, ServiceError> {
        let methods = grant.methods.iter().map(ToString::to_string).collect();
        let token_id = Some(service_token_jti(token, grant.generation));
        let claims = Claims {
            person: grant.person.clone(),
            role: grant.role,
            scope: Scope::Division(grant.division),
            ttl: Duration::from_secs(u64::from(grant.ttl_seconds)),
            basis: Basis { token_id, methods, ..Basis::default() },
        };
        self.context.issuer.issue(&claims, at).map_err(ServiceError::internal)
    }
}

fn target(token: &ServiceTokenId, creates: bool) -> Target {
    Target { subject: subject::service_token(token), id: token.to_string(), creates }
}

fn shown(service_token_id: String, row: ServiceTokenRow) -> v1::ServiceToken {
    let role = v1::Role::from_str_name(&api::name(&row.role, "ROLE_")).unwrap_or_default();
    v1::ServiceToken {
        service_token_id,
        person_id: row.person,
        role: role.into(),
        division: row.division,
        methods: row.methods.split_whitespace().map(str::to_owned).collect(),
        created_at: row.created_at,
        expires_at: row.expires_at,
        generation: u32::try_from(row.generation).unwrap_or_default(),
        revoked: row.revoked != 0,
        created_by: row.created_by,
    }
}
