//! The section `media` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use platform::service::StartError;
use serde::Deserialize;

/// The settings of media.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The largest file that is taken, in bytes.
    pub max_file_bytes: usize,
    /// How many uploads are received at once, at least 1.
    pub receiving_at_once: usize,
    /// How many photos are drawn anew at once, at least 1.
    pub cleaning_at_once: usize,
    /// Seconds that an upload waits for its turn to be drawn.
    pub cleaning_wait_seconds: u64,
    /// How many photos one person may upload within the window.
    pub uploads_per_person: usize,
    /// The window, in minutes.
    pub uploads_window_minutes: u32,
    /// Hours after which a photo that no command has named is erased, at least 1.
    pub keep_unattached_hours: u32,
}

const MINUTE_MS: i64 = 60_000;

impl Config {
    /// The settings, if they make sense together.
    pub fn checked(self) -> Result<Self, StartError> {
        if self.receiving_at_once == 0 || self.cleaning_at_once == 0 {
            return Err(StartError::Other(
                "media.receiving_at_once or media.cleaning_at_once is 0: no photo could come in; \
                 write at least 1"
                    .to_owned(),
            ));
        }
        if self.keep_unattached_hours == 0 {
            return Err(StartError::Other(
                "media.keep_unattached_hours is 0: photos would go before a command can name them; \
                 write at least 1"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    /// The window of uploads, in milliseconds.
    pub fn uploads_window_ms(&self) -> i64 {
        i64::from(self.uploads_window_minutes) * MINUTE_MS
    }

    /// How long a photo is kept that no command names, in milliseconds.
    pub fn keep_unattached_ms(&self) -> i64 {
        i64::from(self.keep_unattached_hours) * 60 * MINUTE_MS
    }
}
