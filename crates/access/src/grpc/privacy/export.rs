//! `ExportPersonalData`: all that is kept of a person, as one JSON document.

use api::access::v1::{ExportPersonalDataRequest, ExportPersonalDataResponse};
use contracts::subject;
use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use kernel::{
    ErrorCode, Role, Timestamp,
    id::{PersonId, RecordId},
};
use platform::{
    audit::Object,
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use serde_json::{Value, json};
use tonic::{Request, Status};

use super::{Privacy, fields, in_scope};
use crate::{
    domain::data_request::Command,
    keeper::{Sort, sort_of},
    projections::personal_records::{self, Found},
};

/// How many records are opened at once.
const AT_ONCE: usize = 8;

/// Bytes of a piece of the answer.
const PIECE: usize = 64 * 1024;

pub(super) async fn export_personal_data(
    server: &Privacy,
    request: Request<ExportPersonalDataRequest>,
) -> Result<BoxStream<'static, Result<ExportPersonalDataResponse, Status>>, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let own = call.principal.person.clone();
    let person = if message.person_id.is_empty() {
        Some(own.clone())
    } else {
        server.person(&mut v, &message.person_id)
    };
    let (request_id, person) = fields::checked(v, request_id.zip(person))?;
    if call.principal.role == Role::Resident {
        if person != own {
            return Err(only_ones_own());
        }
    } else {
        in_scope(&call.principal, person.division())?;
    }
    let position = message.min_position.clone().map(Into::into);
    server.context.wait(server.keeper.records(), position).await?;

    // In the log before the first byte: who, whose, when.
    let request = call.request(request_id, "ExportPersonalData", &message);
    let (subject, id) = (subject::data_request(&person), person.to_string());
    let asked = person.clone();
    let outcome = server
        .keeper
        .requests()
        .execute(Target { subject, id, creates: false }, request, move |at| {
            let (person, by) = (asked.clone(), own.clone());
            Command::ExportPersonalData { person, by, at }
        })
        .await?;
    let at = outcome.events.first().map(kernel::StoredEvent::occurred_at).unwrap_or_default();
    call.reads("export_personal_data", Object::one("person", &person));
    let document = server.document(&person, at).await?;
    let pieces: Vec<_> = document
        .as_bytes()
        .chunks(PIECE)
        .map(|piece| Ok(ExportPersonalDataResponse { piece: piece.to_vec() }))
        .collect();
    Ok(stream::iter(pieces).boxed())
}

impl Privacy {
    async fn document(&self, person: &PersonId, at: Timestamp) -> Result<String, ServiceError> {
        let rows = personal_records::of_person(self.keeper.records(), &person.to_string()).await?;
        let entries: Vec<Value> = stream::iter(rows)
            .map(|found| self.entry(found))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let document = json!({
            "person_id": person.to_string(),
            "exported_at": at.to_rfc3339(),
            "entries": entries,
        });
        serde_json::to_string_pretty(&document).map_err(ServiceError::internal)
    }

    async fn entry(&self, (id, row): Found) -> Result<Value, ServiceError> {
        let mut entry = json!({
            "kind": row.kind,
            "service": row.holder,
            "at": Timestamp(row.at).to_rfc3339(),
            "id": id,
        });
        for (name, value) in
            [("case_id", &row.case_id), ("work_order_id", &row.order_id), ("value", &row.detail)]
        {
            if !value.is_empty() {
                entry[name] = json!(value);
            }
        }
        if sort_of(&row.kind) == Sort::Text {
            let record: RecordId = id.parse().map_err(ServiceError::corrupt)?;
            if let Some(plain) = self.context.vault.open_for_export(&record).await? {
                let text = String::from_utf8_lossy(&plain).into_owned();
                let structured = matches!(row.kind.as_str(), "contact" | "profile");
                let parsed = structured.then(|| serde_json::from_str(&text).ok()).flatten();
                entry["text"] = parsed.unwrap_or(Value::String(text));
            }
        }
        Ok(entry)
    }
}

fn only_ones_own() -> ServiceError {
    ServiceError::new(
        ErrorCode::PermissionDenied,
        "NOT_YOUR_DATA",
        "you can have what is kept of yourself: leave person_id out",
        "只能导出本人的信息，请不要填写 person_id",
    )
}
