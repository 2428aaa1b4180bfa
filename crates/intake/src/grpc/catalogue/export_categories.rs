//! `ExportCategories`: the catalogue as a table, which reads back as the same. What is planned is not in
//! it: it is not in force.

use api::intake::v1::{ExportCategoriesRequest, ExportCategoriesResponse, TableFormat};
use kernel::Timestamp;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Catalogue, as_of};
use crate::{
    catalogue::table::write::{self, Line},
    grpc::Intake,
    projections::category_versions::{self, AsItWas},
};

pub(super) async fn export_categories(
    catalogue: &Catalogue,
    request: Request<ExportCategoriesRequest>,
) -> Result<ExportCategoriesResponse, ServiceError> {
    Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let format = TableFormat::try_from(message.format).ok();
    if format.is_none() {
        v.push("format", "choose one of TableFormat", "请选择 CSV、XLSX 或 JSON");
    }
    v.finish()?;
    let Catalogue { intake, neighbours } = catalogue;
    intake.context.wait(&neighbours.versions, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&neighbours.versions);
    let categories =
        category_versions::catalogue(&neighbours.versions, as_of(message.as_of.as_ref())).await?;
    let version = categories.iter().map(|(_, was)| was.row.version()).max().unwrap_or_default();
    let mut lines = Vec::with_capacity(categories.len());
    for (code, was) in categories {
        lines.push(line(intake, code, was).await?);
    }
    let table = match format.unwrap_or_default() {
        TableFormat::Unspecified | TableFormat::Csv => write::as_csv(&lines),
        TableFormat::Xlsx => write::as_xlsx(&lines).map_err(ServiceError::internal)?,
        TableFormat::Json => write::as_json(&lines),
    };
    Ok(ExportCategoriesResponse {
        table,
        rows: u32::try_from(lines.len()).unwrap_or(u32::MAX),
        catalogue_version: version,
        position: Some(position.into()),
    })
}

async fn line(intake: &Intake, code: String, was: AsItWas) -> Result<Line, ServiceError> {
    let AsItWas { row, rules } = was;
    let form = match row.form() {
        Some(hash) => intake.documents.form(hash).await?,
        None => None,
    };
    Ok(Line {
        code,
        parent: row.parent.clone(),
        rules,
        until: row.until.map(Timestamp),
        successor: row.successor.clone(),
        names: intake.documents.words(&row).await?,
        form: form.map(|form| form.text().to_owned()).unwrap_or_default(),
    })
}
