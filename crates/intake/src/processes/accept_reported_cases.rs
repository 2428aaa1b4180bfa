//! `intake.accept_reported_cases`: accepts by rule what needs no operator's look.

use std::time::Duration;

use contracts::{
    intake::{AcceptedBy, CaseEvent, CategoryKind},
    subject,
};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CaseId, CategoryCode},
};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};

use crate::{
    config::Acceptance,
    domain::case::{AcceptCase, Case, Command},
    projections::categories::CategoryRow,
};

/// The version of [`accepts`], which every acceptance by rule carries.
pub const RULE_VERSION: u32 = 1;

/// 其他(待分类): an operator sorts these.
const TO_BE_CLASSIFIED: &str = "1311";

/// How long the catalogue may take to reach what a report was filed under.
const CATALOGUE_WAIT: Duration = Duration::from_secs(5);

/// The acceptance rule: all is accepted but questions, which an operator may answer, and what nobody
/// has classified.
pub fn accepts(kind: CategoryKind, category: &CategoryCode) -> bool {
    kind != CategoryKind::Enquiry && category.as_str() != TO_BE_CLASSIFIED
}

/// The process.
pub struct AcceptReportedCases {
    /// Who accepts at all.
    pub acceptance: Acceptance,
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// The catalogue.
    pub categories: View<CategoryRow>,
}

/// A case whose acceptance is asked for, under the category of its report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    case: CaseId,
    category: CategoryCode,
}

impl Process for AcceptReportedCases {
    const NAME: &'static str = "intake.accept_reported_cases";
    const START: Start = Start::Beginning;
    type Command = Accept;

    fn react(&self, event: &Recorded) -> Result<Vec<Accept>, DecodeError> {
        if event.category() != CaseEvent::CATEGORY || self.acceptance == Acceptance::Operator {
            return Ok(vec![]);
        }
        Ok(react(CaseEvent::decode(&event.ce_type, &event.payload)?))
    }

    async fn carry_out(&self, command: Accept, cause: &Cause) -> Result<(), CarryOutError> {
        let Accept { case, category } = command;
        let behind = |error: platform::projection::Behind| CarryOutError::Later(error.to_string());
        self.categories.wait(cause.sequence, CATALOGUE_WAIT).await.map_err(behind)?;
        let row = self.categories.cached(|rows| rows.get(category.as_str()).cloned());
        let accepted = row
            .and_then(|row| Some((row.leaf_kind()?, row)))
            .filter(|(kind, _)| accepts(*kind, &category));
        let Some((_, row)) = accepted else { return Ok(()) };
        let target = Target { subject: subject::case(&case), id: case.to_string(), creates: false };
        self.cases
            .execute(target, cause.request(), move |now| {
                Command::AcceptCase(AcceptCase {
                    at: now,
                    accepted_by: AcceptedBy::Rule,
                    rule_version: Some(RULE_VERSION),
                    category: category.clone(),
                    catalogue_version: row.version(),
                    urgency: row.leaf_urgency(),
                    grid: None,
                })
            })
            .await?;
        Ok(())
    }
}

fn react(event: CaseEvent) -> Vec<Accept> {
    match event {
        CaseEvent::CaseReported(event) => {
            vec![Accept { case: event.case, category: event.category }]
        }
        CaseEvent::InformationAdded(_)
        | CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_what_nobody_classified_wait_for_an_operator() {
        let rule = |kind, code: &str| accepts(kind, &code.parse().unwrap());
        for kind in CategoryKind::ALL {
            assert_eq!(rule(*kind, "0101"), *kind != CategoryKind::Enquiry, "{kind}");
        }
        assert!(!rule(CategoryKind::Event, "1311"));
        assert!(rule(CategoryKind::Component, "1309"));
    }
}
