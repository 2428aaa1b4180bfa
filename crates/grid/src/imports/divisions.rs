//! The table of divisions: CSV with the columns code, name, level, parent.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Division, Level};

use super::{Problems, row_number, text_of};
use crate::projections::divisions::word;

const COLUMNS: [&str; 4] = ["code", "name", "level", "parent"];

/// A row that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DivisionLine {
    /// From 1, the header not counted.
    pub(crate) row: u32,
    pub(crate) division: Division,
}

/// A row as it came.
struct Raw<'a> {
    row: u32,
    code: &'a str,
    name: &'a str,
    level: &'a str,
    parent: &'a str,
}

/// Reads the rows of a table for a county, and how many there are. `registered` says whether a
/// division is in force already, so that a part of a county can be added to it.
pub(crate) fn read(
    csv: &[u8],
    county: Division,
    registered: impl Fn(Division) -> bool,
    problems: &mut Problems,
) -> (u32, Vec<DivisionLine>) {
    let Some(text) = text_of(csv, problems) else { return (0, Vec::new()) };
    let mut reader = reader(text);
    let Some(places) = places(&mut reader, problems) else { return (0, Vec::new()) };
    let records: Vec<csv::StringRecord> = reader.records().filter_map(Result::ok).collect();
    if records.is_empty() {
        problems.push(0, "", "the table has no rows: fill it in", "表中没有数据行, 请填写");
    }
    let mut lines = Vec::with_capacity(records.len());
    let mut first_row: BTreeMap<Division, u32> = BTreeMap::new();
    let mut parents = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let cell = |column: usize| record.get(places[column]).unwrap_or_default().trim();
        let row = row_number(place + 1);
        let raw = Raw { row, code: cell(0), name: cell(1), level: cell(2), parent: cell(3) };
        problems.check_name(row, raw.name);
        let Some(division) = code(&raw, county, problems) else { continue };
        if let Some(parent) = parent(&raw, division, county, problems) {
            parents.push((row, parent));
        }
        if let Some(before) = first_row.insert(division, row) {
            problems.push(
                row,
                "code",
                format!("row {before} has this code already: leave one out"),
                format!("与第{before}行编码重复, 请删除其一"),
            );
        }
        lines.push(DivisionLine { row, division });
    }
    let known: BTreeSet<Division> = first_row.into_keys().collect();
    for (row, parent) in parents {
        if !known.contains(&parent) && !registered(parent) {
            problems.push(
                row,
                "parent",
                format!("{parent} is neither in this table nor registered: add its row"),
                format!("上级 {parent} 不在表中也未登记, 请补充"),
            );
        }
    }
    (row_number(records.len()), lines)
}

/// The names of a table that was imported, in the order of its rows.
pub(crate) fn names(text: &str) -> Vec<String> {
    let mut reader = reader(text);
    let column =
        reader.headers().ok().and_then(|heads| heads.iter().position(|h| h.trim() == "name"));
    let name = |record: csv::StringRecord| {
        column.and_then(|column| record.get(column)).unwrap_or_default().trim().to_owned()
    };
    reader.records().filter_map(Result::ok).map(name).collect()
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes())
}

/// Where the columns stand, in the order of [`COLUMNS`].
fn places(reader: &mut csv::Reader<&[u8]>, problems: &mut Problems) -> Option<[usize; 4]> {
    let heads = reader.headers().cloned().unwrap_or_default();
    let place = |column: &str| heads.iter().position(|head| head.trim() == column);
    for column in COLUMNS.into_iter().filter(|column| place(column).is_none()) {
        problems.push(
            0,
            column,
            format!("the column {column} is missing: add it to the header"),
            format!("缺少列 {column}, 请在表头补上"),
        );
    }
    let [code, name, level, parent] = COLUMNS.map(place);
    Some([code?, name?, level?, parent?])
}

/// The division that a row names, if code and level agree and it lies in the county.
fn code(raw: &Raw<'_>, county: Division, problems: &mut Problems) -> Option<Division> {
    let division: Division = match raw.code.parse() {
        Ok(division) => division,
        Err(error) => {
            let error: kernel::division::InvalidDivision = error;
            problems.push(
                raw.row,
                "code",
                error.to_string(),
                "区划代码不正确: 县6位、乡镇9位、村12位数字",
            );
            return None;
        }
    };
    if !county.contains(division) {
        problems.push(
            raw.row,
            "code",
            format!("{division} does not lie in {county}: leave it out"),
            format!("{division} 不属于 {county}, 请删除"),
        );
        return None;
    }
    let level = word(division.level());
    if raw.level != level {
        problems.push(
            raw.row,
            "level",
            format!("a code of {} digits is a {level}: mend code or level", raw.code.len()),
            format!("{}位编码的级别应为 {level}, 请核对", raw.code.len()),
        );
    }
    Some(division)
}

/// The parent that must be known: the code's own. The county's stands above the table.
fn parent(
    raw: &Raw<'_>,
    division: Division,
    county: Division,
    problems: &mut Problems,
) -> Option<Division> {
    let own = division.parent()?;
    let is_own = raw.parent.parse::<Division>() == Ok(own);
    if division == county && (raw.parent.is_empty() || is_own) {
        return None;
    }
    if is_own {
        return (division.level() > Level::County).then_some(own);
    }
    let (en, zh) = if raw.parent.is_empty() {
        (format!("the parent is missing: it is {own}"), format!("缺少上级, 应为 {own}"))
    } else {
        (
            format!("the parent of {division} is {own}: mend it"),
            format!("{division} 的上级应为 {own}, 请修改"),
        )
    };
    problems.push(raw.row, "parent", en, zh);
    None
}

#[cfg(test)]
mod tests;
