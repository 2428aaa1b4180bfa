//! `Download`: a photo for those who may see it. Of a photo that one may not see nobody learns whether
//! there is one.

use std::pin::Pin;

use api::media::v1::{
    DownloadHeader, DownloadRequest, DownloadResponse, Variant as Asked, download_response::Part,
};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kernel::{ErrorCode, id::MediaId};
use platform::{
    audit::Object,
    auth::Principal,
    grpc::{ServiceError, Violations, call::Call},
    media::{MediaHeader, Variant},
    vault::VaultError,
};
use tonic::{Request, Status};

use super::Server;
use crate::{
    projections::{attachments, categories, orders},
    sight::AttachedCase,
};

/// A photo, piece by piece.
pub(super) type Download = Pin<Box<dyn Stream<Item = Result<DownloadResponse, Status>> + Send>>;

pub(super) async fn download(
    server: &Server,
    request: Request<DownloadRequest>,
) -> Result<Download, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let id = v.parse::<MediaId>("media_id", &message.media_id);
    let variant = match message.variant() {
        Asked::Full => Some(Variant::Full),
        Asked::Thumbnail => Some(Variant::Thumbnail),
        Asked::Unspecified => None,
    };
    if variant.is_none() {
        v.push("variant", "choose one of the listed values", "请从列出的值中选择");
    }
    v.finish()?;
    let (Some(id), Some(variant)) = (id, variant) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    server.tables.wait(&server.context, message.min_position.map(Into::into)).await?;
    let header = server.context.media.header(&id).await.map_err(refused)?;
    let header = header.ok_or_else(no_such_photo)?;
    if !is_seen(server, &call.principal, &id, &header).await? {
        return Err(no_such_photo());
    }
    call.reads("read_photo", Object::one("photo", &id));
    let facts = header.picture(variant);
    let first = Part::Header(DownloadHeader {
        content_type: header.content_type.clone(),
        width: facts.width,
        height: facts.height,
        bytes: facts.bytes,
    });
    let chunks = server.context.media.read(&id, &header, variant);
    let chunks = chunks.map_ok(Part::Chunk).map_err(|error| Status::from(refused(error)));
    let parts = stream::iter([Ok(first)]).chain(chunks);
    Ok(Box::pin(parts.map_ok(|part| DownloadResponse { part: Some(part) })))
}

async fn is_seen(
    server: &Server,
    caller: &Principal,
    id: &MediaId,
    header: &MediaHeader,
) -> Result<bool, ServiceError> {
    if header.uploader == caller.person {
        return Ok(true);
    }
    let tables = &server.tables;
    for attached in attachments::of(&tables.attachments, id, &header.uploader).await? {
        let case_id = match tables.orders.get(&attached.order_id).await? {
            Some(order) => order.case_id,
            None => attached.case_id,
        };
        let Some(case) = tables.cases.get(&case_id).await? else { continue };
        let confidential = categories::is_confidential(&tables.categories, &case.category);
        let orders = orders::of_case(&tables.orders, &case_id).await?;
        let orders = orders.iter().map(orders::OrderRow::placement);
        let case = AttachedCase::of(case.placement(), orders, confidential)
            .map_err(ServiceError::corrupt)?;
        if case.is_seen_by(caller) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What was erased, with its owner or by itself, is as if it had never been.
fn refused(error: VaultError) -> ServiceError {
    match error {
        VaultError::Erased(_) => no_such_photo(),
        error @ (VaultError::TooLarge(_)
        | VaultError::Restricted(_)
        | VaultError::Unreadable(_)
        | VaultError::NoMaster(_)
        | VaultError::Stream(_)
        | VaultError::Append(_)) => error.into(),
    }
}

/// The answer to an id that leads to no photo, or to none that the caller may see.
fn no_such_photo() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "PHOTO_NOT_FOUND",
        "there is no such photo here for you: check the id, or ask the office in charge",
        "没有找到该照片, 或您无权查看, 请核对编号或联系负责单位",
    )
}
