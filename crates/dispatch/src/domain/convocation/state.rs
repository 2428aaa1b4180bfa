//! What a convocation's history folds to.

use contracts::dispatch::convocation::{
    ConvocationEvent, ConvocationTask, DepartmentsConvened, DutyLevel,
};
use kernel::{
    Division, GridCode, Timestamp,
    hash::Sha256,
    id::{CaseId, ConvocationId, OrganisationId, RecordId},
};

use crate::domain::{
    caller::{Caller, Within},
    refusal::Refusal,
};

/// Where a convocation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The bodies are awaited.
    Convened,
    /// Agreed on; tasks and ratings are left.
    Concluded,
    /// Done.
    Closed,
}

impl Status {
    /// The status as tables and the API's words have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Convened => "convened",
            Self::Concluded => "concluded",
            Self::Closed => "closed",
        }
    }
}

/// The state: none before the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The convocation.
    pub convened: Option<Convened>,
}

/// A called body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, which may hold beside the others"
)]
pub struct Body {
    /// Which.
    pub organisation: OrganisationId,
    /// When it signed, and whether late.
    pub signed_at: Option<(Timestamp, bool)>,
    /// When it reported in, and whether late.
    pub reported_in_at: Option<(Timestamp, bool)>,
    /// Why it came late.
    pub explanation: Option<RecordId>,
    /// Whether it was reminded.
    pub reminded: bool,
    /// Whether it was reported to the county.
    pub unanswered: bool,
    /// Whether it may stay away.
    pub absence_allowed: bool,
    /// Whether it does.
    pub declined: bool,
    /// Attendance, performance and effect, as it was rated.
    pub rated: Option<(DutyLevel, DutyLevel, DutyLevel)>,
}

/// A task of the conclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number, from 1.
    pub number: u32,
    /// Who does it.
    pub organisation: OrganisationId,
    /// What is to be done.
    pub what: RecordId,
    /// By when.
    pub due: Timestamp,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// Whether its clock rang.
    pub overdue: bool,
}

/// What decisions about a convocation need of its history, and what is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convened {
    /// Its id.
    pub id: ConvocationId,
    /// Where it stands.
    pub status: Status,
    /// Where the matter lies.
    pub division: Division,
    /// The grid.
    pub grid: Option<GridCode>,
    /// What the role of whoever called covers.
    pub convener: Division,
    /// What it is about.
    pub matter: RecordId,
    /// The cases that led to it.
    pub cases: Vec<CaseId>,
    /// When they meet.
    pub meet_at: Timestamp,
    /// By when they sign.
    pub sign_due: Timestamp,
    /// When whoever has not signed is reported to the county.
    pub supervise_due: Timestamp,
    /// The hash of the code.
    pub code: Sha256,
    /// The called bodies; the first is in the lead.
    pub bodies: Vec<Body>,
    /// The tasks of the conclusion.
    pub tasks: Vec<Task>,
}

impl Body {
    const fn new(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            signed_at: None,
            reported_in_at: None,
            explanation: None,
            reminded: false,
            unanswered: false,
            absence_allowed: false,
            declined: false,
            rated: None,
        }
    }

    /// Whether it has signed.
    pub const fn has_signed(&self) -> bool {
        self.signed_at.is_some()
    }

    /// Whether its signature is still waited for.
    pub(super) const fn is_awaited(&self) -> bool {
        !self.has_signed() && !self.absence_allowed && !self.declined
    }
}

impl Task {
    fn new(task: &ConvocationTask) -> Self {
        Self {
            number: task.number,
            organisation: task.organisation.clone(),
            what: task.what.clone(),
            due: task.due,
            completed_at: None,
            overdue: false,
        }
    }

    pub(super) fn is_late(&self, at: Timestamp) -> bool {
        self.completed_at.is_none() && at >= self.due
    }
}

impl Convened {
    fn new(event: &DepartmentsConvened) -> Self {
        let bodies = std::iter::once(&event.lead).chain(&event.assists);
        Self {
            id: event.convocation.clone(),
            status: Status::Convened,
            division: event.division,
            grid: event.grid,
            convener: event.convener,
            matter: event.matter.clone(),
            cases: event.cases.clone(),
            meet_at: event.meet_at,
            sign_due: event.sign_due,
            supervise_due: event.supervise_due,
            code: event.code,
            bodies: bodies.cloned().map(Body::new).collect(),
            tasks: Vec::new(),
        }
    }

    /// A called body.
    pub fn body(&self, organisation: &OrganisationId) -> Option<&Body> {
        self.bodies.iter().find(|body| body.organisation == *organisation)
    }

    /// The body for which somebody acts.
    pub(super) fn body_of(&self, caller: &Caller) -> Result<&Body, Refusal> {
        caller.organisation().and_then(|own| self.body(own)).ok_or(Refusal::NotCalled)
    }

    /// Whether the caller's scope covers the convocation: a desk's by its division, a body's because it
    /// was called.
    pub fn is_covered_by(&self, caller: &Caller) -> bool {
        match &caller.within {
            Within::Division(own) => own.contains(self.division),
            Within::Organisation { organisation, division } => {
                division.contains(self.division) && self.body(organisation).is_some()
            }
            Within::Grid(_) | Within::Assigned => false,
        }
    }

    /// Whether the caller is of the desk that called: of its tier, not of one above.
    pub(super) fn was_called_by(&self, caller: &Caller) -> bool {
        match &caller.within {
            Within::Division(own) => *own == self.convener,
            Within::Grid(_) | Within::Organisation { .. } | Within::Assigned => false,
        }
    }

    /// The bodies that neither came nor were let off.
    pub(super) fn absent(&self) -> Vec<OrganisationId> {
        self.bodies
            .iter()
            .filter(|body| body.reported_in_at.is_none() && !body.declined)
            .map(|body| body.organisation.clone())
            .collect()
    }

    fn change(&mut self, organisation: &OrganisationId, change: impl FnOnce(&mut Body)) {
        if let Some(body) = self.bodies.iter_mut().find(|body| body.organisation == *organisation) {
            change(body);
        }
    }

    fn after(mut self, event: &ConvocationEvent) -> Self {
        use ConvocationEvent as E;
        match event {
            E::DepartmentsConvened(_) => {}
            E::ConvocationSigned(event) => self.change(&event.organisation, |body| {
                body.signed_at = Some((event.occurred_at, event.late));
            }),
            E::DepartmentReportedIn(event) => self.change(&event.organisation, |body| {
                body.reported_in_at = Some((event.occurred_at, event.late));
                body.explanation.clone_from(&event.explanation);
            }),
            E::ConvocationReminded(event) => {
                self.change(&event.organisation, |body| body.reminded = true);
            }
            E::ConvocationUnanswered(event) => {
                self.change(&event.organisation, |body| body.unanswered = true);
            }
            E::AbsenceAllowed(event) => {
                self.change(&event.organisation, |body| body.absence_allowed = true);
            }
            E::ConvocationDeclined(event) => {
                self.change(&event.organisation, |body| body.declined = true);
            }
            E::ConvocationConcluded(event) => {
                self.status = Status::Concluded;
                self.tasks = event.tasks.iter().map(Task::new).collect();
            }
            E::ConvocationTaskCompleted(event) => {
                self.task(event.task, |task| task.completed_at = Some(event.occurred_at));
            }
            E::ConvocationTaskOverdue(event) => self.task(event.task, |task| task.overdue = true),
            E::DepartmentRated(event) => self.change(&event.organisation, |body| {
                body.rated = Some((event.attendance, event.performance, event.effect));
            }),
            E::ConvocationClosed(_) => self.status = Status::Closed,
        }
        self
    }

    fn task(&mut self, number: u32, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.number == number) {
            change(task);
        }
    }
}

impl State {
    /// The state after an event. What comes before the call changes nothing.
    pub(super) fn after(self, event: &ConvocationEvent) -> Self {
        let convened = match (self.convened, event) {
            (None, ConvocationEvent::DepartmentsConvened(event)) => Some(Convened::new(event)),
            (convened, _) => convened.map(|convened| convened.after(event)),
        };
        Self { convened }
    }
}
