//! The table `earning_categories`: the categories whose reports may earn points, and whose are
//! confidential. Keyed by the category's code.

use contracts::intake::{CategoryDefined, CategoryEvent};
use kernel::{DecodeError, StoredEvent as _};
use platform::{log::Recorded, projection::Projection, row};

row! {
    /// A category.
    pub struct EarningCategory in "earning_categories" version 1 {
        /// 1 where a report that is found true may earn points, else 0.
        pub earns: i64,
        /// 1 where only those who handle it may see it, else 0.
        pub confidential: i64,
    }
    indexes []
}

impl EarningCategory {
    /// Whether a report may earn points: never a confidential one, whose reporter is in no list.
    pub fn may_earn(&self) -> bool {
        self.earns == 1 && self.confidential == 0
    }
}

/// Fills the table.
pub struct EarningCategories;

impl Projection for EarningCategories {
    type Row = EarningCategory;
    type Event = CategoryDefined;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<CategoryDefined>, DecodeError> {
        if event.category() != CategoryEvent::CATEGORY {
            return Ok(None);
        }
        Ok(match CategoryEvent::decode(&event.ce_type, &event.payload)? {
            CategoryEvent::CategoryDefined(defined) => Some(defined),
            // What is planned is not in force; what was reported before an end earns as it did.
            CategoryEvent::CategoryPlanned(_) | CategoryEvent::CategoryEnded(_) => None,
        })
    }

    fn keys(&self, event: &CategoryDefined) -> Vec<String> {
        vec![event.category.to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<EarningCategory>,
        event: &CategoryDefined,
        _recorded: &Recorded,
    ) -> Option<EarningCategory> {
        let rules = event.rules.as_ref();
        Some(EarningCategory {
            earns: rules.map_or(0, |rules| i64::from(rules.report_earns_points)),
            confidential: rules.map_or(0, |rules| i64::from(rules.confidential)),
        })
    }
}
