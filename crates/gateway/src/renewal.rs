//! How a session goes on while its pages are used: the token in the cookie is short, and each visit
//! that finds it a few minutes old puts a new one in its place. What a page fetches by itself is no
//! visit, so that a desk that was left alone is signed out; the wall's screen is there to be left
//! alone.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use data_encoding::BASE64URL_NOPAD;
use kernel::Timestamp;
use serde::Deserialize;
use tonic::Code;

use crate::{
    gateway::Gateway,
    session::{Kind, set_cookie, who},
    visit::is_secure,
};

/// A token is this old, in seconds, before it is renewed.
const FRESH: i64 = 5 * 60;

/// Renews the token of a visitor's cookie beside the answer.
pub(crate) async fn renew(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    let secure = is_secure(request.extensions());
    let old = is_visit(&request).then(|| due(&gateway, request.headers(), secure)).flatten();
    let Some(old) = old else { return next.run(request).await };
    let renewing = async {
        gateway
            .clients
            .access(old.as_str())
            .renew_session(api::access::v1::RenewSessionRequest {})
            .await
    };
    let (mut response, renewed) = tokio::join!(next.run(request), renewing);
    let cookie = match renewed {
        Ok(answer) => answer.into_inner().session.map(|session| {
            let left = session.expires_at.saturating_sub(gateway.now().0) / 1_000;
            set_cookie(secure, Kind::Staff, &session.token, left)
        }),
        // The session is over: the next page asks for a sign-in.
        Err(status) if status.code() == Code::Unauthenticated => {
            Some(set_cookie(secure, Kind::Staff, "", 0))
        }
        // Another time: the token is good for a while yet.
        Err(_) => None,
    };
    if let Some(cookie) = cookie.filter(|_| !sets_its_own(&response, secure)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a person did something, rather than a page by itself.
fn is_visit(request: &Request) -> bool {
    let path = request.uri().path();
    let by_itself = ["/events", "/assets/", "/media/", "/api/", "/sign-out"];
    if by_itself.iter().any(|start| path.starts_with(start)) {
        return false;
    }
    let part = request.headers().contains_key("hx-request");
    request.method() == Method::POST || !part || path.starts_with("/screen")
}

/// The staff's token, if it is of a session and no longer fresh.
fn due(gateway: &Gateway, headers: &HeaderMap, secure: bool) -> Option<String> {
    let who = who(gateway, headers, secure, Kind::Staff)?;
    who.principal.basis.session.as_ref()?;
    is_due(&who.token, gateway.now()).then_some(who.token)
}

fn is_due(token: &str, now: Timestamp) -> bool {
    issued_at(token).is_some_and(|issued| now.0.div_euclid(1_000) - issued >= FRESH)
}

/// When a token was issued, in seconds. It was verified before.
fn issued_at(token: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Claims {
        iat: i64,
    }
    let claims = token.split('.').nth(1)?;
    let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?;
    serde_json::from_slice::<Claims>(&claims).ok().map(|claims| claims.iat)
}

/// Whether the page itself signs in or out.
fn sets_its_own(response: &Response, secure: bool) -> bool {
    let name = format!("{}=", Kind::Staff.cookie(secure));
    let mut cookies = response.headers().get_all(header::SET_COOKIE).iter();
    cookies.any(|cookie: &HeaderValue| cookie.as_bytes().starts_with(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn visit(method: &str, path: &str, part: bool) -> bool {
        let request = Request::builder().method(method).uri(path);
        let request = if part { request.header("hx-request", "true") } else { request };
        is_visit(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn what_a_page_fetches_by_itself_is_no_visit() {
        assert!(visit("GET", "/console", false));
        assert!(visit("POST", "/console/cases/x/accept", true));
        assert!(visit("GET", "/screen/left", true), "nobody sits before a wall");
        for path in ["/events", "/api/ui/grids.geojson", "/assets/x/weft.css", "/media/x"] {
            assert!(!visit("GET", path, false), "{path}");
        }
        assert!(!visit("GET", "/console", true), "a queue that refreshes itself");
    }

    #[test]
    fn a_token_is_renewed_when_it_is_some_minutes_old() {
        let token = format!("e30.{}.sig", BASE64URL_NOPAD.encode(br#"{"iat":1000,"exp":2800}"#));
        assert!(!is_due(&token, Timestamp(1_299_999)));
        assert!(is_due(&token, Timestamp(1_300_000)));
        assert!(!is_due("nonsense", Timestamp(9_000_000)));
    }
}
