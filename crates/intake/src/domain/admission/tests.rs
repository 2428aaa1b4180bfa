//! The rules of the admission list, pair by pair.

use contracts::intake::admission::GridTask;
use kernel::fold;

use super::*;

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn request(until: Option<i64>) -> Command {
    Command::RequestAdmission(Box::new(AdmissionRequested {
        occurred_at: Timestamp(1),
        admission: "620821101000-a".parse().unwrap(),
        category: Some("0601".parse().unwrap()),
        division: "620821101".parse().unwrap(),
        tasks: vec![GridTask::Campaign],
        matter: "620821000000-t".parse().unwrap(),
        by: person("asker"),
        unit: None,
        until: until.map(Timestamp),
    }))
}

fn grant(by: &str, until: Option<i64>) -> Command {
    let until = until.map(Timestamp);
    Command::GrantAdmission { at: Timestamp(5), by: person(by), until, catalogue_version: 3 }
}

fn refuse(by: &str) -> Command {
    let reason = AdmissionRefusal::NotAdmitted;
    Command::RefuseAdmission { at: Timestamp(5), by: person(by), reason, explanation: None }
}

fn end(by: Option<&str>, at: i64) -> Command {
    Command::EndAdmission { at: Timestamp(at), by: by.map(person) }
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("申请 ask for it", request(None)),
        ("批准 grant", grant("chief", None)),
        ("批准至某日 grant for a time", grant("chief", Some(50))),
        ("批准至过去 grant until a past day", grant("chief", Some(4))),
        ("申请人自行批准 grant one's own", grant("asker", None)),
        ("否决 refuse", refuse("chief")),
        ("申请人自行否决 refuse one's own", refuse("asker")),
        ("终止 end", end(Some("chief"), 6)),
        ("未到期 end by the clock, too early", end(None, 49)),
        ("到期 end by the clock", end(None, 50)),
    ]
}

fn after(commands: Vec<Command>) -> State {
    commands.into_iter().fold(State::Unknown, |state, command| {
        let events = Admission::decide(&state, command).unwrap();
        fold::<Admission>(state, &events)
    })
}

#[test]
fn the_rules_are_the_committed_table() {
    let states = [
        ("无 nothing", State::Unknown),
        ("已申请 requested", after(vec![request(None)])),
        ("已准入 granted", after(vec![request(None), grant("chief", None)])),
        ("临时准入 granted for a time", after(vec![request(Some(50)), grant("chief", None)])),
        ("已否决 refused", after(vec![request(None), refuse("chief")])),
        ("已终止 ended", after(vec![request(None), grant("chief", None), end(Some("chief"), 6)])),
    ];
    let table = testkit::rules::table::<Admission>(
        "准入清单的规则 · The rules of the admission list",
        &states,
        &commands(),
        |event| match event {
            AdmissionEvent::AdmissionRequested(_) => "→ 已申请 requested",
            AdmissionEvent::AdmissionGranted(_) => "→ 已准入 granted",
            AdmissionEvent::AdmissionRefused(_) => "→ 已否决 refused",
            AdmissionEvent::AdmissionEnded(_) => "→ 已终止 ended",
        },
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/admission.rules.md");
    testkit::rules::check(path, &table);
}

fn samples() -> Vec<Command> {
    commands().into_iter().map(|(_, command)| command).collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    testkit::properties::deciding_twice_changes_nothing::<Admission>(&samples());
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Admission>(&samples());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Admission>(&samples());
}
