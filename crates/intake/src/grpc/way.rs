//! The way of a case as its reporter follows it: what happened to it before it was transferred here,
//! and while it goes with another what that one came to.

use api::common::v1::TimelineEntry;
use contracts::{intake::CaseEvent, subject};
use futures::{FutureExt as _, future::BoxFuture};
use kernel::{StoredEvent as _, id::CaseId};
use platform::grpc::ServiceError;

use super::{Intake, answer::Sight};

/// How many cases one after the other are followed: more are no history but a mistake.
const MOST: usize = 16;

/// What is told of the case that another goes with: where it stands, not what passes with its reporter.
const OF_THE_OTHER: &[&str] = &["case_accepted", "case_reopened", "case_transferred"];

/// A time in which a case goes with another: from a sequence of the log up to one, not included.
struct Along {
    with: CaseId,
    from: u64,
    until: u64,
}

impl Intake {
    /// The history of a case with that of its predecessors, and with that of the cases it went with.
    pub(super) async fn way(
        &self,
        case: &CaseId,
        sight: Sight<'_>,
    ) -> Result<Vec<TimelineEntry>, ServiceError> {
        self.way_within(case.clone(), sight, MOST).await
    }

    fn way_within<'a>(
        &'a self,
        case: CaseId,
        sight: Sight<'a>,
        most: usize,
    ) -> BoxFuture<'a, Result<Vec<TimelineEntry>, ServiceError>> {
        async move {
            let mut way = self.timeline(&case, sight).await?;
            let Some(fewer) = most.checked_sub(1) else { return Ok(way) };
            let (before, along) = self.ties(&case).await?;
            if let Some(before) = before {
                let mut earlier = self.way_within(before, sight, fewer).await?;
                // The successor begins with what the predecessor began with.
                earlier.extend(way.into_iter().skip(1));
                way = earlier;
            }
            for Along { with, from, until } in along {
                let others = self.way_within(with, Sight::Facts, fewer).await?;
                for entry in others {
                    let in_time = (from..until).contains(&entry.sequence);
                    let told = way.iter().any(|known| known.event == entry.event);
                    if in_time && !told && OF_THE_OTHER.contains(&entry.event.as_str()) {
                        way.push(entry);
                    }
                }
            }
            way.sort_by_key(|entry| entry.sequence);
            Ok(way)
        }
        .boxed()
    }

    /// From which case one was transferred, and with which it went when.
    async fn ties(&self, case: &CaseId) -> Result<(Option<CaseId>, Vec<Along>), ServiceError> {
        let mut before = None;
        let mut along: Vec<Along> = Vec::new();
        for recorded in self.context.log.load(&subject::case(case), 1).await? {
            let event = CaseEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            let sequence = recorded.meta.sequence;
            match event {
                CaseEvent::CaseReported(event) => before = event.predecessor,
                CaseEvent::CaseMerged(event) => {
                    along.push(Along { with: event.into, from: sequence, until: u64::MAX });
                }
                CaseEvent::CaseUnmerged(_)
                | CaseEvent::CaseResolved(_)
                | CaseEvent::CaseHandledOnSite(_)
                | CaseEvent::CaseAnswered(_)
                | CaseEvent::CaseRefused(_)
                | CaseEvent::CaseWithdrawn(_) => {
                    if let Some(last) = along.last_mut() {
                        last.until = last.until.min(sequence);
                    }
                }
                CaseEvent::InformationAdded(_)
                | CaseEvent::CaseAccepted(_)
                | CaseEvent::CaseRated(_)
                | CaseEvent::CaseReopened(_)
                | CaseEvent::CaseArchived(_)
                | CaseEvent::CaseJoined(_)
                | CaseEvent::CaseTransferred(_)
                | CaseEvent::InformationRequested(_)
                | CaseEvent::CaseLapsed(_)
                | CaseEvent::ConfidentialitySet(_)
                | CaseEvent::SpotCheckDrawn(_)
                | CaseEvent::SpotCheckConfirmed(_)
                | CaseEvent::CaseCalledBack(_)
                | CaseEvent::AlarmCounted(_) => {}
            }
        }
        Ok((before, along))
    }
}
