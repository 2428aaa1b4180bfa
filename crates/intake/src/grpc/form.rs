//! What a category asks besides: checked at the report, sealed, and shown again with the schema by which
//! it was asked.

use kernel::{
    hash::Sha256,
    id::{CaseId, RecordId},
};
use platform::grpc::{ServiceError, Violations};
use serde_json::Value;

use super::{Intake, answer::Sight};
use crate::projections::categories::CategoryRow;

/// Answers that were checked.
pub(super) struct Answers {
    /// JSON, as it is kept.
    pub(super) text: String,
    /// The schema by which they were checked.
    pub(super) schema: Sha256,
}

/// The schema of a form in force is gone from the vault.
#[derive(Debug, thiserror::Error)]
#[error("the schema {0} of a form is not in the vault; import the catalogue again")]
struct SchemaGone(Sha256);

/// Checks the answers to a category's form, and notes what is wrong with them; none where nothing was
/// asked or answered.
pub(super) async fn answers(
    intake: &Intake,
    v: &mut Violations,
    category: &CategoryRow,
    text: &str,
) -> Result<Option<Answers>, ServiceError> {
    let Some(schema) = category.form() else {
        if !text.trim().is_empty() {
            v.push(
                "form_answers",
                "this category asks nothing besides: leave this out",
                "该类别没有附加表单，请勿填写",
            );
        }
        return Ok(None);
    };
    let form = intake.documents.form(schema).await?;
    let form = form.ok_or_else(|| ServiceError::corrupt(SchemaGone(schema)))?;
    match form.check(text) {
        Ok(text) if text == "{}" => Ok(None),
        Ok(text) => Ok(Some(Answers { text, schema })),
        Err(faults) => {
            for fault in faults {
                v.push(&format!("form_answers{}", fault.pointer), fault.en, fault.zh);
            }
            Ok(None)
        }
    }
}

impl Intake {
    /// What was answered to the form of a case, as far as it may be read, and the schema by which it
    /// was asked then; both empty where there is nothing.
    pub(super) async fn form_of(
        &self,
        case: &CaseId,
        sight: Sight<'_>,
    ) -> Result<(String, String), ServiceError> {
        let nothing = (String::new(), String::new());
        if !sight.reads_report() {
            return Ok(nothing);
        }
        let Some(answered) = self.found(case).await?.and_then(|report| report.reported.form) else {
            return Ok(nothing);
        };
        let record: &RecordId = &answered.record;
        let Some(text) = self.context.vault.text(record).await? else { return Ok(nothing) };
        let form = self.documents.form(answered.schema).await?;
        let schema = form.map(|form| form.text().to_owned()).unwrap_or_default();
        let shown = serde_json::from_str::<Value>(&text)
            .map(|answers| shown(answers, sight).to_string())
            .unwrap_or_default();
        Ok((shown, schema))
    }
}

/// Each answer as the reader may read it; a number of which something is masked becomes a text.
fn shown(answer: Value, sight: Sight<'_>) -> Value {
    match answer {
        Value::String(text) => Value::String(sight.shows(text)),
        Value::Number(number) => {
            let text = number.to_string();
            let masked = sight.shows(text.clone());
            if masked == text { Value::Number(number) } else { Value::String(masked) }
        }
        Value::Array(list) => list.into_iter().map(|answer| shown(answer, sight)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, answer)| (name, shown(answer, sight))).collect()
        }
        Value::Bool(_) | Value::Null => answer,
    }
}
