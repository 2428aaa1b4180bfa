//! `GetCategory`: one category with all its rules, as it is or as a version or a moment had it.

use api::intake::v1::{
    CategoryVersion, GetCategoryRequest, GetCategoryResponse, LegalBasis, TierDepartment, TierLimit,
};
use contracts::intake::{CategoryDetails, CategoryRules};
use kernel::{ErrorCode, Timestamp, id::CategoryCode};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Catalogue, as_of};
use crate::{
    catalogue::days,
    grpc::{answer, list_categories::category},
    projections::category_versions::{self, AsItWas, AsOf},
};

pub(super) async fn get_category(
    catalogue: &Catalogue,
    request: Request<GetCategoryRequest>,
) -> Result<GetCategoryResponse, ServiceError> {
    Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let code = v.parse::<CategoryCode>("code", &message.code);
    v.finish()?;
    let Some(code) = code else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    let Catalogue { intake, neighbours } = catalogue;
    let min_position = message.min_position.map(Into::into);
    intake.context.wait(&neighbours.versions, min_position.clone()).await?;
    intake.context.wait(&intake.categories, min_position).await?;
    let position = intake.context.position(&neighbours.versions);
    let versions = category_versions::of_category(&neighbours.versions, &code).await?;
    let when = as_of(message.as_of.as_ref());
    let AsItWas { row, rules } =
        category_versions::as_it_was(&versions, when).ok_or_else(not_there)?;
    let words = intake.documents.words(&row).await?;
    let form = match row.form() {
        Some(hash) => intake.documents.form(hash).await?,
        None => None,
    };
    let planned = intake.categories.cached(|rows| rows.get(code.as_str())?.planned_from);
    let planned = planned.filter(|_| when == AsOf::Newest);
    let flag = |which: fn(&CategoryRules) -> bool| rules.as_ref().is_some_and(which);
    let details = rules.as_ref().map(|rules| rules.details.clone()).unwrap_or_default();
    Ok(GetCategoryResponse {
        status: row.status.clone(),
        catalogue_version: row.version(),
        admission: rules.as_ref().map(|rules| rules.admission.to_string()).unwrap_or_default(),
        consent_needed: flag(|rules| rules.consent_needed),
        report_earns_points: flag(|rules| rules.report_earns_points),
        departments: departments(&details),
        limits: limits(&details),
        duplicate_radius_m: details.duplicate_radius_m.unwrap_or_default(),
        duplicate_window_days: details.duplicate_window_days.unwrap_or_default(),
        legal_basis: words
            .legal_basis
            .iter()
            .map(|(code, title)| LegalBasis { code: code.clone(), title: title.clone() })
            .collect(),
        form_schema: form.map(|form| form.text().to_owned()).unwrap_or_default(),
        form_hash: details.form.map(|hash| hash.to_string()).unwrap_or_default(),
        until: row.until.map(|until| days::last_day(Timestamp(until))).unwrap_or_default(),
        successor: row.successor.clone(),
        versions: versions
            .iter()
            .map(|row| CategoryVersion {
                catalogue_version: u32::try_from(row.catalogue_version).unwrap_or_default(),
                since: row.since,
                ended: row.ended != 0,
            })
            .collect(),
        planned_from: planned.map(|from| days::day_of(Timestamp(from))).unwrap_or_default(),
        position: Some(position.into()),
        category: Some(category(code.to_string(), row.clone(), words.of(row.is_leaf()).clone())),
    })
}

fn departments(details: &CategoryDetails) -> Vec<TierDepartment> {
    let own = details.handlers.iter().map(|own| TierDepartment {
        tier: own.tier.to_string(),
        handler_kind: own.handler.to_string(),
    });
    own.collect()
}

fn limits(details: &CategoryDetails) -> Vec<TierLimit> {
    let rows = details.limits.iter().map(|row| TierLimit {
        tier: row.tier.map(|tier| tier.to_string()).unwrap_or_default(),
        urgency: row
            .urgency
            .map(|urgency| answer::urgency(&urgency.to_string()))
            .unwrap_or_default()
            .into(),
        limit: row.limit.to_string(),
    });
    rows.collect()
}

/// The answer to a code that the catalogue does not have, or did not have then.
fn not_there() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "CATEGORY_NOT_FOUND",
        "the catalogue has no such category, or had none then: take a code of ListCategories",
        "类别表中没有该类别，或当时尚无，请从类别表中选择",
    )
}
