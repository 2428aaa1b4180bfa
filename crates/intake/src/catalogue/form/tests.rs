use super::*;

const FORM: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object", "additionalProperties": false, "required": ["size", "smoke"],
  "properties": {
    "size": {"type": "string", "title": "大小", "x-title-en": "size", "enum": ["small", "large"]},
    "smoke": {"type": "boolean", "title": "是否冒烟"},
    "count": {"type": "integer", "minimum": 1, "maximum": 20},
    "since": {"type": "string", "format": "date"},
    "plate": {"type": "string", "pattern": "^[A-Z][0-9]{3}$", "maxLength": 8},
    "kinds": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "uniqueItems": true, "maxItems": 2},
    "where": {"type": "object", "properties": {"floor": {"type": "number", "multipleOf": 0.5}}}
  }
}"#;

fn faults(answers: &str) -> Vec<String> {
    let found = Form::read(FORM).unwrap().check(answers).unwrap_err();
    assert!(found.iter().all(|fault| !fault.en.is_empty() && !fault.zh.is_empty()));
    found.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn good_answers_are_kept_without_spaces() {
    let form = Form::read(FORM).unwrap();
    let good = r#"{ "size": "small", "smoke": false, "count": 3, "since": "2026-07-01",
        "plate": "A123", "kinds": ["a", "b"], "where": {"floor": 1.5} }"#;
    let kept = form.check(good).unwrap();
    assert!(!kept.contains(' ') && kept.contains(r#""floor":1.5"#), "{kept}");
    assert_eq!(form.check(&kept).unwrap(), kept);
    assert_eq!(Form::read(form.text()).unwrap().hash(), form.hash());
}

#[test]
fn every_wrong_answer_is_told_by_its_place() {
    let rows = [
        ("", vec!["/size", "/smoke"]),
        ("[]", vec![""]),
        ("{", vec![""]),
        (r#"{"size":"huge","smoke":"no"}"#, vec!["/size", "/smoke"]),
        (r#"{"size":"small","smoke":true,"count":0.5}"#, vec!["/count", "/count"]),
        (r#"{"size":"small","smoke":true,"count":21}"#, vec!["/count"]),
        (r#"{"size":"small","smoke":true,"since":"2026-02-30"}"#, vec!["/since"]),
        (r#"{"size":"small","smoke":true,"plate":"a123"}"#, vec!["/plate"]),
        (r#"{"size":"small","smoke":true,"kinds":["a","a"]}"#, vec!["/kinds"]),
        (r#"{"size":"small","smoke":true,"kinds":["c"]}"#, vec!["/kinds/0"]),
        (r#"{"size":"small","smoke":true,"kinds":["a","b","a"]}"#, vec!["/kinds"]),
        (r#"{"size":"small","smoke":true,"where":{"floor":0.3}}"#, vec!["/where/floor"]),
        (r#"{"size":"small","smoke":true,"a/b":1}"#, vec!["/a~1b"]),
        ("{\"size\":\"small\",\"smoke\":true,\"plate\":\"A123\\u202e\"}", vec!["/plate", "/plate"]),
    ];
    for (answers, places) in rows {
        assert_eq!(faults(answers), places, "{answers}");
    }
}

#[test]
fn a_hostile_schema_is_refused_by_its_place() {
    let field = |field: &str| format!(r#"{{"type":"object","properties":{{"f":{field}}}}}"#);
    let many: Vec<String> = (0..61).map(|n| format!(r#""f{n}":{{"type":"boolean"}}"#)).collect();
    let deep = (0..8).fold(r#"{"type":"boolean"}"#.to_owned(), |inner, _| field(&inner));
    let rows = [
        ("[]".to_owned(), ""),
        (r#"{"type":"string"}"#.to_owned(), "/type"),
        (field(r##"{"$ref":"#"}"##), "/properties/f/$ref"),
        (field(r#"{"type":"string","pattern":"((a{50}){50}){50}"}"#), "/properties/f/pattern"),
        (field(r#"{"type":"string","pattern":"(a)\\1"}"#), "/properties/f/pattern"),
        (field(r#"{"type":"string","enum":["a","a"]}"#), "/properties/f/enum"),
        (field(r#"{"type":"string","maxLength":1000000}"#), "/properties/f/maxLength"),
        (field(r#"{"type":"integer","minimum":2,"maximum":1}"#), "/properties/f/minimum"),
        (field(r#"{"type":"array","items":{"type":"array"}}"#), "/properties/f/items/items"),
        (
            field(r#"{"type":"object","properties":{},"additionalProperties":true}"#),
            "/properties/f/additionalProperties",
        ),
        (format!(r#"{{"type":"object","properties":{{{}}}}}"#, many.join(",")), "/properties"),
        (deep, "/properties/f/properties/f/properties/f/properties/f"),
        (field(r#"{"allOf":[]}"#), "/properties/f/allOf"),
        (r#"{"type":"object","properties":{"a b":{"type":"boolean"}}}"#.to_owned(), "/properties"),
        (format!("\"{}\"", "x".repeat(MAX_BYTES)), ""),
        ("[".repeat(10_000), ""),
    ];
    for (schema, place) in rows {
        let refused = Form::read(&schema).unwrap_err();
        assert_eq!(refused.pointer, place, "{}", schema.chars().take(120).collect::<String>());
        assert!(!refused.en.is_empty() && !refused.zh.is_empty());
    }
}

#[test]
fn a_pattern_that_would_take_for_ever_elsewhere_is_answered_at_once() {
    let schema = r#"{"type":"object","properties":{"f":{"type":"string","pattern":"^(a+)+$"}}}"#;
    let answers = format!(r#"{{"f":"{}!"}}"#, "a".repeat(1_990));
    assert_eq!(Form::read(schema).unwrap().check(&answers).unwrap_err().len(), 1);
}
