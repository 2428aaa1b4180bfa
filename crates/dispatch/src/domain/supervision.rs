//! The supervision (督办): a body answers for a matter that stays, step by step, from the reminder to
//! the red card. A step that is not answered in time leads to the next.

mod rejection;

use std::sync::Arc;

use contracts::dispatch::supervision::{
    SupervisedKind, SupervisionAnswered, SupervisionClosed, SupervisionEvent, SupervisionFinding,
    SupervisionOpened, SupervisionOrigin, SupervisionRaised, SupervisionStep as Step,
};
use kernel::{
    Aggregate, Division, Timestamp,
    id::{MatterId, OrganisationId, PersonId, RecordId, SupervisionId},
    limit::Limit,
};

pub use rejection::Rejection;

use super::{
    calendar::WorkingCalendar,
    caller::{Caller, Within},
    work_order::By,
};

/// The supervision.
#[derive(Debug)]
pub struct Supervision;

/// What its history folds to: nothing before it is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The supervision.
    pub opened: Option<Opened>,
}

/// What decisions need of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its id.
    pub id: SupervisionId,
    /// Over which matter.
    pub matter: MatterId,
    /// Where the matter is.
    pub division: Division,
    /// Who has to answer.
    pub organisation: OrganisationId,
    /// How far it has gone.
    pub step: Step,
    /// By when the step must be answered.
    pub answer_due: Timestamp,
    /// Where it stands.
    pub status: Status,
}

/// Where a supervision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its step waits for an answer.
    Waiting,
    /// Its step is answered.
    Answered,
    /// Ended with a finding.
    Closed,
}

/// How long a body has to answer each step.
#[derive(Clone, Debug)]
pub struct Terms {
    /// By step, the mildest first.
    pub limits: [Limit; 4],
    /// By which calendar.
    pub calendar: Arc<WorkingCalendar>,
}

/// What may be asked of it.
#[derive(Clone, Debug)]
pub enum Command {
    /// Opens it.
    Open(Box<Open>),
    /// The body gives its reasons.
    Answer(By, RecordId),
    /// Somebody takes it a step further, for this reason.
    Raise(By, RecordId, Terms),
    /// This step may have stayed without an answer for too long.
    RaiseUnanswered(Timestamp, Step, Terms),
    /// Somebody ends it with a finding.
    Close(By, SupervisionFinding, RecordId),
}

/// What it is opened with.
#[derive(Clone, Debug)]
pub struct Open {
    /// Who opens it, and when.
    pub by: By,
    /// The supervision.
    pub supervision: SupervisionId,
    /// Over what kind of matter.
    pub kind: SupervisedKind,
    /// Which matter.
    pub matter: MatterId,
    /// Where the matter is.
    pub division: Division,
    /// Who has to answer.
    pub organisation: OrganisationId,
    /// As whom.
    pub origin: SupervisionOrigin,
    /// With which step it begins.
    pub step: Step,
    /// What is demanded.
    pub explanation: RecordId,
    /// How long the body has.
    pub terms: Terms,
}

type Decided = Result<Vec<SupervisionEvent>, Rejection>;

impl Aggregate for Supervision {
    const CATEGORY: &'static str = SupervisionEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = SupervisionEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Decided {
        match (&state.opened, command) {
            (None, Command::Open(open)) => Ok(vec![open.event().into()]),
            (
                None,
                Command::Answer(..)
                | Command::Raise(..)
                | Command::RaiseUnanswered(..)
                | Command::Close(..),
            ) => Err(Rejection::NoSuchSupervision),
            (Some(opened), command) => opened.decide(command),
        }
    }

    fn evolve(state: State, event: &SupervisionEvent) -> State {
        use SupervisionEvent as E;
        let opened = match (state.opened, event) {
            (None, E::SupervisionOpened(opened)) => Some(Opened {
                id: opened.supervision.clone(),
                matter: opened.matter.clone(),
                division: opened.division,
                organisation: opened.organisation.clone(),
                step: opened.step,
                answer_due: opened.answer_due,
                status: Status::Waiting,
            }),
            (opened, event) => opened.map(|opened| opened.after(event)),
        };
        State { opened }
    }
}

impl Opened {
    fn decide(&self, command: Command) -> Decided {
        use Command as C;
        use Rejection as R;
        use Status as S;

        match (self.status, command) {
            (S::Waiting | S::Answered | S::Closed, C::Open(open)) if open.matter == self.matter => {
                Ok(Vec::new())
            }
            (S::Waiting | S::Answered | S::Closed, C::Open(_)) => Err(R::SupervisionExists),
            (
                S::Waiting | S::Answered | S::Closed,
                C::Answer(by, _) | C::Raise(by, ..) | C::Close(by, ..),
            ) if !self.is_covered_by(&by.caller) => Err(R::OutOfScope),

            // The body answers each step once.
            (S::Waiting | S::Answered, C::Answer(by, _)) if !self.is_answered_by(&by.caller) => {
                Err(R::NotTheSupervised)
            }
            (S::Waiting, C::Answer(by, text)) => one(SupervisionAnswered {
                occurred_at: by.at,
                supervision: self.id.clone(),
                by: by.caller.person,
                step: self.step,
                text,
            }),
            (S::Answered, C::Answer(..)) => Err(R::Answered),

            // Answered or not, somebody may take it further; the clock only what is not answered.
            (S::Waiting | S::Answered, C::Raise(by, ..)) if self.is_answered_by(&by.caller) => {
                Err(R::SupervisedYourself)
            }
            (S::Waiting | S::Answered, C::Raise(by, why, terms)) => {
                self.raised(by.at, Some((by.caller.person, why)), &terms)
            }
            (S::Waiting, C::RaiseUnanswered(at, step, terms))
                if step == self.step && step != Step::RedCard && at >= self.answer_due =>
            {
                self.raised(at, None, &terms)
            }
            (S::Waiting | S::Answered | S::Closed, C::RaiseUnanswered(..)) => Ok(Vec::new()),

            (S::Waiting | S::Answered, C::Close(by, ..)) if self.is_answered_by(&by.caller) => {
                Err(R::SupervisedYourself)
            }
            (S::Waiting | S::Answered, C::Close(by, finding, text)) => one(SupervisionClosed {
                occurred_at: by.at,
                supervision: self.id.clone(),
                by: by.caller.person,
                finding,
                step: self.step,
                text,
            }),
            (S::Closed, C::Answer(..) | C::Raise(..) | C::Close(..)) => Err(R::Closed),
        }
    }

    fn after(mut self, event: &SupervisionEvent) -> Self {
        use SupervisionEvent as E;
        match event {
            E::SupervisionOpened(_) => {}
            E::SupervisionAnswered(_) => self.status = Status::Answered,
            E::SupervisionRaised(raised) => {
                self.status = Status::Waiting;
                self.step = raised.step;
                self.answer_due = raised.answer_due;
            }
            E::SupervisionClosed(_) => self.status = Status::Closed,
        }
        self
    }

    /// An office over the matter, or the body that has to answer.
    fn is_covered_by(&self, caller: &Caller) -> bool {
        let over_it = match &caller.within {
            Within::Division(division) => division.contains(self.division),
            Within::Organisation { .. } | Within::Grid(_) | Within::Assigned => false,
        };
        over_it || self.is_answered_by(caller)
    }

    /// Whether the caller speaks for the body: as its clerk, or as the office of a desk's own division
    /// below the county.
    fn is_answered_by(&self, caller: &Caller) -> bool {
        match &caller.within {
            Within::Organisation { organisation, .. } => *organisation == self.organisation,
            Within::Division(division) => {
                let own = self.organisation.division();
                *division == own && own.township().is_some()
            }
            Within::Grid(_) | Within::Assigned => false,
        }
    }

    fn raised(&self, at: Timestamp, asked: Option<(PersonId, RecordId)>, terms: &Terms) -> Decided {
        let step = next(self.step).ok_or(Rejection::NoStepAbove)?;
        let (by, explanation) = asked.unzip();
        one(SupervisionRaised {
            occurred_at: at,
            supervision: self.id.clone(),
            by,
            step,
            explanation,
            answer_due: terms.due(at, step),
            calendar_version: terms.calendar.version(),
        })
    }
}

impl Open {
    fn event(self) -> SupervisionOpened {
        SupervisionOpened {
            occurred_at: self.by.at,
            answer_due: self.terms.due(self.by.at, self.step),
            supervision: self.supervision,
            kind: self.kind,
            matter: self.matter,
            division: self.division,
            organisation: self.organisation,
            by: self.by.caller.person,
            origin: self.origin,
            step: self.step,
            explanation: self.explanation,
            calendar_version: self.terms.calendar.version(),
        }
    }
}

impl Terms {
    fn due(&self, at: Timestamp, step: Step) -> Timestamp {
        let [reminder, supervision, yellow, red] = &self.limits;
        let limit = match step {
            Step::Reminder => reminder,
            Step::Supervision => supervision,
            Step::YellowCard => yellow,
            Step::RedCard => red,
        };
        self.calendar.due(at, limit)
    }
}

const fn next(step: Step) -> Option<Step> {
    match step {
        Step::Reminder => Some(Step::Supervision),
        Step::Supervision => Some(Step::YellowCard),
        Step::YellowCard => Some(Step::RedCard),
        Step::RedCard => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn one(event: impl Into<SupervisionEvent>) -> Decided {
    Ok(vec![event.into()])
}

#[cfg(test)]
mod tests;
