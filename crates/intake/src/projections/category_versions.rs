//! The table `category_versions`: every category as each version of the catalogue has had it, so that a
//! decision can be explained by the version that it names. Keyed by `<code>@<version>`.

use contracts::intake::{CategoryDefined, CategoryEvent, CategoryRules};
use kernel::{DecodeError, StoredEvent as _, Timestamp, id::CategoryCode};
use platform::{
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

use super::categories::{CategoryRow, code_of, row_of};

row! {
    /// A category by one version.
    pub struct CategoryVersionRow in "category_versions" version 1 {
        /// Its code.
        pub code: String,
        /// The version of the catalogue.
        pub catalogue_version: i64,
        /// Since when that held, UTC milliseconds.
        pub since: i64,
        /// The definition as the event has it: JSON; empty where the category ended.
        pub definition: String,
        /// 1 where it ended with this version.
        pub ended: i64,
        /// The category that took its place, or empty.
        pub successor: String,
    }
    indexes ["code, catalogue_version", "catalogue_version"]
}

/// Folds the catalogue's versions.
pub struct CategoryVersions;

impl Projection for CategoryVersions {
    type Row = CategoryVersionRow;
    type Event = CategoryEvent;

    fn read(&self, event: &Recorded) -> Result<Option<CategoryEvent>, DecodeError> {
        (event.category() == CategoryEvent::CATEGORY)
            .then(|| CategoryEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &CategoryEvent) -> Vec<String> {
        let version = match event {
            CategoryEvent::CategoryDefined(event) => event.catalogue_version,
            CategoryEvent::CategoryEnded(event) => event.catalogue_version,
            // Not in force: no version has it.
            CategoryEvent::CategoryPlanned(_) => return vec![],
        };
        vec![format!("{}@{version}", code_of(event))]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<CategoryVersionRow>,
        event: &CategoryEvent,
        _recorded: &Recorded,
    ) -> Option<CategoryVersionRow> {
        let text = |code: Option<&CategoryCode>| code.map(ToString::to_string).unwrap_or_default();
        match event {
            CategoryEvent::CategoryDefined(event) => Some(CategoryVersionRow {
                code: event.category.to_string(),
                catalogue_version: event.catalogue_version.into(),
                since: event.occurred_at.0,
                definition: serde_json::to_string(event).unwrap_or_default(),
                ended: 0,
                successor: text(event.successor.as_ref()),
            }),
            CategoryEvent::CategoryEnded(event) => Some(CategoryVersionRow {
                code: event.category.to_string(),
                catalogue_version: event.catalogue_version.into(),
                since: event.occurred_at.0,
                definition: row.map(|row| row.definition).unwrap_or_default(),
                ended: 1,
                successor: text(event.successor.as_ref()),
            }),
            CategoryEvent::CategoryPlanned(_) => row,
        }
    }
}

/// When the catalogue is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// As it is now, by the newest version.
    Newest,
    /// By a version of the catalogue.
    Version(u32),
    /// At a moment.
    Moment(Timestamp),
}

impl AsOf {
    fn has(self, row: &CategoryVersionRow) -> bool {
        match self {
            Self::Newest => true,
            Self::Version(version) => row.catalogue_version <= i64::from(version),
            Self::Moment(moment) => row.since <= moment.0,
        }
    }
}

/// A category as it was.
#[derive(Clone, Debug)]
pub struct AsItWas {
    /// The row that the table of categories would have had.
    pub row: CategoryRow,
    /// The rules of a leaf.
    pub rules: Option<CategoryRules>,
}

/// The versions of a category, the oldest first.
pub async fn of_category(
    versions: &View<CategoryVersionRow>,
    code: &CategoryCode,
) -> Result<Vec<CategoryVersionRow>, SqlError> {
    let statement = table::select::<CategoryVersionRow>()
        .with(" WHERE code = ?", code.as_str())
        .and(" ORDER BY catalogue_version");
    Ok(versions.fetch(statement).await?.into_iter().map(|(_, row)| row).collect())
}

/// A category among its versions, the oldest first, as it was; none where it was not there yet.
pub fn as_it_was(versions: &[CategoryVersionRow], as_of: AsOf) -> Option<AsItWas> {
    let then: Vec<&CategoryVersionRow> = versions.iter().filter(|row| as_of.has(row)).collect();
    let defined = then.iter().rev().find(|row| !row.definition.is_empty())?;
    let defined: CategoryDefined = serde_json::from_str(&defined.definition).ok()?;
    let mut row = row_of(&defined);
    if let Some(end) = then.last().filter(|row| row.ended != 0) {
        "ended".clone_into(&mut row.status);
        row.until = Some(end.since);
        row.successor.clone_from(&end.successor);
    }
    Some(AsItWas { row, rules: defined.rules })
}

/// All categories as they were, by code.
pub async fn catalogue(
    versions: &View<CategoryVersionRow>,
    as_of: AsOf,
) -> Result<Vec<(String, AsItWas)>, SqlError> {
    let statement = table::select::<CategoryVersionRow>().and(" ORDER BY code, catalogue_version");
    let rows: Vec<CategoryVersionRow> =
        versions.fetch(statement).await?.into_iter().map(|(_, row)| row).collect();
    let categories = rows.chunk_by(|one, next| one.code == next.code);
    let found = categories
        .filter_map(|versions| Some((versions.first()?.code.clone(), as_it_was(versions, as_of)?)));
    Ok(found.collect())
}
