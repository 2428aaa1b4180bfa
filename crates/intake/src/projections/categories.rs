//! The table `categories`: the catalogue in force, without names, which stand in the imported
//! documents. Keyed by the category's code.

use contracts::intake::{CategoryDefined, CategoryEvent, CategoryKind, Urgency};
use kernel::{DecodeError, StoredEvent as _, id::RecordId};
use platform::{
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// A category in force.
    pub struct CategoryRow in "categories" version 1 {
        /// The code of the category above, or empty.
        pub parent: String,
        /// What it is about; empty for a group, as are handler, time limit and urgency.
        pub kind: String,
        /// The kind of body that handles it.
        pub handler: String,
        /// How long handling may take, such as `3wd`.
        pub time_limit: String,
        /// How pressing it is.
        pub urgency: String,
        /// 1 where only those who handle it may read what was written.
        pub confidential: i64,
        /// The version of the catalogue that these rules came with.
        pub catalogue_version: i64,
        /// The record that holds the document with its names.
        pub document: String,
        /// The row in it, from 1.
        pub document_row: i64,
    }
    indexes []
}

impl CategoryRow {
    /// What a leaf is about; none for a group.
    pub fn leaf_kind(&self) -> Option<CategoryKind> {
        self.kind.parse().ok()
    }

    /// How pressing a leaf is; normal for a group.
    pub fn leaf_urgency(&self) -> Urgency {
        self.urgency.parse().unwrap_or(Urgency::Normal)
    }

    /// The version of the catalogue that the rules came with.
    pub fn version(&self) -> u32 {
        u32::try_from(self.catalogue_version).unwrap_or_default()
    }

    /// The document and the row in it that hold its names.
    pub fn source(&self) -> Option<(RecordId, usize)> {
        Some((self.document.parse().ok()?, usize::try_from(self.document_row).ok()?))
    }
}

/// The version of the catalogue as a whole: that of its newest rules, 0 where there are none.
pub fn catalogue_version(categories: &View<CategoryRow>) -> u32 {
    categories.cached(|rows| rows.values().map(CategoryRow::version).max().unwrap_or_default())
}

/// Folds the catalogue.
pub struct Categories;

impl Projection for Categories {
    type Row = CategoryRow;
    type Event = CategoryEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<CategoryEvent>, DecodeError> {
        (event.category() == CategoryEvent::CATEGORY)
            .then(|| CategoryEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &CategoryEvent) -> Vec<String> {
        let CategoryEvent::CategoryDefined(event) = event;
        vec![event.category.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<CategoryRow>,
        event: &CategoryEvent,
        _recorded: &Recorded,
    ) -> Option<CategoryRow> {
        let CategoryEvent::CategoryDefined(event) = event;
        Some(row_of(event))
    }
}

fn row_of(event: &CategoryDefined) -> CategoryRow {
    let rules = event.rules.as_ref();
    let text = |value: Option<String>| value.unwrap_or_default();
    CategoryRow {
        parent: text(event.parent.as_ref().map(ToString::to_string)),
        kind: text(rules.map(|rules| rules.kind.to_string())),
        handler: text(rules.map(|rules| rules.handler.to_string())),
        time_limit: text(rules.map(|rules| rules.limit.to_string())),
        urgency: text(rules.map(|rules| rules.urgency.to_string())),
        confidential: rules.map_or(0, |rules| i64::from(rules.confidential)),
        catalogue_version: i64::from(event.catalogue_version),
        document: event.document.to_string(),
        document_row: i64::from(event.row),
    }
}
