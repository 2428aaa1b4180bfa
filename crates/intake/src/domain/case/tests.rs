//! The rules of a case, pair by pair, and three properties of every history.

use std::fmt::Write as _;

use contracts::intake::{
    AcceptedBy, CaseReported, Channel, Place, PlaceSource, RefusalReason, Satisfaction, Urgency,
};
use kernel::{Rejection as _, fold, hash::Sha256};

use super::*;

const REPORTER: &str = "620821000000-reporter";
const OTHER: &str = "620821000000-other";
const CASE: &str = "620821101203-c";
const DAY: i64 = 86_400_000;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn reported(by_staff: bool) -> CaseReported {
    CaseReported {
        occurred_at: Timestamp(0),
        case: id(CASE),
        channel: Channel::QrPage,
        category: id("0101"),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        place: Place {
            source: PlaceSource::Grid,
            division: id("620821101203"),
            grid: Some(id("620821101203001")),
            position: None,
        },
        reporter: id(REPORTER),
        by_staff,
        text: None,
        contact: None,
        tracking: Sha256::default(),
        first_reported_at: Timestamp(0),
        photos: Vec::new(),
        form: None,
    }
}

fn accepting(accepted_by: AcceptedBy, grid: Option<&str>) -> Command {
    Command::AcceptCase(AcceptCase {
        at: Timestamp(1),
        accepted_by,
        rule_version: (accepted_by == AcceptedBy::Rule).then_some(1),
        category: id("0101"),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        grid: grid.map(id),
    })
}

fn refusing(reason: RefusalReason) -> Command {
    Command::RefuseCase { at: Timestamp(1), by: id(OTHER), reason, explanation: None }
}

fn adding(text: &str) -> Command {
    Command::AddInformation {
        at: Timestamp(1),
        by: id(REPORTER),
        text: id(text),
        photos: Vec::new(),
    }
}

fn resolving(order: &str) -> Command {
    Command::ResolveCase { at: Timestamp(2), work_order: id(order), found_true: true }
}

fn rating(by: &str) -> Command {
    Command::RateCase(RateCase {
        at: Timestamp(3),
        by: id(by),
        contacted: true,
        solved: true,
        satisfaction: Satisfaction::Satisfied,
        comment: None,
    })
}

fn reopening(at: i64) -> Command {
    Command::ReopenCase(ReopenCase {
        at: Timestamp(at),
        by: id(REPORTER),
        reason: id("620821000000-why"),
        window_ms: 15 * DAY,
    })
}

fn archiving(at: i64) -> Command {
    Command::ArchiveCase { at: Timestamp(at), rating_window_ms: 7 * DAY }
}

/// Every command in the forms between which the rules tell apart.
fn samples() -> Vec<(&'static str, &'static str, Command)> {
    vec![
        ("上报", "report", Command::ReportCase(Box::new(reported(false)))),
        ("按规则受理", "accept by rule", accepting(AcceptedBy::Rule, None)),
        ("调度员受理", "accept by an operator", accepting(AcceptedBy::Operator, None)),
        (
            "受理到外村网格",
            "accept into a grid elsewhere",
            accepting(AcceptedBy::Operator, Some("620821102200001")),
        ),
        ("不予受理", "refuse", refusing(RefusalReason::OutOfRemit)),
        ("以另一理由不予受理", "refuse for another reason", refusing(RefusalReason::Untrue)),
        ("补充情况", "add information", adding("620821000000-i2")),
        ("再次补充同一内容", "add the same again", adding("620821000000-i1")),
        ("工单办结", "resolve by its order", resolving("620821101203-o1")),
        ("另一工单办结", "resolve by another order", resolving("620821101203-o2")),
        ("本人评价", "rate, by the reporter", rating(REPORTER)),
        ("他人评价", "rate, by another", rating(OTHER)),
        ("限期内申请重新办理", "reopen within the window", reopening(2 + 15 * DAY - 1)),
        ("逾期申请重新办理", "reopen after the window", reopening(2 + 15 * DAY)),
        ("评价期内归档", "archive within the window", archiving(2 + 7 * DAY - 1)),
        ("评价期满归档", "archive after the window", archiving(2 + 7 * DAY)),
    ]
}

fn after(by_staff: bool, commands: &[Command]) -> State {
    let first: State = Case::evolve(State::Unreported, &reported(by_staff).into());
    commands.iter().fold(first, |state, command| {
        let events = Case::decide(&state, command.clone()).unwrap();
        fold::<Case>(state, &events)
    })
}

/// Every status, with one piece of information added where that can be.
fn states() -> Vec<(&'static str, &'static str, State)> {
    let added = adding("620821000000-i1");
    let accepted = [added.clone(), accepting(AcceptedBy::Rule, None)];
    let resolved = [&accepted[..], &[resolving("620821101203-o1")]].concat();
    let rated = [&resolved[..], &[rating(REPORTER)]].concat();
    let archived = [&rated[..], &[archiving(3)]].concat();
    let reopened = [&rated[..], &[reopening(4)]].concat();
    let resolved_again = [&reopened[..], &[resolving("620821101203-o2")]].concat();
    let unrated = [&resolved[..], &[archiving(2 + 7 * DAY)]].concat();
    vec![
        ("未上报", "unreported", State::Unreported),
        ("已上报", "reported", after(false, std::slice::from_ref(&added))),
        ("已受理", "accepted", after(false, &accepted)),
        ("不予受理", "refused", after(false, &[added, refusing(RefusalReason::OutOfRemit)])),
        ("已办结", "resolved", after(false, &resolved)),
        ("已办结(工作人员上报)", "resolved, reported by staff", after(true, &resolved)),
        ("已评价", "rated", after(false, &rated)),
        ("重新办理", "reopened", after(false, &reopened)),
        ("再次办结", "resolved again", after(false, &resolved_again)),
        ("已归档(已评价)", "archived, rated", after(false, &archived)),
        ("已归档(未评价)", "archived, unrated", after(false, &unrated)),
    ]
}

fn outcome(events: &[CaseEvent]) -> (&'static str, &'static str) {
    match events {
        [] => ("已是如此", "already so"),
        [CaseEvent::CaseReported(_)] => ("→ 已上报", "→ reported"),
        [CaseEvent::InformationAdded(_)] => ("→ 记入补充", "→ added"),
        [CaseEvent::CaseAccepted(_)] => ("→ 已受理", "→ accepted"),
        [CaseEvent::CaseRefused(_)] => ("→ 不予受理", "→ refused"),
        [CaseEvent::CaseResolved(_)] => ("→ 已办结", "→ resolved"),
        [CaseEvent::CaseRated(_)] => ("→ 已评价", "→ rated"),
        [CaseEvent::CaseReopened(_)] => ("→ 重新办理", "→ reopened"),
        [CaseEvent::CaseArchived(event)] => match event.reason {
            ArchiveReason::Rated => ("→ 归档(已评价)", "→ archived, rated"),
            ArchiveReason::Unrated => ("→ 归档(未评价)", "→ archived, unrated"),
            ArchiveReason::NobodyToRate => ("→ 归档(无需评价)", "→ archived, nobody to rate"),
        },
        more => panic!("a command writes one event, not {more:?}"),
    }
}

#[test]
fn the_rules_are_the_committed_table() {
    let mut page = String::from(
        "# 事项的规则 · The rules of a case\n\n一行是一个命令，一列是事项所处的状态；`大写` 为拒绝的理由，说明见表后。\
         \nA row is a command, a column the state of the case; `CAPITALS` are the reason of a refusal, \
         explained below.\n",
    );
    let mut refusals = std::collections::BTreeMap::new();
    for (title, corner, pick) in [("中文", "命令 \\ 状态", 0), ("English", "command \\ state", 1)]
    {
        let word = |zh: &str, en: &str| if pick == 0 { zh.to_owned() } else { en.to_owned() };
        write!(page, "\n## {title}\n\n| {corner} |").unwrap();
        for (zh, en, _) in states() {
            write!(page, " {} |", word(zh, en)).unwrap();
        }
        write!(page, "\n|---|{}", "---|".repeat(states().len())).unwrap();
        for (zh, en, command) in samples() {
            write!(page, "\n| {} |", word(zh, en)).unwrap();
            for (.., state) in states() {
                let cell = match Case::decide(&state, command.clone()) {
                    Ok(events) => {
                        let (zh, en) = outcome(&events);
                        word(zh, en)
                    }
                    Err(refusal) => {
                        let cell = format!("`{}`", refusal.reason());
                        refusals.insert(refusal.reason(), refusal);
                        cell
                    }
                };
                write!(page, " {cell} |").unwrap();
            }
        }
        page.push('\n');
    }
    page.push_str("\n## 拒绝的理由 · Reasons of refusal\n\n| 理由 reason | 说明 | what to do |\n|---|---|---|\n");
    let full = Rejection::InformationFull;
    refusals.insert(full.reason(), full);
    for (reason, refusal) in refusals {
        writeln!(page, "| `{reason}` | {} | {refusal} |", refusal.message_zh()).unwrap();
    }
    testkit::rules::check(concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/case.rules.md"), &page);
}

#[test]
fn an_operator_may_move_a_case_to_another_category_and_grid_of_its_village() {
    let state = after(false, &[]);
    let Command::AcceptCase(command) = accepting(AcceptedBy::Operator, Some("620821101203002"))
    else {
        unreachable!()
    };
    let command = AcceptCase { category: id("0203"), ..command };
    let events = Case::decide(&state, Command::AcceptCase(command)).unwrap();
    let report = fold::<Case>(state, &events).report().unwrap().clone();
    assert_eq!(report.category, id("0203"));
    assert_eq!(report.grid, Some(id("620821101203002")));
}

#[test]
fn a_case_takes_fifty_additions_and_no_more() {
    let many: Vec<Command> =
        (0..MAX_INFORMATION).map(|n| adding(&format!("620821000000-n{n}"))).collect();
    let full = after(false, &many);
    assert_eq!(Case::decide(&full, adding("620821000000-x")), Err(Rejection::InformationFull));
}

#[test]
fn only_rating_by_another_concerns_the_caller() {
    let state = after(false, &[]);
    assert!(Case::decide(&state, rating(OTHER)).unwrap_err().concerns_caller());
    assert!(!Case::decide(&state, rating(REPORTER)).unwrap_err().concerns_caller());
}

fn commands() -> Vec<Command> {
    samples().into_iter().map(|(.., command)| command).collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    testkit::properties::deciding_twice_changes_nothing::<Case>(&commands());
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Case>(&commands());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Case>(&commands());
}
