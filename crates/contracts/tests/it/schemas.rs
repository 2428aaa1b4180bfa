//! `docs/events/schemas` says what the code does, and what it said once holds for its version.

use std::{collections::BTreeSet, fs};

use contracts::EventType;
use serde_json::{Value, json};

use crate::files;

const FOLDER: &str = "../../docs/events/schemas";
const PUBLIC: &str = "../../docs/events/public";
const ENDING: &str = ".schema.json";

/// Each folder, and what its schemas are of.
fn documents() -> [(&'static str, Vec<EventType>); 2] {
    [(FOLDER, contracts::event_types()), (PUBLIC, contracts::public::event_types())]
}

#[expect(clippy::disallowed_methods, reason = "a test is told on the command line to write files")]
pub(crate) fn update() -> bool {
    std::env::var_os("UPDATE_SCHEMAS").is_some()
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    for (folder, types) in documents() {
        compare_all(folder, types);
    }
}

fn compare_all(folder: &str, types: Vec<EventType>) {
    let committed = files::read(folder, ENDING);
    for event in types {
        let schema = serde_json::to_value((event.schema)()).unwrap();
        let before = committed.get(event.ce_type);
        let broken = before.map_or_else(Vec::new, |before| breaks(before, &schema));
        assert!(
            broken.is_empty(),
            "{} breaks those who read it ({}); give it a new version and an upcast, see \
             docs/CONTRIBUTING.md",
            event.ce_type,
            broken.join("; ")
        );
        if update() {
            let path = files::folder(folder).join(format!("{}{ENDING}", event.ce_type));
            fs::write(path, format!("{schema:#}\n")).unwrap();
        } else {
            assert_eq!(
                before,
                Some(&schema),
                "{} is not in {folder} as it is in the code; run the tests of contracts \
                 with UPDATE_SCHEMAS=1 and commit what they write",
                event.ce_type
            );
        }
    }
}

#[test]
fn every_committed_schema_is_of_an_event_that_existed() {
    for (folder, golden) in
        [(FOLDER, files::golden()), (PUBLIC, files::read("golden/public", ".json"))]
    {
        for ce_type in files::read(folder, ENDING).keys() {
            assert!(
                golden.contains_key(ce_type),
                "{ce_type} has a schema but no golden file; remove it"
            );
        }
    }
}

#[test]
fn golden_files_and_schemas_name_the_same_fields() {
    let (golden, grown) = (files::golden(), files::grown());
    for event in contracts::event_types() {
        let schema = serde_json::to_value((event.schema)()).unwrap();
        let names =
            |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        let later = grown.iter().filter(|(of, _)| of == event.ce_type);
        let shown = later.fold(names(&golden[event.ce_type]), |shown, (_, example)| {
            shown.union(&names(example)).cloned().collect()
        });
        assert_eq!(
            shown,
            names(&schema["properties"]),
            "golden/{0}.json, and golden/{0}.<what came later>.json, show every field",
            event.ce_type
        );
    }
}

/// What a reader of the older schema could no longer rely on.
fn breaks(before: &Value, now: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    compare(before, now, "", &mut broken);
    for (name, definition) in before["$defs"].as_object().into_iter().flatten() {
        match now["$defs"].get(name).filter(|now| !now.is_null()) {
            None => broken.push(format!("{name} is gone")),
            Some(now) => compare(definition, now, name, &mut broken),
        }
    }
    broken
}

fn compare(before: &Value, now: &Value, at: &str, broken: &mut Vec<String>) {
    for (name, property) in before["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match now["properties"].get(name).filter(|now| !now.is_null()) {
            None => broken.push(format!("{at} is gone")),
            Some(now) => compare(property, now, &at, broken),
        }
    }
    // What is stored under this version lacks a field that was not required then.
    for field in now["required"].as_array().into_iter().flatten() {
        if before.get("properties").is_some()
            && !before["required"].as_array().is_some_and(|fields| fields.contains(field))
        {
            broken.push(format!("{at}.{} has become required", field.as_str().unwrap_or_default()));
        }
    }
    for key in ["type", "pattern", "$ref", "format", "minimum", "maximum", "const"] {
        if before.get(key) != now.get(key) {
            broken.push(format!("{at} has another {key}"));
        }
    }
    match (before.get("items"), now.get("items")) {
        (Some(before), Some(now)) => compare(before, now, &format!("{at}[]"), broken),
        (None, None) => {}
        _ => broken.push(format!("{at} is a list of something else")),
    }
    // Words and alternatives may be added, never taken away.
    for key in ["oneOf", "anyOf", "enum"] {
        for alternative in before[key].as_array().into_iter().flatten() {
            let same = |other: &Value| without_prose(other) == without_prose(alternative);
            if !now[key].as_array().is_some_and(|all| all.iter().any(same)) {
                broken.push(format!("{at} no longer admits {}", without_prose(alternative)));
            }
        }
    }
}

fn without_prose(schema: &Value) -> Value {
    let mut bare = schema.clone();
    if let Some(fields) = bare.as_object_mut() {
        fields.remove("description");
    }
    bare
}

#[test]
fn a_breaking_change_is_told_from_an_addition() {
    let before = json!({
        "properties": {
            "case": { "$ref": "#/$defs/CaseId" },
            "kind": { "oneOf": [{ "const": "a", "description": "old prose" }, { "const": "b" }] },
        },
        "required": ["case"],
        "$defs": { "CaseId": { "type": "string", "pattern": "^a$" } },
    });
    let mut added = before.clone();
    added["properties"]["grid"] = json!({ "type": "integer" });
    added["properties"]["kind"]["oneOf"] =
        json!([{ "const": "a", "description": "new prose" }, { "const": "b" }, { "const": "c" }]);
    assert_eq!(breaks(&before, &added), [""; 0]);

    for (pointer, value, expected) in [
        ("/properties/case", Value::Null, ".case is gone"),
        ("/properties/case", json!({ "type": "integer" }), ".case has another $ref"),
        ("/properties/kind/oneOf", json!([{ "const": "a" }]), "no longer admits"),
        ("/required", json!(["case", "kind"]), ".kind has become required"),
        ("/$defs/CaseId/pattern", json!("^b$"), "CaseId has another pattern"),
        ("/$defs/CaseId", Value::Null, "CaseId is gone"),
    ] {
        let mut now = before.clone();
        *now.pointer_mut(pointer).unwrap() = value;
        let broken = breaks(&before, &now).join("; ");
        assert!(broken.contains(expected), "{pointer}: {broken}");
    }
}
