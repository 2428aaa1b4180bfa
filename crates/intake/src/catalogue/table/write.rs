//! Writes the catalogue as a table with a row a category: CSV, XLSX or JSON, each of which reads back
//! as the same.

use std::collections::HashMap;

use contracts::intake::CategoryRules;
use kernel::{Timestamp, id::OrgKind};
use serde_json::{Map, Value};

use super::{COLUMNS, DEPARTMENTS, MORE, RowNames, names::pairs, workbook};
use crate::catalogue::days;

/// A category to be written.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its code.
    pub code: String,
    /// The category above, or empty.
    pub parent: String,
    /// The rules of a leaf.
    pub rules: Option<CategoryRules>,
    /// When it ends or has ended.
    pub until: Option<Timestamp>,
    /// The category that takes its place then, or empty.
    pub successor: String,
    /// Its words.
    pub names: RowNames,
    /// The schema of its form, or empty.
    pub form: String,
}

/// The columns of what is written.
pub fn header() -> Vec<String> {
    COLUMNS.iter().chain(&MORE).map(|column| (*column).to_owned()).collect()
}

/// The cells of a category, in the order of [`header`].
pub fn cells(line: &Line) -> Vec<String> {
    let rules = line.rules.as_ref();
    let names = line.names.of(rules.is_some());
    let mut cells =
        vec![line.code.clone(), line.parent.clone(), names.zh.clone(), names.en.clone()];
    match rules {
        None => cells.extend(std::iter::repeat_n(String::new(), COLUMNS.len() - 4 + 6)),
        Some(rules) => cells.extend(of_rules(rules, line)),
    }
    cells.extend([
        // What is in force needs no day on which it began.
        String::new(),
        line.until.map(days::last_day).unwrap_or_default(),
        line.successor.clone(),
        line.names.origin.clone(),
    ]);
    cells
}

fn of_rules(rules: &CategoryRules, line: &Line) -> [String; 14] {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let number = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
    let details = &rules.details;
    let by_code: HashMap<&OrgKind, &String> =
        DEPARTMENTS.iter().map(|(name, code)| (code, name)).collect();
    let body =
        |kind: &OrgKind| by_code.get(kind).map_or_else(|| kind.to_string(), |n| (*n).clone());
    let handlers =
        details.handlers.iter().map(|own| format!("{}={}", own.tier, body(&own.handler)));
    let limits = details.limits.iter().map(|row| {
        let tier = row.tier.map(|tier| tier.to_string());
        let urgency = row.urgency.map(|urgency| urgency.to_string());
        let key: Vec<String> = tier.into_iter().chain(urgency).collect();
        format!("{}={}", key.join("/"), row.limit)
    });
    let laws = line.names.legal_basis.iter().map(|(code, title)| format!("{code}={title}"));
    let joined = |parts: Vec<String>| parts.join(";");
    [
        rules.kind.to_string(),
        body(&rules.handler),
        rules.limit.to_string(),
        rules.urgency.to_string(),
        rules.admission.to_string(),
        yes(rules.confidential),
        yes(rules.consent_needed),
        yes(rules.report_earns_points),
        joined(handlers.collect()),
        joined(limits.collect()),
        number(details.duplicate_radius_m),
        number(details.duplicate_window_days),
        joined(laws.collect()),
        line.form.clone(),
    ]
}

/// CSV.
pub(super) fn csv<'a>(
    header: &'a [String],
    rows: impl Iterator<Item = &'a Vec<String>>,
) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in std::iter::once(header).chain(rows.map(Vec::as_slice)) {
        // Into memory, with as many cells as the header has: nothing can fail.
        let _written = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}

/// The table as CSV.
pub fn as_csv(lines: &[Line]) -> Vec<u8> {
    let rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
    csv(&header(), rows.iter())
}

/// The table as XLSX.
pub fn as_xlsx(lines: &[Line]) -> Result<Vec<u8>, zip::result::ZipError> {
    let rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
    workbook::write(&header(), &rows)
}

/// The table as JSON.
pub fn as_json(lines: &[Line]) -> Vec<u8> {
    let header = header();
    let categories: Vec<Value> = lines
        .iter()
        .map(|line| {
            let cells = header.iter().zip(cells(line)).filter(|(_, text)| !text.is_empty());
            let fields: Map<String, Value> =
                cells.map(|(column, text)| (column.clone(), value(column, text))).collect();
            Value::Object(fields)
        })
        .collect();
    let mut text = serde_json::to_vec_pretty(&serde_json::json!({ "categories": categories }))
        .unwrap_or_default();
    text.push(b'\n');
    text
}

fn value(column: &str, text: String) -> Value {
    match column {
        "confidential" | "consent_needed" | "report_earns_points" => Value::Bool(text == "yes"),
        "duplicate_radius_m" | "duplicate_window_days" => {
            text.parse::<u32>().map_or(Value::String(text), Value::from)
        }
        "departments" | "limits" | "legal_basis" => {
            pairs(&text).into_iter().map(|(key, value)| (key, Value::String(value))).collect()
        }
        "form" => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        _ => Value::String(text),
    }
}
