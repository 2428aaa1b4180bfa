//! What a mediation's history folds to.

use contracts::dispatch::mediation::{
    DisputeLevel, MediationEvent, MediationOpened, MediationOutcome, Tier,
};
use kernel::{
    Division, GridCode, Timestamp,
    id::{CaseId, PersonId, WorkOrderId},
};

/// Where a mediation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not every party has agreed to it.
    Proposed,
    /// Every party has.
    UnderWay,
    /// An agreement was reached.
    Settled,
    /// It ended without one.
    Ended,
    /// An urgent case took its place.
    Urgent,
}

impl Status {
    /// Every status, in the order of a mediation's life.
    pub const ALL: [Self; 5] =
        [Self::Proposed, Self::UnderWay, Self::Settled, Self::Ended, Self::Urgent];

    /// The status as tables and the API's words have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::UnderWay => "under_way",
            Self::Settled => "settled",
            Self::Ended => "ended",
            Self::Urgent => "urgent",
        }
    }
}

/// The state: none before it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The mediation.
    pub mediation: Option<Mediation>,
}

/// A date on which an agreement is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The date.
    pub due: Timestamp,
    /// Whether it was said that it has come.
    pub rung: bool,
    /// Whether the agreement was looked at.
    pub done: bool,
}

/// What decisions about a mediation need of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mediation {
    /// Its order.
    pub work_order: WorkOrderId,
    /// The case.
    pub case: CaseId,
    /// Where it is handled.
    pub division: Division,
    /// The grid, where it lies in one.
    pub grid: Option<GridCode>,
    /// Where it stands.
    pub status: Status,
    /// The tier that has it.
    pub tier: Tier,
    /// Whether each party has agreed.
    pub consents: Vec<bool>,
    /// Who did not want it any more.
    pub withdrawn: Option<u32>,
    /// How many sessions were held.
    pub sessions: u32,
    /// How it was assessed, and by whom last.
    pub level: Option<(DisputeLevel, PersonId)>,
    /// The dates of an agreement.
    pub follow_ups: Vec<FollowUp>,
    /// Whether each party has rated it.
    pub rated: Vec<bool>,
}

impl Mediation {
    fn new(opened: &MediationOpened) -> Self {
        let parties = opened.parties.len();
        Self {
            work_order: opened.work_order.clone(),
            case: opened.case.clone(),
            division: opened.division,
            grid: opened.grid,
            status: Status::Proposed,
            tier: opened.tier,
            consents: vec![false; parties],
            withdrawn: None,
            sessions: 0,
            level: None,
            follow_ups: Vec::new(),
            rated: vec![false; parties],
        }
    }

    /// Whether the party of this number agreed; none where there is no such party.
    pub fn consent(&self, party: u32) -> Option<bool> {
        self.consents.get(place(party)?).copied()
    }

    /// Whether the party of this number rated; none where there is no such party.
    pub fn has_rated(&self, party: u32) -> Option<bool> {
        self.rated.get(place(party)?).copied()
    }

    /// The date of this number.
    pub fn follow_up(&self, number: u32) -> Option<FollowUp> {
        self.follow_ups.get(place(number)?).copied()
    }

    fn after(mut self, event: &MediationEvent) -> Self {
        use MediationEvent as E;
        match event {
            E::MediationOpened(_) => {}
            E::PartyConsented(event) => {
                mark(&mut self.consents, event.party);
                if self.consents.iter().all(|agreed| *agreed) {
                    self.status = Status::UnderWay;
                }
            }
            E::PartyConsentWithdrawn(event) => self.withdrawn = Some(event.party),
            E::MediationSessionHeld(event) => {
                self.sessions = event.number;
                self.tier = self.tier.max(event.tier);
            }
            E::MediationRaised(event) => self.tier = event.tier,
            E::MediationAssessed(event) => self.level = Some((event.level, event.by.clone())),
            E::MediationConcluded(event) => {
                self.status = ended(event.outcome);
                self.tier = self.tier.max(event.tier);
                let fresh = |due: &Timestamp| FollowUp { due: *due, rung: false, done: false };
                self.follow_ups = event.follow_ups.iter().map(fresh).collect();
            }
            E::MediationFollowUpDue(event) => {
                if let Some(date) = self.date(event.number) {
                    date.rung = true;
                }
            }
            E::MediationFollowedUp(event) => {
                if let Some(date) = self.date(event.number) {
                    date.done = true;
                }
            }
            E::MediationRated(event) => mark(&mut self.rated, event.party),
            E::MediationTurnedUrgent(_) => self.status = Status::Urgent,
        }
        self
    }

    fn date(&mut self, number: u32) -> Option<&mut FollowUp> {
        self.follow_ups.get_mut(place(number)?)
    }
}

/// Where a mediation stands that ended so.
pub const fn ended(outcome: MediationOutcome) -> Status {
    if outcome.is_settled() { Status::Settled } else { Status::Ended }
}

/// Where the one of a number stands that is counted from 1.
fn place(number: u32) -> Option<usize> {
    number.checked_sub(1).and_then(|place| usize::try_from(place).ok())
}

fn mark(marks: &mut [bool], number: u32) {
    if let Some(mark) = place(number).and_then(|place| marks.get_mut(place)) {
        *mark = true;
    }
}

impl State {
    /// The state after an event. What comes before the entry changes nothing.
    pub(super) fn after(self, event: &MediationEvent) -> Self {
        let mediation = match (self.mediation, event) {
            (None, MediationEvent::MediationOpened(opened)) => Some(Mediation::new(opened)),
            (mediation, _) => mediation.map(|mediation| mediation.after(event)),
        };
        Self { mediation }
    }
}
