//! `ListCategories`: the catalogue in force, by code.

use api::intake::v1::{Category, ListCategoriesRequest, ListCategoriesResponse};
use platform::grpc::{ServiceError, call::Call};
use tonic::Request;

use super::{Intake, answer};
use crate::projections::categories::{CategoryRow, catalogue_version};

pub(super) async fn list_categories(
    intake: &Intake,
    request: Request<ListCategoriesRequest>,
) -> Result<ListCategoriesResponse, ServiceError> {
    Call::of(&request)?;
    let message = request.into_inner();
    intake.context.wait(&intake.categories, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.categories);
    let version = catalogue_version(&intake.categories);
    let mut rows: Vec<(String, CategoryRow)> = intake
        .categories
        .cached(|rows| rows.iter().map(|(code, row)| (code.clone(), row.clone())).collect());
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut categories = Vec::with_capacity(rows.len());
    for (code, row) in rows {
        let name = intake.documents.name(&row).await?;
        categories.push(Category {
            code,
            name_zh: name.zh,
            name_en: name.en,
            urgency: answer::urgency(&row.urgency).into(),
            confidential: row.confidential == 1,
            parent: row.parent,
            kind: row.kind,
            handler_kind: row.handler,
            limit: row.time_limit,
        });
    }
    Ok(ListCategoriesResponse {
        categories,
        catalogue_version: version,
        position: Some(position.into()),
    })
}
