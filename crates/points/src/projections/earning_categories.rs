//! The table `earning_categories`: the categories whose reports may earn points, and whose are
//! confidential. Keyed by the category's code.

use contracts::intake::CategoryEvent;
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
        _row: Option<EarningCategory>,
        event: &CategoryEvent,
        _recorded: &Recorded,
    ) -> Option<EarningCategory> {
        let CategoryEvent::CategoryDefined(event) = event;
        let rules = event.rules.as_ref();
        Some(EarningCategory {
            earns: rules.map_or(0, |rules| i64::from(rules.report_earns_points)),
            confidential: rules.map_or(0, |rules| i64::from(rules.confidential)),
        })
    }
}
