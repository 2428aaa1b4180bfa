//! What a case's history folds to.

use contracts::intake::{
    ArchiveReason, CaseAccepted, CaseAnswered, CaseEvent, CaseHandledOnSite, CaseJoined,
    CaseLapsed, CaseMerged, CaseRefused, CaseReported, CaseTransferred, CaseWithdrawn, Channel,
    InformationRequested,
};
use kernel::{
    Division, GridCode, Timestamp,
    hash::Sha256,
    id::{CaseId, CategoryCode, PersonId, RecordId, WorkOrderId},
};
use platform::auth::Placement;

use super::{Rejection, command::Standing};

/// Where a case stands, with what later decisions need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has reported it.
    #[default]
    Unreported,
    /// Reported, and neither accepted nor refused yet.
    Reported(Report),
    /// The same, and its reporter was asked for more.
    AwaitingInformation(Report, InformationRequested),
    /// Accepted: it is being handled, for the first time or again.
    Accepted(Report),
    /// Refused: it ends here.
    Refused(Report, CaseRefused),
    /// Nobody answered what was asked: it ends here.
    Lapsed(Report, CaseLapsed),
    /// Taken back by its reporter: it ends here.
    Withdrawn(Report, CaseWithdrawn),
    /// It goes on elsewhere: it ends here.
    Transferred(Report, CaseTransferred),
    /// It goes with another, and stands again where it stood when that is undone.
    Merged(Box<Self>, CaseMerged),
    /// Answered at once; the reporter may rate it.
    Answered(Report, CaseAnswered),
    /// Handled; the reporter may rate it.
    Resolved(Report),
    /// Rated by its reporter.
    Rated(Report),
    /// Closed.
    Archived(Report, ArchiveReason),
}

/// What stays with a case from its report on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The case.
    pub case: CaseId,
    /// The report itself.
    pub reported: CaseReported,
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
    /// Whether only who handles it may see it, by somebody's wish. Its category may say so besides.
    pub confidential: bool,
    /// Who joined it, the first first.
    pub joiners: Vec<Joiner>,
    /// What was added, oldest first.
    pub information: Vec<RecordId>,
    /// What was asked of the reporter after the acceptance, and not answered yet.
    pub asked: Option<InformationRequested>,
    /// How it was accepted; none before.
    pub acceptance: Option<CaseAccepted>,
    /// What each round came to, oldest first.
    pub resolutions: Vec<Resolution>,
    /// Which round it is in: 1 until it is reopened.
    pub round: u32,
    /// Who has rated this round.
    pub raters: Vec<Rater>,
    /// How often the reporter was called back in this round.
    pub calls: u32,
    /// How the check on the spot stands; none where none was drawn.
    pub check: Option<Check>,
    /// How many of its alarms were counted.
    pub alarms: u32,
}

/// Who joined a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joiner {
    /// Who; a portal joins for many.
    pub person: PersonId,
    /// The hash of their tracking code.
    pub tracking: Sha256,
    /// What came with it.
    pub joined: CaseJoined,
}

/// Whose rating it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rater {
    /// The first reporter's.
    Reporter,
    /// That of the joiner with this tracking code's hash.
    Joiner(Sha256),
}

/// What a round came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// The order that closed; none where it was settled without one.
    pub work_order: Option<WorkOrderId>,
    /// Who settled it on the spot, if it was.
    pub handler: Option<PersonId>,
    /// Whether the report was found true.
    pub found_true: bool,
}

/// How the check of what was settled on the spot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is to be checked.
    Drawn,
    /// It was checked.
    Done,
}

impl State {
    /// What stays with the case; none before it is reported.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Unreported => None,
            Self::Merged(before, _) => before.report(),
            Self::Reported(report)
            | Self::AwaitingInformation(report, _)
            | Self::Accepted(report)
            | Self::Refused(report, _)
            | Self::Lapsed(report, _)
            | Self::Withdrawn(report, _)
            | Self::Transferred(report, _)
            | Self::Answered(report, _)
            | Self::Resolved(report)
            | Self::Rated(report)
            | Self::Archived(report, _) => Some(report),
        }
    }

    /// Whether whoever reported or joined it can rate it.
    pub fn awaits_ratings(&self) -> bool {
        matches!(self, Self::Answered(..) | Self::Resolved(_) | Self::Rated(_))
    }

    /// The next state of a reported case; an unreported one stays so.
    pub(super) fn then(self, next: impl FnOnce(Report) -> Self) -> Self {
        self.report().cloned().map_or(Self::Unreported, next)
    }

    pub(super) fn with_report(mut self, change: impl FnOnce(&mut Report)) -> Self {
        match &mut self {
            Self::Unreported => {}
            Self::Merged(before, _) => **before = std::mem::take(&mut **before).with_report(change),
            Self::Reported(report)
            | Self::AwaitingInformation(report, _)
            | Self::Accepted(report)
            | Self::Refused(report, _)
            | Self::Lapsed(report, _)
            | Self::Withdrawn(report, _)
            | Self::Transferred(report, _)
            | Self::Answered(report, _)
            | Self::Resolved(report)
            | Self::Rated(report)
            | Self::Archived(report, _) => change(report),
        }
        self
    }

    /// Why a command that does not fit is refused, as far as the state alone says it.
    pub(super) fn refusal(&self) -> Rejection {
        match self {
            Self::Unreported => Rejection::NotReported,
            Self::Reported(_) => Rejection::NotAcceptedYet,
            Self::AwaitingInformation(..) => Rejection::AwaitsInformation,
            Self::Accepted(_) => Rejection::AlreadyAccepted,
            Self::Refused(..) => Rejection::Refused,
            Self::Lapsed(..) => Rejection::Lapsed,
            Self::Withdrawn(..) => Rejection::Withdrawn,
            Self::Transferred(_, event) => Rejection::Transferred(event.successor.clone()),
            Self::Merged(_, event) => Rejection::Merged(event.into.clone()),
            Self::Answered(..) => Rejection::AlreadyAnswered,
            Self::Resolved(_) | Self::Rated(_) => Rejection::AlreadyResolved,
            Self::Archived(..) => Rejection::Archived,
        }
    }
}

impl Standing {
    /// Where a case stands, as far as another that would go with it asks.
    pub fn of(state: &State) -> Self {
        match state {
            State::Reported(_) | State::AwaitingInformation(..) | State::Accepted(_) => Self::Open,
            State::Merged(_, merged) => Self::Merged(merged.into.clone()),
            State::Unreported
            | State::Refused(..)
            | State::Lapsed(..)
            | State::Withdrawn(..)
            | State::Transferred(..)
            | State::Answered(..)
            | State::Resolved(_)
            | State::Rated(_)
            | State::Archived(..) => Self::Over,
        }
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
            reported: event.clone(),
            category: event.category.clone(),
            division: event.place.division,
            grid: event.place.grid,
            reporter: event.reporter.clone(),
            by_staff: event.by_staff,
            channel: event.channel,
            first_reported_at: event.first_reported_at,
            contact: event.contact.clone(),
            confidential: event.confidential,
            joiners: Vec::new(),
            information: Vec::new(),
            asked: None,
            acceptance: None,
            resolutions: Vec::new(),
            round: 1,
            raters: Vec::new(),
            calls: 0,
            check: None,
            alarms: 0,
        }
    }

    /// Under whose key what is written with this case is sealed: see [`texts_owner`]. A transferred
    /// case keeps the key of the first.
    pub fn texts_owner(&self) -> String {
        let first = self.reported.texts_of.as_ref().unwrap_or(&self.case);
        texts_owner(first, &self.reporter, self.by_staff, self.channel)
    }

    /// Whether nobody is asked for a rating: staff reported what they saw themselves, and nobody
    /// joined. Who called the hotline or came to the counter is asked.
    pub(super) fn asks_nobody(&self) -> bool {
        let for_somebody = matches!(
            self.channel,
            Channel::Hotline | Channel::Counter | Channel::LeaderMailbox | Channel::Website
        ) && self.contact.is_some();
        self.by_staff && !for_somebody && self.joiners.is_empty()
    }

    /// Whether whoever may rate this round has.
    pub(super) fn all_have_rated(&self) -> bool {
        self.raters.len() > self.joiners.len()
    }

    /// Whose rating this person's is, or that of who holds this tracking code; none for a stranger.
    pub fn rater(&self, person: &PersonId, tracking: Option<Sha256>) -> Option<Rater> {
        let joiner = |joiner: &Joiner| Rater::Joiner(joiner.tracking);
        match tracking {
            Some(code) if code == self.reported.tracking => Some(Rater::Reporter),
            Some(code) => self.joiners.iter().find(|found| found.tracking == code).map(joiner),
            None if *person == self.reporter => Some(Rater::Reporter),
            None => self.joiners.iter().find(|found| found.person == *person).map(joiner),
        }
    }

    /// Whether an order has resolved a round of it.
    pub(super) fn was_resolved_by(&self, order: &WorkOrderId) -> bool {
        self.resolutions.iter().any(|resolution| resolution.work_order.as_ref() == Some(order))
    }

    /// Until when it can be reopened: the window runs from the last resolution, whatever was done
    /// since. None before it is resolved.
    pub(super) fn reopens_until(&self, window_ms: i64) -> Option<Timestamp> {
        self.resolutions.last().map(|resolution| resolution.at.plus_millis(window_ms))
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

    pub(super) fn settled_by(&mut self, event: &CaseHandledOnSite) {
        self.resolutions.push(Resolution {
            at: event.occurred_at,
            work_order: None,
            handler: Some(event.by.clone()),
            found_true: true,
        });
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
        CaseEvent::CaseJoined(event) => &event.case,
        CaseEvent::CaseMerged(event) => &event.case,
        CaseEvent::CaseUnmerged(event) => &event.case,
        CaseEvent::CaseTransferred(event) => &event.case,
        CaseEvent::CaseWithdrawn(event) => &event.case,
        CaseEvent::InformationRequested(event) => &event.case,
        CaseEvent::CaseLapsed(event) => &event.case,
        CaseEvent::CaseAnswered(event) => &event.case,
        CaseEvent::ConfidentialitySet(event) => &event.case,
        CaseEvent::CaseHandledOnSite(event) => &event.case,
        CaseEvent::SpotCheckDrawn(event) => &event.case,
        CaseEvent::SpotCheckConfirmed(event) => &event.case,
        CaseEvent::CaseCalledBack(event) => &event.case,
        CaseEvent::AlarmCounted(event) => &event.case,
    }
}
