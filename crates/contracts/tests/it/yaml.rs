//! JSON as block YAML, for a document that people read. Strings are written as JSON writes them
//! (which YAML reads) unless they are plain words.

use serde_json::Value;

/// The document.
pub(crate) fn render(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

/// Writes a value after a key or a dash, and ends the line.
fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (place, (name, value)) in fields.iter().enumerate() {
                // The first line of an item stands behind its dash.
                if place > 0 || !text.ends_with("- ") {
                    indent(depth, text);
                }
                text.push_str(&word(name));
                text.push(':');
                below(value, depth + 1, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                indent(depth, text);
                text.push_str("- ");
                write(item, depth + 1, text);
            }
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_) => line(value, text),
    }
}

fn below(value: &Value, depth: usize, text: &mut String) {
    let nested = value.as_object().is_some_and(|fields| !fields.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty());
    if nested {
        text.push('\n');
        write(value, depth, text);
    } else {
        text.push(' ');
        line(value, text);
    }
}

fn line(value: &Value, text: &mut String) {
    let bare = value.as_str().map_or_else(|| value.to_string(), word);
    text.push_str(&bare);
    text.push('\n');
}

fn indent(depth: usize, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
}

/// A string, bare where no reader could take it for anything else.
fn word(string: &str) -> String {
    let plain = string.starts_with(|c: char| c.is_ascii_alphabetic())
        && string.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&string.to_ascii_lowercase().as_str());
    if plain { string.to_owned() } else { Value::from(string).to_string() }
}

#[test]
fn a_document_is_written_in_blocks() {
    let value = serde_json::json!({
        "a": { "b": [1, "x", { "c": true, "d": [] }], "e": {} },
        "$ref": "#/x",
        "no": "yes",
    });
    assert_eq!(
        render(&value),
        "\"$ref\": \"#/x\"\na:\n  b:\n    - 1\n    - x\n    - c: true\n      d: []\n  e: {}\n\"no\": \"yes\"\n"
    );
}
