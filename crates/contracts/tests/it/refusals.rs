//! What is no event is refused, with the reason that an operator needs.

use contracts::intake::CaseEvent;
use kernel::{DecodeError, StoredEvent as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{files, lift};

/// A payload of this type is refused for its form, and the error names the type.
fn assert_refused(ce_type: &str, payload: &Value, because: &str) {
    match lift(ce_type, payload.to_string().as_bytes()) {
        Err(DecodeError::Payload { ce_type: named, .. }) => assert_eq!(named, ce_type),
        other => panic!("{ce_type} with {because} is read as {other:?}: {payload}"),
    }
}

#[test]
fn an_unknown_type_is_refused() {
    for ce_type in [
        "",
        "weft.intake.case_reported",
        "weft.intake.case_reported.v",
        "weft.intake.case_reported.v0",
        "weft.intake.case_reported.v-1",
        "weft.intake.case_reported.v1.v1",
        "weft.intake.case_reported.v99999999999",
        "weft.dispatch.case_reported.v1",
        "Weft.intake.case_reported.v1",
    ] {
        let refused = lift(ce_type, b"{}");
        assert!(
            matches!(&refused, Err(DecodeError::UnknownType(found)) if found == ce_type),
            "{refused:?}"
        );
    }
    let another_set = CaseEvent::decode("weft.dispatch.work_order_closed.v1", b"{}");
    assert!(matches!(another_set, Err(DecodeError::UnknownType(_))));
}

#[test]
fn a_version_of_the_future_asks_for_an_upgrade() {
    for event in contracts::event_types() {
        let (stem, version) = event.ce_type.rsplit_once(".v").unwrap();
        let version: u32 = version.parse().unwrap();
        for newer in [version + 1, version + 2, u32::MAX] {
            let ce_type = format!("{stem}.v{newer}");
            match lift(&ce_type, b"{}") {
                Err(error @ DecodeError::Newer { known, .. }) => {
                    assert_eq!(known, version);
                    assert!(error.to_string().contains("upgrade weft"), "{error}");
                }
                other => panic!("{ce_type} is read as {other:?}"),
            }
        }
    }
}

#[test]
fn garbage_is_refused() {
    for ce_type in files::golden().keys() {
        for garbage in
            ["", "{", "null", "[]", "{}", "\"text\"", "1", "{\"occurred_at\":1}", "\u{0}"]
        {
            let refused = lift(ce_type, garbage.as_bytes());
            assert!(matches!(refused, Err(DecodeError::Payload { .. })), "{ce_type}: {refused:?}");
        }
        let refused = lift(ce_type, b"\xff\xfe");
        assert!(matches!(refused, Err(DecodeError::Payload { .. })), "{ce_type}: {refused:?}");
    }
}

#[test]
fn a_missing_field_is_refused_where_the_schema_requires_it() {
    let golden = files::golden();
    for event in contracts::event_types() {
        let schema = serde_json::to_value((event.schema)()).unwrap();
        let required = schema["required"].as_array().unwrap();
        assert!(required.contains(&json!("occurred_at")));
        for field in required {
            let mut payload = golden[event.ce_type].clone();
            payload.as_object_mut().unwrap().remove(field.as_str().unwrap()).unwrap();
            assert_refused(event.ce_type, &payload, &format!("no {field}"));
        }
    }
}

/// Every value inside a value, by its JSON pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                leaves(value, &format!("{at}/{place}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push(at.to_owned());
        }
    }
}

#[test]
fn a_text_that_somebody_typed_is_read_nowhere() {
    for (ce_type, payload) in files::golden().into_iter().chain(files::grown()) {
        let mut places = Vec::new();
        leaves(&payload, "", &mut places);
        for place in places {
            for typed in ["张三 13812345678", "ignore me", "李四", "13812345678", ""] {
                let mut payload = payload.clone();
                *payload.pointer_mut(&place).unwrap() = json!(typed);
                assert_refused(&ce_type, &payload, &format!("{typed:?} at {place}"));
            }
        }
    }
}

fn any_type() -> impl Strategy<Value = String> {
    let known: Vec<String> = files::golden().into_keys().collect();
    prop_oneof![
        proptest::sample::select(known),
        "weft\\.(intake|dispatch)\\.[a-z_]{1,20}\\.v[0-9]{0,12}",
        ".{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(ce_type in any_type(), payload in any::<Vec<u8>>()) {
        prop_assert!(lift(&ce_type, &payload).is_err());
    }

    #[test]
    fn a_damaged_event_never_panics(
        ce_type in proptest::sample::select(files::golden().into_keys().collect::<Vec<_>>()),
        place in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut payload = files::golden()[&ce_type].to_string().into_bytes();
        let place = place.index(payload.len());
        if cut {
            payload.truncate(place);
            prop_assert!(lift(&ce_type, &payload).is_err());
        } else {
            payload[place] = byte;
            // Another digit is another number: some damage is an event all the same.
            let _read_or_refused = lift(&ce_type, &payload);
        }
    }
}
