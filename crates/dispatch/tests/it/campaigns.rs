//! The whole county looks (专项任务): one launch, one task a grid whatever happens in between, answers,
//! findings, reminders, and the table by township.

use std::collections::BTreeSet;

use api::dispatch::v1::{
    AnswerCampaignTaskRequest, CampaignProgress, CampaignTask, CampaignTaskStatus,
    CloseCampaignRequest, FormAnswer, FormQuestion, GetCampaignRequest, GetCampaignResponse,
    LaunchCampaignRequest, LaunchCampaignResponse, ListCampaignTasksRequest, QuestionKind,
};
use contracts::{
    dispatch::{
        Assignee,
        campaign::{CampaignEvent, CampaignLaunched, CampaignTaskCreated, CampaignTaskEvent},
    },
    grid::{GridCreated, GridEvent, GridKind},
    intake::CategoryKind,
    subject,
};
use dispatch::processes::give_out_campaign_tasks::task_id;
use kernel::{
    Clock as _, GridCode,
    geo::{Crs, DeltaPolygon},
    id::CampaignId,
};
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{County, GRID, OTHER_TOWNSHIP, TOWNSHIP, refused},
    working::at,
};

crate::on_both_databases! {
    forty_grids_look_and_the_campaign_closes_with_its_table
    what_was_given_out_before_a_crash_is_not_given_out_again
}

const COUNTY: &str = "620821";
const CATEGORY: &str = "0601";
/// Who launches.
const LAUNCHER: u128 = 32;

/// The grids with these numbers: alternately in a village of one township and of the other.
fn grid(number: usize) -> String {
    let village = if number.is_multiple_of(2) { "620821101203" } else { "620821102200" };
    format!("{village}{:03}", number / 2 + 1)
}

async fn county_of(grids: usize, db: Db) -> County {
    let county = County::start(db).await;
    county.defines(CATEGORY, CategoryKind::Event, "d012", "3wd").await;
    for number in 0..grids {
        let grid: GridCode = grid(number).parse().unwrap();
        let id = subject::grid_id(grid);
        let created = GridEvent::from(GridCreated {
            occurred_at: county.suite.clock().now(),
            grid,
            kind: GridKind::Rural,
            boundary: DeltaPolygon { rings: vec![vec![0, 0, 1, 0, 0, 1]] },
            source_crs: Crs::Cgcs2000,
            document: "620821000000-document".parse().unwrap(),
            row: 1,
        });
        county.suite.append(&subject::grid(&id), &id.to_string(), &[created]).await;
    }
    county.suite.settled().await;
    county
}

fn question(kind: QuestionKind, text: &str) -> FormQuestion {
    FormQuestion {
        kind: kind.into(),
        text: text.to_owned(),
        required: true,
        ..FormQuestion::default()
    }
}

fn launch(request: &str) -> LaunchCampaignRequest {
    let hazard = FormQuestion {
        finding_category: CATEGORY.to_owned(),
        ..question(QuestionKind::YesNo, "充电桩有无漏电隐患？")
    };
    let kind = FormQuestion {
        choices: vec!["集中".to_owned(), "分散".to_owned()],
        ..question(QuestionKind::Choice, "充电方式")
    };
    let note = FormQuestion { required: false, ..question(QuestionKind::Text, "备注") };
    LaunchCampaignRequest {
        request_id: request.to_owned(),
        division: COUNTY.to_owned(),
        grids: Vec::new(),
        category: CATEGORY.to_owned(),
        matter: "排查三轮车充电隐患".to_owned(),
        questions: vec![hazard, question(QuestionKind::Number, "充电点个数"), kind, note],
        due_within: "5wd".to_owned(),
    }
}

async fn launched(county: &County) -> LaunchCampaignResponse {
    county.leader(LAUNCHER, COUNTY).launch_campaign(launch("l")).await.unwrap().into_inner()
}

fn answer(task: &str, request: &str, found: bool) -> AnswerCampaignTaskRequest {
    let to = |question| FormAnswer { question, ..FormAnswer::default() };
    let text = if found { "第三根桩外壳带电".to_owned() } else { String::new() };
    AnswerCampaignTaskRequest {
        request_id: request.to_owned(),
        task_id: task.to_owned(),
        answers: vec![
            FormAnswer { yes: Some(found), text, ..to(1) },
            FormAnswer { number: Some(4), ..to(2) },
            FormAnswer { choice: 2, ..to(3) },
        ],
    }
}

async fn tasks(county: &County) -> Vec<CampaignTask> {
    county.suite.settled().await;
    let request = ListCampaignTasksRequest { page_size: 1_000, ..Default::default() };
    county.desk_of(COUNTY).list_campaign_tasks(request).await.unwrap().into_inner().tasks
}

async fn got(county: &County, id: &str) -> GetCampaignResponse {
    county.suite.settled().await;
    let request = GetCampaignRequest { campaign_id: id.to_owned(), min_position: None };
    county.desk_of(COUNTY).get_campaign(request).await.unwrap().into_inner()
}

/// Every grid has its task, and none has two.
async fn one_task_a_grid(county: &County, grids: usize) -> Vec<CampaignTask> {
    let tasks = tasks(county).await;
    let distinct: BTreeSet<&str> = tasks.iter().map(|task| task.grid.as_str()).collect();
    assert_eq!((tasks.len(), distinct.len()), (grids, grids));
    assert!(tasks.iter().all(|task| task.version == 1), "each was created once");
    tasks
}

async fn forty_grids_look_and_the_campaign_closes_with_its_table(db: Db) {
    const GRIDS: usize = 40;
    let county = county_of(GRIDS, db).await;
    let mut desk = county.desk_of(COUNTY);
    let curious = LaunchCampaignRequest { category: "9901".to_owned(), ..launch("w") };
    let refusal = desk.launch_campaign(curious).await;
    refused(refusal, Code::FailedPrecondition, "NOT_ADMITTED");
    let nowhere = LaunchCampaignRequest { division: "620821103".to_owned(), ..launch("n") };
    refused(desk.launch_campaign(nowhere).await, Code::FailedPrecondition, "NO_GRIDS");
    drop(desk);

    let answered = launched(&county).await;
    assert_eq!(answered.grid_count, 40);
    let id = answered.campaign_id.as_str();
    // The service goes down while the tasks are given out.
    let county = County { suite: county.suite.restart().await };
    let tasks = one_task_a_grid(&county, GRIDS).await;
    assert_eq!(launched(&county).await, answered, "launched once");
    let mine = tasks.iter().find(|task| task.grid == GRID).unwrap();
    let member = mine.assignee.as_ref().unwrap().person_id.clone();
    assert_eq!(member, county.person(crate::county::MEMBER).to_string());
    let unserved = tasks.iter().find(|task| task.grid == grid(1)).unwrap();
    assert_eq!(unserved.assignee.as_ref().unwrap().organisation_id, "620821000000-centre");

    // 37 grids answer in time, of which 4 found something.
    for (number, task) in tasks.iter().enumerate().take(37) {
        let mut member = county.of_grid(&task.grid);
        member.answer_campaign_task(answer(&task.task_id, "a", number < 4)).await.unwrap();
    }
    let first = &tasks[0];
    let mut member = county.of_grid(&first.grid);
    let again = member.answer_campaign_task(answer(&first.task_id, "b", false)).await;
    refused(again, Code::FailedPrecondition, "CAMPAIGN_TASK_ANSWERED");
    misfits_are_refused(&county, &tasks[37]).await;
    county.suite.clock().set(at("2026-06-08T18:00"));
    until("the late ones are reminded", async || {
        total(&got(&county, id).await, |p| p.reminded) == 3
    })
    .await;
    county.suite.clock().set(at("2026-06-08T18:30"));
    let late = &tasks[37];
    let mut member = county.of_grid(&late.grid);
    member.answer_campaign_task(answer(&late.task_id, "late", false)).await.unwrap();

    let close = |request: &str| CloseCampaignRequest {
        request_id: request.to_owned(),
        campaign_id: id.to_owned(),
    };
    let township = county.desk_of(TOWNSHIP).close_campaign(close("t")).await;
    refused(township, Code::PermissionDenied, "OUT_OF_SCOPE");
    county.desk_of(COUNTY).close_campaign(close("c")).await.unwrap();
    county.suite.settled().await;
    let after = &tasks[38];
    let mut member = county.of_grid(&after.grid);
    let closed = member.answer_campaign_task(answer(&after.task_id, "x", true)).await;
    refused(closed, Code::FailedPrecondition, "CAMPAIGN_CLOSED");

    let county = County { suite: county.suite.restart_without_databases().await };
    let got = got(&county, id).await;
    let campaign = got.campaign.as_ref().unwrap();
    assert!(campaign.closed);
    assert_eq!((campaign.grids, campaign.answered, campaign.findings), (40, 38, 4));
    let townships: Vec<(&str, u32)> =
        got.progress.iter().map(|row| (row.township.as_str(), row.grids)).collect();
    assert_eq!(townships, [(TOWNSHIP, 20), (OTHER_TOWNSHIP, 20)]);
    let of = |figure: fn(&CampaignProgress) -> u32| total(&got, figure);
    assert_eq!((of(|p| p.answered), of(|p| p.late), of(|p| p.missed)), (38, 1, 2));
    assert_eq!((of(|p| p.reminded), of(|p| p.findings)), (3, 4));
    assert_eq!(got.questions[0].text, "充电桩有无漏电隐患？");
    assert_eq!(got.questions[2].choices, ["集中", "分散"]);
}

/// As a crash leaves it: the launch and half of the tasks are on the log, and the process has not noted
/// that it saw the launch.
async fn what_was_given_out_before_a_crash_is_not_given_out_again(db: Db) {
    const GRIDS: usize = 40;
    let county = county_of(GRIDS, db).await;
    let campaign: CampaignId = "620821000000-crashed".parse().unwrap();
    let grids: Vec<GridCode> = (0..GRIDS).map(|number| grid(number).parse().unwrap()).collect();
    let (now, due) = (county.suite.clock().now(), at("2026-06-08T18:00"));
    for grid in &grids[..GRIDS / 2] {
        let task = task_id(&campaign, *grid);
        let created = CampaignTaskEvent::from(CampaignTaskCreated {
            occurred_at: now,
            task: task.clone(),
            campaign: campaign.clone(),
            grid: *grid,
            assignee: Assignee { organisation: None, person: Some(county.person(99)) },
            due,
        });
        county.suite.append(&subject::campaign_task(&task), &task.to_string(), &[created]).await;
    }
    let launched = CampaignEvent::from(CampaignLaunched {
        occurred_at: now,
        campaign: campaign.clone(),
        division: COUNTY.parse().unwrap(),
        by: county.person(LAUNCHER),
        category: CATEGORY.parse().unwrap(),
        catalogue_version: 1,
        matter: "620821000000-matter".parse().unwrap(),
        form: "620821000000-form".parse().unwrap(),
        questions: Vec::new(),
        grids,
        limit: "5wd".parse().unwrap(),
        due,
        calendar_version: 1,
    });
    county.suite.append(&subject::campaign(&campaign), &campaign.to_string(), &[launched]).await;
    let tasks = one_task_a_grid(&county, GRIDS).await;
    let before = county.person(99).to_string();
    let of_before = tasks
        .iter()
        .filter(|task| task.assignee.as_ref().is_some_and(|who| who.person_id == before));
    assert_eq!(of_before.count(), GRIDS / 2, "they stay with whom they were given to");
}

fn total(got: &GetCampaignResponse, figure: fn(&CampaignProgress) -> u32) -> u32 {
    got.progress.iter().map(figure).sum()
}

async fn misfits_are_refused(county: &County, task: &CampaignTask) {
    assert_eq!(task.status(), CampaignTaskStatus::Open);
    let good = answer(&task.task_id, "m", false);
    let mut member = county.of_grid(&task.grid);
    let code = Code::InvalidArgument;
    for answers in [
        Vec::new(),
        good.answers[..2].to_vec(),
        [&good.answers[..], &good.answers[..1]].concat(),
        vec![FormAnswer { question: 99, ..FormAnswer::default() }],
    ] {
        let wrong = AnswerCampaignTaskRequest { answers, ..good.clone() };
        refused(member.answer_campaign_task(wrong).await, code, "INVALID_ARGUMENT");
    }
    // Another grid of the same village learns nothing; a desk does not answer for a member.
    let mut far = county.of_grid("620821103201001");
    refused(far.answer_campaign_task(good.clone()).await, Code::PermissionDenied, "OUT_OF_SCOPE");
    let desk = county.desk_of(COUNTY).answer_campaign_task(good).await;
    refused(desk, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
}

/// The county as it is: 317 grids, launched by one command, down in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_and_seventeen_grids_get_one_task_each() {
    const GRIDS: usize = 317;
    let county = county_of(GRIDS, Db::Sqlite).await;
    let answered = launched(&county).await;
    assert_eq!(answered.grid_count, 317);
    let county = County { suite: county.suite.restart().await };
    one_task_a_grid(&county, GRIDS).await;
}
