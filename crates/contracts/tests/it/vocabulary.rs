//! Nothing that a person typed, and nothing that names a person, has a place in an event: every
//! schema is walked, and whatever could hold a free text is found.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

/// What people type. No pattern may let any of it through.
const TYPED: &[&str] = &[
    "",
    " ",
    "张三",
    "泾川县城关镇李家村三社",
    "Zhang San",
    "zhangsan",
    "zhang_san",
    "138 1234 5678",
    "13812345678",
    "+8613812345678",
    "0933-3321234",
    "622701199001011234",
    "free text",
    "the lamp is out",
    "lamp-out",
    "2026-06-01",
    "a@b.cn",
    "<script>",
    "0101 lamp",
    "0101\nlamp",
];

/// Words of which a field's name may have none, unless the field is the id of a sealed record.
const PERSONAL: &[&str] = &[
    "name",
    "names",
    "phone",
    "telephone",
    "mobile",
    "address",
    "text",
    "comment",
    "explanation",
    "note",
    "notes",
    "remark",
    "title",
    "description",
    "contact",
    "profile",
    "message",
    "wechat",
    "email",
    "birthday",
    "licence",
    "plate",
];

/// Walks a schema and says where it admits what must stay outside.
struct Walk<'a> {
    definitions: &'a Value,
    seen: BTreeSet<String>,
    found: Vec<String>,
}

/// Every place of a schema at which a free text, or a name, could enter.
fn findings(schema: &Value) -> Vec<String> {
    let mut walk = Walk { definitions: &schema["$defs"], seen: BTreeSet::new(), found: Vec::new() };
    walk.visit(schema, "");
    walk.found
}

impl Walk<'_> {
    fn visit(&mut self, schema: &Value, at: &str) {
        let Some(fields) = schema.as_object() else {
            return self.find(at, "has no form: anything would fit");
        };
        if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
            return self.follow(target, at);
        }
        let branches =
            ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| fields.get(*key)?.as_array());
        let branches: Vec<&Value> = branches.flatten().collect();
        let closed = fields.contains_key("const") || fields.contains_key("enum");
        let types = types(schema);
        if types.is_empty() && branches.is_empty() && !closed {
            self.find(at, "has no type: anything would fit");
        }
        if types.contains(&"string") && !closed {
            self.string(schema, at);
        }
        for branch in branches {
            self.visit(branch, at);
        }
        if let Some(items) = fields.get("items") {
            self.visit(items, &format!("{at}[]"));
        } else if types.contains(&"array") {
            self.find(at, "is a list of anything");
        }
        if !matches!(fields.get("additionalProperties"), None | Some(Value::Bool(false)))
            || fields.contains_key("patternProperties")
        {
            self.find(at, "is a map: its keys are free texts");
        }
        for (name, property) in
            fields.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let at = format!("{at}.{name}");
            if name.split('_').any(|word| PERSONAL.contains(&word)) && !is_record(property) {
                self.find(&at, "is named like what belongs in the vault; make it a RecordId");
            }
            self.visit(property, &at);
        }
    }

    fn follow(&mut self, target: &str, at: &str) {
        let Some(name) = target.strip_prefix("#/$defs/") else {
            return self.find(at, "refers to something outside its schema");
        };
        if self.seen.insert(name.to_owned()) {
            let definitions = self.definitions;
            self.visit(&definitions[name], &format!("{at}:{name}"));
        }
    }

    fn string(&mut self, schema: &Value, at: &str) {
        let Some(pattern) = schema["pattern"].as_str() else {
            return self.find(at, "is a free text; seal it in the vault and carry its RecordId");
        };
        let Ok(regex) = Regex::new(pattern) else {
            return self.find(at, "has a pattern that cannot be read");
        };
        let long = "x".repeat(200);
        let digits = "1".repeat(200);
        let typed = TYPED.iter().copied().chain([long.as_str(), digits.as_str()]);
        if let Some(typed) = typed.into_iter().find(|typed| regex.is_match(typed)) {
            self.find(at, &format!("admits {typed:?}"));
        }
    }

    fn find(&mut self, at: &str, what: &str) {
        self.found.push(format!("{} {what}", if at.is_empty() { "the event" } else { at }));
    }
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Whether a property is the id of a sealed record, or none.
fn is_record(property: &Value) -> bool {
    let record = |schema: &Value| schema["$ref"] == "#/$defs/RecordId";
    record(property)
        || property["anyOf"].as_array().is_some_and(|either| {
            either.iter().all(|schema| record(schema) || schema["type"] == "null")
        })
}

#[test]
fn no_event_has_room_for_a_text_or_a_name() {
    for event in [contracts::event_types(), contracts::public::event_types()].concat() {
        let found = findings(&serde_json::to_value((event.schema)()).unwrap());
        assert!(found.is_empty(), "{}: {}", event.ce_type, found.join("; "));
    }
}

mod the_test_itself {
    use std::collections::BTreeMap;

    use kernel::id::{CaseId, RecordId};
    use schemars::{JsonSchema, schema_for};

    use super::*;

    fn found_in<T: JsonSchema>() -> Vec<String> {
        findings(&serde_json::to_value(schema_for!(T)).unwrap())
    }

    #[expect(dead_code, reason = "only its schema is looked at")]
    #[derive(JsonSchema)]
    struct Innocent {
        case: CaseId,
        text: Option<RecordId>,
        name: RecordId,
        contacted: bool,
    }

    #[expect(dead_code, reason = "only its schema is looked at")]
    #[derive(JsonSchema)]
    struct Planted {
        word: String,
        maybe: Option<String>,
        deep: Vec<Inner>,
        tags: BTreeMap<String, i64>,
        phone: i64,
        address: CaseId,
        anything: serde_json::Value,
    }

    #[expect(dead_code, reason = "only its schema is looked at")]
    #[derive(JsonSchema)]
    struct Inner {
        remark: String,
        #[schemars(regex(pattern = "^[a-z ]+$"))]
        loose: String,
        #[schemars(regex(pattern = "[0-9]{12}"))]
        unanchored: String,
    }

    #[test]
    fn what_is_innocent_is_let_through() {
        assert_eq!(found_in::<Innocent>(), [""; 0]);
    }

    #[test]
    fn every_planted_field_is_found() {
        let found = found_in::<Planted>().join("\n");
        for place in [
            ".word",
            ".maybe",
            ".remark",
            ".loose",
            ".unanchored",
            ".tags",
            ".phone",
            ".address",
            ".anything",
        ] {
            assert!(found.contains(&format!("{place} ")), "{place} is not among:\n{found}");
        }
    }
}
