//! `ImportCategories`: fills the catalogue from a table. The whole table is checked first; then each
//! category is one command whose id follows from the request, so that an import that was cut short
//! is sent again and goes on where it stopped.

use std::collections::BTreeMap;

use api::intake::v1::{ImportCategoriesRequest, ImportCategoriesResponse, RowError};
use contracts::subject;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{
    LogPosition,
    id::{CategoryCode, RecordId},
};
use platform::{
    auth::Placement,
    executor::{Request as Asking, Target},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Intake;
use crate::{
    catalogue::{
        document::Documents,
        table::{self, Entry, Known, RowNames, Table, Wrong},
    },
    domain::category::{Command, DefineCategory},
    projections::categories::catalogue_version,
};

/// How many categories are written at once.
const AT_ONCE: usize = 64;

pub(super) async fn import_categories(
    intake: &Intake,
    request: Request<ImportCategoriesRequest>,
) -> Result<ImportCategoriesResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    v.required("csv", (!message.csv.is_empty()).then_some(()));
    v.finish()?;
    let Some(request_id) = request_id else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    let county = intake.context.county;
    call.principal.require(&Placement::of_division(county))?;

    let head = intake.context.log.stream().state().await?.last;
    let log = intake.context.log.name().to_owned();
    intake.context.wait(&intake.categories, Some(LogPosition { log, sequence: head })).await?;
    let here = intake.context.position(&intake.categories);
    let now = intake.context.clock.now();
    let table = match table::read(&message.csv, &known(intake), now) {
        Ok(table) => table,
        Err(wrong) => return Ok(refused(wrong, here)),
    };
    if message.dry_run {
        return Ok(imported(table.rows, 0, here));
    }
    let document = Documents::id(county, &table.document);
    intake.documents.store(&document, &table.document).await?;
    for (hash, schema) in &table.forms {
        intake.documents.store_form(*hash, schema).await?;
    }
    let asking = call.request(request_id, "ImportCategories", &message);
    define(intake, &asking, &table, &document).await
}

/// What the catalogue has, on which a table may build.
fn known(intake: &Intake) -> BTreeMap<CategoryCode, Known> {
    intake.categories.cached(|rows| {
        let there = rows.iter().filter(|(_, row)| row.is_in_force() || row.has_ended());
        let known = there.filter_map(|(code, row)| {
            let parent = row.parent.parse().ok();
            let known = Known { parent, is_leaf: row.is_leaf(), is_over: row.has_ended() };
            Some((code.parse().ok()?, known))
        });
        known.collect()
    })
}

async fn define(
    intake: &Intake,
    asking: &Asking,
    table: &Table,
    document: &RecordId,
) -> Result<ImportCategoriesResponse, ServiceError> {
    let names = table::names(&table.document);
    let names = &names;
    let version = catalogue_version(&intake.categories) + 1;
    let outcomes = stream::iter(table.entries.clone()).map(|entry| async move {
        let renamed = renamed(intake, &entry, names).await?;
        let id = subject::category_id(intake.context.county, &entry.code);
        let target = Target { subject: subject::category(&id), id: id.to_string(), creates: false };
        let request = Asking {
            request_id: format!("{}/{}", asking.request_id, entry.code),
            ..asking.clone()
        };
        let document = document.clone();
        let outcome = intake
            .category_executor
            .execute(target, request, move |now| {
                Command::DefineCategory(Box::new(DefineCategory {
                    at: now,
                    category: entry.code.clone(),
                    parent: entry.parent.clone(),
                    rules: entry.rules.clone(),
                    catalogue_version: version,
                    document: document.clone(),
                    row: entry.row,
                    renamed,
                    from: entry.from,
                    until: entry.until,
                    successor: entry.successor.clone(),
                }))
            })
            .await?;
        Ok::<_, ServiceError>((!outcome.events.is_empty(), outcome.position))
    });
    let outcomes: Vec<(bool, LogPosition)> = outcomes.buffered(AT_ONCE).try_collect().await?;
    let written = outcomes.iter().filter(|(wrote, _)| *wrote).count();
    let here = intake.context.position(&intake.categories);
    let last = outcomes.into_iter().map(|(_, position)| position).max().unwrap_or(here);
    Ok(imported(table.rows, u32::try_from(written).unwrap_or(u32::MAX), last))
}

/// Whether the names in this table, or the titles of laws, differ from those in force.
async fn renamed(intake: &Intake, entry: &Entry, names: &[RowNames]) -> Result<bool, ServiceError> {
    let row = intake.categories.cached(|rows| rows.get(entry.code.as_str()).cloned());
    let Some(row) = row else { return Ok(true) };
    let old = intake.documents.words(&row).await?;
    let place = usize::try_from(entry.row).unwrap_or_default().saturating_sub(1);
    let Some(new) = names.get(place) else { return Ok(true) };
    let is_leaf = entry.rules.is_some();
    let same_titles = !is_leaf || old.legal_basis == new.legal_basis;
    Ok(old.of(is_leaf) != new.of(is_leaf) || !same_titles)
}

fn imported(rows: u32, written: u32, position: LogPosition) -> ImportCategoriesResponse {
    ImportCategoriesResponse { rows, written, errors: vec![], position: Some(position.into()) }
}

fn refused(wrong: Vec<Wrong>, position: LogPosition) -> ImportCategoriesResponse {
    let errors = wrong.into_iter().map(|wrong| RowError {
        row: wrong.row,
        column: wrong.column,
        reason_en: wrong.en,
        reason_zh: wrong.zh,
    });
    ImportCategoriesResponse {
        rows: 0,
        written: 0,
        errors: errors.collect(),
        position: Some(position.into()),
    }
}
