//! Orders follow their cases: what is merged, handed on or taken back needs no order, what is apart
//! again has it back, and who waits for the reporter has the clock stopped.

use contracts::{dispatch::WithdrawalReason, intake::CaseEvent, subject};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CaseId, WorkOrderId},
};
use platform::{
    executor::Executor,
    log::{EventLog, Recorded},
    process::{CarryOutError, Cause, Process, Start},
};

use super::{order_accepted_cases, target};
use crate::{
    domain::work_order::{Command, Ending, Time, WorkOrder},
    facts::Facts,
};

/// The process.
pub struct FollowCases {
    /// Where cases are read.
    pub log: EventLog,
    /// The orders, and the calendar.
    pub facts: Facts,
    /// The orders.
    pub executor: Executor<WorkOrder>,
}

/// What happened to a case that has, or has had, an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It needs no order any more.
    Ended(WithdrawalReason),
    /// What had ended it is undone.
    Undone(WithdrawalReason),
    /// The reporter was asked for more.
    Asked,
    /// The reporter said more.
    Told,
}

/// A case to which something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    case: CaseId,
    what: What,
}

/// What an event of a case means for its order.
fn asked(event: CaseEvent) -> Option<Asked> {
    let (case, what) = match event {
        CaseEvent::CaseMerged(event) => (event.case, What::Ended(WithdrawalReason::Merged)),
        CaseEvent::CaseUnmerged(event) => (event.case, What::Undone(WithdrawalReason::Merged)),
        CaseEvent::CaseTransferred(event) => {
            (event.case, What::Ended(WithdrawalReason::Transferred))
        }
        CaseEvent::CaseWithdrawn(event) => (event.case, What::Ended(WithdrawalReason::ByReporter)),
        CaseEvent::InformationRequested(event) => (event.case, What::Asked),
        CaseEvent::InformationAdded(event) => (event.case, What::Told),
        CaseEvent::CaseReported(_)
        | CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => return None,
    };
    Some(Asked { case, what })
}

impl Process for FollowCases {
    const NAME: &'static str = "dispatch.follow_cases";
    const START: Start = Start::Beginning;
    type Command = Asked;

    fn react(&self, event: &Recorded) -> Result<Vec<Asked>, DecodeError> {
        if event.category() != CaseEvent::CATEGORY {
            return Ok(Vec::new());
        }
        let event = CaseEvent::decode(&event.ce_type, &event.payload)?;
        Ok(asked(event).into_iter().collect())
    }

    async fn carry_out(&self, asked: Asked, cause: &Cause) -> Result<(), CarryOutError> {
        let Some(id) = self.order_of(&asked.case, cause.sequence).await? else { return Ok(()) };
        let target = target(&id, false);
        let (state, _version) = self.executor.load(&target.subject).await?;
        if state.order.is_none() {
            return Err(CarryOutError::Later(format!("the order {id} is not made yet")));
        }
        let calendar = self.facts.calendar();
        let make = move |at| -> Command {
            match asked.what {
                What::Ended(reason) => Ending::WithdrawWith(at, reason).into(),
                What::Undone(reason) => Ending::ReinstateWith(at, reason).into(),
                What::Asked => Time::AwaitInformation(at).into(),
                What::Told => Time::InformationCame(at, calendar.clone()).into(),
            }
        };
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}

impl FollowCases {
    /// The order of a case's last round before this place in the log, made or still to be made; none
    /// where the case was not accepted then.
    async fn order_of(
        &self,
        case: &CaseId,
        before: u64,
    ) -> Result<Option<WorkOrderId>, CarryOutError> {
        let history = self
            .log
            .load(&subject::case(case), 1)
            .await
            .map_err(|error| CarryOutError::Later(error.to_string()))?;
        let earlier = history.iter().take_while(|event| event.meta.sequence < before);
        let mut order = None;
        for event in earlier {
            order = order_accepted_cases::order_of(event)
                .map_err(|error| CarryOutError::Refused(error.to_string()))?
                .or(order);
        }
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use contracts::intake::{CaseMerged, CaseUnmerged, CaseWithdrawn};
    use kernel::Timestamp;

    use super::*;

    #[test]
    fn each_event_means_its_own() {
        let occurred_at = Timestamp(1);
        let case: CaseId = "620821101203-c1".parse().unwrap();
        let other: CaseId = "620821101203-c0".parse().unwrap();
        let by: kernel::id::PersonId = "620821000000-desk".parse().unwrap();
        let merged = CaseMerged {
            occurred_at,
            case: case.clone(),
            into: other.clone(),
            by: by.clone(),
            reason: None,
        };
        let apart = CaseUnmerged {
            occurred_at,
            case: case.clone(),
            from: other,
            by: by.clone(),
            reason: None,
        };
        let withdrawn = CaseWithdrawn { occurred_at, case: case.clone(), by, reason: None };
        for (event, what) in [
            (CaseEvent::from(merged), What::Ended(WithdrawalReason::Merged)),
            (apart.into(), What::Undone(WithdrawalReason::Merged)),
            (withdrawn.into(), What::Ended(WithdrawalReason::ByReporter)),
        ] {
            assert_eq!(asked(event), Some(Asked { case: case.clone(), what }));
        }
    }
}
