//! The convocation (吹哨报到): a desk calls bodies to a place; they sign, report in, agree on tasks, and
//! are rated by the caller.
//!
//! | file | what |
//! |---|---|
//! | `convocation/state.rs` | what a convocation's history folds to |
//! | `convocation/command.rs` | what may be asked of it |
//! | `convocation.rules.md` | the rules as a table, written by a test |

mod command;
mod state;

use contracts::dispatch::convocation::{
    AbsenceAllowed, ConvocationClosed, ConvocationConcluded, ConvocationDeclined, ConvocationEvent,
    ConvocationReminded, ConvocationSigned, ConvocationTaskCompleted, ConvocationTaskOverdue,
    ConvocationUnanswered, DepartmentRated, DepartmentReportedIn,
};
use kernel::{Aggregate, Timestamp, id::OrganisationId};

pub use command::{Command, Convene};
pub use state::{Body, Convened, State, Status, Task};

use super::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// The convocation.
#[derive(Debug)]
pub struct Convocation;

impl Aggregate for Convocation {
    const CATEGORY: &'static str = ConvocationEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = ConvocationEvent;
    type Rejection = Refusal;

    fn decide(state: &State, command: Command) -> Result<Vec<ConvocationEvent>, Refusal> {
        let Some(convened) = &state.convened else { return begin(command) };
        if command.caller().is_some_and(|caller| !convened.is_covered_by(caller)) {
            return Err(Refusal::OutOfScope);
        }
        decide(convened, command)
    }

    fn evolve(state: State, event: &ConvocationEvent) -> State {
        state.after(event)
    }
}

type Decided = Result<Vec<ConvocationEvent>, Refusal>;

/// Before bodies are called nothing but the call is possible.
fn begin(command: Command) -> Decided {
    use Command as C;
    match command {
        C::ConveneDepartments(convene) => convene.events(),
        C::SignConvocation { .. }
        | C::ReportIn { .. }
        | C::AllowAbsence { .. }
        | C::DeclineConvocation { .. }
        | C::ConcludeConvocation { .. }
        | C::CompleteTask { .. }
        | C::RateDepartment { .. }
        | C::CloseConvocation { .. }
        | C::MarkUnsigned { .. }
        | C::MarkTaskOverdue { .. } => Err(Refusal::NoSuchThing),
    }
}

#[expect(clippy::too_many_lines, reason = "one table of rules, a row an arm")]
fn decide(is: &Convened, command: Command) -> Decided {
    use Command as C;
    use Refusal as R;
    use Status as S;

    let convocation = is.id.clone();
    match (is.status, command) {
        // While the bodies are awaited.
        (S::Convened, C::SignConvocation { at, caller }) => {
            let body = is.body_of(&caller)?;
            match (body.declined, body.has_signed()) {
                (true, _) => Err(R::BodyDeclined),
                (false, true) => so(),
                (false, false) => one(is.signed(at, body, &caller)),
            }
        }
        (S::Convened, C::ReportIn { at, caller, code, explanation, early_ms }) => {
            report_in(is, at, &caller, code, explanation, early_ms)
        }
        (S::Convened, C::AllowAbsence { caller, .. }) if !is_county(&caller) => {
            Err(R::OnlyTheCounty)
        }
        (S::Convened, C::AllowAbsence { at, caller, organisation, text }) => {
            let body = is.body(&organisation).ok_or(R::NotCalled)?;
            match (body.reported_in_at.is_some(), body.absence_allowed) {
                (true, _) => Err(R::AlreadyReportedIn),
                (false, true) => so(),
                (false, false) => {
                    let by = caller.person;
                    one(AbsenceAllowed { occurred_at: at, convocation, organisation, by, text })
                }
            }
        }
        (S::Convened, C::DeclineConvocation { at, caller }) => {
            let body = is.body_of(&caller)?;
            if body.declined {
                return so();
            }
            match (body.reported_in_at.is_some(), body.absence_allowed) {
                (true, _) => Err(R::AlreadyReportedIn),
                (false, false) => Err(R::AbsenceNotAllowed),
                (false, true) => {
                    let organisation = body.organisation.clone();
                    let by = caller.person;
                    one(ConvocationDeclined { occurred_at: at, convocation, organisation, by })
                }
            }
        }
        (S::Convened, C::ConcludeConvocation { caller, .. }) if !is.was_called_by(&caller) => {
            Err(R::NotTheConvener)
        }
        (S::Convened, C::ConcludeConvocation { .. })
            if is.bodies.iter().all(|body| body.reported_in_at.is_none()) =>
        {
            Err(R::NobodyOnSite)
        }
        (S::Convened, C::ConcludeConvocation { tasks, .. })
            if tasks.iter().any(|task| is.body(&task.organisation).is_none()) =>
        {
            Err(R::NotCalled)
        }
        (S::Convened, C::ConcludeConvocation { tasks, .. })
            if tasks
                .iter()
                .filter_map(|task| is.body(&task.organisation))
                .any(|body| body.declined) =>
        {
            Err(R::BodyDeclined)
        }
        (S::Convened, C::ConcludeConvocation { at, tasks, .. })
            if tasks.iter().any(|task| task.due <= at) =>
        {
            Err(R::TimeIsPast)
        }
        (S::Convened, C::ConcludeConvocation { at, caller, conclusion, tasks }) => {
            one(ConvocationConcluded {
                occurred_at: at,
                convocation,
                by: caller.person,
                conclusion,
                tasks,
                absent: is.absent(),
            })
        }
        (
            S::Convened,
            C::CompleteTask { .. } | C::RateDepartment { .. } | C::CloseConvocation { .. },
        ) => Err(R::NotConcluded),

        // Concluded: tasks and ratings are left.
        (S::Concluded, C::CompleteTask { at, caller, task, text }) => {
            complete(is, at, &caller, task, text)
        }
        (S::Concluded, C::RateDepartment { caller, .. } | C::CloseConvocation { caller, .. })
            if !is.was_called_by(&caller) =>
        {
            Err(R::NotTheConvener)
        }
        (
            S::Concluded,
            C::RateDepartment { at, caller, organisation, attendance, performance, effect, text },
        ) => {
            let body = is.body(&organisation).ok_or(R::NotCalled)?;
            let levels = (attendance, performance, effect);
            match (body.declined, body.rated) {
                (true, _) => Err(R::BodyDeclined),
                (false, Some(rated)) if rated == levels => so(),
                (false, Some(_)) => Err(R::AlreadyRated),
                (false, None) => one(DepartmentRated {
                    occurred_at: at,
                    convocation,
                    organisation,
                    by: caller.person,
                    attendance,
                    performance,
                    effect,
                    text,
                }),
            }
        }
        (S::Concluded, C::CloseConvocation { .. })
            if is.tasks.iter().any(|task| task.completed_at.is_none()) =>
        {
            Err(R::TasksOpen)
        }
        (S::Concluded, C::CloseConvocation { .. })
            if is.bodies.iter().any(|body| !body.declined && body.rated.is_none()) =>
        {
            Err(R::BodiesNotRated)
        }
        (S::Concluded, C::CloseConvocation { at, caller }) => {
            one(ConvocationClosed { occurred_at: at, convocation, by: caller.person })
        }
        (
            S::Concluded,
            C::SignConvocation { .. }
            | C::ReportIn { .. }
            | C::AllowAbsence { .. }
            | C::DeclineConvocation { .. }
            | C::ConcludeConvocation { .. },
        ) => Err(R::Concluded),

        // Closed.
        (S::Closed, C::CloseConvocation { .. }) => so(),
        (
            S::Closed,
            C::SignConvocation { .. }
            | C::ReportIn { .. }
            | C::AllowAbsence { .. }
            | C::DeclineConvocation { .. }
            | C::ConcludeConvocation { .. }
            | C::CompleteTask { .. }
            | C::RateDepartment { .. },
        ) => Err(R::ConvocationClosed),

        // The clocks: each rings once.
        (S::Convened, C::MarkUnsigned { at, organisation }) => Ok(unsigned(is, at, &organisation)),
        (S::Concluded, C::MarkTaskOverdue { at, task }) => Ok(overdue(is, at, task)),
        (S::Concluded | S::Closed, C::MarkUnsigned { .. })
        | (S::Convened | S::Closed, C::MarkTaskOverdue { .. }) => so(),

        (S::Convened | S::Concluded | S::Closed, C::ConveneDepartments(convene))
            if convene.convocation == is.id =>
        {
            so()
        }
        (S::Convened | S::Concluded | S::Closed, C::ConveneDepartments(_)) => Err(R::IdInUse),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn one(event: impl Into<ConvocationEvent>) -> Decided {
    Ok(vec![event.into()])
}

/// Already so.
#[expect(clippy::unnecessary_wraps, reason = "the right side of a row, beside refusals")]
fn so() -> Decided {
    Ok(Vec::new())
}

/// Whether somebody acts for the county or above.
fn is_county(caller: &Caller) -> bool {
    match &caller.within {
        Within::Division(own) => own.township().is_none(),
        Within::Grid(_) | Within::Organisation { .. } | Within::Assigned => false,
    }
}

/// Whoever comes without having signed signs by coming.
fn report_in(
    is: &Convened,
    at: Timestamp,
    caller: &Caller,
    code: kernel::hash::Sha256,
    explanation: Option<kernel::id::RecordId>,
    early_ms: i64,
) -> Decided {
    let body = is.body_of(caller)?;
    if body.declined {
        return Err(Refusal::BodyDeclined);
    }
    if body.reported_in_at.is_some() {
        return so();
    }
    if code != is.code {
        return Err(Refusal::WrongSiteCode);
    }
    if at < is.meet_at.plus_millis(-early_ms) {
        return Err(Refusal::TooEarly);
    }
    let late = at > is.meet_at;
    if late && explanation.is_none() {
        return Err(Refusal::LateNeedsReason);
    }
    let mut events = Vec::new();
    if !body.has_signed() {
        events.push(is.signed(at, body, caller).into());
    }
    events.push(
        DepartmentReportedIn {
            occurred_at: at,
            convocation: is.id.clone(),
            organisation: body.organisation.clone(),
            by: caller.person.clone(),
            late,
            explanation,
        }
        .into(),
    );
    Ok(events)
}

/// The body's own clerks say that it is done, or the desk that called.
fn complete(
    is: &Convened,
    at: Timestamp,
    caller: &Caller,
    number: u32,
    text: Option<kernel::id::RecordId>,
) -> Decided {
    let task = is.tasks.iter().find(|task| task.number == number).ok_or(Refusal::NoSuchTask)?;
    let own = caller.organisation().is_none_or(|own| *own == task.organisation);
    match (own, task.completed_at) {
        (false, _) => Err(Refusal::NotYourTask),
        (true, Some(_)) => so(),
        (true, None) => one(ConvocationTaskCompleted {
            occurred_at: at,
            convocation: is.id.clone(),
            task: number,
            organisation: task.organisation.clone(),
            by: caller.person.clone(),
            text,
            late: at > task.due,
        }),
    }
}

/// What rings for a body that has not signed: the reminder, then the county.
fn unsigned(is: &Convened, at: Timestamp, organisation: &OrganisationId) -> Vec<ConvocationEvent> {
    let Some(body) = is.body(organisation).filter(|body| body.is_awaited()) else {
        return Vec::new();
    };
    let mut events = Vec::new();
    let (convocation, organisation) = (is.id.clone(), body.organisation.clone());
    if at >= is.sign_due && !body.reminded {
        let (convocation, organisation) = (convocation.clone(), organisation.clone());
        let due = is.sign_due;
        events.push(ConvocationReminded { occurred_at: at, convocation, organisation, due }.into());
    }
    if at >= is.supervise_due && !body.unanswered {
        let due = is.supervise_due;
        events
            .push(ConvocationUnanswered { occurred_at: at, convocation, organisation, due }.into());
    }
    events
}

fn overdue(is: &Convened, at: Timestamp, number: u32) -> Vec<ConvocationEvent> {
    let late = |task: &&Task| task.number == number && task.is_late(at) && !task.overdue;
    is.tasks
        .iter()
        .filter(late)
        .map(|task| {
            ConvocationTaskOverdue {
                occurred_at: at,
                convocation: is.id.clone(),
                task: number,
                organisation: task.organisation.clone(),
                due: task.due,
            }
            .into()
        })
        .collect()
}

impl Convened {
    fn signed(&self, at: Timestamp, body: &Body, caller: &Caller) -> ConvocationSigned {
        ConvocationSigned {
            occurred_at: at,
            convocation: self.id.clone(),
            organisation: body.organisation.clone(),
            by: caller.person.clone(),
            late: at > self.sign_due,
        }
    }
}

#[cfg(test)]
mod tests;
