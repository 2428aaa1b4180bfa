//! The three ways in which a table comes, each as a header and rows of texts.

use serde_json::{Map, Value};

use super::{COLUMNS, LEAF_COLUMNS, MAX_ROWS, MORE, Wrong, workbook};

/// A table as texts.
pub(super) struct Sheet {
    /// `csv`, `xlsx` or `json`.
    pub(super) format: &'static str,
    /// The names of its columns.
    pub(super) header: Vec<String>,
    /// Its rows; none where a row has another number of cells than the header.
    pub(super) rows: Vec<Option<Vec<String>>>,
}

impl Sheet {
    /// Whether a row is a leaf with its group.
    pub(super) fn is_of_leaves(&self) -> bool {
        self.header.iter().any(|column| column == "leaf_code")
    }

    /// The text in a column of a row, empty where there is no such column.
    pub(super) fn cell<'a>(&self, row: &'a [String], column: &str) -> &'a str {
        let place = self.header.iter().position(|known| known == column);
        place.and_then(|place| row.get(place)).map_or("", |text| text.trim())
    }

    /// The table as it is kept: CSV as it came, all else written as CSV.
    pub(super) fn document(&self, bytes: &[u8]) -> Vec<u8> {
        if self.format == "csv" {
            return bytes.to_vec();
        }
        super::write::csv(&self.header, self.rows.iter().flatten())
    }
}

/// Whatever it is.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Wrong> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let sheet = if bytes.starts_with(b"PK\x03\x04") {
        workbook::read(bytes)?
    } else if first == Some(&b'{') {
        json(bytes)?
    } else {
        csv(bytes)?
    };
    checked(sheet)
}

/// What is wrong with the whole.
pub(super) fn wrong(format: &str, en: impl Into<String>, zh: impl Into<String>) -> Wrong {
    Wrong { row: 0, column: format.to_owned(), en: en.into(), zh: zh.into() }
}

fn checked(sheet: Sheet) -> Result<Sheet, Wrong> {
    let has = |column: &str| sheet.header.iter().any(|known| known == column);
    let needed: &[&str] = if sheet.is_of_leaves() { &LEAF_COLUMNS } else { &COLUMNS };
    let known =
        |column: &String| needed.contains(&column.as_str()) || MORE.contains(&column.as_str());
    let twice = sheet.header.iter().enumerate().any(|(n, one)| sheet.header[..n].contains(one));
    if twice || !needed.iter().all(|column| has(column)) || !sheet.header.iter().all(known) {
        let columns = needed.join(",");
        let more = MORE.join(",");
        return Err(wrong(
            sheet.format,
            format!("the first line must be {columns}, each once, and may have {more} besides"),
            format!("首行应为 {columns}，另可有 {more}，不得重复"),
        ));
    }
    if sheet.rows.is_empty() {
        return Err(wrong(sheet.format, "the table has no rows: fill it in", "表中没有数据行"));
    }
    if sheet.rows.len() > MAX_ROWS {
        return Err(wrong(
            sheet.format,
            format!("a table has at most {MAX_ROWS} rows: split it"),
            format!("表格不超过{MAX_ROWS}行，请拆分"),
        ));
    }
    Ok(sheet)
}

fn csv(bytes: &[u8]) -> Result<Sheet, Wrong> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(wrong(
            "csv",
            "this is not UTF-8: save the table as CSV UTF-8",
            "文件不是 UTF-8 编码，请另存为 CSV UTF-8",
        ));
    };
    Ok(of_text(text))
}

/// A table in CSV.
pub(super) fn of_text(text: &str) -> Sheet {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let header = reader.headers().map(texts).unwrap_or_default();
    let rows = reader.records().map(|record| record.ok().map(|record| texts(&record))).collect();
    Sheet { format: "csv", header, rows }
}

fn json(bytes: &[u8]) -> Result<Sheet, Wrong> {
    let no_table = || {
        wrong(
            "json",
            "write {\"categories\": [{\"code\": …}, …]}, each a category with the columns of the table",
            "应为 {\"categories\": [{\"code\": …}, …]}，每项为一个类别",
        )
    };
    let whole: Value = serde_json::from_slice(bytes).map_err(|_| no_table())?;
    let categories = whole.get("categories").and_then(Value::as_array).ok_or_else(no_table)?;
    let header: Vec<String> =
        COLUMNS.iter().chain(MORE.iter()).map(|column| (*column).to_owned()).collect();
    let mut rows = Vec::with_capacity(categories.len());
    for category in categories {
        let category = category.as_object().ok_or_else(no_table)?;
        if category.keys().any(|key| !header.contains(key)) {
            return Err(no_table());
        }
        let cell =
            |column: &String| category.get(column).map_or(String::new(), |v| text(column, v));
        rows.push(Some(header.iter().map(cell).collect()));
    }
    Ok(Sheet { format: "json", header, rows })
}

/// A value as it would stand in a cell.
fn text(column: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(pairs) if column != "form" => joined(pairs),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn joined(pairs: &Map<String, Value>) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{key}={}", text("", value))).collect();
    pairs.join(";")
}
