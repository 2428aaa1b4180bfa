//! How long something may take: `3wd` (working days), `2wh` (working hours), `240min` (minutes, day
//! and night). When that ends is the working calendar's to say.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The unit in which a limit is counted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作日, written `wd`: counted from the working day after the start.
    WorkingDays,
    /// 工作小时, written `wh`: running in working hours only.
    WorkingHours,
    /// 分钟, written `min`: running day and night.
    Minutes,
}

impl LimitUnit {
    /// The letters after the amount.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::WorkingDays => "wd",
            Self::WorkingHours => "wh",
            Self::Minutes => "min",
        }
    }
}

/// An amount of a unit, from 1 to 100,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Unchecked")]
pub struct Limit {
    amount: u32,
    unit: LimitUnit,
}

/// A limit as it came, before its range is known.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Limit")]
struct Unchecked {
    #[schemars(range(min = 1, max = 100_000))]
    amount: u32,
    unit: LimitUnit,
}

impl TryFrom<Unchecked> for Limit {
    type Error = InvalidLimit;

    fn try_from(from: Unchecked) -> Result<Self, InvalidLimit> {
        Self::new(from.amount, from.unit)
    }
}

/// Why something is no limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLimit {
    /// Not a number with one of the three units.
    #[error("a limit is a number and wd, wh or min, such as 3wd, found {0:?}")]
    Form(String),
    /// Zero, or more than 100,000.
    #[error("a limit is from 1 to 100000, found {0}")]
    Amount(u32),
}

impl Limit {
    /// The limit of so many units.
    pub const fn new(amount: u32, unit: LimitUnit) -> Result<Self, InvalidLimit> {
        if amount >= 1 && amount <= 100_000 {
            Ok(Self { amount, unit })
        } else {
            Err(InvalidLimit::Amount(amount))
        }
    }

    /// How many units, from 1 to 100,000.
    pub const fn amount(self) -> u32 {
        self.amount
    }

    /// What is counted.
    pub const fn unit(self) -> LimitUnit {
        self.unit
    }
}

impl FromStr for Limit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        let form = || InvalidLimit::Form(text.chars().take(32).collect());
        let (amount, unit) = [LimitUnit::WorkingDays, LimitUnit::WorkingHours, LimitUnit::Minutes]
            .into_iter()
            .find_map(|unit| text.strip_suffix(unit.suffix()).map(|amount| (amount, unit)))
            .ok_or_else(form)?;
        if !amount.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        Self::new(amount.parse().map_err(|_| form())?, unit)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit.suffix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_and_prints_back() {
        for (text, amount, unit) in [
            ("2wd", 2, LimitUnit::WorkingDays),
            ("8wh", 8, LimitUnit::WorkingHours),
            ("240min", 240, LimitUnit::Minutes),
            ("100000min", 100_000, LimitUnit::Minutes),
        ] {
            let limit: Limit = text.parse().unwrap();
            assert_eq!(limit, Limit::new(amount, unit).unwrap());
            assert_eq!(limit.to_string(), text);
        }
    }

    #[test]
    fn the_json_names_amount_and_unit_and_is_checked() {
        let json = r#"{"amount":3,"unit":"working_days"}"#;
        let limit: Limit = serde_json::from_str(json).unwrap();
        assert_eq!(limit.to_string(), "3wd");
        assert_eq!(serde_json::to_string(&limit).unwrap(), json);
        assert!(serde_json::from_str::<Limit>(r#"{"amount":0,"unit":"minutes"}"#).is_err());
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in ["", "wd", "3", "3 wd", "+3wd", "-3wd", "3d", "3WD", "３wd", "99999999999min"]
        {
            assert!(matches!(text.parse::<Limit>(), Err(InvalidLimit::Form(_))), "{text}");
        }
        assert_eq!("0wd".parse::<Limit>(), Err(InvalidLimit::Amount(0)));
        assert_eq!("100001min".parse::<Limit>(), Err(InvalidLimit::Amount(100_001)));
    }
}
