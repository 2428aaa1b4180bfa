//! What happens with the cases themselves: desks sort what no rule accepts, residents rate what is
//! resolved, and some say that it is not.

use std::collections::HashSet;

use api::intake::v1::{
    AcceptCaseRequest, Case, CaseStatus, ListCasesRequest, ListCategoriesRequest, RateCaseRequest,
    RefusalReason, RefuseCaseRequest, ReopenCaseRequest, Satisfaction,
};
use kernel::Division;
use platform::grpc::Bearer;

use super::Player;
use crate::{
    demo::{
        lots,
        people::{PATIENCE, RESIDENTS, refused},
        texts,
        world::Job,
    },
    simulate::{random::Chance, retry::answered},
};

/// 其他(待分类), which a desk sorts.
const TO_BE_CLASSIFIED: &str = "1311";

/// What a desk takes it for: 健身、文体设施损坏.
const CLASSIFIED: &str = "0110";

/// How many residents look at their cases at each look.
const RESIDENTS_A_LOOK: usize = 4;

impl Player<'_> {
    /// The categories that a desk has to accept.
    pub(super) async fn enquiries(&self) -> anyhow::Result<HashSet<String>> {
        let intake = self.people.intake(self.people.desk()?);
        let found = answered(PATIENCE, || {
            let mut intake = intake.clone();
            async move { intake.list_categories(ListCategoriesRequest::default()).await }
        });
        let categories = found.await.map_err(refused)?.categories;
        let asked = categories
            .into_iter()
            .filter(|category| category.kind == "enquiry" || category.code == TO_BE_CLASSIFIED);
        Ok(asked.map(|category| category.code).collect())
    }

    /// Accepts or refuses what is asked, for ever.
    pub(super) async fn see_to_enquiries(&self, asked: &HashSet<String>) {
        loop {
            self.rest().await;
            let Ok(desk) = self.people.desk() else { continue };
            let reported = self.cases(desk, CaseStatus::Reported).await;
            let yours = self.yours().to_string();
            for case in reported {
                if asked.contains(&case.category) && case.grid != yours {
                    self.sort(&case).await;
                }
            }
        }
    }

    async fn cases(&self, by: Bearer, status: CaseStatus) -> Vec<Case> {
        let request = ListCasesRequest {
            page_size: 200,
            status: status.into(),
            order_by: "reported_at".to_owned(),
            ..ListCasesRequest::default()
        };
        self.listed(self.people.intake(by).list_cases(request).await).cases
    }

    async fn sort(&self, case: &Case) {
        let request_id = format!("d-sort-{}-{}", case.case_id, case.version);
        let mut chance = lots::of(self.seed(), &request_id);
        if !self.is_time(&request_id, case.updated_at, &mut chance) {
            return;
        }
        let Ok(division) = case.division.parse::<Division>() else { return };
        let operator = self.people.world.office(Job::Operator, division);
        let Some(Ok(by)) = operator.map(|operator| self.people.staff(operator, None)) else {
            return;
        };
        let mut intake = self.people.intake(by);
        let case_id = case.case_id.clone();
        let is_enquiry = case.category != TO_BE_CLASSIFIED;
        if is_enquiry && chance.percent(12) {
            let request = RefuseCaseRequest {
                request_id: request_id.clone(),
                case_id,
                reason: RefusalReason::InOtherProcedure.into(),
                explanation: texts::REFUSED.to_owned(),
            };
            self.heard(&request_id, intake.refuse_case(request).await);
        } else {
            let category = if is_enquiry { "" } else { CLASSIFIED };
            let request = AcceptCaseRequest {
                request_id: request_id.clone(),
                case_id,
                category: category.to_owned(),
                grid: String::new(),
            };
            self.heard(&request_id, intake.accept_case(request).await);
        }
    }

    /// Lets a few residents after the others look at what became of their reports, for ever.
    pub(super) async fn hear_residents(&self) {
        for first in (0..RESIDENTS).step_by(RESIDENTS_A_LOOK).cycle() {
            self.rest().await;
            for number in first..(first + RESIDENTS_A_LOOK).min(RESIDENTS) {
                let Ok(by) = self.people.resident(number) else { continue };
                for case in self.cases(by.clone(), CaseStatus::Resolved).await {
                    self.hear(&case, by.clone()).await;
                }
            }
        }
    }

    /// Of ten residents eight rate, one says that it is not solved, and one says nothing.
    async fn hear(&self, case: &Case, by: Bearer) {
        let request_id = format!("d-rate-{}-{}", case.case_id, case.version);
        let mut chance = lots::of(self.seed(), &request_id);
        if !self.is_time(&request_id, case.updated_at, &mut chance) {
            return;
        }
        match chance.below(10) {
            0 if case.round <= 1 => self.reopen(case, by, request_id, &mut chance).await,
            9 => self.settle(&request_id),
            _ => self.rate(case, by, request_id, &mut chance).await,
        }
    }

    async fn reopen(&self, case: &Case, by: Bearer, request_id: String, chance: &mut Chance) {
        let request = ReopenCaseRequest {
            request_id: request_id.clone(),
            case_id: case.case_id.clone(),
            text: (*chance.pick(&texts::REOPENED)).to_owned(),
        };
        self.heard(&request_id, self.people.intake(by).reopen_case(request).await);
    }

    async fn rate(&self, case: &Case, by: Bearer, request_id: String, chance: &mut Chance) {
        let (level, satisfaction) = match chance.below(100) {
            0..4 => (0, Satisfaction::VeryDissatisfied),
            4..12 => (1, Satisfaction::Dissatisfied),
            12..30 => (2, Satisfaction::FairlySatisfied),
            30..65 => (3, Satisfaction::Satisfied),
            _ => (4, Satisfaction::VerySatisfied),
        };
        let comment = if chance.percent(50) { texts::COMMENTS[level] } else { "" };
        let request = RateCaseRequest {
            request_id: request_id.clone(),
            case_id: case.case_id.clone(),
            contacted: level > 0,
            solved: level > 1,
            satisfaction: satisfaction.into(),
            comment: comment.to_owned(),
            ..RateCaseRequest::default()
        };
        self.heard(&request_id, self.people.intake(by).rate_case(request).await);
    }
}
