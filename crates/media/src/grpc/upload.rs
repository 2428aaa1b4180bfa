//! `Upload`: receives a file piece by piece, cleans it, and stores it under an id that follows from the
//! request: the same request again meets the same photo.

use api::media::v1::{UploadRequest, UploadResponse, upload_request::Part};
use kernel::{ErrorCode, Role, id::MediaId};
use platform::{
    executor::Request as Named,
    grpc::{ServiceError, Violations, call::Call},
    log::hash_parts,
    media::{MediaHeader, NewMedia},
};
use tonic::{Request, Status, Streaming};

use super::Server;
use crate::{clean::CONTENT_TYPE, cleaner};

/// A file and what its sender calls the request.
struct Received {
    request_id: String,
    file: Vec<u8>,
}

pub(super) async fn upload(
    server: &Server,
    request: Request<Streaming<UploadRequest>>,
) -> Result<UploadResponse, Status> {
    let call = Call::of(&request)?;
    let receiving = server.receiving.try_acquire().map_err(|_full| cleaner::busy())?;
    let received = receive(request.into_inner(), server.config.max_file_bytes).await?;
    let stored = store(server, &call, received).await?;
    drop(receiving);
    Ok(stored)
}

/// Receives the header and then the file, and no more of it than is taken.
async fn receive(
    mut parts: Streaming<UploadRequest>,
    max_bytes: usize,
) -> Result<Received, Status> {
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(Part::Header(header)) = first else {
        return Err(wrong("header", "the header comes first", "首条消息应为 header").into());
    };
    let mut v = Violations::new();
    let request_id = v.request_id(&header.request_id);
    v.finish()?;
    let mut file = Vec::new();
    while let Some(message) = parts.message().await? {
        let Some(Part::Chunk(chunk)) = message.part else {
            let (en, zh) = ("after the header come pieces of the file", "header 之后应为文件内容");
            return Err(wrong("chunk", en, zh).into());
        };
        if file.len() + chunk.len() > max_bytes {
            return Err(too_large(max_bytes).into());
        }
        file.extend_from_slice(&chunk);
    }
    if file.is_empty() {
        return Err(wrong("chunk", "there is no file: send it in pieces", "未收到文件内容").into());
    }
    Ok(Received { request_id: request_id.unwrap_or_default(), file })
}

async fn store(
    server: &Server,
    call: &Call,
    Received { request_id, file }: Received,
) -> Result<UploadResponse, ServiceError> {
    let request = named(call, request_id, &file);
    let media = &server.context.media;
    let id = MediaId::new(server.context.county, request.key("media"));
    if let Some(header) = media.header(&id).await? {
        return answer(&id, &header, &request);
    }
    let (uploader, now) = (call.principal.person.clone(), server.context.clock.now());
    server.rate.count(&uploader, now).map_err(|wait| {
        ServiceError::new(
            ErrorCode::Exhausted,
            "TOO_MANY_PHOTOS",
            "you have uploaded many photos in a short time: wait a while, then go on",
            "您短时间内上传的照片过多, 请稍后再试",
        )
        .retry_after(wait)
    })?;
    let cleaned = server.cleaner.clean(file).await?;
    let photo = NewMedia {
        owner: match call.principal.role {
            Role::Resident => uploader.to_string(),
            // What staff and portals bring in shows others: it can be erased by itself.
            Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Operator
            | Role::Supervisor
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator
            | Role::Integrator => format!("media:{id}"),
        },
        uploader,
        request: request.body,
        uploaded_at: now,
        content_type: CONTENT_TYPE.to_owned(),
        full: cleaned.full,
        thumbnail: cleaned.thumbnail,
    };
    answer(&id, &media.put(&id, &photo).await?, &request)
}

/// The request by which the photo gets its id, and by which it is told from another file under the
/// same `request_id`. The file stands in it with its hash.
fn named(call: &Call, request_id: String, file: &[u8]) -> Named {
    let hash = hash_parts(&[file]).0.to_vec();
    call.request(request_id, "Upload", &UploadRequest { part: Some(Part::Chunk(hash)) })
}

fn answer(
    id: &MediaId,
    header: &MediaHeader,
    request: &Named,
) -> Result<UploadResponse, ServiceError> {
    if header.request != request.body {
        return Err(ServiceError::new(
            ErrorCode::AlreadyExists,
            "REQUEST_ID_REUSED",
            "this request_id was used for another photo: make a new one",
            "该 request_id 已用于另一张照片, 请换用新的 request_id",
        ));
    }
    Ok(UploadResponse {
        media_id: id.to_string(),
        width: header.full.width,
        height: header.full.height,
        bytes: header.full.bytes,
    })
}

fn wrong(field: &str, en: &str, zh: &str) -> ServiceError {
    let mut v = Violations::new();
    v.push(field, en, zh);
    v.finish().err().unwrap_or_else(|| unreachable!("a violation was noted"))
}

fn too_large(max_bytes: usize) -> ServiceError {
    let mebibytes = max_bytes / (1024 * 1024);
    ServiceError::new(
        ErrorCode::InvalidArgument,
        "PHOTO_TOO_LARGE",
        format!("a photo has at most {mebibytes} MiB: make it smaller"),
        format!("照片不能超过{mebibytes}MB, 请压缩后上传"),
    )
}
