//! Given this history, when this is asked, then this happens; and the table of it.

use std::fmt::Write as _;

use kernel::{Rejection as _, StoredEvent as _, fold};

use super::*;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn by(at: Timestamp, key: &str, within: Within) -> By {
    By { at, caller: Caller { person: person(key), within } }
}

fn centre() -> By {
    by(NOW, "centre", Within::Division("620821".parse().unwrap()))
}

fn body() -> OrganisationId {
    "620821101000-team".parse().unwrap()
}

fn clerk(organisation: &str) -> By {
    let organisation = organisation.parse().unwrap();
    let division = "620821".parse().unwrap();
    by(NOW, "clerk", Within::Organisation { organisation, division })
}

fn record() -> RecordId {
    "620821101203-why".parse().unwrap()
}

fn terms() -> Terms {
    let limits = ["4wh", "1wd", "1wd", "2wd"].map(|limit| limit.parse().unwrap());
    Terms { limits, calendar: Arc::default() }
}

fn open() -> Command {
    Command::Open(Box::new(Open {
        by: centre(),
        supervision: "620821101203-s1".parse().unwrap(),
        kind: SupervisedKind::WorkOrder,
        matter: "620821101203-o1".parse().unwrap(),
        division: "620821101203".parse().unwrap(),
        organisation: body(),
        origin: SupervisionOrigin::Centre,
        step: Step::Reminder,
        explanation: record(),
        terms: terms(),
    }))
}

fn answer() -> Command {
    Command::Answer(clerk("620821101000-team"), record())
}

fn raise() -> Command {
    Command::Raise(centre(), record(), terms())
}

fn close() -> Command {
    Command::Close(centre(), SupervisionFinding::Remedied, record())
}

/// Long after any answer was due.
fn unanswered(step: Step) -> Command {
    Command::RaiseUnanswered(Timestamp(NOW.0 + 90 * 86_400_000), step, terms())
}

fn given(commands: Vec<Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Supervision::decide(&state, command).unwrap();
        fold::<Supervision>(state, &events)
    })
}

fn outcome(state: &State, command: Command) -> Result<Vec<&'static str>, &'static str> {
    Supervision::decide(state, command)
        .map(|events| {
            events.iter().map(|event| event.ce_type().split('.').nth(2).unwrap()).collect()
        })
        .map_err(|rejection| rejection.reason())
}

fn rows() -> Vec<(&'static str, &'static str, Command)> {
    let other = clerk("620821101000-other");
    let elsewhere = by(NOW, "else", Within::Division("620821102".parse().unwrap()));
    let township = by(NOW, "own", Within::Division("620821101".parse().unwrap()));
    vec![
        ("开展督办", "open", open()),
        ("被督办单位答复", "answer, by the body", answer()),
        ("他单位答复", "answer, by another", Command::Answer(other, record())),
        ("督办升级", "raise", raise()),
        (
            "被督办单位所在乡镇自行升级",
            "raise, by its own township",
            Command::Raise(township, record(), terms()),
        ),
        ("他处升级", "raise, from outside", Command::Raise(elsewhere, record(), terms())),
        ("提醒逾期未答复", "the reminder stays unanswered", unanswered(Step::Reminder)),
        ("办结督办", "close", close()),
    ]
}

#[test]
fn the_rules_are_as_written() {
    let states = [
        ("无 none", State::default()),
        ("待答复 waiting", given(vec![open()])),
        ("已答复 answered", given(vec![open(), answer()])),
        ("红牌 red card", given(vec![open(), raise(), raise(), raise()])),
        ("已办结 closed", given(vec![open(), close()])),
    ];
    let mut text = String::from(
        "# 督办规则 · The rules of the supervision\n\n\
         由测试生成；改规则后以 UPDATE_RULES=1 运行测试更新。\n\
         Written by a test; after a change run it with UPDATE_RULES=1.\n\n",
    );
    let columns: Vec<_> = states.iter().map(|(name, _)| *name).collect();
    writeln!(text, "| 操作 command | {} |", columns.join(" | ")).unwrap();
    writeln!(text, "|---|{}", "---|".repeat(columns.len())).unwrap();
    for (zh, en, command) in rows() {
        write!(text, "| {zh} {en} |").unwrap();
        for (_, state) in &states {
            let cell = match outcome(state, command.clone()) {
                Ok(events) if events.is_empty() => "＝".to_owned(),
                Ok(events) => format!("✓ `{}`", events.join("` `")),
                Err(reason) => format!("✗ `{reason}`"),
            };
            write!(text, " {cell} |").unwrap();
        }
        text.push('\n');
    }
    testkit::rules::check("src/domain/supervision.rules.md", &text);
}

#[test]
fn a_step_without_an_answer_leads_to_the_next_until_the_red_card() {
    let mut state = given(vec![open()]);
    for step in [Step::Reminder, Step::Supervision, Step::YellowCard] {
        let early = Command::RaiseUnanswered(NOW, step, terms());
        assert_eq!(outcome(&state, early), Ok(vec![]), "not due yet");
        let due = state.opened.as_ref().unwrap().answer_due;
        let late = || Command::RaiseUnanswered(due, step, terms());
        let events = Supervision::decide(&state, late()).unwrap();
        assert_eq!(events.len(), 1);
        state = fold::<Supervision>(state, &events);
        assert_eq!(outcome(&state, late()), Ok(vec![]), "each step once");
    }
    assert_eq!(outcome(&state, unanswered(Step::RedCard)), Ok(vec![]));
    assert_eq!(outcome(&state, raise()), Err("NO_STEP_ABOVE"));
}

#[test]
fn an_answer_stops_the_clock_and_not_the_office_above() {
    let state = given(vec![open(), answer()]);
    assert_eq!(outcome(&state, unanswered(Step::Reminder)), Ok(vec![]));
    assert_eq!(outcome(&state, raise()), Ok(vec!["supervision_raised"]));
}

fn samples() -> Vec<Command> {
    rows().into_iter().map(|(_, _, command)| command).collect()
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Supervision>(&samples());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Supervision>(&samples());
}
