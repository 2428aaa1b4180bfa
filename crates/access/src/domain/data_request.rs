//! The requests over a person's data: its use restricted, handed out, erased. `data_request.rules.md`
//! beside this file is the table of its rules, written by a test.

use contracts::privacy::{
    DataRequestEvent, ErasureApplied, ErasureCompleted, ErasureHeld, ErasureRequested, Holder,
    PersonErased, PersonalDataExported, ProcessingRestricted, RequestBasis, RestrictionLifted,
};
use kernel::{Aggregate, Timestamp, id::PersonId};

/// The aggregate.
#[derive(Debug)]
pub enum DataRequest {}

/// How what a person left stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It is used for what it was given for.
    #[default]
    Used,
    /// It is kept, and not used.
    Restricted,
    /// It is to be erased.
    Due,
    /// It is to be erased, and kept but not used until what is open is over.
    Held,
    /// It is gone.
    Erased,
}

impl State {
    /// Whether nobody may read it.
    pub const fn is_restricted(self) -> bool {
        matches!(self, Self::Restricted | Self::Held)
    }

    /// Whether it is still to be erased.
    pub const fn is_due(self) -> bool {
        matches!(self, Self::Due | Self::Held)
    }
}

/// How much of a service's was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which service's.
    pub holder: Holder,
    /// How many texts.
    pub texts: u32,
    /// How many photos.
    pub photos: u32,
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Keep it and do not use it.
    RestrictProcessing {
        /// The person.
        person: PersonId,
        /// Who decides it.
        by: PersonId,
        /// Why.
        basis: RequestBasis,
        /// Now.
        at: Timestamp,
    },
    /// Use it again.
    LiftRestriction {
        /// The person.
        person: PersonId,
        /// Who decides it.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Hand it out.
    ExportPersonalData {
        /// The person.
        person: PersonId,
        /// To whom.
        by: PersonId,
        /// Now.
        at: Timestamp,
    },
    /// Erase it.
    RequestErasure {
        /// The person.
        person: PersonId,
        /// Who decides it.
        by: PersonId,
        /// Why.
        basis: RequestBasis,
        /// How long it may take, in milliseconds.
        within_ms: i64,
        /// Now.
        at: Timestamp,
    },
    /// Wait with the erasure until what is open is over.
    HoldErasure {
        /// The person.
        person: PersonId,
        /// How many of their cases are open.
        open_cases: u32,
        /// Now.
        at: Timestamp,
    },
    /// Note that it is gone from the vault and the media.
    CompleteErasure {
        /// The person.
        person: PersonId,
        /// What was erased.
        applied: Vec<Applied>,
        /// Now.
        at: Timestamp,
    },
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing is left.
    #[error("what this person left was erased: there is nothing to restrict or to hand out")]
    Erased,
    /// It is to be erased.
    #[error("what this person left is to be erased, which cannot be taken back")]
    ErasureUnderWay,
    /// Nobody asked.
    #[error("nobody has asked for this person's erasure: ask for it first")]
    NotRequested,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::Erased => "DATA_ERASED",
            Self::ErasureUnderWay => "ERASURE_UNDER_WAY",
            Self::NotRequested => "ERASURE_NOT_REQUESTED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Erased => "该人员的数据已删除，无可限制或导出的内容",
            Self::ErasureUnderWay => "该人员的数据正在删除，不能撤回",
            Self::NotRequested => "尚未申请删除该人员的数据，请先申请",
        }
        .to_owned()
    }
}

impl Aggregate for DataRequest {
    const CATEGORY: &'static str = DataRequestEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = DataRequestEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<DataRequestEvent>, Rejection> {
        use Command as C;
        use State as S;
        match (state, command) {
            (S::Used, C::RestrictProcessing { person, by, basis, at }) => {
                Ok(vec![ProcessingRestricted { occurred_at: at, person, by, basis }.into()])
            }
            (S::Restricted | S::Held, C::RestrictProcessing { .. }) => Ok(vec![]),
            (S::Restricted, C::LiftRestriction { person, by, at }) => {
                Ok(vec![RestrictionLifted { occurred_at: at, person, by }.into()])
            }
            (S::Used, C::LiftRestriction { .. }) => Ok(vec![]),
            (
                S::Used | S::Restricted | S::Due | S::Held,
                C::ExportPersonalData { person, by, at },
            ) => Ok(vec![PersonalDataExported { occurred_at: at, person, by }.into()]),
            (S::Used | S::Restricted, C::RequestErasure { person, by, basis, within_ms, at }) => {
                let deadline = at.plus_millis(within_ms);
                Ok(vec![ErasureRequested { occurred_at: at, person, by, basis, deadline }.into()])
            }
            (S::Due | S::Held | S::Erased, C::RequestErasure { .. }) => Ok(vec![]),
            (S::Due, C::HoldErasure { person, open_cases, at }) => {
                Ok(vec![ErasureHeld { occurred_at: at, person, open_cases }.into()])
            }
            (S::Held | S::Erased, C::HoldErasure { .. }) => Ok(vec![]),
            (S::Due | S::Held, C::CompleteErasure { person, applied, at }) => {
                Ok(completed(&person, &applied, at))
            }
            (S::Erased, C::CompleteErasure { .. }) => Ok(vec![]),

            // What is refused, state by state.
            (S::Due, C::RestrictProcessing { .. })
            | (S::Due | S::Held, C::LiftRestriction { .. }) => Err(Rejection::ErasureUnderWay),
            (S::Used | S::Restricted, C::HoldErasure { .. } | C::CompleteErasure { .. }) => {
                Err(Rejection::NotRequested)
            }
            (
                S::Erased,
                C::RestrictProcessing { .. }
                | C::LiftRestriction { .. }
                | C::ExportPersonalData { .. },
            ) => Err(Rejection::Erased),
        }
    }

    fn evolve(state: State, event: &DataRequestEvent) -> State {
        match event {
            DataRequestEvent::ProcessingRestricted(_) => State::Restricted,
            DataRequestEvent::RestrictionLifted(_) => State::Used,
            DataRequestEvent::ErasureRequested(_) => State::Due,
            DataRequestEvent::ErasureHeld(_) => State::Held,
            DataRequestEvent::PersonErased(_)
            | DataRequestEvent::ErasureApplied(_)
            | DataRequestEvent::ErasureCompleted(_) => State::Erased,
            DataRequestEvent::PersonalDataExported(_) => state,
        }
    }
}

/// All of it at once: it was done before it is noted.
fn completed(person: &PersonId, applied: &[Applied], at: Timestamp) -> Vec<DataRequestEvent> {
    let mut events = vec![PersonErased { occurred_at: at, person: person.clone() }.into()];
    events.extend(applied.iter().map(|Applied { holder, texts, photos }| {
        let (holder, texts, photos) = (*holder, *texts, *photos);
        ErasureApplied { occurred_at: at, person: person.clone(), holder, texts, photos }.into()
    }));
    events.push(ErasureCompleted { occurred_at: at, person: person.clone() }.into());
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn commands() -> Vec<(&'static str, Command)> {
        let person: PersonId = "620821000000-li".parse().unwrap();
        let by: PersonId = "620821000000-officer".parse().unwrap();
        let (at, basis) = (Timestamp(1), RequestBasis::PersonsRequest);
        let (one, other) = ((person.clone(), by.clone()), (person.clone(), by.clone()));
        let applied = vec![Applied { holder: Holder::Intake, texts: 2, photos: 1 }];
        vec![
            (
                "限制处理 RestrictProcessing",
                Command::RestrictProcessing { person: person.clone(), by: by.clone(), basis, at },
            ),
            ("解除限制 LiftRestriction", Command::LiftRestriction { person: one.0, by: one.1, at }),
            (
                "导出 ExportPersonalData",
                Command::ExportPersonalData { person: other.0, by: other.1, at },
            ),
            (
                "申请删除 RequestErasure",
                Command::RequestErasure { person: person.clone(), by, basis, within_ms: 10, at },
            ),
            (
                "暂缓删除 HoldErasure",
                Command::HoldErasure { person: person.clone(), open_cases: 1, at },
            ),
            ("完成删除 CompleteErasure", Command::CompleteErasure { person, applied, at }),
        ]
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let states = [
            ("使用中 used", State::Used),
            ("已限制 restricted", State::Restricted),
            ("待删除 due", State::Due),
            ("暂缓 held", State::Held),
            ("已删除 erased", State::Erased),
        ];
        let said: fn(&DataRequestEvent) -> _ = |event| match event {
            DataRequestEvent::ProcessingRestricted(_) => "限制处理 is restricted",
            DataRequestEvent::RestrictionLifted(_) => "解除限制 is used again",
            DataRequestEvent::PersonalDataExported(_) => "记录导出 handing out is recorded",
            DataRequestEvent::ErasureRequested(_) => "待删除 is to be erased",
            DataRequestEvent::ErasureHeld(_) => "暂缓并限制 waits, restricted",
            DataRequestEvent::PersonErased(_) => "密钥已删除 the key is gone",
            DataRequestEvent::ErasureApplied(_) => "各服务已删除 a service's part is gone",
            DataRequestEvent::ErasureCompleted(_) => "删除完成 all is gone",
        };
        let rules = table::<DataRequest>("个人信息请求 Data requests", &states, &commands(), said);
        testkit::rules::check(
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/data_request.rules.md"),
            &rules,
        );
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let all: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
        // Data may be handed out again.
        let once: Vec<Command> = all
            .iter()
            .filter(|command| !matches!(command, Command::ExportPersonalData { .. }))
            .cloned()
            .collect();
        testkit::properties::deciding_twice_changes_nothing::<DataRequest>(&once);
        testkit::properties::folding_equals_one_by_one::<DataRequest>(&all);
        testkit::properties::accepted_histories_never_panic::<DataRequest>(&all);
    }
}
