//! A county's own rules of notification: each version takes the place of the one before.

use std::convert::Infallible;

use contracts::dispatch::notification::{NotificationRulesEvent, NotificationRulesPut, Route};
use kernel::{
    Aggregate, Timestamp,
    id::{PersonId, RecordId},
};

/// The aggregate.
#[derive(Debug)]
pub struct NotificationRules;

/// What is in force: the version, and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The number of the version; 0 where those that are shipped are in force.
    version: u32,
    said: Option<(Vec<Route>, RecordId)>,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Put other rules in force.
    PutNotificationRules {
        /// Now.
        at: Timestamp,
        /// Who is told of what.
        routes: Vec<Route>,
        /// The record with the templates: the same templates are the same record.
        templates: RecordId,
        /// Who puts them.
        by: PersonId,
    },
}

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Rejection(Infallible);

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self.0 {}
    }

    fn message_zh(&self) -> String {
        match self.0 {}
    }
}

impl Aggregate for NotificationRules {
    const CATEGORY: &'static str = NotificationRulesEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = NotificationRulesEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<NotificationRulesEvent>, Rejection> {
        let Command::PutNotificationRules { at, routes, templates, by } = command;
        let known = state.said.as_ref();
        if known.is_some_and(|(said, record)| *said == routes && *record == templates) {
            return Ok(vec![]);
        }
        let rule_version = state.version + 1;
        Ok(vec![
            NotificationRulesPut { occurred_at: at, rule_version, routes, templates, by }.into(),
        ])
    }

    fn evolve(_: State, event: &NotificationRulesEvent) -> State {
        let NotificationRulesEvent::NotificationRulesPut(put) = event;
        let said = Some((put.routes.clone(), put.templates.clone()));
        State { version: put.rule_version, said }
    }
}

#[cfg(test)]
mod tests {
    use testkit::rules::table;

    use super::*;
    use crate::domain::notification::shipped;

    fn put(templates: &str) -> Command {
        Command::PutNotificationRules {
            at: Timestamp(1),
            routes: shipped::routes(),
            templates: templates.parse().unwrap(),
            by: "620821000000-admin".parse().unwrap(),
        }
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let after = |command| {
            let events = NotificationRules::decide(&State::default(), command).unwrap();
            events.iter().fold(State::default(), NotificationRules::evolve)
        };
        let states =
            [("出厂 shipped", State::default()), ("已有 put", after(put("620821000000-a")))];
        let commands = [
            ("同样规则 PutNotificationRules, the same", put("620821000000-a")),
            ("新规则 PutNotificationRules", put("620821000000-b")),
        ];
        let said: fn(&NotificationRulesEvent) -> _ = |event| match event {
            NotificationRulesEvent::NotificationRulesPut(_) => "启用新版 the next version",
        };
        let rules =
            table::<NotificationRules>("通知设置 Notification rules", &states, &commands, said);
        testkit::rules::check("src/domain/notification/rules.rules.md", &rules);
    }

    #[test]
    fn each_version_has_the_next_number_and_the_same_rules_are_none() {
        let mut state = State::default();
        let mut versions = Vec::new();
        for templates in ["a", "a", "b", "a"] {
            let command = put(&format!("620821000000-{templates}"));
            for event in NotificationRules::decide(&state, command).unwrap() {
                let NotificationRulesEvent::NotificationRulesPut(put) = &event;
                versions.push(put.rule_version);
                state = NotificationRules::evolve(state, &event);
            }
        }
        assert_eq!(versions, [1, 2, 3]);
    }
}
