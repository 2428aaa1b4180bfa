//! Given this history, when this is asked, then this happens.

use kernel::{StoredEvent as _, fold, id::PersonId};

use super::{Command as C, *};

const GRID: &str = "620821101203001";
const DUE: Timestamp = Timestamp(5_000);

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn member(key: &str, grid: &str) -> Caller {
    Caller { person: person(key), within: Within::Grid(grid.parse().unwrap()) }
}

fn office() -> Caller {
    Caller { person: person("office"), within: Within::Division("620821".parse().unwrap()) }
}

fn create() -> Command {
    C::CreateCampaignTask {
        at: Timestamp(1_000),
        task: "620821101203-t1".parse().unwrap(),
        campaign: "620821000000-c1".parse().unwrap(),
        grid: GRID.parse().unwrap(),
        assignee: Assignee { organisation: None, person: Some(person("member")) },
        due: DUE,
    }
}

fn answer(caller: Caller, at: Timestamp) -> Command {
    let answers = vec![CampaignAnswer {
        question: 1,
        yes: Some(true),
        number: None,
        choice: None,
        text: None,
    }];
    let found = Finding { question: 1, category: "0601".parse().unwrap(), text: None };
    C::AnswerCampaignTask { at, caller, answers, findings: vec![found] }
}

fn samples() -> Vec<(&'static str, Command)> {
    vec![
        ("下达 create", create()),
        ("填报 answer", answer(member("member", GRID), DUE)),
        ("逾期填报 answer late", answer(member("member", GRID), DUE.plus_millis(1))),
        ("同网格他人填报 answer, by another of the grid", answer(member("other", GRID), DUE)),
        ("他网格填报 answer, from another grid", answer(member("far", "620821101203002"), DUE)),
        ("调度员填报 answer, by a desk", answer(office(), DUE)),
        ("到期 the time is over", C::RemindCampaignTask { at: DUE }),
        ("未到期 not yet", C::RemindCampaignTask { at: DUE.plus_millis(-1) }),
        ("任务结束 the campaign closed", C::EndCampaignTask { at: DUE }),
    ]
}

fn given(commands: &[Command]) -> State {
    commands.iter().cloned().fold(State::default(), |state, command| {
        let events = CampaignTask::decide(&state, command).unwrap();
        fold::<CampaignTask>(state, &events)
    })
}

fn said(event: &CampaignTaskEvent) -> &'static str {
    event.ce_type().split('.').nth(2).unwrap_or_default()
}

#[test]
fn the_rules_are_as_written() {
    let states = [
        ("无 none", State::default()),
        ("待填报 open", given(&[create()])),
        ("已催办 reminded", given(&[create(), C::RemindCampaignTask { at: DUE }])),
        ("已填报 answered", given(&[create(), answer(member("member", GRID), DUE)])),
        ("已终止 ended", given(&[create(), C::EndCampaignTask { at: DUE }])),
    ];
    let title = "网格专项任务规则 · The rules of a campaign's task";
    let text = testkit::rules::table::<CampaignTask>(title, &states, &samples(), said);
    testkit::rules::check("src/domain/campaign_task.rules.md", &text);
}

#[test]
fn what_holds_of_every_aggregate_holds() {
    let commands: Vec<Command> = samples().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<CampaignTask>(&commands);
    testkit::properties::folding_equals_one_by_one::<CampaignTask>(&commands);
    testkit::properties::accepted_histories_never_panic::<CampaignTask>(&commands);
}
