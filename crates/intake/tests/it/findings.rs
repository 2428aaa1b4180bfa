//! What a campaign's grid found becomes a case, once, with what was written.

use api::intake::v1::{CaseStatus, Channel, ListCasesRequest};
use contracts::{
    dispatch::{
        Assignee,
        campaign::{CampaignFinding, CampaignTaskAnswered, CampaignTaskCreated, CampaignTaskEvent},
    },
    subject,
};
use kernel::{
    Clock as _, GridCode, Role,
    id::{CampaignTaskId, PersonId, RecordId},
};
use testkit::Db;

use crate::ground::{GRID, Ground, LAMP, TOWNSHIP};

on_both_databases! {
    a_finding_becomes_a_case_once
}

async fn a_finding_becomes_a_case_once(db: Db) {
    let ground = Ground::start(db).await;
    let (suite, grid) = (&ground.suite, GRID.parse::<GridCode>().unwrap());
    let task: CampaignTaskId = "620821101203-task".parse().unwrap();
    let campaign = "620821000000-campaign".parse().unwrap();
    let member: PersonId = suite.person(7);
    let text: RecordId = "620821101203-found".parse().unwrap();
    let vault = &suite.context().vault;
    vault.seal(&member.to_string(), &text, "第三根桩外壳带电".as_bytes()).await.unwrap();
    let at = suite.clock().now();
    let finding = |question, category: &str, text| {
        CampaignTaskEvent::from(CampaignFinding {
            occurred_at: at,
            task: task.clone(),
            campaign: kernel::id::CampaignId::clone(&campaign),
            grid,
            by: member.clone(),
            question,
            category: category.parse().unwrap(),
            text,
        })
    };
    let created = CampaignTaskCreated {
        occurred_at: at,
        task: task.clone(),
        campaign: campaign.clone(),
        grid,
        assignee: Assignee { organisation: None, person: Some(member.clone()) },
        due: at.plus_millis(1),
    };
    let answered = CampaignTaskAnswered {
        occurred_at: at,
        task: task.clone(),
        campaign: campaign.clone(),
        grid,
        by: member.clone(),
        answers: Vec::new(),
        late: false,
    };
    // The second is of a category that the catalogue does not have: it is not lost.
    let events =
        [created.into(), answered.into(), finding(1, LAMP, Some(text)), finding(2, "9999", None)];
    suite.append(&subject::campaign_task(&task), &task.to_string(), &events).await;
    suite.settled().await;
    let cases = cases(&ground).await;
    assert_eq!(cases.len(), 2);
    let found = cases.iter().find(|case| case.category == LAMP).unwrap();
    assert_eq!((found.channel(), found.status()), (Channel::Campaign, CaseStatus::Accepted));
    assert_eq!(found.grid, GRID);
    assert_eq!(ground.seen(&found.case_id).await.text, "第三根桩外壳带电");
    let unknown = cases.iter().find(|case| case.category == "9999").unwrap();
    assert_eq!(unknown.status(), CaseStatus::Reported);

    let ground = Ground { suite: ground.suite.restart_without_databases().await };
    assert_eq!(self::cases(&ground).await.len(), 2, "nothing is reported again");
}

async fn cases(ground: &Ground) -> Vec<api::intake::v1::Case> {
    ground.suite.settled().await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    desk.list_cases(ListCasesRequest::default()).await.unwrap().into_inner().cases
}
