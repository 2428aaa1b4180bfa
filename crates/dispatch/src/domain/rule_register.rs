//! The register of a county's routing rules: versions, each a whole list.

use contracts::dispatch::rules::{RoutingRulesEvent, RoutingRulesPut, Rule};
use kernel::{
    Aggregate, Timestamp,
    id::{PersonId, RoutingRulesId},
};

use super::routing::RULE_VERSION;

/// How many rules an event carries at most: it stays well under the size of an event.
const RULES_A_PART: usize = 40;

/// The aggregate.
#[derive(Debug)]
pub struct RuleRegister;

/// The last version that was put, part by part; none before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    version: Option<u32>,
    rules: Vec<Rule>,
}

impl State {
    /// The number of the last version; none before the first.
    pub const fn version(&self) -> Option<u32> {
        self.version
    }
}

/// What may be asked of the register.
#[derive(Clone, Debug)]
pub enum Command {
    /// Puts the next version.
    PutRoutingRules {
        /// Now.
        at: Timestamp,
        /// The register.
        routing_rules: RoutingRulesId,
        /// The version that this one was made from.
        based_on: u32,
        /// The whole list, checked.
        rules: Vec<Rule>,
        /// Who puts it.
        by: PersonId,
    },
}

/// Why a version is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Another version was put since.
    #[error("version {0} of the rules was put meanwhile: look at it and put yours again")]
    Changed(u32),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::Changed(_) => "RULES_CHANGED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Changed(version) => format!("规则已更新为第{version}版，请查看后重新提交"),
        }
    }
}

impl Aggregate for RuleRegister {
    const CATEGORY: &'static str = RoutingRulesEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = RoutingRulesEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<RoutingRulesEvent>, Rejection> {
        let Command::PutRoutingRules { at, routing_rules, based_on, rules, by } = command;
        let version = state.version.unwrap_or(RULE_VERSION);
        if state.version.is_some() && state.rules == rules {
            return Ok(Vec::new());
        }
        if based_on != version {
            return Err(Rejection::Changed(version));
        }
        let mut parts: Vec<&[Rule]> = rules.chunks(RULES_A_PART).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let put = |(part, rules): (u32, &[Rule])| {
            RoutingRulesEvent::from(RoutingRulesPut {
                occurred_at: at,
                routing_rules: routing_rules.clone(),
                version: version + 1,
                part,
                parts: count,
                rules: rules.to_vec(),
                by: by.clone(),
            })
        };
        Ok((1_u32..).zip(parts).map(put).collect())
    }

    fn evolve(mut state: State, event: &RoutingRulesEvent) -> State {
        let RoutingRulesEvent::RoutingRulesPut(put) = event;
        if put.part == 1 {
            state.rules.clear();
        }
        state.version = Some(put.version);
        state.rules.extend(put.rules.iter().cloned());
        state
    }
}

#[cfg(test)]
mod tests {
    use contracts::dispatch::rules::RuleAction;

    use super::*;
    use crate::domain::routing::rules::everything;

    fn put(based_on: u32, rules: usize) -> Command {
        Command::PutRoutingRules {
            at: Timestamp(1),
            routing_rules: "620821000000-orders".parse().unwrap(),
            based_on,
            rules: vec![everything(RuleAction::Desk); rules],
            by: "620821000000-p".parse().unwrap(),
        }
    }

    fn after(state: State, command: Command) -> State {
        let events = RuleRegister::decide(&state, command).unwrap();
        events.iter().fold(state, RuleRegister::evolve)
    }

    #[test]
    fn the_rules_are_as_written() {
        let states = [
            ("随附规则 shipped", State::default()),
            ("第2版 version 2", after(State::default(), put(1, 1))),
        ];
        let commands = [
            ("据第1版提交 put upon version 1", put(1, 2)),
            ("据第2版提交 put upon version 2", put(2, 2)),
            ("再次提交相同内容 put the same again", put(1, 1)),
            ("提交空清单 put an empty list", put(1, 0)),
        ];
        let said = |event: &RoutingRulesEvent| match event {
            RoutingRulesEvent::RoutingRulesPut(_) => "新版规则 `routing_rules_put`",
        };
        let title = "派单规则清单的规则 · The rules of the list of routing rules";
        let text = testkit::rules::table::<RuleRegister>(title, &states, &commands, said);
        testkit::rules::check("src/domain/rule_register.rules.md", &text);
    }

    #[test]
    fn a_long_list_comes_in_parts_and_is_whole_again() {
        let events = RuleRegister::decide(&State::default(), put(1, 1_000)).unwrap();
        assert_eq!(events.len(), 25);
        let state = events.iter().fold(State::default(), RuleRegister::evolve);
        assert_eq!((state.version, state.rules.len()), (Some(2), 1_000));
        let shorter = after(state, put(2, 3));
        assert_eq!((shorter.version, shorter.rules.len()), (Some(3), 3));
    }
}
