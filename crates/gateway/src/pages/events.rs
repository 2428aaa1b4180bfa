//! The stream of what is live: for whoever is signed in, and for whoever follows one case by its
//! tracking code.

use api::intake::v1::TrackCaseRequest;
use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, pending},
};
use kernel::Role;
use platform::http::Peer;
use serde::Deserialize;

use crate::{
    gateway::Gateway,
    live::{audience::Audience, cursor::Cursor, stream::Listen},
    problem::Problem,
    session::{Kind, Who, who},
};

/// How long a tracking code is good for one stream, in milliseconds; the page then comes back with it.
const TRACKED_FOR: i64 = 3_600_000;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/events", get(listen))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    tracking: String,
}

/// What the browser names itself when it comes back counts more than where the page began.
async fn listen(
    State(gateway): State<Gateway>,
    peer: Peer,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or("?"));
    let from = last.filter(|last| !last.is_empty()).unwrap_or(&asked.after);
    let from = (!from.is_empty()).then(|| from.parse().unwrap_or_else(|_| elsewhere()));
    let (listen, over) = if asked.tracking.is_empty() {
        signed_in(&gateway, &headers, peer.secure, from)?
    } else {
        (tracked(&gateway, asked.tracking, from).await?, pending().boxed())
    };
    Ok(stream(&gateway, listen, over))
}

/// A position that cannot be read is none of this log's: the page is asked to load anew.
fn elsewhere() -> Cursor {
    Cursor { epoch: String::new(), cases: 0, orders: 0 }
}

fn signed_in(
    gateway: &Gateway,
    headers: &HeaderMap,
    secure: bool,
    from: Option<Cursor>,
) -> Result<(Listen, BoxFuture<'static, ()>), Problem> {
    let found = |kind| who(gateway, headers, secure, kind);
    let found = found(Kind::Staff).or_else(|| found(Kind::Resident));
    let Who { token, principal } = found.ok_or_else(|| Problem::from(StatusCode::UNAUTHORIZED))?;
    let listen = Listen {
        audience: Audience::of(&principal, gateway.context.county),
        person: principal.person.to_string(),
        resident: principal.role == Role::Resident,
        until: principal.expires_at,
        from,
    };
    Ok((listen, gateway.until_over(&token)))
}

/// The code says which case; whoever has it hears of that one and of no other.
async fn tracked(
    gateway: &Gateway,
    tracking_code: String,
    from: Option<Cursor>,
) -> Result<Listen, Problem> {
    let request = TrackCaseRequest { tracking_code, min_position: None };
    let answer = gateway.clients.intake(None).track_case(request).await?.into_inner();
    let case = answer.case.unwrap_or_default().case_id;
    let audience = Audience::Case(case.parse().map_err(Problem::defect)?);
    let until = gateway.now().plus_millis(TRACKED_FOR);
    Ok(Listen { audience, person: format!("case:{case}"), resident: true, until, from })
}

/// The stream as an answer, until its permission is over; a proxy neither keeps it back nor packs it.
pub(crate) fn stream(gateway: &Gateway, listen: Listen, over: BoxFuture<'static, ()>) -> Response {
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
    (headers, Body::from_stream(events.take_until(over))).into_response()
}
