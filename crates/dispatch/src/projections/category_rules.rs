//! The leaves of the catalogue, as routing and deadlines need them.

use contracts::intake::{Admission, CategoryDefined, CategoryEvent, CategoryKind};
use kernel::{
    DecodeError,
    id::{CategoryCode, OrgKind},
    limit::Limit,
};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// A leaf; the key is its code.
    pub struct CategoryRow in "category_rules" version 1 {
        /// A word of `CategoryKind`.
        pub kind: String,
        /// The kind of body in charge.
        pub handler: String,
        /// Such as `3wd`.
        pub time_limit: String,
        /// A word of `Admission`.
        pub admission: String,
        /// Whether only those who handle it may read what is written, 0 or 1.
        pub confidential: i64,
        /// The version of the catalogue.
        pub catalogue_version: i64,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct CategoryRules;

/// The rules of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// What it is about.
    pub kind: CategoryKind,
    /// The kind of body in charge.
    pub handler: OrgKind,
    /// How long handling may take.
    pub limit: Limit,
    /// Whether it may enter the grids.
    pub admission: Admission,
    /// Whether only those who handle it may read what is written.
    pub confidential: bool,
    /// The version of the catalogue that says so.
    pub catalogue_version: u32,
}

impl Projection for CategoryRules {
    type Row = CategoryRow;
    type Event = CategoryDefined;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<CategoryDefined>, DecodeError> {
        let read = super::read(CategoryEvent::CATEGORY, event)?;
        Ok(read.and_then(|event| match event {
            CategoryEvent::CategoryDefined(defined) => Some(defined),
            // What is planned is not in force; what has ended is handled to its end.
            CategoryEvent::CategoryPlanned(_) | CategoryEvent::CategoryEnded(_) => None,
        }))
    }

    fn keys(&self, event: &CategoryDefined) -> Vec<String> {
        vec![event.category.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<CategoryRow>,
        event: &CategoryDefined,
        _recorded: &Recorded,
    ) -> Option<CategoryRow> {
        let rules = event.rules.as_ref()?;
        Some(CategoryRow {
            kind: rules.kind.to_string(),
            handler: rules.handler.to_string(),
            time_limit: rules.limit.to_string(),
            admission: rules.admission.to_string(),
            confidential: rules.confidential.into(),
            catalogue_version: event.catalogue_version.into(),
        })
    }
}

/// The rules of a category; none for a group or for what is not known here.
pub fn find(view: &View<CategoryRow>, code: &CategoryCode) -> Option<Category> {
    view.cached(|rows| rows.get(code.as_str()).and_then(CategoryRow::rules))
}

impl CategoryRow {
    fn rules(&self) -> Option<Category> {
        Some(Category {
            kind: self.kind.parse().ok()?,
            handler: self.handler.parse().ok()?,
            limit: self.time_limit.parse().ok()?,
            admission: self.admission.parse().ok()?,
            confidential: self.confidential != 0,
            catalogue_version: self.catalogue_version.try_into().ok()?,
        })
    }
}
