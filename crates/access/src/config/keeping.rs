//! For how long what is kept of persons is kept.

use std::collections::BTreeMap;

use kernel::id::CategoryCode;
use platform::service::StartError;
use serde::Deserialize;

/// For how long.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    /// Days of 24 hours within which a person's data has to be erased once that was asked for.
    pub erasure_days: u32,
    /// Days of 24 hours for which the texts and photos of a case are kept after it was closed.
    pub retention_days: u32,
    /// The same, for some categories by their code.
    pub retention_days_of: BTreeMap<String, u32>,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Keeping {
    /// The settings, if they make sense.
    pub fn checked(self) -> Result<Self, StartError> {
        let wrong = |what: String| Err(StartError::Other(what));
        let days = self.retention_days_of.values().chain([&self.retention_days]);
        if self.erasure_days == 0 || days.into_iter().any(|days| *days == 0) {
            return wrong(
                "access.keeping.erasure_days or a retention is 0: write at least 1 day".to_owned(),
            );
        }
        for code in self.retention_days_of.keys() {
            if code.parse::<CategoryCode>().is_err() {
                return wrong(format!(
                    "access.keeping.retention_days_of names {code:?}, which is no code of a category"
                ));
            }
        }
        Ok(self)
    }

    /// How long an erasure may take, in milliseconds.
    pub fn erasure_ms(&self) -> i64 {
        i64::from(self.erasure_days) * DAY_MS
    }
}

/// Days in milliseconds.
pub fn days_ms(days: u32) -> i64 {
    i64::from(days) * DAY_MS
}
