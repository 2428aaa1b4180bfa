//! A hot spot (高发预警): a category that comes up often in one place. Raised once, then silent until it
//! has been quiet for long enough. `hotspot.rules.md` beside this file is the table of its rules,
//! written by a test.

use contracts::intake::hotspot::{
    HotspotAcknowledged, HotspotCleared, HotspotConcluded, HotspotEvent, HotspotRaised,
};
use kernel::{
    Aggregate, Timestamp,
    id::{PersonId, RecordId},
};

/// The aggregate.
#[derive(Debug)]
pub enum Hotspot {}

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not hot, or not any more.
    #[default]
    Quiet,
    /// Raised, and nobody has seen it.
    Raised(HotspotRaised),
    /// Somebody sees to it.
    Acknowledged(HotspotRaised),
    /// What was to be done is done, since when.
    Concluded(HotspotRaised, Timestamp),
}

impl State {
    /// What was raised, while it is hot.
    pub fn raised(&self) -> Option<&HotspotRaised> {
        match self {
            Self::Quiet => None,
            Self::Raised(raised) | Self::Acknowledged(raised) | Self::Concluded(raised, _) => {
                Some(raised)
            }
        }
    }
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// So many cases came up.
    RaiseHotspot {
        /// The event that it would be.
        raised: HotspotRaised,
        /// How many cases make a hot spot.
        needed: u32,
    },
    /// Somebody sees to it.
    AcknowledgeHotspot {
        /// Now.
        at: Timestamp,
        /// Who.
        by: PersonId,
        /// What is to be done.
        measure: Option<RecordId>,
    },
    /// It is done.
    ConcludeHotspot {
        /// Now.
        at: Timestamp,
        /// Who.
        by: PersonId,
        /// What was done.
        measure: Option<RecordId>,
    },
    /// It may be quiet for long enough.
    ClearHotspot {
        /// Now.
        at: Timestamp,
        /// When the last case was reported.
        last_reported_at: Timestamp,
        /// How many days of 24 hours it has to be quiet.
        quiet_days: u32,
        /// The version of the rule.
        rule_version: u32,
    },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It is not hot.
    #[error("this place is not hot now: nothing is to be done")]
    NotHot,
    /// It is done already.
    #[error("this hot spot is concluded: it is cleared when it stays quiet")]
    AlreadyConcluded,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NotHot => "HOTSPOT_NOT_HOT",
            Self::AlreadyConcluded => "HOTSPOT_CONCLUDED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NotHot => "该处目前没有高发预警，无需处理",
            Self::AlreadyConcluded => "该预警已处置完毕，平静一段时间后自动解除",
        }
        .to_owned()
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// When a hot spot that was last heard of then has been quiet for so many days.
pub fn quiet_at(since: Timestamp, quiet_days: u32) -> Timestamp {
    since.plus_millis(i64::from(quiet_days) * DAY_MS)
}

impl Aggregate for Hotspot {
    const CATEGORY: &'static str = HotspotEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = HotspotEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<HotspotEvent>, Rejection> {
        use Command as C;
        use State as S;
        match (state, command) {
            (S::Quiet, C::RaiseHotspot { raised, needed }) => {
                Ok((raised.count >= needed).then(|| raised.into()).into_iter().collect())
            }
            // It is known: one more case makes no other warning.
            (S::Raised(_) | S::Acknowledged(_) | S::Concluded(..), C::RaiseHotspot { .. }) => {
                Ok(vec![])
            }
            (S::Raised(raised), C::AcknowledgeHotspot { at, by, measure }) => {
                let hotspot = raised.hotspot.clone();
                Ok(vec![HotspotAcknowledged { occurred_at: at, hotspot, by, measure }.into()])
            }
            (S::Acknowledged(_), C::AcknowledgeHotspot { .. }) => Ok(vec![]),
            (
                S::Raised(raised) | S::Acknowledged(raised),
                C::ConcludeHotspot { at, by, measure },
            ) => {
                let hotspot = raised.hotspot.clone();
                Ok(vec![HotspotConcluded { occurred_at: at, hotspot, by, measure }.into()])
            }
            (S::Concluded(..), C::ConcludeHotspot { .. }) => Ok(vec![]),
            (
                S::Raised(raised) | S::Acknowledged(raised),
                C::ClearHotspot { at, last_reported_at, quiet_days, rule_version },
            ) => Ok(cleared(raised, at, last_reported_at, (quiet_days, rule_version))),
            (
                S::Concluded(raised, concluded_at),
                C::ClearHotspot { at, last_reported_at, quiet_days, rule_version },
            ) => {
                let since = last_reported_at.max(*concluded_at);
                Ok(cleared(raised, at, since, (quiet_days, rule_version)))
            }
            (S::Quiet, C::ClearHotspot { .. }) => Ok(vec![]),

            // What is refused, state by state.
            (S::Quiet, C::AcknowledgeHotspot { .. } | C::ConcludeHotspot { .. }) => {
                Err(Rejection::NotHot)
            }
            (S::Concluded(..), C::AcknowledgeHotspot { .. }) => Err(Rejection::AlreadyConcluded),
        }
    }

    fn evolve(state: State, event: &HotspotEvent) -> State {
        match (state, event) {
            (_, HotspotEvent::HotspotRaised(event)) => State::Raised(event.clone()),
            (_, HotspotEvent::HotspotCleared(_))
            | (
                State::Quiet,
                HotspotEvent::HotspotAcknowledged(_) | HotspotEvent::HotspotConcluded(_),
            ) => State::Quiet,
            (
                State::Raised(raised) | State::Acknowledged(raised) | State::Concluded(raised, _),
                HotspotEvent::HotspotAcknowledged(_),
            ) => State::Acknowledged(raised),
            (
                State::Raised(raised) | State::Acknowledged(raised) | State::Concluded(raised, _),
                HotspotEvent::HotspotConcluded(event),
            ) => State::Concluded(raised, event.occurred_at),
        }
    }
}

/// Cleared, if it has been quiet for long enough; a timer that rings early clears nothing.
fn cleared(
    raised: &HotspotRaised,
    at: Timestamp,
    quiet_since: Timestamp,
    (quiet_days, rule_version): (u32, u32),
) -> Vec<HotspotEvent> {
    if at < quiet_at(quiet_since, quiet_days) {
        return vec![];
    }
    let hotspot = raised.hotspot.clone();
    vec![HotspotCleared { occurred_at: at, hotspot, quiet_days, quiet_since, rule_version }.into()]
}

#[cfg(test)]
mod tests;
