//! The instruction (批示): given by a leader, read and followed up by an organisation, closed by the
//! leader's office.

use contracts::dispatch::instruction::{
    About, InstructionAcknowledged, InstructionClosed, InstructionEvent, InstructionGiven,
    InstructionReported,
};
use kernel::{
    Aggregate, Timestamp,
    id::{InstructionId, OrganisationId, RecordId},
};

use super::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// The instruction.
#[derive(Debug)]
pub struct Instruction;

/// Where an instruction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not read yet.
    Given,
    /// Read.
    Acknowledged,
    /// What was done is said.
    Reported,
    /// Done with.
    Closed,
}

impl Status {
    /// The status as tables and the API's words have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Acknowledged => "acknowledged",
            Self::Reported => "reported",
            Self::Closed => "closed",
        }
    }
}

/// The state: none before it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The instruction.
    pub given: Option<Given>,
}

/// What decisions about an instruction need of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its id.
    pub id: InstructionId,
    /// What it is about.
    pub about: About,
    /// Who is to follow it.
    pub organisation: OrganisationId,
    /// By when it is reported on.
    pub due: Option<Timestamp>,
    /// Where it stands.
    pub status: Status,
}

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// A leader gives it.
    GiveInstruction {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// The instruction.
        instruction: InstructionId,
        /// What it is about.
        about: About,
        /// Who is to follow it.
        organisation: OrganisationId,
        /// What it says.
        text: RecordId,
        /// By when it is reported on.
        due: Option<Timestamp>,
    },
    /// The organisation has read it.
    AcknowledgeInstruction {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
    /// The organisation says what it did.
    ReportInstruction {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
        /// What was done.
        text: RecordId,
    },
    /// The leader's office takes it as done.
    CloseInstruction {
        /// Now.
        at: Timestamp,
        /// Who asks.
        caller: Caller,
    },
}

type Decided = Result<Vec<InstructionEvent>, Refusal>;

impl Aggregate for Instruction {
    const CATEGORY: &'static str = InstructionEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = InstructionEvent;
    type Rejection = Refusal;

    fn decide(state: &State, command: Command) -> Decided {
        use Command as C;
        match (&state.given, command) {
            (
                None,
                C::GiveInstruction { at, caller, instruction, about, organisation, text, due },
            ) => {
                let by = caller.person;
                one(InstructionGiven {
                    occurred_at: at,
                    instruction,
                    about,
                    by,
                    organisation,
                    text,
                    due,
                })
            }
            (
                None,
                C::AcknowledgeInstruction { .. }
                | C::ReportInstruction { .. }
                | C::CloseInstruction { .. },
            ) => Err(Refusal::NoSuchThing),
            (Some(is), command) => decide(is, command),
        }
    }

    fn evolve(state: State, event: &InstructionEvent) -> State {
        use InstructionEvent as E;
        let stands = |is: Option<Given>, status| is.map(|is| Given { status, ..is });
        let given = match (state.given, event) {
            (None, E::InstructionGiven(event)) => Some(Given {
                id: event.instruction.clone(),
                about: event.about.clone(),
                organisation: event.organisation.clone(),
                due: event.due,
                status: Status::Given,
            }),
            (is, E::InstructionGiven(_)) => is,
            (is, E::InstructionAcknowledged(_)) => stands(is, Status::Acknowledged),
            (is, E::InstructionReported(_)) => stands(is, Status::Reported),
            (is, E::InstructionClosed(_)) => stands(is, Status::Closed),
        };
        State { given }
    }
}

fn decide(is: &Given, command: Command) -> Decided {
    use Command as C;
    use Refusal as R;
    use Status as S;
    if command.caller().is_some_and(|caller| !is.is_covered_by(caller)) {
        return Err(R::OutOfScope);
    }
    let instruction = is.id.clone();
    match (is.status, command) {
        (
            S::Given | S::Acknowledged | S::Reported | S::Closed,
            C::GiveInstruction { instruction, .. },
        ) if instruction == is.id => Ok(Vec::new()),
        (S::Given | S::Acknowledged | S::Reported | S::Closed, C::GiveInstruction { .. }) => {
            Err(R::IdInUse)
        }
        (
            S::Given | S::Acknowledged | S::Reported,
            C::AcknowledgeInstruction { caller, .. } | C::ReportInstruction { caller, .. },
        ) if caller.organisation() != Some(&is.organisation) => Err(R::NotAddressed),
        (S::Given, C::AcknowledgeInstruction { at, caller }) => {
            one(InstructionAcknowledged { occurred_at: at, instruction, by: caller.person })
        }
        (S::Acknowledged | S::Reported, C::AcknowledgeInstruction { .. }) => Ok(Vec::new()),
        (S::Given | S::Acknowledged, C::ReportInstruction { at, caller, text }) => {
            one(InstructionReported {
                occurred_at: at,
                instruction,
                by: caller.person,
                text,
                late: is.due.is_some_and(|due| at > due),
            })
        }
        (S::Reported, C::ReportInstruction { .. }) => Err(R::InstructionReported),
        (S::Given | S::Acknowledged, C::CloseInstruction { .. }) => Err(R::InstructionNotReported),
        (S::Reported, C::CloseInstruction { at, caller }) => {
            one(InstructionClosed { occurred_at: at, instruction, by: caller.person })
        }
        (S::Closed, C::CloseInstruction { .. }) => Ok(Vec::new()),
        (S::Closed, C::AcknowledgeInstruction { .. } | C::ReportInstruction { .. }) => {
            Err(R::InstructionClosed)
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn one(event: impl Into<InstructionEvent>) -> Decided {
    Ok(vec![event.into()])
}

impl Given {
    /// The desks of the matter's division, and the organisation itself.
    fn is_covered_by(&self, caller: &Caller) -> bool {
        let place = self.id.division();
        match &caller.within {
            Within::Division(own) => own.contains(place),
            Within::Organisation { organisation, division } => {
                *organisation == self.organisation && division.contains(place)
            }
            Within::Grid(_) | Within::Assigned => false,
        }
    }
}

impl Command {
    const fn caller(&self) -> Option<&Caller> {
        match self {
            Self::GiveInstruction { .. } => None,
            Self::AcknowledgeInstruction { caller, .. }
            | Self::ReportInstruction { caller, .. }
            | Self::CloseInstruction { caller, .. } => Some(caller),
        }
    }
}

#[cfg(test)]
mod tests;
