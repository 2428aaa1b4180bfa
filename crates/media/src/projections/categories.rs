//! The table `photo_categories`: the leaves of the catalogue, of which some are confidential. Kept in
//! memory.

use contracts::intake::{CategoryDefined, CategoryEvent};
use kernel::DecodeError;
use platform::{
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// A leaf; the key is its code.
    pub struct CategoryRow in "photo_categories" version 1 {
        /// Whether only those who handle it may see it, 0 or 1.
        pub confidential: i64,
    }
    indexes []
}

/// Folds the catalogue.
pub struct Categories;

impl Projection for Categories {
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
        Some(CategoryRow { confidential: i64::from(rules.confidential) })
    }
}

/// Whether a category is confidential; also while it is not known here.
pub fn is_confidential(categories: &View<CategoryRow>, category: &str) -> bool {
    categories.cached(|rows| rows.get(category).is_none_or(|row| row.confidential != 0))
}
