//! The one layer through which every call of the gRPC server passes.

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use aws_lc_rs::hmac;
use futures::future::Either;
use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use kernel::{Clock, hash::Sha256};
use tonic::{Code, Status};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    policy::{Access, Denied, Policy, method_refused, role_refused},
    principal::Principal,
    verifier::{AuthError, Verifier},
};
use crate::grpc::status::{ServiceError, detailed};

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
        Self { verifier, policy, clock, request_secret }
    }

    /// The caller, if a token came; or the refusal.
    fn admit(&self, path: &str, headers: &HeaderMap) -> Result<Option<Principal>, Status> {
        let Some(access) = self.policy.access(path) else {
            return Err(no_such_method(path));
        };
        let principal =
            bearer(headers).and_then(|token| self.verifier.verify(token, self.clock.now()));
        match (access, principal) {
            // A probe with an old token is still a probe.
            (Access::Public, principal) => Ok(principal.ok()),
            (Access::Roles(_), Err(error)) => {
                tracing::debug!(method = path, reason = error.reason(), "call refused");
                Err(ServiceError::from(error).into())
            }
            (Access::Roles(_), Ok(principal)) => match self.policy.check(path, &principal) {
                Ok(()) => Ok(Some(principal)),
                Err(denied) => Err(refused(path, &principal, denied)),
            },
        }
    }
}

fn refused(path: &str, principal: &Principal, denied: Denied) -> Status {
    match denied {
        Denied::NoSuchMethod => no_such_method(path),
        Denied::Role | Denied::Method => {
            let error = match denied {
                Denied::Method => method_refused(),
                Denied::NoSuchMethod | Denied::Role => role_refused(principal.role),
            };
            tracing::debug!(method = path, person = %principal.person, reason = error.reason, "call refused");
            error.into()
        }
    }
}

fn no_such_method(path: &str) -> Status {
    // The path is the caller's text: it is cut, and quoted as debug text.
    let shown: String = path.chars().take(128).collect();
    tracing::debug!(method = ?shown, reason = "METHOD_UNKNOWN", "call refused");
    detailed(
        Code::Unimplemented,
        "METHOD_UNKNOWN",
        ("there is no such method: ask reflection for those there are", "没有此接口"),
        &BTreeMap::new(),
        Vec::new(),
    )
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Authenticated<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let principal = match self.auth.admit(request.uri().path(), request.headers()) {
            Ok(principal) => principal,
            Err(status) => return Either::Right(ready(Ok(status.into_http()))),
        };
        // No service needs the token, so none can log it.
        request.headers_mut().remove(AUTHORIZATION);
        if let Some(principal) = principal {
            request.extensions_mut().insert(principal);
            request.extensions_mut().insert(self.auth.request_secret.clone());
        }
        Either::Left(self.inner.call(request))
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
