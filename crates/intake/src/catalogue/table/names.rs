//! What a kept table says in words: the names of its categories, and the titles of laws.

use std::sync::Arc;

use super::source;

/// The names of a category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Chinese.
    pub zh: String,
    /// English; empty for a group of a table that names groups in Chinese only.
    pub en: String,
}

/// What a row of a table says in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowNames {
    /// Of the category in the row.
    pub own: Names,
    /// Of its group, in a table with a row a leaf.
    pub group: Option<Names>,
    /// The codes of laws and rules with their titles.
    pub legal_basis: Vec<(String, String)>,
    /// Where the row comes from, for its readers.
    pub origin: String,
}

impl RowNames {
    /// The names of the category that a row is taken for: its leaf, or its group.
    pub fn of(&self, is_leaf: bool) -> &Names {
        self.group.as_ref().filter(|_| !is_leaf).unwrap_or(&self.own)
    }
}

/// The words of each row of a table that was checked.
pub fn names(document: &[u8]) -> Arc<[RowNames]> {
    let sheet = source::of_text(&String::from_utf8_lossy(document));
    let of_leaves = sheet.is_of_leaves();
    let rows = sheet.rows.iter().map(|row| {
        let row = row.as_deref().unwrap_or_default();
        let cell = |column| sheet.cell(row, column).to_owned();
        let (zh, en) = if of_leaves { ("leaf_zh", "leaf_en") } else { ("name_zh", "name_en") };
        RowNames {
            own: Names { zh: cell(zh), en: cell(en) },
            group: of_leaves.then(|| Names { zh: cell("group_zh"), en: String::new() }),
            legal_basis: pairs(sheet.cell(row, "legal_basis")),
            origin: cell("origin"),
        }
    });
    rows.collect()
}

/// The pairs of a cell such as `l001=《…》;l002=《…》`.
pub(super) fn pairs(cell: &str) -> Vec<(String, String)> {
    let parts = cell.split(';').map(str::trim).filter(|part| !part.is_empty());
    let pairs = parts.map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (key.trim().to_owned(), value.trim().to_owned())
    });
    pairs.collect()
}
