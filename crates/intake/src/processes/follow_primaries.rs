//! `intake.follow_primaries`: what a case comes to, those come to that were merged into it, each in its
//! own history. Where it ends for a reason of its reporter's alone, they are their own again.

use std::time::Duration;

use contracts::{intake::CaseEvent, subject};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CaseId, PersonId},
};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};

use crate::{
    domain::case::{Case, Command, Outcome, State},
    projections::cases::{self, CaseRow},
};

/// How long the table may take to know what led to it.
const CATCH_UP: Duration = Duration::from_secs(5);

/// How many transfers one after the other are followed.
const MOST_TRANSFERS: usize = 16;

/// The process.
pub struct FollowPrimaries {
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// Which case goes with which.
    pub rows: View<CaseRow>,
}

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// A case came to something: those that go with it do, too.
    Ended(CaseId, Outcome),
    /// A case was merged into another, which may have ended at the same moment.
    Merged {
        /// The merged case.
        case: CaseId,
        /// The one that it goes with.
        into: CaseId,
        /// Who merged them.
        by: PersonId,
    },
}

impl Process for FollowPrimaries {
    const NAME: &'static str = "intake.follow_primaries";
    const START: Start = Start::Beginning;
    type Command = Follow;

    fn react(&self, event: &Recorded) -> Result<Vec<Follow>, DecodeError> {
        if event.category() != CaseEvent::CATEGORY {
            return Ok(vec![]);
        }
        let event = CaseEvent::decode(&event.ce_type, &event.payload)?;
        Ok(react(event).into_iter().collect())
    }

    async fn carry_out(&self, follow: Follow, cause: &Cause) -> Result<(), CarryOutError> {
        match follow {
            Follow::Ended(primary, outcome) => self.ended(&primary, &outcome, cause).await,
            Follow::Merged { case: merged, into, by } => self.merged(merged, into, by, cause).await,
        }
    }
}

impl FollowPrimaries {
    async fn ended(
        &self,
        primary: &CaseId,
        outcome: &Outcome,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let behind = |_| CarryOutError::Later("the table of cases is behind".to_owned());
        self.rows.wait(cause.sequence, CATCH_UP).await.map_err(behind)?;
        // Those that were merged into a case before it was transferred wait for its successor.
        let mut looked_at = vec![primary.to_string()];
        let mut next = 0;
        while let Some(id) = looked_at.get(next).cloned() {
            next += 1;
            let found = cases::that_lead_to(&self.rows, &id)
                .await
                .map_err(|error| CarryOutError::Later(error.to_string()))?;
            for (id, row) in found {
                if row.status == "merged" {
                    let Ok(follower) = id.parse() else { continue };
                    self.follow(follower, outcome.clone(), cause).await?;
                } else if row.status == "transferred" && looked_at.len() < MOST_TRANSFERS {
                    looked_at.push(id);
                }
            }
        }
        Ok(())
    }

    /// The merge and the other's end may have crossed: then nobody told this one.
    async fn merged(
        &self,
        merged: CaseId,
        into: CaseId,
        by: PersonId,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let (state, _) = self
            .cases
            .load(&subject::case(&into))
            .await
            .map_err(|error| CarryOutError::Later(error.to_string()))?;
        match come_to(&state, by) {
            Some(outcome) => self.follow(merged, outcome, cause).await,
            None => Ok(()),
        }
    }

    async fn follow(
        &self,
        follower: CaseId,
        outcome: Outcome,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let (subject, id) = (subject::case(&follower), follower.to_string());
        let target = Target { subject, id, creates: false };
        let done = self
            .cases
            .execute(target, cause.request(), move |now| Command::FollowPrimary {
                at: now,
                outcome: outcome.clone(),
            })
            .await;
        match done.map_err(CarryOutError::from) {
            // It is its own again: that concerns none of the others.
            Ok(_) | Err(CarryOutError::Refused(_)) => Ok(()),
            Err(later @ CarryOutError::Later(_)) => Err(later),
        }
    }
}

/// What a case came to that another was merged into; none while it goes on.
fn come_to(state: &State, by: PersonId) -> Option<Outcome> {
    match state {
        State::Unreported
        | State::Reported(_)
        | State::AwaitingInformation(..)
        | State::Accepted(_)
        | State::Merged(..)
        | State::Transferred(..) => None,
        State::Refused(_, event) => Some(Outcome::Refused(event.clone())),
        State::Answered(_, event) => Some(Outcome::Answered(event.clone())),
        State::Lapsed(..) | State::Withdrawn(..) => Some(Outcome::LetGo { by }),
        State::Resolved(report) | State::Rated(report) | State::Archived(report, _) => {
            let last = report.resolutions.last()?;
            Some(match &last.work_order {
                Some(order) => {
                    let (work_order, found_true) = (order.clone(), last.found_true);
                    Outcome::Resolved { work_order, found_true }
                }
                None => Outcome::LetGo { by },
            })
        }
    }
}

fn react(event: CaseEvent) -> Option<Follow> {
    Some(match event {
        CaseEvent::CaseResolved(event) => {
            let (work_order, found_true) = (event.work_order, event.found_true);
            Follow::Ended(event.case, Outcome::Resolved { work_order, found_true })
        }
        CaseEvent::CaseHandledOnSite(event) => {
            Follow::Ended(event.case.clone(), Outcome::HandledOnSite(event))
        }
        CaseEvent::CaseAnswered(event) => {
            Follow::Ended(event.case.clone(), Outcome::Answered(event))
        }
        CaseEvent::CaseRefused(event) => Follow::Ended(event.case.clone(), Outcome::Refused(event)),
        CaseEvent::CaseWithdrawn(event) => {
            Follow::Ended(event.case, Outcome::LetGo { by: event.by })
        }
        CaseEvent::CaseLapsed(event) => {
            Follow::Ended(event.case, Outcome::LetGo { by: event.asked_by })
        }
        CaseEvent::CaseMerged(event) => {
            Follow::Merged { case: event.case, into: event.into, by: event.by }
        }
        CaseEvent::CaseReported(_)
        | CaseEvent::InformationAdded(_)
        | CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use contracts::intake::{CaseLapsed, CaseMerged, CaseResolved, CaseTransferred, CaseWithdrawn};
    use kernel::Timestamp;

    use super::*;

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    #[test]
    fn the_ends_that_concern_others_and_no_more_are_followed() {
        let (occurred_at, case) = (Timestamp(1), id::<CaseId>("620821101203-a"));
        let by = id::<PersonId>("620821000000-p");
        let let_go = || Some(Follow::Ended(case.clone(), Outcome::LetGo { by: by.clone() }));
        let (work_order, found_true) = (id("620821101203-o"), true);
        let resolved = Outcome::Resolved { work_order, found_true };
        let work_order = id("620821101203-o");
        let event = CaseResolved { occurred_at, case: case.clone(), work_order, found_true };
        assert_eq!(react(event.into()), Some(Follow::Ended(case.clone(), resolved)));
        let reason = None;
        let event = CaseWithdrawn { occurred_at, case: case.clone(), by: by.clone(), reason };
        assert_eq!(react(event.into()), let_go());
        let (asked_by, answer_due) = (by.clone(), Timestamp(0));
        let event = CaseLapsed { occurred_at, case: case.clone(), asked_by, answer_due };
        assert_eq!(react(event.into()), let_go());
        let into = id::<CaseId>("620821101203-b");
        let event = CaseMerged {
            occurred_at,
            case: case.clone(),
            into: into.clone(),
            by: by.clone(),
            reason: None,
        };
        let merged = Follow::Merged { case: case.clone(), into, by: by.clone() };
        assert_eq!(react(event.into()), Some(merged));
        // Those that went with it wait for its successor.
        let successor = id("620821102200-s");
        let to = id("620821102200");
        let event = CaseTransferred { occurred_at, case, successor, to, by, reason: None };
        assert_eq!(react(event.into()), None);
    }
}
