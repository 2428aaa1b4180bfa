//! What a member of staff was shown of persons: an aggregate of their own, so that they are asked what for
//! and stopped when it becomes much. `disclosure.rules.md` beside this file is the table of its rules,
//! written by a test.

use contracts::intake::{CasesLookedUp, ContactRevealed, DisclosureEvent};
use kernel::{Aggregate, Timestamp};

/// Within which the number of disclosures is limited, in milliseconds.
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// The aggregate.
#[derive(Debug)]
pub enum Disclosure {}

/// What was shown within the last hour, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    reveals: Vec<Timestamp>,
    lookups: Vec<Timestamp>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Command {
    /// How a reporter can be reached.
    RevealContact {
        /// What will have happened.
        event: ContactRevealed,
        /// How many of them an hour.
        most: usize,
    },
    /// The cases of a number.
    FindByPhone {
        /// What will have happened.
        event: CasesLookedUp,
        /// How many of them an hour.
        most: usize,
    },
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Enough for an hour.
    #[error("you were shown as much as anybody is within an hour: go on at {}", .0.to_rfc3339())]
    Enough(Timestamp),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::Enough(_) => "DISCLOSURES_EXHAUSTED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Enough(until) => {
                format!("一小时内查看个人信息的次数已用完，请于 {} 后再查看", until.to_rfc3339())
            }
        }
    }
}

impl Aggregate for Disclosure {
    const CATEGORY: &'static str = DisclosureEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = DisclosureEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<DisclosureEvent>, Rejection> {
        match command {
            Command::RevealContact { event, most } => {
                enough(&state.reveals, event.occurred_at, most)?;
                Ok(vec![event.into()])
            }
            Command::FindByPhone { event, most } => {
                enough(&state.lookups, event.occurred_at, most)?;
                Ok(vec![event.into()])
            }
        }
    }

    fn evolve(mut state: State, event: &DisclosureEvent) -> State {
        match event {
            DisclosureEvent::ContactRevealed(event) => note(&mut state.reveals, event.occurred_at),
            DisclosureEvent::CasesLookedUp(event) => note(&mut state.lookups, event.occurred_at),
        }
        state
    }
}

/// Refuses the one that would be too many within an hour.
fn enough(shown: &[Timestamp], now: Timestamp, most: usize) -> Result<(), Rejection> {
    let within: Vec<&Timestamp> = shown.iter().filter(|at| now.0 - at.0 < HOUR_MS).collect();
    match within.len().checked_sub(most).map(|over| within.get(over)) {
        None => Ok(()),
        Some(oldest) => {
            let from = oldest.map_or(now, |at| **at);
            Err(Rejection::Enough(from.plus_millis(HOUR_MS)))
        }
    }
}

fn note(shown: &mut Vec<Timestamp>, now: Timestamp) {
    shown.retain(|at| now.0 - at.0 < HOUR_MS);
    shown.push(now);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use contracts::intake::DisclosurePurpose;
    use kernel::{Rejection as _, fold};

    use super::*;

    fn reveal(at: i64) -> Command {
        let event = ContactRevealed {
            occurred_at: Timestamp(at),
            case: "620821101203-case".parse().unwrap(),
            by: "620821000000-desk".parse().unwrap(),
            unit: None,
            purpose: DisclosurePurpose::CallBack,
            note: None,
            record: "620821000000-contact".parse().unwrap(),
        };
        Command::RevealContact { event, most: 2 }
    }

    fn look_up(at: i64) -> Command {
        let event = CasesLookedUp {
            occurred_at: Timestamp(at),
            by: "620821000000-desk".parse().unwrap(),
            unit: None,
            purpose: DisclosurePurpose::PersonsRequest,
            note: None,
            found: 1,
        };
        Command::FindByPhone { event, most: 2 }
    }

    fn after(commands: &[Command]) -> State {
        commands.iter().fold(State::default(), |state, command| {
            let events = Disclosure::decide(&state, command.clone()).unwrap();
            fold::<Disclosure>(state, &events)
        })
    }

    #[test]
    fn the_rules_are_the_committed_table() {
        let states = [
            after(&[]),
            after(&[reveal(0), look_up(0)]),
            after(&[reveal(0), look_up(0), reveal(1), look_up(1)]),
        ];
        let mut page = String::from(
            "# 查看个人信息的规则 · The rules of disclosures\n\n\
             以每小时两次为例 · with two an hour as an example\n\n\
             | 命令 command | 未查看 none | 查看一次 one | 查看两次 two |\n|---|---|---|---|\n",
        );
        for (name, command) in [
            ("查看联系方式 · reveal a contact", reveal(HOUR_MS - 1)),
            ("一小时后查看联系方式 · reveal a contact an hour later", reveal(HOUR_MS)),
            ("按电话查找 · find by phone", look_up(HOUR_MS - 1)),
            ("一小时后按电话查找 · find by phone an hour later", look_up(HOUR_MS)),
        ] {
            write!(page, "| {name} |").unwrap();
            for state in &states {
                match Disclosure::decide(state, command.clone()) {
                    Ok(_) => page.push_str(" → 记录并显示 recorded and shown |"),
                    Err(refusal) => write!(page, " `{}` |", refusal.reason()).unwrap(),
                }
            }
            page.push('\n');
        }
        testkit::rules::check(
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/disclosure.rules.md"),
            &page,
        );
    }

    #[test]
    fn the_hour_slides_and_each_kind_counts_by_itself() {
        let state = after(&[reveal(0), reveal(10), reveal(HOUR_MS)]);
        let refused = Disclosure::decide(&state, reveal(HOUR_MS + 9)).unwrap_err();
        assert_eq!(refused, Rejection::Enough(Timestamp(10 + HOUR_MS)));
        assert!(Disclosure::decide(&state, reveal(HOUR_MS + 10)).is_ok());
        assert!(Disclosure::decide(&state, look_up(HOUR_MS)).is_ok());
        let Command::RevealContact { event, .. } = reveal(5) else { unreachable!() };
        let none = Command::RevealContact { event, most: 0 };
        assert_eq!(
            Disclosure::decide(&State::default(), none).unwrap_err(),
            Rejection::Enough(Timestamp(5 + HOUR_MS))
        );
    }

    #[test]
    fn accepted_histories_never_panic() {
        let commands = [reveal(0), reveal(HOUR_MS), look_up(1), look_up(HOUR_MS * 2)];
        testkit::properties::accepted_histories_never_panic::<Disclosure>(&commands);
        testkit::properties::folding_equals_one_by_one::<Disclosure>(&commands);
    }
}
