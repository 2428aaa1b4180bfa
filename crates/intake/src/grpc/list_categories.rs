//! `ListCategories`: the catalogue in force, by code.

use api::intake::v1::{Category, ListCategoriesRequest, ListCategoriesResponse};
use platform::grpc::{ServiceError, call::Call};
use tonic::Request;

use super::{Intake, answer};
use crate::{
    catalogue::table::Names,
    projections::categories::{CategoryRow, catalogue_version},
};

pub(super) async fn list_categories(
    intake: &Intake,
    request: Request<ListCategoriesRequest>,
) -> Result<ListCategoriesResponse, ServiceError> {
    Call::of(&request)?;
    let message = request.into_inner();
    intake.context.wait(&intake.categories, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&intake.categories);
    let version = catalogue_version(&intake.categories);
    let mut rows: Vec<(String, CategoryRow)> = intake.categories.cached(|rows| {
        let in_force = rows.iter().filter(|(_, row)| row.is_in_force());
        in_force.map(|(code, row)| (code.clone(), row.clone())).collect()
    });
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut categories = Vec::with_capacity(rows.len());
    for (code, row) in rows {
        let name = intake.documents.name(&row).await?;
        categories.push(category(code, row, name));
    }
    Ok(ListCategoriesResponse {
        categories,
        catalogue_version: version,
        position: Some(position.into()),
    })
}

/// A category as lists answer it.
pub(super) fn category(code: String, row: CategoryRow, name: Names) -> Category {
    Category {
        code,
        name_zh: name.zh,
        name_en: name.en,
        urgency: answer::urgency(&row.urgency).into(),
        confidential: row.confidential == 1,
        emergency_advice: row.is_emergency(),
        has_form: row.form().is_some(),
        parent: row.parent,
        kind: row.kind,
        handler_kind: row.handler,
        limit: row.time_limit,
    }
}
