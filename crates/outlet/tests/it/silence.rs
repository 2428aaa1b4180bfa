//! What is never told: every event that there is, with every field filled, and the public stream
//! searched for what must not be in it.

use std::{collections::BTreeMap, path::PathBuf};

use contracts::{access, camera, dispatch, grid, intake, outlet, points, privacy, subject};
use kernel::StoredEvent;
use serde_json::Value;
use testkit::Suite;

use crate::ground::{define, suite, told};

/// The fields that hold a person, a sealed text, a hash or a position.
const KEPT: &[&str] = &[
    "by",
    "reporter",
    "person",
    "text",
    "contact",
    "account",
    "code_hash",
    "explanation",
    "comment",
    "profile",
    "document",
    "tracking",
    "digest",
    "position",
    "boundary",
    "photos",
    "photos_before",
    "photos_after",
    "name",
    "assignment",
    "webhook",
    "target",
    "secret",
    "integrator",
    "deliveries",
];

fn golden() -> BTreeMap<String, Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../contracts/golden");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
            let kept = !name.ends_with(".decodes-to");
            kept.then(|| (name, serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()))
        })
        .collect()
}

/// Every text and long number in a value.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| leaves(value, found)),
        Value::Array(items) => items.iter().for_each(|value| leaves(value, found)),
        Value::String(text) if text.len() > 11 => found.push(text.clone()),
        Value::Number(number) if number.to_string().len() > 6 => found.push(number.to_string()),
        Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_) => {}
    }
}

/// What stands in a field that is kept, wherever it is.
fn secrets(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if KEPT.contains(&name.as_str()) {
                    leaves(value, found);
                } else {
                    secrets(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|value| secrets(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Appends an event to an aggregate of its kind, if it is of this set.
async fn append<E: StoredEvent>(
    suite: &Suite,
    category: &str,
    number: usize,
    ce_type: &str,
    payload: &Value,
) -> bool {
    let Ok(event) = E::decode(ce_type, payload.to_string().as_bytes()) else { return false };
    let key = format!("g{number}");
    let village = "620821101203".parse().unwrap();
    let subject = subject::of(village, category, &key.parse().unwrap());
    suite.append(&subject, &format!("620821101203-{key}"), &[event]).await;
    true
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a list of every set of events")]
async fn no_person_position_or_record_of_any_event_is_in_the_public_stream() {
    let suite = suite().await;
    let golden = golden();
    for payload in golden.values() {
        if let Some(category) = payload["category"].as_str() {
            define(&suite, category, false).await;
        }
    }
    let mut hidden = Vec::new();
    for (number, (name, payload)) in golden.iter().enumerate() {
        let (suite, at) = (&suite, number);
        // `<ce-type>.<what>` shows an optional field that came later.
        let ce_type = &name.split('.').take(4).collect::<Vec<_>>().join(".");
        let known = append::<access::PersonEvent>(suite, "person", at, ce_type, payload).await
            || append::<access::OrganisationEvent>(suite, "organisation", at, ce_type, payload)
                .await
            || append::<grid::DivisionEvent>(suite, "division", at, ce_type, payload).await
            || append::<grid::GridEvent>(suite, "grid", at, ce_type, payload).await
            || append::<grid::ImportEvent>(suite, "import", at, ce_type, payload).await
            || append::<intake::CategoryEvent>(suite, "category", at, ce_type, payload).await
            || append::<intake::CaseEvent>(suite, "case", at, ce_type, payload).await
            || append::<dispatch::WorkOrderEvent>(suite, "work_order", at, ce_type, payload).await
            || append::<access::SignInLinkEvent>(suite, "sign_in_link", at, ce_type, payload).await
            || append::<access::SessionEvent>(suite, "session", at, ce_type, payload).await
            || append::<access::AccountEvent>(suite, "account", at, ce_type, payload).await
            || append::<access::SubstitutionEvent>(suite, "substitution", at, ce_type, payload)
                .await
            || append::<access::ServiceTokenEvent>(suite, "service_token", at, ce_type, payload)
                .await
            || append::<privacy::DataRequestEvent>(suite, "data_request", at, ce_type, payload)
                .await
            || append::<privacy::RetentionEvent>(suite, "retention", at, ce_type, payload).await
            || append::<intake::DisclosureEvent>(suite, "disclosure", at, ce_type, payload).await
            || append::<camera::CameraEvent>(suite, "camera", at, ce_type, payload).await
            || append::<camera::CameraImportEvent>(suite, "camera_import", at, ce_type, payload)
                .await
            || append::<points::LedgerEvent>(suite, "programme", at, ce_type, payload).await
            || append::<outlet::WebhookEvent>(suite, "webhook", at, ce_type, payload).await
            || append::<outlet::IntegratorEvent>(suite, "integrator", at, ce_type, payload).await
            || append::<outlet::DeliveriesEvent>(suite, "deliveries", at, ce_type, payload).await
            || append::<intake::admission::AdmissionEvent>(
                suite,
                "admission",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<intake::hotspot::HotspotEvent>(suite, "hotspot", at, ce_type, payload)
                .await
            || append::<grid::roster::RosterEvent>(suite, "roster", at, ce_type, payload).await
            || append::<grid::roster::LeaveEvent>(suite, "leave", at, ce_type, payload).await
            || append::<dispatch::supervision::SupervisionEvent>(
                suite,
                "supervision",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::calendar::CalendarEvent>(suite, "calendar", at, ce_type, payload)
                .await
            || append::<dispatch::rules::RoutingRulesEvent>(
                suite,
                "routing_rules",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::convocation::ConvocationEvent>(
                suite,
                "convocation",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::campaign::CampaignEvent>(suite, "campaign", at, ce_type, payload)
                .await
            || append::<dispatch::campaign::CampaignTaskEvent>(
                suite,
                "campaign_task",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::instruction::InstructionEvent>(
                suite,
                "instruction",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::incident::IncidentEvent>(suite, "incident", at, ce_type, payload)
                .await
            || append::<dispatch::team::TeamEvent>(suite, "team", at, ce_type, payload).await
            || append::<dispatch::mediation::MediationEvent>(
                suite,
                "mediation",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::notification::NotificationRulesEvent>(
                suite,
                "notification_rules",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::notification::NotificationEvent>(
                suite,
                "notification",
                at,
                ce_type,
                payload,
            )
            .await
            || append::<dispatch::notification::NotificationReaderEvent>(
                suite,
                "notification_reader",
                at,
                ce_type,
                payload,
            )
            .await;
        assert!(known, "append {ce_type} here too, so that it is searched");
        secrets(payload, &mut hidden);
    }
    suite.settled().await;

    let told = told(&suite).await;
    assert!(told.len() > 15, "{} events told", told.len());
    assert!(hidden.len() > 20, "{hidden:?}");
    hidden.extend(["testkit", "secret", "traceparent", "weft-actor"].map(str::to_owned));
    for message in told {
        let raw = format!("{} {:?} {}", message.subject, message.headers, message.body);
        for secret in &hidden {
            assert!(!raw.contains(secret.as_str()), "{secret} is in {raw}");
        }
    }
}
