//! How long the texts of a case are kept: it is noted, once, that they are gone. `retention.rules.md`
//! beside this file is the table of its rules, written by a test.

use contracts::privacy::{CaseTextsErased, RetentionEvent};
use kernel::{Aggregate, Timestamp, id::CaseId};

/// The aggregate.
#[derive(Debug)]
pub enum Retention {}

/// Whether they are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// They are kept.
    #[default]
    Kept,
    /// They are gone.
    Erased,
}

/// Notes that they are gone.
#[derive(Clone, Debug)]
pub struct NoteErased {
    /// The case.
    pub case: CaseId,
    /// How many texts.
    pub texts: u32,
    /// How many photos.
    pub photos: u32,
    /// Now.
    pub at: Timestamp,
}

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match *self {}
    }

    fn message_zh(&self) -> String {
        match *self {}
    }
}

impl Aggregate for Retention {
    const CATEGORY: &'static str = RetentionEvent::CATEGORY;
    type State = State;
    type Command = NoteErased;
    type Event = RetentionEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: NoteErased) -> Result<Vec<RetentionEvent>, Rejection> {
        let NoteErased { case, texts, photos, at } = command;
        match state {
            State::Kept => {
                Ok(vec![CaseTextsErased { occurred_at: at, case, texts, photos }.into()])
            }
            State::Erased => Ok(vec![]),
        }
    }

    fn evolve(_: State, event: &RetentionEvent) -> State {
        match event {
            RetentionEvent::CaseTextsErased(_) => State::Erased,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let case = "620821101203-case".parse().unwrap();
        let note = NoteErased { case, texts: 1, photos: 0, at: Timestamp(1) };
        let states = [("保存中 kept", State::Kept), ("已删除 erased", State::Erased)];
        let said: fn(&RetentionEvent) -> _ = |event| match event {
            RetentionEvent::CaseTextsErased(_) => "记录已删除 that they are gone is noted",
        };
        let commands = [("记录到期删除 NoteErased", note)];
        let title = "事项文字的保存 Retention of a case's texts";
        let rules = testkit::rules::table::<Retention>(title, &states, &commands, said);
        testkit::rules::check(
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/retention.rules.md"),
            &rules,
        );
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let case = "620821101203-case".parse().unwrap();
        let commands = [NoteErased { case, texts: 1, photos: 0, at: Timestamp(1) }];
        testkit::properties::deciding_twice_changes_nothing::<Retention>(&commands);
        testkit::properties::folding_equals_one_by_one::<Retention>(&commands);
        testkit::properties::accepted_histories_never_panic::<Retention>(&commands);
    }
}
