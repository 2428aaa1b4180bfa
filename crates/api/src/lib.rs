//! Rust generated from `/proto`. By hand only how ids, positions and words cross the border.

#![allow(clippy::all, clippy::pedantic, reason = "generated code")]

use std::str::FromStr;

/// The descriptors of every service, encoded: for reflection and the method table.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

macro_rules! package {
    ($($package:ident)*) => {$(
        #[doc = concat!("`weft.", stringify!($package), ".v1`")]
        pub mod $package {
            /// Version 1.
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/weft.", stringify!($package), ".v1.rs"));
            }
        }
    )*};
}

package! { common intake dispatch grid access camera points media admin outlet }

/// The word of a contract for a proto enum's value: `CHANNEL_QR_PAGE` is `qr_page`. None for
/// `…_UNSPECIFIED` or what has no such word.
pub fn word<T: FromStr>(name: &str, prefix: &str) -> Option<T> {
    name.strip_prefix(prefix)?.to_lowercase().parse().ok()
}

/// The proto enum's name for a contract's word.
pub fn name(word: &impl ToString, prefix: &str) -> String {
    prefix.to_owned() + &word.to_string().to_uppercase()
}

impl From<kernel::LogPosition> for common::v1::Position {
    fn from(position: kernel::LogPosition) -> Self {
        Self { log: position.log, sequence: position.sequence }
    }
}

impl common::v1::GeoPosition {
    /// The position as the kernel knows it.
    pub fn to_kernel(&self) -> Result<kernel::geo::Position, kernel::geo::InvalidPosition> {
        let crs = match self.crs() {
            common::v1::Crs::Unspecified | common::v1::Crs::Wgs84 => kernel::geo::Crs::Wgs84,
            common::v1::Crs::Gcj02 => kernel::geo::Crs::Gcj02,
            common::v1::Crs::Cgcs2000 => kernel::geo::Crs::Cgcs2000,
        };
        kernel::geo::Position::from_degrees(self.longitude, self.latitude, crs)
    }
}

impl From<common::v1::Position> for kernel::LogPosition {
    fn from(position: common::v1::Position) -> Self {
        Self { log: position.log, sequence: position.sequence }
    }
}
