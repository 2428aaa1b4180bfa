//! The table `categories`: the catalogue in force and what has ended, without names, which stand in the
//! imported documents. Keyed by the category's code.

use contracts::intake::{CategoryDefined, CategoryEvent, CategoryKind, CategoryRules, Urgency};
use kernel::{
    DecodeError, StoredEvent as _, Timestamp,
    hash::Sha256,
    id::{CategoryCode, RecordId},
};
use platform::{
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// A category.
    pub struct CategoryRow in "categories" version 2 {
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
        /// All the rules of a leaf, as the event has them: JSON. Empty for a group.
        pub rules: String,
        /// The version of the catalogue that these rules came with.
        pub catalogue_version: i64,
        /// The newest version that changed anything of it.
        pub latest_version: i64,
        /// The record that holds the document with its names.
        pub document: String,
        /// The row in it, from 1.
        pub document_row: i64,
        /// `planned` before it was ever in force, `in_force` or `ended`.
        pub status: String,
        /// When it will end or has ended, UTC milliseconds as all times here.
        pub until: Option<i64>,
        /// The category that takes its place then, or empty.
        pub successor: String,
        /// When another definition comes into force.
        pub planned_from: Option<i64>,
    }
    indexes []
}

impl CategoryRow {
    /// What a leaf is about; none for a group.
    pub fn leaf_kind(&self) -> Option<CategoryKind> {
        self.kind.parse().ok()
    }

    /// Whether it is a leaf.
    pub fn is_leaf(&self) -> bool {
        !self.kind.is_empty()
    }

    /// Whether anything can be reported under it, or under what lies below it.
    pub fn is_in_force(&self) -> bool {
        self.status == "in_force"
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.status == "ended"
    }

    /// How pressing a leaf is; normal for a group.
    pub fn leaf_urgency(&self) -> Urgency {
        self.urgency.parse().unwrap_or(Urgency::Normal)
    }

    /// Whether who reports it is told first to call 110, 119 or 120.
    pub fn is_emergency(&self) -> bool {
        self.is_leaf() && self.leaf_urgency() == Urgency::Emergency
    }

    /// The rules of a leaf.
    pub fn leaf_rules(&self) -> Option<CategoryRules> {
        serde_json::from_str(&self.rules).ok()
    }

    /// The schema of its form, where it has one.
    pub fn form(&self) -> Option<Sha256> {
        self.leaf_rules()?.details.form
    }

    /// Within how many metres another report may be of the same matter.
    pub fn duplicate_radius_m(&self, otherwise: u32) -> u32 {
        let own = self.leaf_rules().and_then(|rules| rules.details.duplicate_radius_m);
        own.unwrap_or(otherwise)
    }

    /// Within how many milliseconds another report may be of the same matter.
    pub fn duplicate_window_ms(&self, otherwise: i64) -> i64 {
        let own = self.leaf_rules().and_then(|rules| rules.details.duplicate_window_days);
        own.map_or(otherwise, |days| i64::from(days) * crate::catalogue::days::DAY_MS)
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

/// The version of the catalogue as a whole: that of its newest change, 0 where there is nothing.
pub fn catalogue_version(categories: &View<CategoryRow>) -> u32 {
    let newest = categories
        .cached(|rows| rows.values().map(|row| row.latest_version).max().unwrap_or_default());
    u32::try_from(newest).unwrap_or_default()
}

/// When the next change that is known comes, and of which category: a definition that was planned, or
/// an end.
pub fn next_change(categories: &View<CategoryRow>) -> Option<(Timestamp, String)> {
    let moment = |row: &CategoryRow| {
        let end = row.until.filter(|_| row.is_in_force());
        row.planned_from.into_iter().chain(end).min()
    };
    categories.cached(|rows| {
        let moments = rows.iter().filter_map(|(code, row)| Some((Timestamp(moment(row)?), code)));
        moments.min().map(|(at, code)| (at, code.clone()))
    })
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
        vec![code_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<CategoryRow>,
        event: &CategoryEvent,
        _recorded: &Recorded,
    ) -> Option<CategoryRow> {
        match event {
            CategoryEvent::CategoryDefined(event) => {
                let planned = row.and_then(|row| row.planned_from);
                let planned = planned.filter(|from| *from > event.occurred_at.0);
                Some(CategoryRow { planned_from: planned, ..row_of(event) })
            }
            CategoryEvent::CategoryPlanned(event) => {
                let mut row = row.unwrap_or_else(CategoryRow::unknown);
                row.planned_from = Some(event.from.0);
                row.latest_version = event.catalogue_version.into();
                Some(row)
            }
            CategoryEvent::CategoryEnded(event) => {
                let mut row = row?;
                "ended".clone_into(&mut row.status);
                row.until =
                    Some(row.until.map_or(event.occurred_at.0, |u| u.min(event.occurred_at.0)));
                row.successor =
                    event.successor.as_ref().map(ToString::to_string).unwrap_or_default();
                row.latest_version = event.catalogue_version.into();
                Some(row)
            }
        }
    }
}

/// Which category an event is about.
pub fn code_of(event: &CategoryEvent) -> &CategoryCode {
    match event {
        CategoryEvent::CategoryDefined(event) => &event.category,
        CategoryEvent::CategoryPlanned(event) => &event.category,
        CategoryEvent::CategoryEnded(event) => &event.category,
    }
}

impl CategoryRow {
    /// A category of which only a plan is known.
    fn unknown() -> Self {
        let empty = String::new;
        Self {
            parent: empty(),
            kind: empty(),
            handler: empty(),
            time_limit: empty(),
            urgency: empty(),
            confidential: 0,
            rules: empty(),
            catalogue_version: 0,
            latest_version: 0,
            document: empty(),
            document_row: 0,
            status: "planned".to_owned(),
            until: None,
            successor: empty(),
            planned_from: None,
        }
    }
}

/// A category as it is defined.
pub(super) fn row_of(event: &CategoryDefined) -> CategoryRow {
    let rules = event.rules.as_ref();
    let text = |value: Option<String>| value.unwrap_or_default();
    CategoryRow {
        parent: text(event.parent.as_ref().map(ToString::to_string)),
        kind: text(rules.map(|rules| rules.kind.to_string())),
        handler: text(rules.map(|rules| rules.handler.to_string())),
        time_limit: text(rules.map(|rules| rules.limit.to_string())),
        urgency: text(rules.map(|rules| rules.urgency.to_string())),
        confidential: rules.map_or(0, |rules| i64::from(rules.confidential)),
        rules: text(rules.and_then(|rules| serde_json::to_string(rules).ok())),
        catalogue_version: i64::from(event.catalogue_version),
        latest_version: i64::from(event.catalogue_version),
        document: event.document.to_string(),
        document_row: i64::from(event.row),
        status: "in_force".to_owned(),
        until: event.until.map(|until| until.0),
        successor: text(event.successor.as_ref().map(ToString::to_string)),
        planned_from: None,
    }
}
