//! What a case's history folds to.

use contracts::intake::{
    ArchiveReason, CaseAccepted, CaseEvent, CaseRefused, CaseReported, CaseResolved, Channel,
    FormAnswers,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, CategoryCode, PersonId, RecordId, WorkOrderId},
};
use platform::auth::Placement;

/// Where a case stands, with what later decisions need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has reported it.
    #[default]
    Unreported,
    /// Reported, and neither accepted nor refused yet.
    Reported(Report),
    /// Accepted: it is being handled, for the first time or again.
    Accepted(Report),
    /// Refused: it ends here.
    Refused(Report, CaseRefused),
    /// Handled; the reporter may rate it.
    Resolved(Report),
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
    /// How the reporter can be reached.
    pub contact: Option<RecordId>,
    /// What was answered to the form of its category.
    pub form: Option<FormAnswers>,
    /// What was added, oldest first.
    pub information: Vec<RecordId>,
    /// How it was accepted; none before.
    pub acceptance: Option<CaseAccepted>,
    /// What each round came to, oldest first.
    pub resolutions: Vec<CaseResolved>,
    /// Which round it is in: 1 until it is reopened.
    pub round: u32,
}

impl State {
    /// What stays with the case; none before it is reported.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Unreported => None,
            Self::Reported(report)
            | Self::Accepted(report)
            | Self::Refused(report, _)
            | Self::Resolved(report)
            | Self::Rated(report)
            | Self::Archived(report, _) => Some(report),
        }
    }

    /// The next state of a reported case; an unreported one stays so.
    pub(super) fn then(self, next: impl FnOnce(Report) -> Self) -> Self {
        self.report().cloned().map_or(Self::Unreported, next)
    }

    pub(super) fn with_report(mut self, change: impl FnOnce(&mut Report)) -> Self {
        match &mut self {
            Self::Unreported => {}
            Self::Reported(report)
            | Self::Accepted(report)
            | Self::Refused(report, _)
            | Self::Resolved(report)
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
    pub(super) fn of(event: &CaseReported) -> Self {
        Self {
            case: event.case.clone(),
            category: event.category.clone(),
            division: event.place.division,
            grid: event.place.grid,
            reporter: event.reporter.clone(),
            by_staff: event.by_staff,
            channel: event.channel,
            first_reported_at: event.first_reported_at,
            contact: event.contact.clone(),
            form: event.form.clone(),
            information: Vec::new(),
            acceptance: None,
            resolutions: Vec::new(),
            round: 1,
        }
    }

    /// Under whose key what is written with this case is sealed: see [`texts_owner`].
    pub fn texts_owner(&self) -> String {
        texts_owner(&self.case, &self.reporter, self.by_staff, self.channel)
    }

    /// Whether an order has resolved a round of it.
    pub(super) fn was_resolved_by(&self, order: &WorkOrderId) -> bool {
        self.resolutions.iter().any(|resolution| resolution.work_order == *order)
    }

    /// Until when it can be reopened: the window runs from the last resolution, whatever was done
    /// since. None before it is resolved.
    pub(super) fn reopens_until(&self, window_ms: i64) -> Option<Timestamp> {
        self.resolutions.last().map(|resolution| resolution.occurred_at.plus_millis(window_ms))
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

/// The case that an event belongs to.
pub fn case_of(event: &CaseEvent) -> &CaseId {
    match event {
        CaseEvent::CaseReported(event) => &event.case,
        CaseEvent::InformationAdded(event) => &event.case,
        CaseEvent::CaseAccepted(event) => &event.case,
        CaseEvent::CaseRefused(event) => &event.case,
        CaseEvent::CaseResolved(event) => &event.case,
        CaseEvent::CaseRated(event) => &event.case,
        CaseEvent::CaseReopened(event) => &event.case,
        CaseEvent::CaseArchived(event) => &event.case,
    }
}
