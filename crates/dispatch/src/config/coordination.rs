//! The section `[dispatch.coordination]`: the limits within which bodies work together.

use kernel::limit::Limit;
use platform::service::StartError;
use serde::Deserialize;

const MINUTE_MS: i64 = 60_000;

/// What can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// How long a called body has to sign where the caller does not say, such as `2wh`.
    pub sign_within: String,
    /// How much longer until the county hears of it.
    pub supervise_within: String,
    /// How many minutes before a meeting its place is open.
    pub open_minutes: u32,
    /// Within how many minutes a team answers a call.
    pub respond_minutes: u32,
    /// Within how many it is together.
    pub assemble_minutes: u32,
    /// Within how many it is on site in the county's town.
    pub arrive_town_minutes: u32,
    /// Within how many it is on site elsewhere.
    pub arrive_minutes: u32,
}

/// The section as decisions use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a called body has to sign.
    pub sign: Limit,
    /// How much longer until the county hears of it.
    pub supervise: Limit,
    /// Milliseconds before a meeting at which its place opens.
    pub open_ms: i64,
    /// Milliseconds for a team to answer.
    pub respond_ms: i64,
    /// Milliseconds to be together.
    pub assemble_ms: i64,
    arrive_town_ms: i64,
    arrive_ms: i64,
}

impl Limits {
    /// Milliseconds to be on site, in the county's town or elsewhere.
    pub const fn arrive_ms(&self, county_town: bool) -> i64 {
        if county_town { self.arrive_town_ms } else { self.arrive_ms }
    }
}

impl TryFrom<Section> for Limits {
    type Error = StartError;

    fn try_from(section: Section) -> Result<Self, StartError> {
        let limit = |name, text: &str| {
            text.parse::<Limit>().map_err(|error| {
                StartError::Other(format!("dispatch.coordination.{name}: {error}"))
            })
        };
        let minutes = |name, minutes: u32| match minutes {
            0 => Err(StartError::Other(format!(
                "dispatch.coordination.{name} is 0: write at least 1"
            ))),
            minutes => Ok(i64::from(minutes) * MINUTE_MS),
        };
        Ok(Self {
            sign: limit("sign_within", &section.sign_within)?,
            supervise: limit("supervise_within", &section.supervise_within)?,
            open_ms: minutes("open_minutes", section.open_minutes)?,
            respond_ms: minutes("respond_minutes", section.respond_minutes)?,
            assemble_ms: minutes("assemble_minutes", section.assemble_minutes)?,
            arrive_town_ms: minutes("arrive_town_minutes", section.arrive_town_minutes)?,
            arrive_ms: minutes("arrive_minutes", section.arrive_minutes)?,
        })
    }
}

#[cfg(test)]
impl Section {
    pub(super) fn for_tests() -> Self {
        Self {
            sign_within: "2wh".to_owned(),
            supervise_within: "2wh".to_owned(),
            open_minutes: 60,
            respond_minutes: 1,
            assemble_minutes: 10,
            arrive_town_minutes: 15,
            arrive_minutes: 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_what_is_wrong_is_named() {
        let limits = Limits::try_from(Section::for_tests()).unwrap();
        assert_eq!(limits.sign.to_string(), "2wh");
        assert_eq!((limits.arrive_ms(true), limits.arrive_ms(false)), (900_000, 3_600_000));
        let wrong = Section { sign_within: "soon".to_owned(), ..Section::for_tests() };
        let said = Limits::try_from(wrong).unwrap_err().to_string();
        assert!(said.contains("dispatch.coordination.sign_within"), "{said}");
        let never = Section { assemble_minutes: 0, ..Section::for_tests() };
        let said = Limits::try_from(never).unwrap_err().to_string();
        assert!(said.contains("dispatch.coordination.assemble_minutes"), "{said}");
    }
}
