//! The one layer through which every call of the gRPC server passes.

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use aws_lc_rs::hmac;
use futures::{
    FutureExt as _,
    future::{BoxFuture, Either, try_join_all},
};
use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use kernel::{Clock, hash::Sha256};
use tonic::{Code, Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    called::{Called, Origin},
    guarded::Guarded,
    limiter::{CallLimits, Caller, Limiter, too_many},
    policy::{Access, Denied, Policy, method_refused, role_refused},
    principal::Principal,
    verifier::{AuthError, Held, Verifier},
};
use crate::{
    audit::{Audit, AuditError, Entry},
    grpc::status::{ServiceError, detailed, reason_of},
};

/// The caller of a request: the principal that the layer put there.
///
/// `UNAUTHENTICATED` where there is none, which happens on public methods only.
pub fn caller_of<T>(request: &tonic::Request<T>) -> Result<&Principal, ServiceError> {
    request.extensions().get::<Principal>().ok_or_else(|| AuthError::Missing.into())
}

/// Authenticates each call, asks the method table, and puts the [`Principal`] into the request's
/// extensions. What it refuses reaches no service.
#[derive(Clone)]
pub struct AuthLayer {
    verifier: Arc<Verifier>,
    policy: Arc<Policy>,
    clock: Arc<dyn Clock>,
    request_secret: RequestSecret,
    audit: Option<Audit>,
    limiter: Option<Arc<Limiter>>,
}

/// Who is let through.
#[derive(Default)]
struct Admitted {
    principal: Option<Principal>,
    held: Option<Held>,
}

/// Who is not: the answer, and what the trail says of it.
struct Refused {
    status: Status,
    reason: &'static str,
    principal: Option<Principal>,
    /// Whether there is such a method: the path of another is the caller's text.
    is_method: bool,
}

/// The secret under which the bodies of requests are hashed. A plain hash of what somebody typed could
/// be found again by trying; the log keeps it for ever.
#[derive(Clone)]
pub struct RequestSecret(Arc<[u8; 32]>);

impl RequestSecret {
    /// The secret that all replicas share.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Arc::new(secret))
    }

    /// HMAC-SHA-256 of a request's canonical body.
    pub fn hash(&self, method: &str, body: &[u8]) -> Sha256 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        let mut context = hmac::Context::with_key(&key);
        context.update(&(method.len() as u64).to_be_bytes());
        context.update(method.as_bytes());
        context.update(body);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        Sha256(bytes)
    }
}

impl std::fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthLayer").finish_non_exhaustive()
    }
}

impl AuthLayer {
    /// A layer with these parts.
    pub fn new(
        verifier: Arc<Verifier>,
        policy: Arc<Policy>,
        clock: Arc<dyn Clock>,
        request_secret: RequestSecret,
    ) -> Self {
        Self { verifier, policy, clock, request_secret, audit: None, limiter: None }
    }

    /// The same layer, which writes to a trail what it refuses, and what the answers show before they
    /// go out.
    #[must_use]
    pub fn with_audit(self, audit: Audit) -> Self {
        Self { audit: Some(audit), ..self }
    }

    /// The same layer, which lets one caller call so often and no more.
    #[must_use]
    pub fn with_limits(self, limits: CallLimits) -> Self {
        Self { limiter: Some(Arc::new(Limiter::new(limits))), ..self }
    }

    /// Takes a call out of the caller's bucket. Where nobody is known it is the address's.
    fn limit(&self, called: &Called, admitted: Admitted) -> Result<Admitted, Box<Refused>> {
        let Some(limiter) = &self.limiter else { return Ok(admitted) };
        let bucket = match (&admitted.principal, called.counted_address()) {
            (Some(principal), _) => Caller::Person(principal.person.clone()),
            (None, Some(address)) => Caller::at(address),
            (None, None) => return Ok(admitted),
        };
        match limiter.take(bucket) {
            Ok(()) => Ok(admitted),
            Err(after) => Err(refused(too_many(after), admitted.principal)),
        }
    }

    /// The caller, if a token came; or the refusal.
    fn admit(&self, path: &str, headers: &HeaderMap) -> Result<Admitted, Box<Refused>> {
        let Some(access) = self.policy.access(path) else {
            return Err(Box::new(no_such_method()));
        };
        let known =
            bearer(headers).and_then(|token| self.verifier.verify_held(token, self.clock.now()));
        match (access, known) {
            // A probe with an old token is still a probe.
            (Access::Public, Err(_)) => Ok(Admitted::default()),
            (Access::Roles(_), Err(error)) => Err(refused(error.into(), None)),
            (Access::Public | Access::Roles(_), Ok((principal, held))) => {
                match self.policy.check(path, &principal) {
                    Ok(()) => Ok(Admitted { principal: Some(principal), held: Some(held) }),
                    Err(Denied::NoSuchMethod) => Err(Box::new(no_such_method())),
                    Err(Denied::Method) => Err(refused(method_refused(), Some(principal))),
                    Err(Denied::Role) => {
                        Err(refused(role_refused(principal.role), Some(principal)))
                    }
                }
            }
        }
    }

    /// Notes a refusal of this layer.
    fn note(&self, called: &Called, refused: &Refused) {
        let Some(audit) = &self.audit else { return };
        let mut entry = called.entry("refused").refused(refused.reason);
        if !refused.is_method {
            entry.method = None;
        }
        audit.refused(by(entry, refused.principal.as_ref()));
    }

    /// What becomes of an answer: what it shows is in the trail before it goes out; a refusal is noted;
    /// one that goes on for long ends with its token.
    async fn release(
        self,
        called: Called,
        admitted: Admitted,
        response: Response<Body>,
    ) -> Response<Body> {
        let principal = admitted.principal.as_ref();
        if let Some(audit) = &self.audit {
            match Status::from_header_map(response.headers()) {
                Some(status) => {
                    if matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated) {
                        let reason = reason_of(&status).unwrap_or_default();
                        audit.refused(by(called.entry("refused").refused(reason), principal));
                    }
                }
                None => {
                    if let Err(error) = record(audit, &called, principal).await {
                        return Status::from(ServiceError::from(error)).into_http();
                    }
                }
            }
        }
        match admitted.held {
            Some(held) if !http_body::Body::is_end_stream(response.body()) => {
                let (verifier, clock) = (self.verifier, self.clock);
                response.map(|body| Body::new(Guarded::new(body, verifier, clock, held)))
            }
            Some(_) | None => response,
        }
    }
}

/// Records what an answer shows.
async fn record(
    audit: &Audit,
    called: &Called,
    principal: Option<&Principal>,
) -> Result<(), AuditError> {
    let reads = called.take_reads();
    let records = reads
        .into_iter()
        .map(|(action, object)| audit.record(by(called.entry(action).on(object), principal)));
    try_join_all(records).await.map(|_| ())
}

fn by(entry: Entry, principal: Option<&Principal>) -> Entry {
    match principal {
        Some(principal) => entry.by(principal),
        None => entry,
    }
}

fn refused(error: ServiceError, principal: Option<Principal>) -> Box<Refused> {
    let reason = error.reason;
    Box::new(Refused { status: error.into(), reason, principal, is_method: true })
}

fn no_such_method() -> Refused {
    let status = detailed(
        Code::Unimplemented,
        "METHOD_UNKNOWN",
        ("there is no such method: ask reflection for those there are", "没有此接口"),
        &BTreeMap::new(),
        Vec::new(),
    );
    Refused { status, reason: "METHOD_UNKNOWN", principal: None, is_method: false }
}

/// The token of `authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::Missing)?;
    if values.next().is_some() {
        return Err(AuthError::Malformed);
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(AuthError::Malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(AuthError::Malformed) }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Authenticated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticated { auth: self.clone(), inner }
    }
}

/// A service behind the [`AuthLayer`].
#[derive(Clone, Debug)]
pub struct Authenticated<S> {
    auth: AuthLayer,
    inner: S,
}

impl<S, ReqBody> Service<Request<ReqBody>> for Authenticated<S>
where
    S: Service<Request<ReqBody>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<
        BoxFuture<'static, Result<Response<Body>, S::Error>>,
        Ready<Result<Response<Body>, S::Error>>,
    >;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let path = request.uri().path();
        let called = Called::new(path, &Origin::of(request.extensions()), self.auth.audit.clone());
        let admitted = self.auth.admit(path, request.headers());
        let admitted = match admitted.and_then(|admitted| self.auth.limit(&called, admitted)) {
            Ok(admitted) => admitted,
            Err(refused) => {
                tracing::debug!(reason = refused.reason, "call refused");
                self.auth.note(&called, &refused);
                return Either::Right(ready(Ok(refused.status.into_http())));
            }
        };
        // No service needs the token, so none can log it.
        request.headers_mut().remove(AUTHORIZATION);
        let extensions = request.extensions_mut();
        if let Some(principal) = admitted.principal.clone() {
            extensions.insert(principal);
            extensions.insert(self.auth.request_secret.clone());
        }
        extensions.insert(called.clone());
        let (auth, answered) = (self.auth.clone(), self.inner.call(request));
        let released = async move { Ok(auth.release(called, admitted, answered.await?).await) };
        Either::Left(released.boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_hashed_under_the_secret_with_its_method() {
        let (one, other) = (RequestSecret::new([1; 32]), RequestSecret::new([2; 32]));
        assert_eq!(one.hash("RateCase", b"x"), one.hash("RateCase", b"x"));
        assert_ne!(one.hash("RateCase", b"x"), other.hash("RateCase", b"x"));
        assert_ne!(one.hash("RateCase", b"x"), one.hash("RateCas", b"ex"));
    }

    #[test]
    fn a_bearer_is_one_header_with_the_scheme() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, http::HeaderValue::from_static(value));
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["Bearer abc"]), Ok("abc".into()));
        assert_eq!(of(&["bearer abc"]), Ok("abc".into()));
        assert_eq!(of(&[]), Err(AuthError::Missing));
        assert_eq!(of(&["Basic abc"]), Err(AuthError::Malformed));
        assert_eq!(of(&["Bearer"]), Err(AuthError::Malformed));
        assert_eq!(of(&["Bearer a", "Bearer b"]), Err(AuthError::Malformed));
    }
}
