//! The section `intake` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use platform::service::StartError;
use serde::Deserialize;

/// The settings of intake.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Days of 24 hours that a resolved case waits for a rating, at least 1.
    pub rating_window_days: u32,
    /// Days of 24 hours, from its resolution, within which a case can be reopened; 0 for never.
    pub reopen_window_days: u32,
    /// Days of 24 hours within which a reporter can answer what was asked before acceptance, at least 1.
    pub answer_window_days: u32,
    /// How many in a hundred of the cases that were settled on the spot somebody else checks.
    pub spot_check_percent: u32,
    /// Who accepts reported cases.
    pub acceptance: Acceptance,
    /// Metres from the nearest grid within which a position counts as a gap between grids.
    pub gap_limit_m: u32,
    /// Metres within which cases of the same category count as similar.
    pub similar_radius_m: u32,
    /// Days of 24 hours for which a report counts as similar to a new one.
    pub similar_window_days: u32,
    /// Cases of a category in one place that make a hot spot, at least 2.
    pub hotspot_cases: u32,
    /// Days of 24 hours within which they are counted, at least 1.
    pub hotspot_window_days: u32,
    /// Days of 24 hours after which a quiet hot spot is cleared, at least 1.
    pub hotspot_quiet_days: u32,
    /// Characters that a text about an admission or a hot spot may have.
    pub max_catalogue_chars: usize,
    /// Characters that a report may have.
    pub max_report_chars: usize,
    /// Characters that an addition to a case may have.
    pub max_information_chars: usize,
    /// Characters that the explanation of a refusal may have.
    pub max_explanation_chars: usize,
    /// Characters that the comment of a rating may have.
    pub max_comment_chars: usize,
    /// Characters that the reason of a reopening may have.
    pub max_reopening_chars: usize,
    /// Photos that a report or an addition may have.
    pub max_photos: usize,
    /// Characters that each part of a contact may have.
    pub max_contact_chars: usize,
    /// Contacts that a member of staff may be shown within an hour.
    pub max_reveals_an_hour: usize,
    /// Phone numbers whose cases a member of staff may look for within an hour.
    pub max_lookups_an_hour: usize,
    /// Characters that the note on a purpose may have.
    pub max_note_chars: usize,
}

/// Who accepts reported cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// The acceptance rule, where it can.
    Rule,
    /// An operator, each one.
    Operator,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Config {
    /// The settings, if they make sense together.
    pub fn checked(self) -> Result<Self, StartError> {
        if self.rating_window_days == 0 {
            return Err(StartError::Other(
                "intake.rating_window_days is 0: nobody could rate; write at least 1".to_owned(),
            ));
        }
        if self.answer_window_days == 0 {
            return Err(StartError::Other(
                "intake.answer_window_days is 0: nobody could answer; write at least 1".to_owned(),
            ));
        }
        if self.spot_check_percent > 100 {
            return Err(StartError::Other(format!(
                "intake.spot_check_percent is {}: write 0 to 100",
                self.spot_check_percent
            )));
        }
        if self.hotspot_cases < 2 || self.hotspot_window_days == 0 || self.hotspot_quiet_days == 0 {
            return Err(StartError::Other(
                "intake.hotspot_cases is at least 2, hotspot_window_days and hotspot_quiet_days at \
                 least 1: write more"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    /// The time for answering what was asked, in milliseconds.
    pub fn answer_window_ms(&self) -> i64 {
        i64::from(self.answer_window_days) * DAY_MS
    }

    /// The window for rating, in milliseconds.
    pub fn rating_window_ms(&self) -> i64 {
        i64::from(self.rating_window_days) * DAY_MS
    }

    /// For how long a report counts as similar to a new one, in milliseconds.
    pub fn similar_window_ms(&self) -> i64 {
        i64::from(self.similar_window_days) * DAY_MS
    }

    /// The window for reopening, in milliseconds.
    pub fn reopen_window_ms(&self) -> i64 {
        i64::from(self.reopen_window_days) * DAY_MS
    }
}
