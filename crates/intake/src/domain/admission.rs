//! A matter that asks to enter the grids (准入): asked for, then granted for good or for a time, or
//! refused; and off the list again. `admission.rules.md` beside this file is the table of its rules,
//! written by a test.

use contracts::intake::admission::{
    AdmissionEnd, AdmissionEnded, AdmissionEvent, AdmissionGranted, AdmissionRefusal,
    AdmissionRefused, AdmissionRequested,
};
use kernel::{
    Aggregate, Timestamp,
    id::{PersonId, RecordId},
};

/// The aggregate.
#[derive(Debug)]
pub enum Admission {}

/// Where a matter stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody asked.
    #[default]
    Unknown,
    /// Asked for.
    Requested(Box<AdmissionRequested>),
    /// On the list.
    Granted(Box<AdmissionRequested>, AdmissionGranted),
    /// Refused.
    Refused(Box<AdmissionRequested>, AdmissionRefusal),
    /// Off the list again.
    Ended(Box<AdmissionRequested>, AdmissionEnd),
}

impl State {
    /// What was asked for.
    pub fn request(&self) -> Option<&AdmissionRequested> {
        match self {
            Self::Unknown => None,
            Self::Requested(request)
            | Self::Granted(request, _)
            | Self::Refused(request, _)
            | Self::Ended(request, _) => Some(request),
        }
    }
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Ask for it.
    RequestAdmission(Box<AdmissionRequested>),
    /// Put it on the list.
    GrantAdmission {
        /// Now.
        at: Timestamp,
        /// Who.
        by: PersonId,
        /// Until when; none for as long as was asked for.
        until: Option<Timestamp>,
        /// The version of the catalogue now.
        catalogue_version: u32,
    },
    /// Refuse it.
    RefuseAdmission {
        /// Now.
        at: Timestamp,
        /// Who.
        by: PersonId,
        /// Why.
        reason: AdmissionRefusal,
        /// What who asked is told.
        explanation: Option<RecordId>,
    },
    /// Take it off the list.
    EndAdmission {
        /// Now.
        at: Timestamp,
        /// Who; none for the timer, when the term is over.
        by: Option<PersonId>,
    },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody asked for it.
    #[error("nobody asked for this admission: check the id")]
    Unknown,
    /// It was asked for under this id.
    #[error("this admission was asked for before: ask for another under an id of its own")]
    AlreadyRequested,
    /// It is on the list.
    #[error("this matter is on the list: end it instead")]
    Granted,
    /// It was refused.
    #[error("this admission was refused: ask for it anew")]
    Refused,
    /// It is off the list.
    #[error("this admission has ended: ask for it anew")]
    Ended,
    /// It is not on the list yet.
    #[error("this admission is not granted: grant or refuse it")]
    NotGranted,
    /// Somebody else decides.
    #[error("who asked for an admission does not decide on it: another has to")]
    OwnRequest,
    /// Its term would be over already.
    #[error("the last day is past: grant it until a later day, or refuse it")]
    TermOver,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::Unknown => "ADMISSION_NOT_FOUND",
            Self::AlreadyRequested => "ADMISSION_ALREADY_REQUESTED",
            Self::Granted => "ADMISSION_GRANTED",
            Self::Refused => "ADMISSION_REFUSED",
            Self::Ended => "ADMISSION_ENDED",
            Self::NotGranted => "ADMISSION_NOT_GRANTED",
            Self::OwnRequest => "ADMISSION_OWN_REQUEST",
            Self::TermOver => "ADMISSION_TERM_OVER",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Unknown => "没有该准入申请，请核对编号",
            Self::AlreadyRequested => "该编号已提出过准入申请，请另行申请",
            Self::Granted => "该事项已在准入清单中，如需移出请终止",
            Self::Refused => "该准入申请已被否决，请重新申请",
            Self::Ended => "该准入已终止，请重新申请",
            Self::NotGranted => "该准入申请尚未批准，请先批准或否决",
            Self::OwnRequest => "申请人不能审批自己的准入申请，须由他人审批",
            Self::TermOver => "截止日已过，请改定截止日或否决",
        }
        .to_owned()
    }
}

impl Aggregate for Admission {
    const CATEGORY: &'static str = AdmissionEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = AdmissionEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<AdmissionEvent>, Rejection> {
        use Command as C;
        use State as S;
        match (state, command) {
            (S::Unknown, C::RequestAdmission(request)) => Ok(vec![(*request).into()]),
            (S::Requested(request), C::GrantAdmission { by, .. }) if by == request.by => {
                Err(Rejection::OwnRequest)
            }
            (S::Requested(request), C::GrantAdmission { at, by, until, catalogue_version }) => {
                let until = until.or(request.until);
                if until.is_some_and(|until| until <= at) {
                    return Err(Rejection::TermOver);
                }
                Ok(vec![granted(request, (at, by), until, catalogue_version)])
            }
            (S::Requested(request), C::RefuseAdmission { by, .. }) if by == request.by => {
                Err(Rejection::OwnRequest)
            }
            (S::Requested(request), C::RefuseAdmission { at, by, reason, explanation }) => {
                Ok(vec![
                    AdmissionRefused {
                        occurred_at: at,
                        admission: request.admission.clone(),
                        category: request.category.clone(),
                        reason,
                        explanation,
                        by,
                    }
                    .into(),
                ])
            }
            (S::Granted(request, _), C::EndAdmission { at, by: Some(by) }) => {
                Ok(vec![ended(request, at, AdmissionEnd::Withdrawn, Some(by))])
            }
            (S::Granted(request, granted), C::EndAdmission { at, by: None }) => {
                // A timer that rings early ends nothing.
                let over = granted.until.is_some_and(|until| until <= at);
                Ok(over
                    .then(|| ended(request, at, AdmissionEnd::TermOver, None))
                    .into_iter()
                    .collect())
            }
            (S::Ended(..), C::EndAdmission { .. }) => Ok(vec![]),

            // What is refused, state by state.
            (
                S::Unknown,
                C::GrantAdmission { .. } | C::RefuseAdmission { .. } | C::EndAdmission { .. },
            ) => Err(Rejection::Unknown),
            (
                S::Requested(_) | S::Granted(..) | S::Refused(..) | S::Ended(..),
                C::RequestAdmission(_),
            ) => Err(Rejection::AlreadyRequested),
            (S::Requested(_), C::EndAdmission { .. }) => Err(Rejection::NotGranted),
            (S::Granted(..), C::GrantAdmission { .. } | C::RefuseAdmission { .. }) => {
                Err(Rejection::Granted)
            }
            (
                S::Refused(..),
                C::GrantAdmission { .. } | C::RefuseAdmission { .. } | C::EndAdmission { .. },
            ) => Err(Rejection::Refused),
            (S::Ended(..), C::GrantAdmission { .. } | C::RefuseAdmission { .. }) => {
                Err(Rejection::Ended)
            }
        }
    }

    fn evolve(state: State, event: &AdmissionEvent) -> State {
        match (state, event) {
            (_, AdmissionEvent::AdmissionRequested(event)) => {
                State::Requested(Box::new(event.clone()))
            }
            (State::Unknown, _) => State::Unknown,
            (
                State::Requested(request)
                | State::Granted(request, _)
                | State::Refused(request, _)
                | State::Ended(request, _),
                event,
            ) => match event {
                AdmissionEvent::AdmissionRequested(_) => State::Requested(request),
                AdmissionEvent::AdmissionGranted(event) => State::Granted(request, event.clone()),
                AdmissionEvent::AdmissionRefused(event) => State::Refused(request, event.reason),
                AdmissionEvent::AdmissionEnded(event) => State::Ended(request, event.reason),
            },
        }
    }
}

fn granted(
    request: &AdmissionRequested,
    (at, by): (Timestamp, PersonId),
    until: Option<Timestamp>,
    catalogue_version: u32,
) -> AdmissionEvent {
    AdmissionGranted {
        occurred_at: at,
        admission: request.admission.clone(),
        category: request.category.clone(),
        division: request.division,
        tasks: request.tasks.clone(),
        until,
        catalogue_version,
        by,
    }
    .into()
}

fn ended(
    request: &AdmissionRequested,
    at: Timestamp,
    reason: AdmissionEnd,
    by: Option<PersonId>,
) -> AdmissionEvent {
    AdmissionEnded {
        occurred_at: at,
        admission: request.admission.clone(),
        category: request.category.clone(),
        division: request.division,
        reason,
        by,
    }
    .into()
}

#[cfg(test)]
mod tests;
