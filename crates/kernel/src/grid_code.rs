//! Grid codes: the twelve digits of the village and a serial of three, unique in the county.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Division, Level};

/// The code of a grid: its village and its serial there, fifteen digits in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GridCode {
    village: Division,
    serial: u16,
}

/// Why a text is no grid code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGridCode {
    /// Not fifteen digits.
    #[error("a grid code has 15 digits (village 12, serial 3), found {0:?}")]
    Form(String),
    /// The village part is no division.
    #[error("the village of a grid code: {0}")]
    Village(#[from] crate::division::InvalidDivision),
    /// The serial is zero or over 999, or the division is no village.
    #[error("a grid lies in a village and has a serial from 1 to 999, found {0} serial {1}")]
    Part(Division, u16),
}

impl GridCode {
    /// A grid of a village.
    pub fn new(village: Division, serial: u16) -> Result<Self, InvalidGridCode> {
        if village.level() == Level::Village && (1..=999).contains(&serial) {
            Ok(Self { village, serial })
        } else {
            Err(InvalidGridCode::Part(village, serial))
        }
    }

    /// The village in which the grid lies.
    pub const fn village(self) -> Division {
        self.village
    }

    /// The serial within the village, from 1.
    pub const fn serial(self) -> u16 {
        self.serial
    }
}

impl FromStr for GridCode {
    type Err = InvalidGridCode;

    fn from_str(text: &str) -> Result<Self, InvalidGridCode> {
        let form = || InvalidGridCode::Form(text.chars().take(32).collect());
        if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        let (village, serial) = text.split_at(12);
        Self::new(village.parse()?, serial.parse().map_err(|_| form())?)
    }
}

impl fmt::Display for GridCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.village, self.serial)
    }
}

impl Serialize for GridCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GridCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for GridCode {
    fn schema_name() -> Cow<'static, str> {
        "GridCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Grid code: village 12 digits, serial 3.",
            "pattern": "^[0-9]{15}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_code_prints_back_and_names_its_village() {
        let grid: GridCode = "620821101203007".parse().unwrap();
        assert_eq!(grid.to_string(), "620821101203007");
        assert_eq!(grid.village().to_string(), "620821101203");
        assert_eq!(grid.serial(), 7);
    }

    #[test]
    fn what_is_no_grid_code_is_refused() {
        for text in [
            "",
            "620821101203",
            "620821101203000",
            "62082110120300x",
            "620821000000001",
            "６20821101203001",
        ] {
            assert!(text.parse::<GridCode>().is_err(), "{text}");
        }
    }
}
