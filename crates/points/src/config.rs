//! The section `points` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use serde::Deserialize;

/// The settings of points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The most points of one award by hand.
    pub max_award_points: u32,
    /// Characters that a reason may have.
    pub max_reason_chars: usize,
}
