//! When the rule lets a late order climb (提级).

use contracts::{
    dispatch::{DeadlineKind, Tier},
    intake::Urgency,
};
use platform::service::StartError;
use serde::Deserialize;

/// The section `[dispatch.escalation]`: by the clock that is late, and by urgency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationSection {
    /// While nobody has accepted it.
    pub acceptance: MinutesLate,
    /// While it is not handled.
    pub handling: MinutesLate,
}

/// After how many minutes late, day and night, an order climbs to the township, the county and the
/// prefecture, by urgency. A list that is shorter ends there; an empty one lets nothing climb.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinutesLate {
    /// At once.
    pub emergency: Vec<u32>,
    /// Before other work.
    pub urgent: Vec<u32>,
    /// In the ordinary course.
    pub normal: Vec<u32>,
    /// When there is time.
    pub low: Vec<u32>,
}

/// The ladder as the timer uses it.
#[derive(Clone, Debug)]
pub struct Ladder {
    section: EscalationSection,
}

/// A step of the ladder: orders of this urgency below this tier, so long late by this clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How pressing they are.
    pub urgency: Urgency,
    /// Which clock is late.
    pub stage: DeadlineKind,
    /// To where they climb.
    pub to: Tier,
    /// How long late they must be, in milliseconds.
    pub after_ms: i64,
}

/// The tiers to which an order can climb.
const TIERS: [Tier; 3] = [Tier::Township, Tier::County, Tier::Prefecture];

const MINUTE_MS: i64 = 60_000;

impl Ladder {
    /// Every step.
    pub fn steps(&self) -> Vec<Step> {
        let stages = [DeadlineKind::Acceptance, DeadlineKind::Handling];
        let of = |stage: DeadlineKind, urgency: Urgency| {
            self.minutes(stage, urgency).iter().zip(TIERS).map(move |(minutes, to)| Step {
                urgency,
                stage,
                to,
                after_ms: i64::from(*minutes) * MINUTE_MS,
            })
        };
        let each = stages
            .into_iter()
            .flat_map(|stage| Urgency::ALL.iter().flat_map(move |urgency| of(stage, *urgency)));
        each.collect()
    }

    fn minutes(&self, stage: DeadlineKind, urgency: Urgency) -> &[u32] {
        let minutes = match stage {
            DeadlineKind::Acceptance => &self.section.acceptance,
            DeadlineKind::Handling | DeadlineKind::HandlingThreefold => &self.section.handling,
        };
        match urgency {
            Urgency::Low => &minutes.low,
            Urgency::Normal => &minutes.normal,
            Urgency::Urgent => &minutes.urgent,
            Urgency::Emergency => &minutes.emergency,
        }
    }
}

impl TryFrom<EscalationSection> for Ladder {
    type Error = StartError;

    /// A step never comes before the one below it, and there are three tiers to climb to.
    fn try_from(section: EscalationSection) -> Result<Self, StartError> {
        let ladder = Self { section };
        for stage in [DeadlineKind::Acceptance, DeadlineKind::Handling] {
            for urgency in Urgency::ALL {
                let minutes = ladder.minutes(stage, *urgency);
                if minutes.len() > TIERS.len() || !minutes.is_sorted() {
                    return Err(StartError::Other(format!(
                        "dispatch.escalation.{stage}.{urgency}: write at most three numbers, each \
                         at least as large as the one before: to the township, the county, the \
                         prefecture"
                    )));
                }
            }
        }
        Ok(ladder)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn section() -> EscalationSection {
        let late = |normal: &[u32]| MinutesLate {
            emergency: vec![0, 15],
            urgent: vec![60],
            normal: normal.to_vec(),
            low: Vec::new(),
        };
        EscalationSection { acceptance: late(&[30]), handling: late(&[60, 120, 240]) }
    }

    #[test]
    fn each_number_is_a_step_to_the_next_tier() {
        let steps = Ladder::try_from(section()).unwrap().steps();
        let of_normal: Vec<_> = steps
            .iter()
            .filter(|step| step.urgency == Urgency::Normal && step.stage == DeadlineKind::Handling)
            .map(|step| (step.to, step.after_ms / MINUTE_MS))
            .collect();
        assert_eq!(of_normal, [(Tier::Township, 60), (Tier::County, 120), (Tier::Prefecture, 240)]);
        assert!(steps.iter().all(|step| step.urgency != Urgency::Low));
    }

    #[test]
    fn a_ladder_that_climbs_backwards_is_refused_with_its_place() {
        for wrong in [&[60, 30][..], &[1, 2, 3, 4]] {
            let mut section = section();
            section.handling.urgent = wrong.to_vec();
            let error = Ladder::try_from(section).unwrap_err().to_string();
            assert!(error.contains("dispatch.escalation.handling.urgent"), "{error}");
        }
    }
}
