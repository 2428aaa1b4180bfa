//! The mediation of a dispute (调解), beside its work order: entered with the parties' consent, held in
//! sessions at one tier after another, concluded, looked at again. Voluntary to the end.
//!
//! | file | what |
//! |---|---|
//! | `mediation/state.rs` | what its history folds to |
//! | `mediation/command.rs` | what may be asked of it |
//! | `mediation/rejection.rs` | why something is refused |
//! | `mediation/figures.rs` | how many were entered and settled |
//! | `mediation.rules.md` | the rules as a table, written by a test |

mod command;
pub mod figures;
mod rejection;
mod state;

use contracts::dispatch::mediation::{
    MediationAssessed, MediationConcluded, MediationEvent, MediationFollowUpDue,
    MediationFollowedUp, MediationOpened, MediationOutcome, MediationRaised, MediationRated,
    MediationSessionHeld, MediationTurnedUrgent, PartyConsentWithdrawn, PartyConsented,
};
use kernel::Aggregate;

pub use command::{By, Command, Open};
pub use rejection::Rejection;
pub use state::{FollowUp, Mediation as Dispute, State, Status, ended};

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// The mediation.
#[derive(Debug)]
pub struct Mediation;

impl Aggregate for Mediation {
    const CATEGORY: &'static str = MediationEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = MediationEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<MediationEvent>, Rejection> {
        match &state.mediation {
            Some(dispute) => decide(dispute, command),
            None => begin(command),
        }
    }

    fn evolve(state: State, event: &MediationEvent) -> State {
        state.after(event)
    }
}

/// Before it is entered only its entry is possible.
fn begin(command: Command) -> Result<Vec<MediationEvent>, Rejection> {
    use Command as C;
    match command {
        C::OpenMediation(open) => {
            let command::Open {
                by,
                work_order,
                case,
                category,
                division,
                grid,
                kind,
                parties,
                assignee,
            } = *open;
            one(MediationOpened {
                occurred_at: by.at,
                work_order,
                case,
                category,
                division,
                grid,
                kind,
                tier: by.tier,
                parties,
                assignee,
                by: by.person,
            })
        }
        // An order may be escalated that is no dispute, or not entered yet.
        C::RaiseMediation { .. } => so(),
        C::RecordPartyConsent { .. }
        | C::RecordSession { .. }
        | C::AssessMediation { .. }
        | C::ConcludeMediation { .. }
        | C::MarkFollowUpDue { .. }
        | C::FollowUpMediation { .. }
        | C::RateMediation { .. }
        | C::TurnMediationUrgent { .. } => Err(Rejection::NotOpened),
    }
}

#[expect(clippy::too_many_lines, reason = "one table of rules, a row an arm")]
fn decide(dispute: &Dispute, command: Command) -> Result<Vec<MediationEvent>, Rejection> {
    use Command as C;
    use Rejection as R;
    use Status as S;

    let work_order = dispute.work_order.clone();
    match (dispute.status, command) {
        // Once urgent, nothing is mediated any more; saying it again changes nothing.
        (S::Urgent, C::TurnMediationUrgent { .. }) => so(),
        (S::Urgent, C::RaiseMediation { .. } | C::MarkFollowUpDue { .. }) => so(),
        (
            S::Urgent,
            C::OpenMediation(_)
            | C::RecordPartyConsent { .. }
            | C::RecordSession { .. }
            | C::AssessMediation { .. }
            | C::ConcludeMediation { .. }
            | C::FollowUpMediation { .. }
            | C::RateMediation { .. },
        ) => Err(R::Urgent),
        (
            S::Proposed | S::UnderWay | S::Settled | S::Ended,
            C::TurnMediationUrgent { by, category, text },
        ) => one(MediationTurnedUrgent {
            occurred_at: by.at,
            work_order,
            case: dispute.case.clone(),
            category,
            division: dispute.division,
            grid: dispute.grid,
            text,
            by: by.person,
        }),
        (S::Proposed | S::UnderWay | S::Settled | S::Ended, C::OpenMediation(_)) => Err(R::Exists),

        // Consent: every party's before anything is held; whoever does not want ends it, without blame.
        (S::Proposed | S::UnderWay, C::RecordPartyConsent { by, party, agrees }) => {
            match (dispute.consent(party), agrees) {
                (None, true | false) => Err(R::NoSuchParty),
                (Some(true), true) => so(),
                (Some(false), true) => {
                    one(PartyConsented { occurred_at: by.at, work_order, party, by: by.person })
                }
                (Some(_), false) => Ok(withdrawn(dispute, by, party)),
            }
        }
        (S::Ended, C::RecordPartyConsent { party, agrees: false, .. })
            if dispute.withdrawn == Some(party) =>
        {
            so()
        }
        (S::Settled | S::Ended, C::RecordPartyConsent { .. }) => Err(R::Concluded),

        // Sessions: at the tier that has it, or above, which takes it over.
        (S::Proposed, C::RecordSession { .. }) => Err(R::NotConsented),
        (S::UnderWay, C::RecordSession { by, .. } | C::ConcludeMediation { by, .. })
            if by.tier < dispute.tier =>
        {
            Err(R::HigherTier)
        }
        (S::UnderWay, C::RecordSession { by, place, result, notes }) => one(MediationSessionHeld {
            occurred_at: by.at,
            work_order,
            number: dispute.sessions + 1,
            tier: by.tier,
            place,
            result,
            notes,
            by: by.person,
        }),
        (S::Settled | S::Ended, C::RecordSession { .. }) => Err(R::Concluded),
        (S::Proposed | S::UnderWay, C::RaiseMediation { at, tier }) if tier > dispute.tier => {
            one(MediationRaised { occurred_at: at, work_order, tier })
        }
        (S::Proposed | S::UnderWay | S::Settled | S::Ended, C::RaiseMediation { .. }) => so(),

        // The dispute is assessed at any time; the same again says nothing new.
        (S::Proposed | S::UnderWay | S::Settled | S::Ended, C::AssessMediation { by, level }) => {
            match &dispute.level {
                Some((known, who)) if *known == level && *who == by.person => so(),
                Some(_) | None => {
                    one(MediationAssessed { occurred_at: by.at, work_order, level, by: by.person })
                }
            }
        }

        // The end: an agreement comes of a session; who never consented can only leave it.
        (S::Proposed, C::ConcludeMediation { by, outcome: MediationOutcome::Withdrawn, .. }) => {
            one(concluded(dispute, by, MediationOutcome::Withdrawn))
        }
        (
            S::Proposed,
            C::ConcludeMediation {
                outcome:
                    MediationOutcome::SettledOrally
                    | MediationOutcome::SettledInWriting
                    | MediationOutcome::NotSettled
                    | MediationOutcome::GuidedToCourt
                    | MediationOutcome::GuidedToArbitration,
                ..
            },
        ) => Err(R::NotConsented),
        (S::UnderWay, C::ConcludeMediation { outcome, .. })
            if dispute.sessions == 0 && outcome != MediationOutcome::Withdrawn =>
        {
            Err(R::NoSession)
        }
        (S::UnderWay, C::ConcludeMediation { by, outcome, agreement, follow_up_days }) => {
            let date = |days: &u32| by.at.plus_millis(i64::from(*days) * DAY_MS);
            let follow_ups = if outcome.is_settled() {
                follow_up_days.iter().map(date).collect()
            } else {
                Vec::new()
            };
            one(MediationConcluded { agreement, follow_ups, ..concluded(dispute, by, outcome) })
        }
        (S::Settled | S::Ended, C::ConcludeMediation { .. }) => Err(R::Concluded),

        // After an agreement: its dates ring once, and are looked at once.
        (S::Settled, C::MarkFollowUpDue { at, number }) => match dispute.follow_up(number) {
            Some(date) if !date.rung && !date.done && at >= date.due => {
                one(MediationFollowUpDue { occurred_at: at, work_order, number, due: date.due })
            }
            Some(_) | None => so(),
        },
        (S::Proposed | S::UnderWay | S::Ended, C::MarkFollowUpDue { .. }) => so(),
        (S::Settled, C::FollowUpMediation { by, number, state, notes }) => {
            match dispute.follow_up(number) {
                None => Err(R::NoSuchFollowUp),
                Some(date) if date.done => Err(R::FollowedUp),
                Some(_) => one(MediationFollowedUp {
                    occurred_at: by.at,
                    work_order,
                    number,
                    state,
                    tier: by.tier,
                    notes,
                    by: by.person,
                }),
            }
        }
        (S::Proposed | S::UnderWay, C::FollowUpMediation { .. }) => Err(R::NotConcluded),
        (S::Ended, C::FollowUpMediation { .. }) => Err(R::NotSettled),

        // Each party for itself, once.
        (S::Settled | S::Ended, C::RateMediation { by, party, solved, satisfaction }) => {
            match dispute.has_rated(party) {
                None => Err(R::NoSuchParty),
                Some(true) => Err(R::Rated),
                Some(false) => one(MediationRated {
                    occurred_at: by.at,
                    work_order,
                    party,
                    solved,
                    satisfaction,
                    by: by.person,
                }),
            }
        }
        (S::Proposed | S::UnderWay, C::RateMediation { .. }) => Err(R::NotConcluded),
    }
}

/// A party does not want it any more, and with that it ends.
fn withdrawn(dispute: &Dispute, by: By, party: u32) -> Vec<MediationEvent> {
    let withdrawn = PartyConsentWithdrawn {
        occurred_at: by.at,
        work_order: dispute.work_order.clone(),
        party,
        by: by.person.clone(),
    };
    vec![withdrawn.into(), concluded(dispute, by, MediationOutcome::Withdrawn).into()]
}

/// The end without an agreement.
fn concluded(dispute: &Dispute, by: By, outcome: MediationOutcome) -> MediationConcluded {
    MediationConcluded {
        occurred_at: by.at,
        work_order: dispute.work_order.clone(),
        case: dispute.case.clone(),
        outcome,
        tier: by.tier.max(dispute.tier),
        agreement: None,
        follow_ups: Vec::new(),
        by: by.person,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of the table answers as the table does")]
fn one(event: impl Into<MediationEvent>) -> Result<Vec<MediationEvent>, Rejection> {
    Ok(vec![event.into()])
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of the table answers as the table does")]
const fn so() -> Result<Vec<MediationEvent>, Rejection> {
    Ok(Vec::new())
}

#[cfg(test)]
mod tests;
