//! Reads and checks the table of the catalogue: CSV, XLSX or JSON. The whole table is checked, and
//! every error names its row and column in both languages. `write` writes it again.
//!
//! Two layouts are read. One has a row a category, with the category above in `parent`: any depth. The
//! other has a row a leaf with its group, as `resources/categories.csv`. Both may have the columns of
//! `MORE`.

mod cells;
mod names;
mod row;
mod source;
mod tree;
mod workbook;
pub mod write;

use std::collections::BTreeMap;

use contracts::intake::CategoryRules;
use kernel::{Timestamp, hash::Sha256, id::CategoryCode};

pub use cells::DEPARTMENTS;
pub use names::{Names, RowNames, names};

/// The columns of a table with a row a category.
pub const COLUMNS: [&str; 12] = [
    "code",
    "parent",
    "name_zh",
    "name_en",
    "kind",
    "department_zh",
    "limit",
    "urgency",
    "admission",
    "confidential",
    "consent_needed",
    "report_earns_points",
];

/// The columns of a table with a row a leaf, with its group. The last one is for its readers.
pub const LEAF_COLUMNS: [&str; 14] = [
    "group_code",
    "group_zh",
    "leaf_code",
    "leaf_zh",
    "leaf_en",
    "kind",
    "department_zh",
    "limit",
    "urgency",
    "admission",
    "confidential",
    "consent_needed",
    "report_earns_points",
    "origin",
];

/// The columns that either may have besides.
pub const MORE: [&str; 10] = [
    "departments",
    "limits",
    "duplicate_radius_m",
    "duplicate_window_days",
    "legal_basis",
    "form",
    "from",
    "until",
    "successor",
    "origin",
];

/// The most rows of a table.
const MAX_ROWS: usize = 5_000;

/// A category of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its code.
    pub code: CategoryCode,
    /// The category above.
    pub parent: Option<CategoryCode>,
    /// The rules of a leaf.
    pub rules: Option<CategoryRules>,
    /// Its first row, from 1, the header not counted.
    pub row: u32,
    /// When it comes into force; none for now.
    pub from: Option<Timestamp>,
    /// When it ends, if it does.
    pub until: Option<Timestamp>,
    /// The category that takes its place then.
    pub successor: Option<CategoryCode>,
}

/// What the catalogue has already, as far as a table may build on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The category above.
    pub parent: Option<CategoryCode>,
    /// Whether it is a leaf.
    pub is_leaf: bool,
    /// Whether it is over.
    pub is_over: bool,
}

/// What is wrong in one place of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The row from 1; 0 for the header or the whole.
    pub row: u32,
    /// The column.
    pub column: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// A checked table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// How many rows it has.
    pub rows: u32,
    /// Its groups, then its leaves.
    pub entries: Vec<Entry>,
    /// The schemas of its forms, by their hashes.
    pub forms: BTreeMap<Sha256, String>,
    /// The table as it is kept: CSV.
    pub document: Vec<u8>,
}

/// Reads a table that is to be imported now into a catalogue which has this already, or tells all that
/// is wrong with it.
pub fn read(
    bytes: &[u8],
    known: &BTreeMap<CategoryCode, Known>,
    now: Timestamp,
) -> Result<Table, Vec<Wrong>> {
    let sheet = source::read(bytes).map_err(|wrong| vec![wrong])?;
    let mut checking = row::Checking::default();
    for (place, cells) in sheet.rows.iter().enumerate() {
        checking.row = u32::try_from(place + 1).unwrap_or(u32::MAX);
        match cells {
            Some(cells) => checking.take(&sheet, cells),
            None => checking.wrong(
                sheet.format,
                format!("a row has {} columns: check commas and quotes", sheet.header.len()),
                format!("每行应有{}列，请检查逗号和引号", sheet.header.len()),
            ),
        }
    }
    let row::Checking { mut found, entries, forms, row, .. } = checking;
    if found.is_empty() {
        found = tree::check(&entries, known, now);
    }
    if !found.is_empty() {
        return Err(found);
    }
    let (groups, leaves): (Vec<Entry>, Vec<Entry>) =
        entries.into_values().partition(|entry| entry.rules.is_none());
    let entries = groups.into_iter().chain(leaves).collect();
    Ok(Table { rows: row, entries, forms, document: sheet.document(bytes) })
}

#[cfg(test)]
mod tests;
