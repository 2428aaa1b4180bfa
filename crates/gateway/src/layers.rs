//! What every request passes: it must come from a page of this site if it changes anything, its
//! problems become pages, and its answer carries the headers that keep a browser safe.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest as _, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    gateway::Gateway,
    pages::problem,
    problem::Problem,
    visit::{Visit, is_secure},
};

/// A form's fields have at most so many bytes; photos go another way.
pub(crate) const MAX_FORM: usize = 256 * 1024;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'";

/// The headers of every answer.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let secure = is_secure(request.extensions());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: header::HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // Pages are somebody's own; assets have said otherwise before.
    set(header::CACHE_CONTROL, "no-store");
    set(header::VARY, "hx-request, cookie, accept-language");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Whether a request that changes something comes from a page of this site. Browsers say so in
/// `Sec-Fetch-Site`, older ones in `Origin`; who sends neither is no browser and has no cookies that
/// another site could use.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text("host")
        }
        (None, None) => true,
    }
}

/// Refuses what another site makes a browser send.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if safe || is_own(request.headers()) {
        next.run(request).await
    } else {
        Problem::cross_site().into_response()
    }
}

/// Makes a page of a problem, in the visitor's language. A form that met a session that is over is
/// kept: its fields are on the page that asks for a sign-in.
pub(crate) async fn problems(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    gateway.names.learn_county(&gateway).await;
    let visit = Visit::of(&gateway, request.uri(), request.headers(), request.extensions());
    let post = request.method() == Method::POST;
    let form = post
        && request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let (request, kept) = if form {
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, MAX_FORM).await else {
            return problem::page(&visit, &StatusCode::PAYLOAD_TOO_LARGE.into(), &[]);
        };
        let copy = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
        (Request::from_parts(parts, Body::from(bytes)), Some(copy))
    } else {
        (request, None)
    };
    let mut response = next.run(request).await;
    let mut problem = response.extensions_mut().remove::<Problem>();
    let bare = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let status = response.status();
    if problem.is_none() && bare && (status.is_client_error() || status.is_server_error()) {
        // What the router and the extractors refuse by themselves.
        problem = Some(status.into());
    }
    let Some(problem) = problem else { return response };
    let fields = match kept {
        Some(copy) if problem.signed_out.is_some() => {
            let form = axum::Form::<Vec<(String, String)>>::from_request(copy, &()).await;
            form.map(|axum::Form(fields)| fields).unwrap_or_default()
        }
        Some(_) | None => Vec::new(),
    };
    if let (Some(_), false, false) = (problem.signed_out, post, visit.part) {
        return problem::to_sign_in(&visit);
    }
    problem::page(&visit, &problem, &fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        is_own(&headers)
    }

    #[test]
    fn only_this_site_changes_anything() {
        let host = ("host", "county.example:8080");
        assert!(own(&[host, ("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(own(&[host, ("origin", "http://county.example:8080")]));
        assert!(own(&[host]));
        assert!(!own(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!own(&[host, ("sec-fetch-site", "same-site")]));
        assert!(!own(&[host, ("origin", "http://evil.example")]));
        assert!(!own(&[host, ("origin", "null")]));
    }
}
