//! `docs/events/asyncapi.yaml`: the public stream for those who read it, made from the code.

use std::fs;

use contracts::EventType;
use serde_json::{Map, Value, json};

use crate::{files, schemas::update, yaml};

const FILE: &str = "../../docs/events/asyncapi.yaml";

const INTRODUCTION: &str = "What happens in a county that is governed with Weft, for those who \
    integrate with it: cases, work orders and registers as ids, codes, words and times. Never a \
    person, an exact position, a text or a photo; cases of confidential categories are left out \
    entirely. Read docs/integrators.md first.";

/// The type's own words and the name of its event.
fn parts(event: &EventType) -> (&'static str, &'static str) {
    let mut parts = event.ce_type.split('.').skip(2);
    (parts.next().unwrap(), parts.next().unwrap())
}

/// Moves a schema's definitions to the document's, and points at them there.
fn hoist(mut schema: Value, definitions: &mut Map<String, Value>) -> Value {
    point(&mut schema);
    let fields = schema.as_object_mut().unwrap();
    fields.remove("$schema");
    if let Some(Value::Object(own)) = fields.remove("$defs") {
        for (name, definition) in own {
            let before = definitions.insert(name.clone(), definition.clone());
            assert!(before.is_none_or(|before| before == definition), "two schemas named {name}");
        }
    }
    schema
}

fn point(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (Value::String(target), "$ref") = (&mut *value, name.as_str()) {
                    *target = target.replace("#/$defs/", "#/components/schemas/");
                } else {
                    point(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn headers() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "description": "CloudEvents 1.0 in the binary mode of its NATS binding. Names are in lower case; a value's characters outside U+0021 to U+007E, and the percent sign, are percent-encoded.",
        "required": [
            "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time",
            "ce-datacontenttype", "ce-sequence", "ce-sequencetype", "weft-position"
        ],
        "properties": {
            "ce-specversion": { "type": "string", "const": "1.0" },
            "ce-id": text("Unique within its source. An event that comes twice has the same one."),
            "ce-type": text("weft.public.<service>.<event>.v<n>"),
            "ce-source": text("/weft/<county>/<service>"),
            "ce-subject": text("The case, work order, category, division or grid that it is about: <12-digit division>-<key>."),
            "ce-time": { "type": "string", "format": "date-time" },
            "ce-datacontenttype": { "type": "string", "const": "application/json" },
            "ce-sequence": text("The event's place in the county's log. It grows, with gaps: not everything is public."),
            "ce-sequencetype": { "type": "string", "const": "Integer" },
            "weft-position": text("The same number, as gRPC takes it in min_position.sequence.")
        }
    })
}

fn document() -> Value {
    let mut channels = Map::new();
    let mut operations = Map::new();
    let mut messages = Map::new();
    let mut schemas = Map::new();
    let golden = crate::public::examples();
    for event in contracts::public::event_types() {
        let (service, name) = parts(&event);
        let key = format!("{service}.{name}");
        let schema = hoist(serde_json::to_value((event.schema)()).unwrap(), &mut schemas);
        let summary = schema["description"].clone();
        channels.insert(
            key.clone(),
            json!({
                "address": format!("weft.pub.v1.{{county}}.{{township}}.{{village}}.{service}.{name}"),
                "parameters": {
                    "county": { "$ref": "#/components/parameters/county" },
                    "township": { "$ref": "#/components/parameters/township" },
                    "village": { "$ref": "#/components/parameters/village" },
                },
                "messages": { name: { "$ref": format!("#/components/messages/{key}") } },
            }),
        );
        operations.insert(
            format!("publish.{key}"),
            json!({
                "action": "send",
                "channel": { "$ref": format!("#/channels/{key}") },
                "messages": [{ "$ref": format!("#/channels/{key}/messages/{name}") }],
            }),
        );
        messages.insert(
            key,
            json!({
                "name": event.ce_type,
                "summary": summary,
                "contentType": "application/json",
                "headers": { "$ref": "#/components/schemas/Headers" },
                "payload": schema,
                "examples": [{ "payload": golden.get(event.ce_type) }],
            }),
        );
    }
    schemas.insert("Headers".to_owned(), headers());
    let digits = |what: &str, example: &str| json!({ "description": what, "examples": [example] });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Weft: the public events of a county",
            "version": "1.0.0",
            "description": INTRODUCTION,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "county": {
                "host": "127.0.0.1:4222",
                "protocol": "nats",
                "description": "The county's nats-server. A user comes from `weft nats users add`; he signs in with his nkey.",
            },
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas,
            "parameters": {
                "county": digits("Six digits of the division code.", "620821"),
                "township": digits("Three digits; 000 where a fact belongs to the whole county.", "101"),
                "village": digits("Three digits; 000 where a fact belongs to a whole township.", "203"),
            },
        },
        "x-jetstream": {
            "stream": "WEFT_PUBLIC_<county>",
            "description": "What a user reads is a mirror in the account INTEGRATORS: it has the sequences of the public stream and no subjects, so that nobody can write to it.",
            "retention": "limits: the oldest go first, by outlet.max_age_days and outlet.max_bytes",
            "order": "one order for the whole county, that of its log; each event once",
            "consumer": {
                "name": "the user's own name: one pull consumer a user",
                "filter": "the user's prefix, such as weft.pub.v1.620821.101.>, or narrower",
                "deliver_policy": "all, new, by_start_sequence or by_start_time",
                "ack_policy": "explicit, all or none",
            },
            "permissions": {
                "publish": [
                    "$JS.API.CONSUMER.CREATE.WEFT_PUBLIC_<county>.<name>.<prefix>.>",
                    "$JS.API.CONSUMER.MSG.NEXT.WEFT_PUBLIC_<county>.<name>",
                    "$JS.API.CONSUMER.INFO.WEFT_PUBLIC_<county>.<name>",
                    "$JS.API.CONSUMER.DELETE.WEFT_PUBLIC_<county>.<name>",
                    "$JS.ACK.WEFT_PUBLIC_<county>.<name>.>",
                    "$JS.ACK.*.*.WEFT_PUBLIC_<county>.<name>.>",
                ],
                "subscribe": ["_INBOX_<name>.>"],
                "refusal": "shows as a request that times out",
            },
        },
    })
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let text = format!(
        "# Made from crates/contracts by its tests with UPDATE_SCHEMAS=1; do not edit.\n{}",
        yaml::render(&document())
    );
    let path = files::folder(FILE);
    if update() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap_or_default(),
        text,
        "docs/events/asyncapi.yaml is not as the code says; run the tests of contracts with \
         UPDATE_SCHEMAS=1 and commit what they write"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut targets = Vec::new();
    references(&document, &mut targets);
    assert!(targets.len() > 50);
    for target in targets {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
    }
}

fn references(value: &Value, targets: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (Value::String(target), "$ref") = (value, name.as_str()) {
                    targets.push(target.clone());
                } else {
                    references(value, targets);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, targets)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
