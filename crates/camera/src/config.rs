//! The section `camera` of the configuration; the defaults and their meaning are in
//! `config.default.toml`.

use serde::Deserialize;

/// The settings of camera.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Metres from the nearest grid within which a position counts as a gap between grids.
    pub gap_limit_m: u32,
}
