//! Given this history, when this is asked, then this happens.

use contracts::dispatch::incident::{IncidentKind, Post, TeamClock};
use kernel::{Rejection as _, StoredEvent as _, fold, id::PersonId};

use super::{Command as C, *};
use crate::domain::caller::Within;

const MINUTE: i64 = 60_000;
const OPENED: Timestamp = Timestamp(1_000_000);

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn office(key: &str, division: &str) -> Caller {
    Caller { person: person(key), within: Within::Division(division.parse().unwrap()) }
}

fn clerk(body: &str) -> Caller {
    let organisation = format!("620821101000-{body}").parse().unwrap();
    let division = "620821".parse().unwrap();
    Caller { person: person(body), within: Within::Organisation { organisation, division } }
}

fn post(function: CommandFunction, key: &str) -> Post {
    Post { function, person: person(key) }
}

fn call(key: &str) -> Call {
    Call {
        team: format!("620821101000-{key}").parse().unwrap(),
        organisation: "620821101000-squad".parse().unwrap(),
        respond_ms: MINUTE,
        assemble_ms: 10 * MINUTE,
        arrive_ms: 60 * MINUTE,
    }
}

fn open(level: u8, posts: Vec<Post>) -> Command {
    C::OpenIncident(Box::new(Open {
        at: OPENED,
        caller: office("duty", "620821101"),
        incident: "620821101201-f1".parse().unwrap(),
        division: "620821101201".parse().unwrap(),
        grid: None,
        position: None,
        kind: IncidentKind::NaturalDisaster,
        level,
        posts,
        calls: vec![call("t1")],
        county_town: false,
        cases: Vec::new(),
        text: None,
    }))
}

fn roster() -> Vec<Post> {
    vec![
        post(CommandFunction::DutyOfficer, "duty"),
        post(CommandFunction::Commander, "commander"),
        post(CommandFunction::DeputyChief, "deputy"),
        post(CommandFunction::Chief, "chief"),
    ]
}

fn text() -> kernel::id::RecordId {
    "620821101000-t".parse().unwrap()
}

fn team() -> kernel::id::TeamId {
    call("t1").team
}

fn arrive(caller: Caller) -> Command {
    C::TeamArrive { at: OPENED, caller, team: team() }
}

fn assemble(caller: Caller) -> Command {
    C::TeamAssemble { at: OPENED, caller, team: team(), strength: 28 }
}

fn raise(level: u8) -> Command {
    C::RaiseIncidentLevel { at: OPENED, caller: office("duty", "620821101"), level, text: text() }
}

fn lower(key: &str, level: u8) -> Command {
    C::LowerIncidentLevel { at: OPENED, caller: office(key, "620821101"), level, text: text() }
}

fn stand_down(key: &str) -> Command {
    C::StandDown { at: OPENED, caller: office(key, "620821"), text: text() }
}

fn ring(minutes: i64) -> Command {
    C::MarkClocks { at: OPENED.plus_millis(minutes * MINUTE), team: team() }
}

fn pass(key: &str, function: CommandFunction, to: &str) -> Command {
    let caller = office(key, "620821101");
    C::PassCommand { at: OPENED, caller, post: post(function, to) }
}

fn samples() -> Vec<(&'static str, Command)> {
    let order = "620821101201-o1".parse().unwrap();
    let add = C::AddOrderToIncident {
        at: OPENED,
        caller: office("duty", "620821101"),
        work_order: order,
    };
    let more = C::CallTeam { at: OPENED, caller: office("duty", "620821101"), call: call("t2") };
    let respond = C::TeamRespond { at: OPENED, caller: clerk("squad"), team: team() };
    vec![
        ("启动三级 open at level 3", open(3, roster())),
        ("启动无指挥长 open with nobody in command", open(3, Vec::new())),
        ("调度队伍 call a team", more),
        ("响应 respond", respond),
        ("集结 assemble", assemble(clerk("squad"))),
        ("到达 arrive", arrive(clerk("squad"))),
        ("他单位到达 arrive, another's team", arrive(clerk("other"))),
        ("升二级 raise to 2", raise(2)),
        ("升回三级 raise to 3", raise(3)),
        ("现任指挥降级 lower, in command", lower("chief", 4)),
        ("值班长降级 lower, not in command", lower("duty", 4)),
        (
            "任命驻场指挥长 name a site commander",
            pass("duty", CommandFunction::SiteCommander, "site"),
        ),
        (
            "值班长改任总指挥长 replace the chief from below",
            pass("duty", CommandFunction::Chief, "duty"),
        ),
        ("加入工单 add an order", add),
        ("总指挥长解除 stand down, by the chief", stand_down("chief")),
        ("值班长解除 stand down, by the duty officer", stand_down("duty")),
        (
            "他处操作 from elsewhere",
            C::StandDown { at: OPENED, caller: office("chief", "620821102"), text: text() },
        ),
        ("未到时限 no clock yet", ring(0)),
        ("响应到时 the first clock", ring(1)),
        ("全部到时 all clocks", ring(60)),
    ]
}

fn given(commands: &[Command]) -> State {
    commands.iter().cloned().fold(State::default(), |state, command| {
        let events = Incident::decide(&state, command).unwrap();
        fold::<Incident>(state, &events)
    })
}

fn said(event: &IncidentEvent) -> &'static str {
    event.ce_type().split('.').nth(2).unwrap_or_default()
}

#[test]
fn the_rules_are_as_written() {
    let opened = open(3, roster());
    let states = [
        ("无 none", State::default()),
        ("三级响应 level 3", given(std::slice::from_ref(&opened))),
        ("二级响应 level 2", given(&[opened.clone(), raise(2)])),
        ("队伍已到 the team is there", given(&[opened.clone(), arrive(clerk("squad"))])),
        ("已解除 stood down", given(&[opened, stand_down("chief")])),
    ];
    let title = "突发事件规则 · The rules of the incident";
    let text = testkit::rules::table::<Incident>(title, &states, &samples(), said);
    testkit::rules::check("src/domain/incident.rules.md", &text);
}

#[test]
fn each_clock_of_a_team_rings_once_and_a_later_step_silences_those_before_it() {
    let clocks = |state: &State, minutes| {
        let events = Incident::decide(state, ring(minutes)).unwrap();
        let clocks = events.iter().map(|event| match event {
            IncidentEvent::IncidentClockMissed(event) => event.clock,
            other @ (IncidentEvent::IncidentOpened(_)
            | IncidentEvent::TeamCalled(_)
            | IncidentEvent::TeamResponded(_)
            | IncidentEvent::TeamAssembled(_)
            | IncidentEvent::TeamArrived(_)
            | IncidentEvent::IncidentLevelRaised(_)
            | IncidentEvent::IncidentLevelLowered(_)
            | IncidentEvent::CommandPassed(_)
            | IncidentEvent::OrderAddedToIncident(_)
            | IncidentEvent::IncidentStoodDown(_)) => panic!("{other:?}"),
        });
        (clocks.collect::<Vec<_>>(), fold::<Incident>(state.clone(), &events))
    };
    let state = given(&[open(3, roster())]);
    let (first, state) = clocks(&state, 1);
    assert_eq!(first, [TeamClock::Respond]);
    let (again, state) = clocks(&state, 1);
    assert_eq!(again, []);
    let (rest, _) = clocks(&state, 60);
    assert_eq!(rest, [TeamClock::Assemble, TeamClock::Arrive]);
    let arrived = given(&[open(3, roster()), arrive(clerk("squad"))]);
    assert_eq!(clocks(&arrived, 60).0, []);
}

#[test]
fn command_goes_up_with_the_level_and_only_the_highest_stands_down() {
    let state = given(&[open(3, roster()), raise(2)]);
    assert_eq!(state.opened.as_ref().unwrap().level, 2);
    let raised = Incident::decide(&given(&[open(3, roster())]), raise(2)).unwrap();
    let [IncidentEvent::IncidentLevelRaised(event)] = &raised[..] else { panic!("{raised:?}") };
    assert_eq!(event.command, CommandFunction::DeputyChief);
    assert_eq!(event.commander, Some(person("deputy")));
    for (who, may) in [("duty", false), ("deputy", false), ("chief", true)] {
        let answer = Incident::decide(&state, stand_down(who)).map_err(|no| no.reason());
        assert_eq!(answer.is_ok(), may, "{who}: {answer:?}");
    }
}

#[test]
fn what_holds_of_every_aggregate_holds() {
    let commands: Vec<Command> = samples().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Incident>(&commands);
    testkit::properties::folding_equals_one_by_one::<Incident>(&commands);
    testkit::properties::accepted_histories_never_panic::<Incident>(&commands);
}
