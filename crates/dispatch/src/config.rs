//! The section `[dispatch]`; `config.default.toml` has the defaults and is the reference.

pub mod coordination;
mod escalation;
mod extension;
mod supervision;

use contracts::intake::Urgency;
use jiff::civil::Date;
use kernel::{
    id::{CategoryCode, OrgKind},
    limit::{Limit, LimitUnit},
};
use platform::service::StartError;
use serde::Deserialize;

mod notifications;

pub use notifications::{
    GatewayWay, MailTls, MailWay, NotificationsSection, SmtpSection, WebhookSection,
};

use crate::domain::{calendar::WorkingCalendar, routing::Kinds};

pub use escalation::{EscalationSection, Ladder, MinutesLate, Step};
pub use extension::{Extension, ExtensionSection};
pub use supervision::SupervisionSection;

/// The defaults, which are also the reference.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// What can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Photos that feedback may have of what was before, and of what is now.
    pub max_photos: usize,
    /// Which days are worked.
    pub calendar: CalendarSection,
    /// When an order is at risk.
    pub deadlines: DeadlinesSection,
    /// Who is near, and who has rested.
    pub routing: RoutingSection,
    /// How long an order may wait for its assignee.
    pub accept_minutes: AcceptMinutes,
    /// The kinds of bodies with a part of their own.
    pub kinds: KindsSection,
    /// How bodies work together.
    pub coordination: coordination::Section,
    /// Who decides about a return.
    pub returns: Returns,
    /// More time.
    pub extension: ExtensionSection,
    /// The ladder.
    pub escalation: EscalationSection,
    /// How long a supervised body has to answer.
    pub supervision: SupervisionSection,
    /// How disputes are mediated.
    pub mediation: MediationSection,
    /// How notifications leave the house.
    pub notifications: NotificationsSection,
}

/// Who decides about a return (退单).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// The desk, from the second return of an order the county's.
    Desk,
    /// The rules route it past whoever returned it.
    Rule,
}

/// How disputes are mediated.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediationSection {
    /// After how many days an agreement is looked at again.
    pub follow_up_days: Vec<u32>,
    /// The category of the case that a sign of violence makes of a dispute.
    pub urgent_category: CategoryCode,
}

/// The working calendar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSection {
    /// The number that decisions carry.
    pub version: u32,
    /// Days off, as YYYY-MM-DD.
    pub holidays: Vec<String>,
    /// Days worked, as YYYY-MM-DD.
    pub make_up_days: Vec<String>,
}

/// When an order is at risk.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlinesSection {
    /// How much of the limit is left then, in percent.
    pub at_risk_percent: u32,
}

/// Who is near, and who has rested.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingSection {
    /// How long a member rests after an emergency, in minutes.
    pub rest_minutes: u32,
    /// How old a member's position may be that counts, in seconds.
    pub position_seconds: u32,
}

/// Minutes, day and night, by urgency.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptMinutes {
    /// At once.
    pub emergency: u32,
    /// Before other work.
    pub urgent: u32,
    /// In the ordinary course.
    pub normal: u32,
    /// When there is time.
    pub low: u32,
}

/// Codes of `resources/departments.csv`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindsSection {
    /// The members of the grids.
    pub grid_member: OrgKind,
    /// The bodies of a village.
    pub village_bodies: Vec<OrgKind>,
    /// The desk of a township.
    pub desk_township: OrgKind,
    /// The desk of the county.
    pub desk_county: OrgKind,
}

/// The configuration as decisions use it.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Photos that feedback may have of what was before, and of what is now.
    pub max_photos: usize,
    /// When a limit ends, until a calendar is put.
    pub calendar: WorkingCalendar,
    /// How much of the limit is left when an order is at risk, in percent.
    pub at_risk_percent: u32,
    /// Who is near, and who has rested.
    pub routing: RoutingSection,
    /// The kinds that routing knows.
    pub kinds: Kinds,
    /// How bodies work together.
    pub coordination: coordination::Limits,
    /// Who decides about a return.
    pub returns: Returns,
    /// More time.
    pub extension: Extension,
    /// When the rule lets a late order climb.
    pub ladder: Ladder,
    /// How long a supervised body has to answer each step, the mildest first.
    pub answers: [Limit; 4],
    /// How disputes are mediated.
    pub mediation: MediationSection,
    accept: [Limit; 4],
}

impl Rules {
    /// How long an order may wait to be accepted.
    pub const fn accept_within(&self, urgency: Urgency) -> Limit {
        let [low, normal, urgent, emergency] = self.accept;
        match urgency {
            Urgency::Low => low,
            Urgency::Normal => normal,
            Urgency::Urgent => urgent,
            Urgency::Emergency => emergency,
        }
    }
}

impl TryFrom<Config> for Rules {
    type Error = StartError;

    fn try_from(config: Config) -> Result<Self, StartError> {
        let Config {
            max_photos, calendar, accept_minutes: accept, kinds, returns, mediation, ..
        } = config;
        let (deadlines, routing) = (config.deadlines, config.routing);
        let (extension, escalation) = (config.extension, config.escalation);
        let answers = config.supervision.limits()?;
        if !(1..=99).contains(&deadlines.at_risk_percent) {
            return Err(StartError::Other(
                "dispatch.deadlines.at_risk_percent: write 1 to 99".to_owned(),
            ));
        }
        let coordination = config.coordination;
        let calendar = WorkingCalendar::new(
            calendar.version,
            dates("holidays", &calendar.holidays)?,
            dates("make_up_days", &calendar.make_up_days)?,
        )
        .map_err(|error| StartError::Other(format!("dispatch.calendar: {error}")))?;
        let minutes = |name, minutes| {
            Limit::new(minutes, LimitUnit::Minutes).map_err(|error| {
                StartError::Other(format!("dispatch.accept_minutes.{name}: {error}"))
            })
        };
        Ok(Self {
            max_photos,
            calendar,
            returns,
            extension: Extension::try_from(extension)?,
            ladder: Ladder::try_from(escalation)?,
            answers,
            at_risk_percent: deadlines.at_risk_percent,
            routing,
            mediation,
            kinds: Kinds {
                grid_member: kinds.grid_member,
                village_bodies: kinds.village_bodies,
                township_desk: kinds.desk_township,
                county_desk: kinds.desk_county,
            },
            coordination: coordination.try_into()?,
            accept: [
                minutes("low", accept.low)?,
                minutes("normal", accept.normal)?,
                minutes("urgent", accept.urgent)?,
                minutes("emergency", accept.emergency)?,
            ],
        })
    }
}

fn dates(list: &str, texts: &[String]) -> Result<Vec<Date>, StartError> {
    texts
        .iter()
        .map(|text| {
            text.parse().map_err(|_| {
                StartError::Other(format!(
                    "dispatch.calendar.{list}: {text:?} is no date; write YYYY-MM-DD"
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            max_photos: 5,
            calendar: CalendarSection {
                version: 2,
                holidays: vec!["2026-10-01".to_owned()],
                make_up_days: vec!["2026-10-10".to_owned()],
            },
            deadlines: DeadlinesSection { at_risk_percent: 20 },
            routing: RoutingSection { rest_minutes: 60, position_seconds: 1_800 },
            accept_minutes: AcceptMinutes { emergency: 5, urgent: 30, normal: 240, low: 480 },
            kinds: KindsSection {
                grid_member: "d000".parse().unwrap(),
                village_bodies: Vec::new(),
                desk_township: "d026".parse().unwrap(),
                desk_county: "d900".parse().unwrap(),
            },
            coordination: coordination::Section::for_tests(),
            returns: Returns::Desk,
            extension: ExtensionSection { max_times: 2, longest: "10wd".to_owned() },
            escalation: escalation::tests::section(),
            supervision: supervision::tests::section(),
            mediation: MediationSection {
                follow_up_days: vec![30, 90],
                urgent_category: "0812".parse().unwrap(),
            },
            notifications: NotificationsSection::default(),
        }
    }

    #[test]
    fn the_calendar_and_the_minutes_become_rules() {
        let rules = Rules::try_from(config()).unwrap();
        assert_eq!(rules.calendar.version(), 2);
        assert!(!rules.calendar.is_working_day("2026-10-01".parse().unwrap()));
        assert!(rules.calendar.is_working_day("2026-10-10".parse().unwrap()));
        let minutes = [Urgency::Low, Urgency::Normal, Urgency::Urgent, Urgency::Emergency]
            .map(|urgency| rules.accept_within(urgency).to_string());
        assert_eq!(minutes, ["480min", "240min", "30min", "5min"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let refused = |change: fn(&mut Config)| {
            let mut config = config();
            change(&mut config);
            Rules::try_from(config).unwrap_err().to_string()
        };
        let no_date = refused(|config| config.calendar.holidays = vec!["1 October".to_owned()]);
        assert!(no_date.contains("dispatch.calendar.holidays"), "{no_date}");
        let both = refused(|config| config.calendar.make_up_days = vec!["2026-10-01".to_owned()]);
        assert!(both.contains("2026-10-01"), "{both}");
        let never = refused(|config| config.accept_minutes.urgent = 0);
        assert!(never.contains("dispatch.accept_minutes.urgent"), "{never}");
        let whole = refused(|config| config.deadlines.at_risk_percent = 100);
        assert!(whole.contains("dispatch.deadlines.at_risk_percent"), "{whole}");
    }
}
