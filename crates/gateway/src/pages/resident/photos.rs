//! Photos in and out, for all rooms: `/media` takes one and answers its id, `/media/{id}` shows it to
//! whom the service lets see it.

use api::media::v1::{
    DownloadRequest, UploadHeader, UploadRequest, Variant, download_response, upload_request,
};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Multipart, Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use platform::http::Peer;
use serde::Deserialize;
use serde_json::{Value, json};
use tonic::Code;

use super::known::Sender;
use crate::{
    gateway::{Gateway, request_id},
    problem::Problem,
    session::{Kind, ResidentSession, StaffSession, who},
    visit::Visit,
};

/// A photo as a phone takes it, and what surrounds it in a form.
const MAX_PHOTO: usize = 13 * 1024 * 1024;

/// The longest id of a request.
const MAX_NAME: usize = 64;

/// A photo goes to the service in pieces of so many bytes.
const PIECE: usize = 256 * 1024;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/media", post(take).layer(DefaultBodyLimit::max(MAX_PHOTO)))
        .route("/media/{id}", get(show))
        .route("/media/{id}/thumbnail", get(show_small))
}

/// Gives a photo to the service and answers with its id.
pub(super) async fn upload(
    gateway: &Gateway,
    token: &str,
    request_id: String,
    file: Bytes,
) -> Result<String, tonic::Status> {
    let header = upload_request::Part::Header(UploadHeader { request_id });
    let starts = (0..file.len()).step_by(PIECE);
    let pieces = starts.map(move |start| {
        let piece = file.slice(start..file.len().min(start + PIECE));
        upload_request::Part::Chunk(piece.into())
    });
    let parts = std::iter::once(header).chain(pieces);
    let parts = stream::iter(parts.map(|part| UploadRequest { part: Some(part) }));
    let answer = gateway.clients.media(token).upload(parts).await?;
    Ok(answer.into_inner().media_id)
}

#[derive(Deserialize)]
struct Asked {
    /// `staff` where the page that sends is one of staff; else it is a resident's.
    #[serde(default, rename = "as")]
    as_whom: String,
}

/// Takes one photo. The answer is JSON, for it is a script that asks.
async fn take(
    visit: Visit,
    peer: Peer,
    staff: Result<StaffSession, Problem>,
    resident: Option<ResidentSession>,
    Query(asked): Query<Asked>,
    form: Multipart,
) -> Result<Response, Response> {
    let gateway = visit.gateway.clone();
    let refuse = |problem: Problem| refused(&visit, &problem);
    if let Err(wait) = gateway.residents.photos.take(peer.address, visit.now) {
        let mut response = refuse(StatusCode::TOO_MANY_REQUESTS.into());
        response.headers_mut().insert(header::RETRY_AFTER, wait.seconds.into());
        return Err(response);
    }
    let _place = gateway.residents.place().await.map_err(refuse)?;
    let (named, file) = match tokio::time::timeout(super::COMING, read(form)).await {
        Ok(read) => read.map_err(refuse)?,
        Err(_slow) => return Err(refuse(StatusCode::REQUEST_TIMEOUT.into())),
    };
    let named = if named.is_empty() { request_id() } else { named };
    if asked.as_whom == "staff" {
        let staff = staff.map_err(refuse)?;
        let id = upload(&gateway, staff.token(), named, file).await;
        let id = id.map_err(|status| refuse(status.into()))?;
        return Ok(told(StatusCode::OK, &json!({ "id": id })));
    }
    // Not by the name of the request: that is the picture's hash, which others may have too.
    let sender =
        Sender::of(&gateway, resident, peer.address, &request_id()).await.map_err(refuse)?;
    let answer = match upload(&gateway, &sender.who.token, named, file).await {
        Ok(id) => told(StatusCode::OK, &json!({ "id": id })),
        Err(status) => refuse(status.into()),
    };
    Ok(sender.known(&visit, answer))
}

async fn read(mut form: Multipart) -> Result<(String, Bytes), Problem> {
    let (mut named, mut file) = (String::new(), Bytes::new());
    while let Some(part) = form.next_field().await.map_err(|refused| refused.status())? {
        if part.file_name().is_some() {
            file = part.bytes().await.map_err(|refused| refused.status())?;
        } else if part.name() == Some("request_id") {
            named = part.text().await.map_err(|refused| refused.status())?;
            if named.len() > MAX_NAME {
                return Err(StatusCode::UNPROCESSABLE_ENTITY.into());
            }
        }
    }
    Ok((named, file))
}

/// A problem as the script takes it: the words in the visitor's language.
fn refused(visit: &Visit, problem: &Problem) -> Response {
    let own = problem.words(visit.locale);
    let field = problem.fields.first().map(|field| match visit.locale {
        crate::words::Locale::Zh => field.zh.clone(),
        crate::words::Locale::En => field.en.clone(),
    });
    let words = if own.is_empty() { visit.locale.say(problem.key()) } else { own.to_owned() };
    let answer = json!({ "reason": problem.reason, "message": field.unwrap_or(words) });
    told(problem.status, &answer)
}

/// An answer for a script.
fn told(status: StatusCode, answer: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

async fn show(
    State(gateway): State<Gateway>,
    peer: Peer,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    download(&gateway, &headers, peer, id, Variant::Full).await
}

async fn show_small(
    State(gateway): State<Gateway>,
    peer: Peer,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    download(&gateway, &headers, peer, id, Variant::Thumbnail).await
}

/// A phone can be of a member of staff and of a resident: the photo is shown if either may see it.
async fn download(
    gateway: &Gateway,
    headers: &HeaderMap,
    peer: Peer,
    id: String,
    variant: Variant,
) -> Result<Response, Problem> {
    let mut last = Problem::not_found();
    let signed_in = |kind| who(gateway, headers, peer.secure, kind);
    for who in [Kind::Staff, Kind::Resident].into_iter().filter_map(signed_in) {
        let request =
            DownloadRequest { media_id: id.clone(), variant: variant.into(), min_position: None };
        match gateway.clients.media(who.token.as_str()).download(request).await {
            Ok(answer) => return Ok(picture(answer.into_inner())),
            Err(status) if matches!(status.code(), Code::NotFound | Code::PermissionDenied) => {}
            Err(status) => last = status.into(),
        }
    }
    Err(last)
}

/// The picture as it comes; a browser shows it as a picture and as nothing else.
fn picture(answer: tonic::Streaming<api::media::v1::DownloadResponse>) -> Response {
    let pieces = answer.filter_map(async |message| match message.map(|message| message.part) {
        Ok(Some(download_response::Part::Chunk(chunk))) => Some(Ok(Bytes::from(chunk))),
        Ok(Some(download_response::Part::Header(_)) | None) => None,
        Err(status) => Some(Err(status)),
    });
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"photo.jpg\""),
        (header::CACHE_CONTROL, "private, max-age=600"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
