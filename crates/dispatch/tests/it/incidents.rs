//! Smoke over the ridge (突发事件): command, teams with clocks in minutes, the stand-down.

use api::dispatch::v1::{
    AcknowledgeInstructionRequest, AddOrderToIncidentRequest, CallTeamRequest, CommandFunction,
    CommandPost, GetIncidentRequest, GetIncidentResponse, GiveInstructionRequest, IncidentKind,
    InstructionMatter, ListIncidentsRequest, ListInstructionsRequest, ListTeamsRequest,
    OpenIncidentRequest, PutTeamOnDutyRequest, RaiseIncidentLevelRequest, RegisterTeamRequest,
    ReportInstructionRequest, StandDownRequest, TeamArriveRequest, TeamAssembleRequest,
    TeamRespondRequest,
};
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{County, FOR_THE_TEAM, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, refused, team},
    orders::close,
    working::at,
};

crate::on_both_databases! {
    smoke_over_the_ridge
    an_incident_is_commanded_by_whose_function_it_is
}

const COUNTY: &str = "620821";

/// The duty officer, and those above.
const DUTY: u128 = 21;
const COMMANDER: u128 = 22;
const DEPUTY: u128 = 23;
const CHIEF: u128 = 24;

fn post(county: &County, function: CommandFunction, person: u128) -> CommandPost {
    CommandPost { function: function.into(), person_id: county.person(person).to_string() }
}

async fn register(county: &County, name: &str, full_time: u32, auxiliary: u32) -> String {
    let request = RegisterTeamRequest {
        request_id: format!("team-{full_time}"),
        division: TOWNSHIP.to_owned(),
        organisation_id: team().to_string(),
        name: name.to_owned(),
        full_time,
        auxiliary,
        person_ids: Vec::new(),
    };
    county.desk_of(TOWNSHIP).register_team(request).await.unwrap().into_inner().team_id
}

fn open(county: &County, teams: &[&str]) -> OpenIncidentRequest {
    OpenIncidentRequest {
        request_id: "open".to_owned(),
        division: VILLAGE.to_owned(),
        kind: IncidentKind::NaturalDisaster.into(),
        level: 3,
        posts: vec![
            post(county, CommandFunction::DutyOfficer, DUTY),
            post(county, CommandFunction::Commander, COMMANDER),
            post(county, CommandFunction::DeputyChief, DEPUTY),
            post(county, CommandFunction::Chief, CHIEF),
        ],
        team_ids: teams.iter().map(ToString::to_string).collect(),
        text: "王家沟后山冒烟".to_owned(),
        ..OpenIncidentRequest::default()
    }
}

async fn opened(county: &County, teams: &[&str]) -> String {
    let mut duty = county.leader(DUTY, TOWNSHIP);
    duty.open_incident(open(county, teams)).await.unwrap().into_inner().incident_id
}

async fn got(county: &County, id: &str) -> GetIncidentResponse {
    county.suite.settled().await;
    let request = GetIncidentRequest { incident_id: id.to_owned(), min_position: None };
    county.desk_of(TOWNSHIP).get_incident(request).await.unwrap().into_inner()
}

/// Waits until so many clocks of each team ran out, and no more.
async fn missed(county: &County, id: &str, expected: [u32; 2]) {
    let count = async || {
        let teams = got(county, id).await.called_teams;
        teams.into_iter().map(|team| team.clocks_missed).collect::<Vec<_>>()
    };
    until("the clocks ring", async || count().await.iter().sum::<u32>() >= expected.iter().sum())
        .await;
    assert_eq!(count().await, expected);
}

fn raise(id: &str, level: u32) -> RaiseIncidentLevelRequest {
    RaiseIncidentLevelRequest {
        request_id: format!("raise{level}"),
        incident_id: id.to_owned(),
        level,
        reason: "起风".to_owned(),
    }
}

fn stand_down(id: &str, request: &str) -> StandDownRequest {
    StandDownRequest {
        request_id: request.to_owned(),
        incident_id: id.to_owned(),
        text: "明火已灭，余火清理完毕".to_owned(),
    }
}

fn assemble(id: &str, team: &str) -> TeamAssembleRequest {
    TeamAssembleRequest {
        request_id: "assemble".to_owned(),
        incident_id: id.to_owned(),
        team_id: team.to_owned(),
        strength: 28,
    }
}

fn arrive(id: &str, team: &str, request: &str) -> TeamArriveRequest {
    TeamArriveRequest {
        request_id: request.to_owned(),
        incident_id: id.to_owned(),
        team_id: team.to_owned(),
    }
}

async fn smoke_over_the_ridge(db: Db) {
    let county = County::start(db).await;
    county.suite.clock().set(at("2026-06-06T14:00"));
    let squad = register(&county, "综合行政执法队", 12, 18).await;
    let village = register(&county, "乡村治理小分队", 6, 9).await;
    on_duty(&county, &squad).await;
    let order = county.order("fire", FOR_THE_TEAM).await.work_order_id;

    county.suite.clock().set(at("2026-06-06T14:02"));
    let id = opened(&county, &[&squad, &village]).await;
    let id = id.as_str();
    let mut clerk = county.body(&team());
    let respond = TeamRespondRequest {
        request_id: "respond".to_owned(),
        incident_id: id.to_owned(),
        team_id: squad.clone(),
    };
    clerk.team_respond(respond).await.unwrap();
    drop(clerk);
    // A minute: the one that answered is silent, the other's clock rings.
    county.suite.clock().set(at("2026-06-06T14:03"));
    missed(&county, id, [0, 1]).await;
    county.suite.clock().set(at("2026-06-06T14:08"));
    let county = County { suite: county.suite.restart().await };
    missed(&county, id, [0, 1]).await;
    county.suite.clock().set(at("2026-06-06T14:11"));
    county.body(&team()).team_assemble(assemble(id, &squad)).await.unwrap();
    county.suite.clock().set(at("2026-06-06T14:12"));
    missed(&county, id, [0, 2]).await;
    county.suite.clock().set(at("2026-06-06T14:35"));
    county.body(&team()).team_arrive(arrive(id, &squad, "arrive")).await.unwrap();
    county.suite.clock().set(at("2026-06-06T14:40"));
    county.leader(DUTY, TOWNSHIP).raise_incident_level(raise(id, 2)).await.unwrap();
    // Not the county's town: an hour, and then it has rung all it can.
    county.suite.clock().set(at("2026-06-06T15:02"));
    missed(&county, id, [0, 3]).await;
    let county = County { suite: county.suite.restart_without_databases().await };
    missed(&county, id, [0, 3]).await;

    let add = AddOrderToIncidentRequest {
        request_id: "add".to_owned(),
        incident_id: id.to_owned(),
        work_order_id: order.clone(),
    };
    county.desk_of(TOWNSHIP).add_order_to_incident(add).await.unwrap();
    county.suite.settled().await;
    let held = county.operator(TOWNSHIP).close_work_order(close(&order, "held")).await;
    refused(held, Code::FailedPrecondition, "INCIDENT_OPEN");
    let foreign = county.operator(OTHER_TOWNSHIP).close_work_order(close(&order, "far")).await;
    refused(foreign, Code::PermissionDenied, "OUT_OF_SCOPE");
    instructed(&county, id).await;

    county.suite.clock().set(at("2026-06-06T20:00"));
    let early = county.leader(DEPUTY, TOWNSHIP).stand_down(stand_down(id, "d")).await;
    refused(early, Code::PermissionDenied, "NOT_IN_COMMAND");
    county.leader(CHIEF, COUNTY).stand_down(stand_down(id, "c")).await.unwrap();
    let late = county.body(&team()).team_arrive(arrive(id, &village, "late")).await;
    refused(late, Code::FailedPrecondition, "INCIDENT_STOOD_DOWN");
    county.suite.settled().await;
    // Now what keeps it open is its own.
    let free = county.operator(TOWNSHIP).close_work_order(close(&order, "free")).await;
    refused(free, Code::FailedPrecondition, "ORDER_NOT_VERIFIED");
    reviewed(&county, id, &order).await;
}

async fn on_duty(county: &County, id: &str) {
    let duty = PutTeamOnDutyRequest {
        request_id: "duty".to_owned(),
        team_id: id.to_owned(),
        from: at("2026-06-06T08:00").0,
        until: at("2026-06-07T08:00").0,
        leader_id: county.person(COMMANDER).to_string(),
    };
    county.desk_of(TOWNSHIP).put_team_on_duty(duty.clone()).await.unwrap();
    let backwards = PutTeamOnDutyRequest { request_id: "b".to_owned(), until: duty.from, ..duty };
    let answer = county.desk_of(TOWNSHIP).put_team_on_duty(backwards).await;
    refused(answer, Code::InvalidArgument, "until");
    county.suite.settled().await;
    let request = ListTeamsRequest { on_duty: true, ..ListTeamsRequest::default() };
    let teams = county.body(&team()).list_teams(request.clone()).await.unwrap().into_inner().teams;
    assert_eq!(teams.len(), 1);
    assert_eq!((teams[0].name.as_str(), teams[0].full_time), ("综合行政执法队", 12));
    let elsewhere = county.desk_of(OTHER_TOWNSHIP).list_teams(request).await.unwrap();
    assert!(elsewhere.into_inner().teams.is_empty());
}

/// A leader's instruction about the incident reaches the body, is read and followed up.
async fn instructed(county: &County, id: &str) {
    let give = GiveInstructionRequest {
        request_id: "give".to_owned(),
        matter: InstructionMatter::Incident.into(),
        matter_id: id.to_owned(),
        organisation_id: team().to_string(),
        text: "确保群众先撤离".to_owned(),
        report_within: "120min".to_owned(),
    };
    let mut chief = county.leader(CHIEF, COUNTY);
    let ghost = GiveInstructionRequest { matter_id: format!("{VILLAGE}-none"), ..give.clone() };
    refused(chief.give_instruction(ghost).await, Code::NotFound, "NO_SUCH_THING");
    let given = chief.give_instruction(give).await.unwrap().into_inner();
    let read = AcknowledgeInstructionRequest {
        request_id: "read".to_owned(),
        instruction_id: given.instruction_id.clone(),
    };
    county.body(&team()).acknowledge_instruction(read.clone()).await.unwrap();
    let other = county.body(&crate::county::desk()).acknowledge_instruction(read).await;
    refused(other, Code::NotFound, "NO_SUCH_THING");
    let report = ReportInstructionRequest {
        request_id: "report".to_owned(),
        instruction_id: given.instruction_id,
        text: "已撤离31户".to_owned(),
    };
    county.body(&team()).report_instruction(report).await.unwrap();
    county.suite.settled().await;
    let request = ListInstructionsRequest { open: true, ..ListInstructionsRequest::default() };
    let listed = county.body(&team()).list_instructions(request).await.unwrap().into_inner();
    let texts: Vec<(&str, &str)> = listed
        .instructions
        .iter()
        .map(|one| (one.text.as_str(), one.report_text.as_str()))
        .collect();
    assert_eq!(texts, [("确保群众先撤离", "已撤离31户")]);
}

/// The story afterwards: everything in order.
async fn reviewed(county: &County, id: &str, order: &str) {
    let got = got(county, id).await;
    let incident = got.incident.unwrap();
    assert!(!incident.open);
    assert_eq!((incident.level, incident.command()), (2, CommandFunction::DeputyChief));
    assert_eq!((incident.teams, incident.teams_arrived, incident.orders), (2, 1, 1));
    assert_eq!(got.work_order_ids, [order]);
    let of_incident: Vec<&str> = got
        .timeline
        .iter()
        .map(|entry| entry.event.as_str())
        .filter(|name| !name.starts_with("work_order"))
        .collect();
    assert_eq!(
        of_incident,
        [
            "incident_opened",
            "team_called",
            "team_called",
            "team_responded",
            "incident_clock_missed",
            "team_assembled",
            "incident_clock_missed",
            "team_arrived",
            "incident_level_raised",
            "incident_clock_missed",
            "order_added_to_incident",
            "instruction_given",
            "instruction_acknowledged",
            "instruction_reported",
            "incident_stood_down",
        ]
    );
    assert_eq!(got.timeline[0].event, "work_order_created", "the order was there before");
    assert!(got.timeline.is_sorted_by_key(|entry| entry.sequence));
    let opened = got.timeline.iter().find(|entry| entry.event == "incident_opened").unwrap();
    assert_eq!(opened.text, "王家沟后山冒烟");
}

async fn an_incident_is_commanded_by_whose_function_it_is(db: Db) {
    let county = County::start(db).await;
    let squad = register(&county, "执法队", 12, 18).await;
    let mut duty = county.leader(DUTY, TOWNSHIP);
    let nobody = OpenIncidentRequest { posts: Vec::new(), ..open(&county, &[]) };
    refused(duty.open_incident(nobody).await, Code::FailedPrecondition, "COMMAND_MISSING");
    let fifth = OpenIncidentRequest { level: 5, ..open(&county, &[]) };
    refused(duty.open_incident(fifth).await, Code::InvalidArgument, "level");
    let two = vec![post(&county, CommandFunction::Chief, DUTY); 2];
    let doubled = OpenIncidentRequest { posts: two, ..open(&county, &[]) };
    refused(duty.open_incident(doubled).await, Code::InvalidArgument, "posts");
    let id = opened(&county, &[]).await;
    let id = id.as_str();
    refused(
        duty.raise_incident_level(raise(id, 3)).await,
        Code::FailedPrecondition,
        "LEVEL_NOT_RAISED",
    );
    let call = |request: &str, team: &str| CallTeamRequest {
        request_id: request.to_owned(),
        incident_id: id.to_owned(),
        team_id: team.to_owned(),
    };
    let uncalled = county.body(&team()).team_arrive(arrive(id, &squad, "u")).await;
    refused(uncalled, Code::NotFound, "NO_SUCH_THING");
    duty.call_team(call("1", &squad)).await.unwrap();
    county.body(&team()).team_arrive(arrive(id, &squad, "a")).await.unwrap();
    let ghost = duty.call_team(call("2", "620821101000-none")).await;
    refused(ghost, Code::NotFound, "NO_SUCH_THING");

    county.suite.settled().await;
    let list = || ListIncidentsRequest { open: true, ..ListIncidentsRequest::default() };
    let ours = county.body(&team()).list_incidents(list()).await.unwrap().into_inner();
    assert_eq!(ours.incidents.len(), 1);
    let theirs = county.desk_of(OTHER_TOWNSHIP).list_incidents(list()).await.unwrap().into_inner();
    assert!(theirs.incidents.is_empty());
    for id in [id, "620821101203-nothing"] {
        let mut elsewhere = county.desk_of(OTHER_TOWNSHIP);
        let request = GetIncidentRequest { incident_id: id.to_owned(), min_position: None };
        let answer = elsewhere.get_incident(request).await;
        refused(answer, Code::PermissionDenied, "OUT_OF_SCOPE");
        let answer = elsewhere.raise_incident_level(raise(id, 1)).await;
        refused(answer, Code::PermissionDenied, "OUT_OF_SCOPE");
    }
}
