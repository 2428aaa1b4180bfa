//! Administrative division codes as the state statistics office prints them: 2 digits for a
//! province, 4 for a prefecture, 6 for a county, 9 for a township, 12 for a village.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The tier of a division.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 省: 2 digits.
    Province,
    /// 市(地级): 4 digits.
    Prefecture,
    /// 县: 6 digits.
    County,
    /// 乡镇/街道: 9 digits.
    Township,
    /// 村/社区: 12 digits.
    Village,
}

impl Level {
    /// How many digits a code of this level has.
    pub const fn digits(self) -> u32 {
        match self {
            Self::Province => 2,
            Self::Prefecture => 4,
            Self::County => 6,
            Self::Township => 9,
            Self::Village => 12,
        }
    }

    /// The level above, none above a province.
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::Province => None,
            Self::Prefecture => Some(Self::Province),
            Self::County => Some(Self::Prefecture),
            Self::Township => Some(Self::County),
            Self::Village => Some(Self::Township),
        }
    }
}

/// A division: its digits, padded with zeros to twelve, and its level.
///
/// The order sorts a division before its parts and beside its neighbours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Division {
    padded: u64,
    level: Level,
}

/// Why a text is no division code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDivision {
    /// Something other than 0 to 9.
    #[error("a division code has digits only, found {0:?}")]
    NotDigits(char),
    /// A length that no level has.
    #[error("a division code has 2, 4, 6, 9 or 12 digits, found {0}")]
    Length(usize),
    /// A zero group where a part must be named: `620800` is the prefecture `6208`.
    #[error("the {level:?} part of {code} is zero; write the code of the level above instead")]
    ZeroPart {
        /// The code as given.
        code: String,
        /// The level whose digits are zero.
        level: Level,
    },
}

const LEVELS: [Level; 5] =
    [Level::Province, Level::Prefecture, Level::County, Level::Township, Level::Village];

const fn pow10(n: u32) -> u64 {
    10_u64.pow(n)
}

impl Division {
    /// The level of this division.
    pub const fn level(self) -> Level {
        self.level
    }

    /// The division above, none above a province.
    pub fn parent(self) -> Option<Self> {
        self.level.above().map(|level| self.cut(level))
    }

    /// The division of `level` that this one is or lies in; none where `level` is below.
    pub fn at(self, level: Level) -> Option<Self> {
        (level <= self.level).then(|| self.cut(level))
    }

    /// The county that this division is or lies in.
    pub fn county(self) -> Option<Self> {
        self.at(Level::County)
    }

    /// The township that this division is or lies in.
    pub fn township(self) -> Option<Self> {
        self.at(Level::Township)
    }

    /// The village that this division is.
    pub fn village(self) -> Option<Self> {
        self.at(Level::Village)
    }

    /// Whether `other` is this division or lies in it.
    pub fn contains(self, other: Self) -> bool {
        other.at(self.level) == Some(self)
    }

    /// Twelve digits, zeros where the division is wider than a village: the form of ids and columns.
    pub fn padded(self) -> String {
        format!("{:012}", self.padded)
    }

    /// Reads the twelve-digit form: trailing zero groups say how wide the division is.
    pub fn from_padded(text: &str) -> Result<Self, InvalidDivision> {
        if text.len() != 12 {
            return Err(InvalidDivision::Length(text.chars().count()));
        }
        let padded = digits(text)?;
        let level = LEVELS
            .into_iter()
            .find(|level| padded % pow10(12 - level.digits()) == 0)
            .unwrap_or(Level::Village);
        Self { padded, level }.checked(text)
    }

    /// The three tokens of a subject: county 6, township 3, village 3; zeros where wider.
    ///
    /// A prefecture's and a province's facts stand under `620800` and `620000`.
    pub fn subject_tokens(self) -> String {
        let text = self.padded();
        format!("{}.{}.{}", &text[..6], &text[6..9], &text[9..])
    }

    fn cut(self, level: Level) -> Self {
        let unit = pow10(12 - level.digits());
        Self { padded: self.padded / unit * unit, level }
    }

    fn checked(self, text: &str) -> Result<Self, InvalidDivision> {
        let zero_part = LEVELS.into_iter().filter(|level| *level <= self.level).find(|level| {
            let below = level.above().map_or(pow10(12), |above| pow10(12 - above.digits()));
            self.padded % below / pow10(12 - level.digits()) == 0
        });
        match zero_part {
            None => Ok(self),
            Some(level) => Err(InvalidDivision::ZeroPart { code: text.to_owned(), level }),
        }
    }
}

fn digits(text: &str) -> Result<u64, InvalidDivision> {
    text.chars().try_fold(0_u64, |number, c| {
        c.to_digit(10)
            .filter(|_| c.is_ascii())
            .map(|digit| number * 10 + u64::from(digit))
            .ok_or(InvalidDivision::NotDigits(c))
    })
}

impl FromStr for Division {
    type Err = InvalidDivision;

    fn from_str(text: &str) -> Result<Self, InvalidDivision> {
        if text.len() > 12 {
            return Err(InvalidDivision::Length(text.chars().count()));
        }
        let number = digits(text)?;
        let level = LEVELS
            .into_iter()
            .find(|level| level.digits() as usize == text.len())
            .ok_or(InvalidDivision::Length(text.len()))?;
        Self { padded: number * pow10(12 - level.digits()), level }.checked(text)
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.padded()[..self.level.digits() as usize])
    }
}

impl fmt::Debug for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Division {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Division {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Division {
    fn schema_name() -> Cow<'static, str> {
        "Division".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Division code of 2, 4, 6, 9 or 12 digits.",
            "pattern": "^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn division(code: &str) -> Division {
        code.parse().unwrap()
    }

    #[test]
    fn every_real_code_parses_prints_back_and_lies_in_its_parent() {
        for file in ["140581", "500152", "620821"] {
            let path =
                format!("{}/../../resources/divisions/{file}.csv", env!("CARGO_MANIFEST_DIR"));
            let table = std::fs::read_to_string(&path).unwrap();
            let mut rows = 0;
            for line in table.lines().skip(1) {
                let fields: Vec<&str> = line.split(',').collect();
                let code = division(fields[0]);
                assert_eq!(code.to_string(), fields[0]);
                assert_eq!(Division::from_padded(&code.padded()).unwrap(), code);
                assert_eq!(format!("{:?}", code.level()).to_lowercase(), fields[2]);
                if !fields[3].is_empty() {
                    assert_eq!(code.parent().unwrap().to_string(), fields[3]);
                    assert!(division(fields[3]).contains(code));
                }
                rows += 1;
            }
            assert!(rows > 100, "{path} has {rows} rows");
        }
    }

    #[test]
    fn a_prefecture_and_a_province_are_above_the_county() {
        let county = division("620821");
        assert_eq!(county.parent(), Some(division("6208")));
        assert_eq!(division("6208").parent(), Some(division("62")));
        assert_eq!(division("62").parent(), None);
        assert_eq!(division("6208").subject_tokens(), "620800.000.000");
        assert_eq!(division("620821101203").subject_tokens(), "620821.101.203");
    }

    #[test]
    fn a_neighbour_with_the_same_digits_in_front_is_not_contained() {
        assert!(!division("620821101").contains(division("620821102200")));
        assert!(!division("620821101203").contains(division("620821101")));
    }

    #[test]
    fn what_is_no_code_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<Division>().unwrap_err();
        assert_eq!(refused(""), InvalidDivision::Length(0));
        assert_eq!(refused("620"), InvalidDivision::Length(3));
        assert_eq!(refused("6208211012031"), InvalidDivision::Length(13));
        assert_eq!(refused("62082x"), InvalidDivision::NotDigits('x'));
        assert_eq!(refused("٦٢"), InvalidDivision::NotDigits('٦'));
        assert_eq!(refused(" 620821"), InvalidDivision::NotDigits(' '));
        assert_eq!(
            refused("620800"),
            InvalidDivision::ZeroPart { code: "620800".into(), level: Level::County }
        );
        assert_eq!(
            refused("620821000203"),
            InvalidDivision::ZeroPart { code: "620821000203".into(), level: Level::Township }
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics_and_what_parses_prints_back(text in "[0-9]{0,13}|.{0,14}") {
            if let Ok(code) = text.parse::<Division>() {
                prop_assert_eq!(code.to_string(), text);
            }
        }
    }
}
