//! An import: complete once every row of its file is in the register.

use std::convert::Infallible;

use contracts::camera::{CameraImportEvent, ImportCompleted};
use kernel::{Aggregate, Timestamp, hash::Sha256, id::ImportId};

/// The aggregate.
pub struct Import;

/// How an import stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not begun, or under way.
    #[default]
    Open,
    /// The whole file is in.
    Complete,
}

/// What may be asked of an import.
#[derive(Clone, Debug)]
pub enum Command {
    /// Note that the whole file is in.
    CompleteImport {
        /// The import.
        import: ImportId,
        /// The digest of the file.
        digest: Sha256,
        /// How many rows it had.
        rows: u32,
        /// Now.
        at: Timestamp,
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

impl Aggregate for Import {
    const CATEGORY: &'static str = CameraImportEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CameraImportEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<CameraImportEvent>, Rejection> {
        use Command::CompleteImport;
        match (state, command) {
            (State::Open, CompleteImport { import, digest, rows, at }) => {
                Ok(vec![ImportCompleted { occurred_at: at, import, digest, rows }.into()])
            }
            (State::Complete, CompleteImport { .. }) => Ok(vec![]),
        }
    }

    fn evolve(_: State, event: &CameraImportEvent) -> State {
        match event {
            CameraImportEvent::ImportCompleted(_) => State::Complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn complete() -> Command {
        Command::CompleteImport {
            import: "620821000000-file".parse().unwrap(),
            digest: Sha256::default(),
            rows: 237,
            at: Timestamp(1),
        }
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let states = [("进行中 open", State::Open), ("已完成 complete", State::Complete)];
        let commands = [("完成导入 CompleteImport", complete())];
        let said: fn(&CameraImportEvent) -> _ = |event| match event {
            CameraImportEvent::ImportCompleted(_) => "全部导入 the whole file is in",
        };
        let rules = table::<Import>("导入 Import", &states, &commands, said);
        testkit::rules::check("src/domain/import.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        testkit::properties::deciding_twice_changes_nothing::<Import>(&[complete()]);
        testkit::properties::folding_equals_one_by_one::<Import>(&[complete()]);
        testkit::properties::accepted_histories_never_panic::<Import>(&[complete()]);
    }
}
