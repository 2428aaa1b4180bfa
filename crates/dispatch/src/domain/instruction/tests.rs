//! Given this history, when this is asked, then this happens.

use kernel::{StoredEvent as _, fold};

use super::{Command as C, *};

const AT: Timestamp = Timestamp(1_000);

fn leader() -> Caller {
    let person = "620821000000-leader".parse().unwrap();
    Caller { person, within: Within::Division("620821".parse().unwrap()) }
}

fn clerk(body: &str) -> Caller {
    let person = format!("620821000000-{body}").parse().unwrap();
    let organisation = format!("620821000000-org{body}").parse().unwrap();
    let division = "620821".parse().unwrap();
    Caller { person, within: Within::Organisation { organisation, division } }
}

fn text() -> RecordId {
    "620821000000-t".parse().unwrap()
}

fn give() -> Command {
    C::GiveInstruction {
        at: AT,
        caller: leader(),
        instruction: "620821101203-i1".parse().unwrap(),
        about: About::Case("620821101203-c1".parse().unwrap()),
        organisation: "620821000000-orga".parse().unwrap(),
        text: text(),
        due: Some(Timestamp(2_000)),
    }
}

fn report(body: &str) -> Command {
    C::ReportInstruction { at: AT, caller: clerk(body), text: text() }
}

fn samples() -> Vec<(&'static str, Command)> {
    vec![
        ("批示 give", give()),
        ("签阅 acknowledge", C::AcknowledgeInstruction { at: AT, caller: clerk("a") }),
        (
            "上级代签 acknowledge, by the office",
            C::AcknowledgeInstruction { at: AT, caller: leader() },
        ),
        ("反馈 report", report("a")),
        ("他单位反馈 report, by another body", report("b")),
        ("办结 close", C::CloseInstruction { at: AT, caller: leader() }),
    ]
}

fn given(commands: &[Command]) -> State {
    commands.iter().cloned().fold(State::default(), |state, command| {
        let events = Instruction::decide(&state, command).unwrap();
        fold::<Instruction>(state, &events)
    })
}

fn said(event: &InstructionEvent) -> &'static str {
    event.ce_type().split('.').nth(2).unwrap_or_default()
}

#[test]
fn the_rules_are_as_written() {
    let read = C::AcknowledgeInstruction { at: AT, caller: clerk("a") };
    let close = C::CloseInstruction { at: AT, caller: leader() };
    let states = [
        ("无 none", State::default()),
        ("已批示 given", given(&[give()])),
        ("已签阅 acknowledged", given(&[give(), read])),
        ("已反馈 reported", given(&[give(), report("a")])),
        ("已办结 closed", given(&[give(), report("a"), close])),
    ];
    let title = "批示规则 · The rules of the instruction";
    let text = testkit::rules::table::<Instruction>(title, &states, &samples(), said);
    testkit::rules::check("src/domain/instruction.rules.md", &text);
}

#[test]
fn what_holds_of_every_aggregate_holds() {
    let commands: Vec<Command> = samples().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Instruction>(&commands);
    testkit::properties::folding_equals_one_by_one::<Instruction>(&commands);
    testkit::properties::accepted_histories_never_panic::<Instruction>(&commands);
}
