//! The stream of what is live, for whoever is signed in.

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use platform::http::Peer;
use serde::Deserialize;

use crate::{
    gateway::Gateway,
    live::{audience::Audience, stream::Listen},
    problem::Problem,
    session::{Kind, who},
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/events", get(listen))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    after: String,
}

/// What the browser names itself when it comes back counts more than where the page began.
async fn listen(
    State(gateway): State<Gateway>,
    peer: Peer,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let found = |kind| who(&gateway, &headers, peer.secure, kind);
    let found = found(Kind::Staff).or_else(|| found(Kind::Resident));
    let principal = found.ok_or_else(|| Problem::from(StatusCode::UNAUTHORIZED))?.principal;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let listen = Listen {
        audience: Audience::of(&principal, gateway.context.county),
        person: principal.person.to_string(),
        until: principal.expires_at,
        from: last.unwrap_or(&asked.after).parse().ok(),
    };
    Ok(stream(&gateway, listen))
}

/// The stream as an answer; a proxy neither keeps it back nor packs it.
pub(crate) fn stream(gateway: &Gateway, listen: Listen) -> Response {
    let Ok(events) = gateway.live.listen(listen) else {
        let mut response = Problem::from(StatusCode::SERVICE_UNAVAILABLE).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        return response;
    };
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}
