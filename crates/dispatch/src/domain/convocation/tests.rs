//! Given this history, when this is asked, then this happens.

use contracts::dispatch::convocation::{ConvocationTask, DutyLevel};
use kernel::{Rejection as _, StoredEvent as _, fold, hash::Sha256, id::RecordId};

use super::{Command as C, *};

const NOW: Timestamp = Timestamp(10_000_000);
const SIGN_DUE: Timestamp = Timestamp(11_000_000);
const SUPERVISE_DUE: Timestamp = Timestamp(12_000_000);
const MEET: Timestamp = Timestamp(20_000_000);
const CODE: Sha256 = Sha256([7; 32]);
const EARLY_MS: i64 = 1_000_000;

fn organisation(key: &str) -> OrganisationId {
    format!("620821000000-{key}").parse().unwrap()
}

fn record() -> RecordId {
    "620821101000-text".parse().unwrap()
}

fn office(division: &str) -> Caller {
    let person = format!("620821000000-of{division}").parse().unwrap();
    Caller { person, within: Within::Division(division.parse().unwrap()) }
}

fn desk() -> Caller {
    office("620821101")
}

fn clerk(body: &str) -> Caller {
    let person = format!("620821000000-{body}").parse().unwrap();
    let division = "620821".parse().unwrap();
    Caller { person, within: Within::Organisation { organisation: organisation(body), division } }
}

fn convene(lead: Option<&str>) -> Command {
    C::ConveneDepartments(Box::new(Convene {
        at: NOW,
        caller: desk(),
        convocation: "620821101000-w1".parse().unwrap(),
        convener: "620821101".parse().unwrap(),
        division: "620821101".parse().unwrap(),
        grid: None,
        position: None,
        matter: record(),
        lead: lead.map(organisation),
        assists: vec![organisation("market"), organisation("town")],
        meet_at: MEET,
        sign_limit: "2wh".parse().unwrap(),
        sign_due: SIGN_DUE,
        supervise_due: SUPERVISE_DUE,
        calendar_version: 1,
        code: CODE,
        cases: Vec::new(),
        category: None,
    }))
}

fn sign(at: Timestamp, body: &str) -> Command {
    C::SignConvocation { at, caller: clerk(body) }
}

fn come(at: Timestamp, body: &str, why: Option<RecordId>) -> Command {
    let caller = clerk(body);
    C::ReportIn { at, caller, code: CODE, explanation: why, early_ms: EARLY_MS }
}

fn allow(caller: Caller, body: &str) -> Command {
    C::AllowAbsence { at: NOW, caller, organisation: organisation(body), text: record() }
}

fn conclude(caller: Caller, body: &str) -> Command {
    let task = ConvocationTask {
        number: 1,
        organisation: organisation(body),
        what: record(),
        due: MEET.plus_millis(1_000_000),
    };
    C::ConcludeConvocation { at: MEET, caller, conclusion: record(), tasks: vec![task] }
}

fn complete(caller: Caller, task: u32) -> Command {
    C::CompleteTask { at: MEET, caller, task, text: None }
}

fn rate(caller: Caller, body: &str, effect: DutyLevel) -> Command {
    let (attendance, performance) = (DutyLevel::Good, DutyLevel::Fair);
    let organisation = organisation(body);
    C::RateDepartment {
        at: MEET,
        caller,
        organisation,
        attendance,
        performance,
        effect,
        text: None,
    }
}

fn close(caller: Caller) -> Command {
    C::CloseConvocation { at: MEET, caller }
}

fn ring(at: Timestamp, body: &str) -> Command {
    C::MarkUnsigned { at, organisation: organisation(body) }
}

/// The state after these commands, all of which are accepted.
fn given(commands: &[Command]) -> State {
    commands.iter().cloned().fold(State::default(), |state, command| {
        let events = Convocation::decide(&state, command).unwrap();
        fold::<Convocation>(state, &events)
    })
}

fn outcome(state: &State, command: Command) -> Result<Vec<&'static str>, &'static str> {
    match Convocation::decide(state, command) {
        Ok(events) => {
            Ok(events.iter().map(|event| event.ce_type().split('.').nth(2).unwrap()).collect())
        }
        Err(refusal) => Err(refusal.reason()),
    }
}

fn held() -> Vec<Command> {
    let mut commands = vec![convene(Some("police")), allow(office("620821"), "town")];
    commands.push(C::DeclineConvocation { at: NOW, caller: clerk("town") });
    commands.extend([come(MEET, "police", None), come(MEET, "market", None)]);
    commands
}

fn concluded() -> Vec<Command> {
    let mut commands = held();
    commands.push(conclude(desk(), "police"));
    commands
}

fn rated() -> Vec<Command> {
    let mut commands = concluded();
    commands.push(complete(clerk("police"), 1));
    commands.extend(["police", "market"].map(|body| rate(desk(), body, DutyLevel::Excellent)));
    commands
}

fn samples() -> Vec<(&'static str, Command)> {
    let wrong = C::ReportIn {
        at: MEET,
        caller: clerk("police"),
        code: Sha256([8; 32]),
        explanation: None,
        early_ms: EARLY_MS,
    };
    vec![
        ("吹哨 convene", convene(Some("police"))),
        ("吹哨无主办 convene without a lead", convene(None)),
        ("签收 sign", sign(NOW, "police")),
        ("逾期签收 sign late", sign(SUPERVISE_DUE, "market")),
        ("未被吹哨单位签收 sign, not called", sign(NOW, "forest")),
        ("报到 report in", come(MEET, "police", None)),
        ("过早报到 report in too early", come(NOW, "police", None)),
        ("迟到无说明 late without a reason", come(MEET.plus_millis(1), "market", None)),
        ("迟到有说明 late with a reason", come(MEET.plus_millis(1), "market", Some(record()))),
        ("现场码不对 wrong code", wrong),
        ("县同意不到场 the county allows absence", allow(office("620821"), "town")),
        ("乡镇同意不到场 the township allows absence", allow(desk(), "town")),
        ("不到场 decline", C::DeclineConvocation { at: NOW, caller: clerk("town") }),
        ("形成结论 conclude", conclude(desk(), "police")),
        ("他人形成结论 conclude, by the county", conclude(office("620821"), "police")),
        ("任务交给未被吹哨单位 conclude with a stranger", conclude(desk(), "forest")),
        ("完成任务 complete a task", complete(clerk("police"), 1)),
        ("他单位完成任务 complete another's task", complete(clerk("market"), 1)),
        ("无此任务 no such task", complete(clerk("police"), 9)),
        ("评价 rate", rate(desk(), "police", DutyLevel::Excellent)),
        ("改评 rate otherwise", rate(desk(), "police", DutyLevel::Bad)),
        ("县评价 rate, by the county", rate(office("620821"), "police", DutyLevel::Good)),
        ("评价不到场单位 rate who stayed away", rate(desk(), "town", DutyLevel::Good)),
        ("结束 close", close(desk())),
        ("他处操作 from elsewhere", close(office("620821102"))),
        ("到签收时限 the time to sign is over", ring(SIGN_DUE, "market")),
        ("到督办时限 the county's time has come", ring(SUPERVISE_DUE, "market")),
        ("任务到期 a task is due", C::MarkTaskOverdue { at: MEET.plus_millis(2_000_000), task: 1 }),
    ]
}

fn said(event: &ConvocationEvent) -> &'static str {
    event.ce_type().split('.').nth(2).unwrap_or_default()
}

#[test]
fn the_rules_are_as_written() {
    let mut all = rated();
    all.push(close(desk()));
    let states = [
        ("无 none", State::default()),
        ("已吹哨 convened", given(&[convene(Some("police"))])),
        ("已到场 on site", given(&held())),
        ("已有结论 concluded", given(&concluded())),
        ("已落实 done and rated", given(&rated())),
        ("已结束 closed", given(&all)),
    ];
    let title = "吹哨报到规则 · The rules of the convocation";
    let text = testkit::rules::table::<Convocation>(title, &states, &samples(), said);
    testkit::rules::check("src/domain/convocation.rules.md", &text);
}

#[test]
fn a_body_that_does_not_sign_is_reminded_once_and_reported_once() {
    let mut state = given(&[convene(Some("police"))]);
    assert_eq!(outcome(&state, ring(SIGN_DUE.plus_millis(-1), "market")), Ok(vec![]));
    for (at, events) in [
        (SIGN_DUE, vec!["convocation_reminded"]),
        (SIGN_DUE, vec![]),
        (SUPERVISE_DUE, vec!["convocation_unanswered"]),
        (SUPERVISE_DUE, vec![]),
    ] {
        assert_eq!(outcome(&state, ring(at, "market")), Ok(events));
        let written = Convocation::decide(&state, ring(at, "market")).unwrap();
        state = fold::<Convocation>(state, &written);
    }
    // Both at once where nobody looked in between.
    let both = outcome(&state, ring(SUPERVISE_DUE, "town")).unwrap();
    assert_eq!(both, ["convocation_reminded", "convocation_unanswered"]);
    let late = Convocation::decide(&state, sign(SUPERVISE_DUE, "market")).unwrap();
    assert!(matches!(&late[0], ConvocationEvent::ConvocationSigned(event) if event.late));
}

#[test]
fn whoever_comes_without_having_signed_signs_by_coming() {
    let state = given(&[convene(Some("police"))]);
    let came = outcome(&state, come(MEET, "police", None));
    assert_eq!(came, Ok(vec!["convocation_signed", "department_reported_in"]));
}

#[test]
fn who_neither_came_nor_was_let_off_is_named_absent() {
    let mut commands = vec![convene(Some("police")), come(MEET, "police", None)];
    commands.push(allow(office("620821"), "town"));
    commands.push(C::DeclineConvocation { at: NOW, caller: clerk("town") });
    let events = Convocation::decide(&given(&commands), conclude(desk(), "police")).unwrap();
    let [ConvocationEvent::ConvocationConcluded(event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.absent, [organisation("market")]);
}

#[test]
fn what_holds_of_every_aggregate_holds() {
    let commands: Vec<Command> = samples().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Convocation>(&commands);
    testkit::properties::folding_equals_one_by_one::<Convocation>(&commands);
    testkit::properties::accepted_histories_never_panic::<Convocation>(&commands);
}
