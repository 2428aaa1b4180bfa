//! What a category asks besides: a form, written as a JSON Schema of the year 2020-12.
//!
//! Not the whole of JSON Schema. A form has fields, lists of choices and groups of fields; what it can
//! be written with is in `KEYWORDS`, all else is refused when the catalogue is imported, by its place.
//! References, combinations and conditions are left out: nothing here can go round in circles, and the
//! longest check is as long as the answers. Patterns are those of a program that looks at each letter
//! once (no backtracking), with a bound on their size.

mod answers;
mod read;

use kernel::hash::Sha256;
use serde_json::Value;

pub use answers::Fault;

/// The longest schema, in bytes as it is kept.
pub const MAX_BYTES: usize = 16 * 1024;

/// How many groups may lie in each other, the form itself counted.
const MAX_DEPTH: usize = 4;

/// How many fields a form may have, in all groups.
const MAX_FIELDS: usize = 60;

/// How many values one field may be chosen from.
const MAX_CHOICES: usize = 100;

/// The longest pattern, in bytes, and how large it may become as a program.
const MAX_PATTERN: usize = 200;
const MAX_PATTERN_PROGRAM: usize = 64 * 1024;

/// The most characters that one answer may have, whatever the schema says, and the most values of a
/// list.
const MAX_CHARS: u64 = 2_000;
const MAX_ITEMS: u64 = 50;

/// The longest answers, in bytes of JSON.
pub const MAX_ANSWERS: usize = 16 * 1024;

/// What a form may be written with, and where.
const KEYWORDS: [&str; 22] = [
    "$schema",
    "type",
    "title",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "enum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "default",
    // For who shows the form: the title in English, and the order of the fields.
    "x-title-en",
    "x-order",
];

/// A form that was checked.
#[derive(Clone, Debug)]
pub struct Form {
    text: String,
    root: Group,
}

/// Why a text is no form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// A group of fields.
#[derive(Clone, Debug)]
struct Group {
    /// In the order of their names.
    fields: Vec<(String, Field)>,
    required: Vec<String>,
}

#[derive(Clone, Debug)]
enum Field {
    Group(Group),
    Text(Text),
    Number(Number),
    Truth,
    List { item: Box<Field>, min: u64, max: u64, unique: bool },
}

#[derive(Clone, Debug)]
struct Text {
    choices: Vec<String>,
    min: u64,
    max: u64,
    pattern: Option<regex_lite::Regex>,
    is_day: bool,
}

#[derive(Clone, Debug)]
struct Number {
    whole: bool,
    min: Option<f64>,
    max: Option<f64>,
    step: Option<f64>,
}

impl Form {
    /// Reads a schema, or says what is wrong with it first.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        if text.len() > MAX_BYTES {
            return Err(read::unusable(
                "",
                format!("a form has at most {MAX_BYTES} bytes"),
                format!("表单不超过{MAX_BYTES}字节"),
            ));
        }
        let schema: Value = serde_json::from_str(text).map_err(|error| {
            read::unusable("", format!("this is no JSON: {error}"), "不是有效的 JSON")
        })?;
        let root = read::form(&schema)?;
        Ok(Self { text: schema.to_string(), root })
    }

    /// The schema as it is kept and shown: without spaces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What tells this schema from all others.
    pub fn hash(&self) -> Sha256 {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.text.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest.as_ref());
        Sha256(hash)
    }

    /// Checks answers, a JSON object, and gives them as they are kept: without spaces. An empty text
    /// is an empty object. Otherwise all that is wrong, by JSON pointers.
    pub fn check(&self, text: &str) -> Result<String, Vec<Fault>> {
        answers::check(&self.root, text)
    }
}

#[cfg(test)]
mod tests;
