//! A case (事项): what somebody reported, from report to archive. `case.rules.md` beside this file is
//! the table of its rules, written by a test.

mod rejection;

use contracts::intake::{
    AcceptedBy, ArchiveReason, CaseAccepted, CaseArchived, CaseEvent, CaseRated, CaseRefused,
    CaseReported, CaseResolved, Channel, InformationAdded, RefusalReason, Satisfaction, Urgency,
};
use kernel::{
    Aggregate, Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, PersonId, RecordId, WorkOrderId},
};
use platform::auth::Placement;

pub use rejection::Rejection;

/// How many times a case can be added to.
pub const MAX_INFORMATION: usize = 50;

/// The aggregate.
#[derive(Debug)]
pub enum Case {}

/// Where a case stands, with what later decisions need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has reported it.
    #[default]
    Unreported,
    /// Reported, and neither accepted nor refused yet.
    Reported(Report),
    /// Accepted: it is being handled.
    Accepted(Report, CaseAccepted),
    /// Refused: it ends here.
    Refused(Report, CaseRefused),
    /// Handled; the reporter may rate it.
    Resolved(Report, CaseResolved),
    /// Rated.
    Rated(Report),
    /// Closed.
    Archived(Report, ArchiveReason),
}

/// What stays with a case from its report on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The case.
    pub case: CaseId,
    /// What it is about; the acceptance may have changed it.
    pub category: CategoryCode,
    /// Where it is handled: the division of the report or, once accepted, of the acceptance.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Who reported it.
    pub reporter: PersonId,
    /// Whether that is staff on duty.
    pub by_staff: bool,
    /// How it came in.
    pub channel: Channel,
    /// When it was first reported.
    pub first_reported_at: Timestamp,
    /// What was added, oldest first.
    pub information: Vec<RecordId>,
}

/// What may be asked of a case. Times and facts come with it.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take the report.
    ReportCase(Box<CaseReported>),
    /// Accept it (受理).
    AcceptCase(AcceptCase),
    /// Refuse it (不予受理).
    RefuseCase {
        /// Now.
        at: Timestamp,
        /// Who refuses.
        by: PersonId,
        /// Why.
        reason: RefusalReason,
        /// The explanation for the reporter.
        explanation: Option<RecordId>,
    },
    /// Add what is known besides.
    AddInformation {
        /// Now.
        at: Timestamp,
        /// Who adds.
        by: PersonId,
        /// What.
        text: RecordId,
    },
    /// Note that the work is done.
    ResolveCase {
        /// Now.
        at: Timestamp,
        /// The order that closed.
        work_order: WorkOrderId,
        /// Whether the report was found true.
        found_true: bool,
    },
    /// Rate how it was handled.
    RateCase(RateCase),
    /// Close and archive it (结案归档), for the reason that its state gives.
    ArchiveCase {
        /// Now.
        at: Timestamp,
        /// How long a resolved case waits for a rating, in milliseconds.
        rating_window_ms: i64,
    },
}

/// An acceptance.
#[derive(Clone, Debug)]
pub struct AcceptCase {
    /// Now.
    pub at: Timestamp,
    /// By rule or by an operator.
    pub accepted_by: AcceptedBy,
    /// The version of the rule, where a rule decides.
    pub rule_version: Option<u32>,
    /// The category by which it will be handled: a leaf of the catalogue.
    pub category: CategoryCode,
    /// The version of the catalogue that its rules come from.
    pub catalogue_version: u32,
    /// How pressing such a matter is.
    pub urgency: Urgency,
    /// The grid, if it is known better than at the report.
    pub grid: Option<GridCode>,
}

/// A rating.
#[derive(Clone, Debug)]
pub struct RateCase {
    /// Now.
    pub at: Timestamp,
    /// Who rates.
    pub by: PersonId,
    /// Whether the handler got in touch.
    pub contacted: bool,
    /// Whether the matter is solved.
    pub solved: bool,
    /// How satisfied the reporter is.
    pub satisfaction: Satisfaction,
    /// What the reporter wrote.
    pub comment: Option<RecordId>,
}

type Decision = Result<Vec<CaseEvent>, Rejection>;

impl Aggregate for Case {
    const CATEGORY: &'static str = CaseEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CaseEvent;
    type Rejection = Rejection;

    #[expect(clippy::too_many_lines, reason = "it is a table: an arm is a row")]
    fn decide(state: &State, command: Command) -> Decision {
        use Command as C;
        use State as S;
        match (state, command) {
            (S::Unreported, C::ReportCase(report)) => Ok(vec![(*report).into()]),
            (S::Reported(report), C::AcceptCase(command)) => Ok(vec![accept(report, command)?]),
            (S::Accepted(report, accepted), C::AcceptCase(command)) => {
                let command = AcceptCase { at: accepted.occurred_at, ..command };
                let again = accept(report, command)? == accepted.clone().into();
                if again { Ok(vec![]) } else { Err(Rejection::AlreadyAccepted) }
            }
            (S::Reported(report), C::RefuseCase { at, by, reason, explanation }) => {
                let case = report.case.clone();
                Ok(vec![CaseRefused { occurred_at: at, case, by, reason, explanation }.into()])
            }
            (S::Refused(_, refused), C::RefuseCase { reason, explanation, .. })
                if (reason, &explanation) == (refused.reason, &refused.explanation) =>
            {
                Ok(vec![])
            }
            (
                S::Reported(report)
                | S::Accepted(report, _)
                | S::Resolved(report, _)
                | S::Rated(report),
                C::AddInformation { at, by, text },
            ) => add_information(report, at, by, text),
            (S::Accepted(report, _), C::ResolveCase { at, work_order, found_true }) => {
                let case = report.case.clone();
                Ok(vec![CaseResolved { occurred_at: at, case, work_order, found_true }.into()])
            }
            (S::Resolved(_, resolved), C::ResolveCase { work_order, .. })
                if work_order == resolved.work_order =>
            {
                Ok(vec![])
            }
            (
                S::Reported(report)
                | S::Accepted(report, _)
                | S::Refused(report, _)
                | S::Resolved(report, _)
                | S::Rated(report)
                | S::Archived(report, _),
                C::RateCase(command),
            ) if command.by != report.reporter => Err(Rejection::NotTheReporter),
            (S::Resolved(report, _), C::RateCase(command)) => Ok(vec![rate(report, command)]),
            (S::Resolved(report, resolved), C::ArchiveCase { at, rating_window_ms }) => {
                let window_ends = resolved.occurred_at.plus_millis(rating_window_ms);
                if report.by_staff {
                    Ok(vec![archived(report, at, ArchiveReason::NobodyToRate)])
                } else if at >= window_ends {
                    Ok(vec![archived(report, at, ArchiveReason::Unrated)])
                } else {
                    Err(Rejection::WindowOpen(window_ends))
                }
            }
            (S::Rated(report), C::ArchiveCase { at, .. }) => {
                Ok(vec![archived(report, at, ArchiveReason::Rated)])
            }
            (S::Archived(..), C::ArchiveCase { .. }) => Ok(vec![]),

            // What is refused, state by state.
            (
                S::Unreported,
                C::AcceptCase(_)
                | C::RefuseCase { .. }
                | C::AddInformation { .. }
                | C::ResolveCase { .. }
                | C::RateCase(_)
                | C::ArchiveCase { .. },
            ) => Err(Rejection::NotReported),
            (
                S::Reported(_)
                | S::Accepted(..)
                | S::Refused(..)
                | S::Resolved(..)
                | S::Rated(_)
                | S::Archived(..),
                C::ReportCase(_),
            ) => Err(Rejection::AlreadyReported),
            (S::Reported(_), C::ResolveCase { .. }) => Err(Rejection::NotAcceptedYet),
            (S::Reported(_) | S::Accepted(..), C::RateCase(_) | C::ArchiveCase { .. }) => {
                Err(Rejection::NotResolvedYet)
            }
            (S::Accepted(..), C::RefuseCase { .. }) => Err(Rejection::AlreadyAccepted),
            (
                S::Refused(..),
                C::AcceptCase(_)
                | C::RefuseCase { .. }
                | C::AddInformation { .. }
                | C::ResolveCase { .. }
                | C::RateCase(_)
                | C::ArchiveCase { .. },
            ) => Err(Rejection::Refused),
            (
                S::Resolved(..) | S::Rated(_),
                C::AcceptCase(_) | C::RefuseCase { .. } | C::ResolveCase { .. },
            ) => Err(Rejection::AlreadyResolved),
            (S::Rated(_) | S::Archived(_, ArchiveReason::Rated), C::RateCase(_)) => {
                Err(Rejection::RatedBefore)
            }
            (
                S::Archived(..),
                C::AcceptCase(_)
                | C::RefuseCase { .. }
                | C::AddInformation { .. }
                | C::ResolveCase { .. }
                | C::RateCase(_),
            ) => Err(Rejection::Archived),
        }
    }

    fn evolve(state: State, event: &CaseEvent) -> State {
        match event {
            CaseEvent::CaseReported(event) => State::Reported(Report::of(event)),
            CaseEvent::InformationAdded(event) => state.with_report(|report| {
                report.information.push(event.text.clone());
            }),
            CaseEvent::CaseAccepted(event) => state.then(|mut report| {
                report.category = event.category.clone();
                report.division = event.division;
                report.grid = event.grid;
                State::Accepted(report, event.clone())
            }),
            CaseEvent::CaseRefused(event) => {
                state.then(|report| State::Refused(report, event.clone()))
            }
            CaseEvent::CaseResolved(event) => {
                state.then(|report| State::Resolved(report, event.clone()))
            }
            CaseEvent::CaseRated(_) => state.then(State::Rated),
            CaseEvent::CaseArchived(event) => {
                state.then(|report| State::Archived(report, event.reason))
            }
        }
    }
}

impl State {
    /// What stays with the case; none before it is reported.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Unreported => None,
            Self::Reported(report)
            | Self::Accepted(report, _)
            | Self::Refused(report, _)
            | Self::Resolved(report, _)
            | Self::Rated(report)
            | Self::Archived(report, _) => Some(report),
        }
    }

    /// The next state of a reported case; an unreported one stays so.
    fn then(self, next: impl FnOnce(Report) -> Self) -> Self {
        self.report().cloned().map_or(Self::Unreported, next)
    }

    fn with_report(mut self, change: impl FnOnce(&mut Report)) -> Self {
        match &mut self {
            Self::Unreported => {}
            Self::Reported(report)
            | Self::Accepted(report, _)
            | Self::Refused(report, _)
            | Self::Resolved(report, _)
            | Self::Rated(report)
            | Self::Archived(report, _) => change(report),
        }
        self
    }
}

/// Under whose key what is written with a case is sealed. A resident's cases go with the resident. What
/// staff or a portal enters is about somebody else: it has a key of its own, so that one such person can
/// be erased and the others stay.
pub fn texts_owner(case: &CaseId, reporter: &PersonId, by_staff: bool, channel: Channel) -> String {
    if by_staff || channel == Channel::Portal { case.to_string() } else { reporter.to_string() }
}

impl Report {
    fn of(event: &CaseReported) -> Self {
        Self {
            case: event.case.clone(),
            category: event.category.clone(),
            division: event.place.division,
            grid: event.place.grid,
            reporter: event.reporter.clone(),
            by_staff: event.by_staff,
            channel: event.channel,
            first_reported_at: event.first_reported_at,
            information: Vec::new(),
        }
    }

    /// Under whose key what is written with this case is sealed: see [`texts_owner`].
    pub fn texts_owner(&self) -> String {
        texts_owner(&self.case, &self.reporter, self.by_staff, self.channel)
    }

    /// Where the case stands, as far as a caller's scope asks.
    pub fn placement(&self) -> Placement {
        Placement {
            division: self.division,
            grid: self.grid,
            org: None,
            assignee: None,
            reporter: Some(self.reporter.clone()),
        }
    }
}

/// The acceptance, in the case's division or in a grid that lies there.
fn accept(report: &Report, command: AcceptCase) -> Result<CaseEvent, Rejection> {
    let home = report.case.division();
    let (division, grid) = match command.grid {
        Some(grid) if home.contains(grid.village()) => (grid.village(), Some(grid)),
        Some(grid) => return Err(Rejection::GridElsewhere { grid, home }),
        None => (report.division, report.grid),
    };
    Ok(CaseEvent::CaseAccepted(CaseAccepted {
        occurred_at: command.at,
        case: report.case.clone(),
        accepted_by: command.accepted_by,
        rule_version: command.rule_version,
        category: command.category,
        catalogue_version: command.catalogue_version,
        urgency: command.urgency,
        division,
        grid,
        reporter: report.reporter.clone(),
        first_reported_at: report.first_reported_at,
    }))
}

fn add_information(report: &Report, at: Timestamp, by: PersonId, text: RecordId) -> Decision {
    if report.information.contains(&text) {
        return Ok(vec![]);
    }
    if report.information.len() >= MAX_INFORMATION {
        return Err(Rejection::InformationFull);
    }
    Ok(vec![InformationAdded { occurred_at: at, case: report.case.clone(), by, text }.into()])
}

fn rate(report: &Report, command: RateCase) -> CaseEvent {
    CaseEvent::CaseRated(CaseRated {
        occurred_at: command.at,
        case: report.case.clone(),
        contacted: command.contacted,
        solved: command.solved,
        satisfaction: command.satisfaction,
        comment: command.comment,
    })
}

fn archived(report: &Report, at: Timestamp, reason: ArchiveReason) -> CaseEvent {
    CaseEvent::CaseArchived(CaseArchived { occurred_at: at, case: report.case.clone(), reason })
}

/// The case that an event belongs to.
pub fn case_of(event: &CaseEvent) -> &CaseId {
    match event {
        CaseEvent::CaseReported(event) => &event.case,
        CaseEvent::InformationAdded(event) => &event.case,
        CaseEvent::CaseAccepted(event) => &event.case,
        CaseEvent::CaseRefused(event) => &event.case,
        CaseEvent::CaseResolved(event) => &event.case,
        CaseEvent::CaseRated(event) => &event.case,
        CaseEvent::CaseArchived(event) => &event.case,
    }
}

#[cfg(test)]
mod tests;
