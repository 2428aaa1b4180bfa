//! The rules of a case, pair by pair, and three properties of every history.

mod samples;

use std::fmt::Write as _;

use contracts::intake::{AcceptedBy, ArchiveReason};
use kernel::{Rejection as _, Timestamp, fold, hash::Sha256};
use samples::{
    By, DAY, OTHER, REPORTER, accepting, adding, after, archiving, id, joining, merging_well,
    rating, reopening, resolving, samples, states, unmerging,
};

use super::*;

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
        [CaseEvent::CaseReported(_), CaseEvent::CaseHandledOnSite(_)] => {
            ("→ 上报并处置", "→ reported and settled")
        }
        [CaseEvent::CaseJoined(_)] => ("→ 记入关注", "→ joined"),
        [CaseEvent::CaseMerged(_)] => ("→ 已合并", "→ merged"),
        [CaseEvent::CaseUnmerged(_)] => ("→ 恢复原状", "→ its own again"),
        [CaseEvent::CaseTransferred(_)] => ("→ 已转办", "→ transferred"),
        [CaseEvent::CaseWithdrawn(_)] => ("→ 已撤回", "→ withdrawn"),
        [CaseEvent::InformationRequested(_)] => ("→ 请补充", "→ asked"),
        [CaseEvent::CaseLapsed(_)] => ("→ 逾期终止", "→ lapsed"),
        [CaseEvent::CaseAnswered(_)] => ("→ 已答复", "→ answered"),
        [CaseEvent::ConfidentialitySet(_)] => ("→ 记入保密", "→ confidential"),
        [CaseEvent::CaseHandledOnSite(_)] => ("→ 自行处置", "→ settled on the spot"),
        [CaseEvent::CaseHandledOnSite(_), CaseEvent::SpotCheckDrawn(_)] => {
            ("→ 自行处置待核查", "→ settled, to be checked")
        }
        [CaseEvent::SpotCheckConfirmed(_)] => ("→ 核查属实", "→ checked"),
        [CaseEvent::SpotCheckConfirmed(_), CaseEvent::CaseReopened(_)] => {
            ("→ 核查不实，重新办理", "→ checked and reopened")
        }
        [CaseEvent::CaseCalledBack(_)] => ("→ 记入回访", "→ called"),
        [CaseEvent::CaseCalledBack(_), CaseEvent::CaseRated(_)] => {
            ("→ 回访已评价", "→ called and rated")
        }
        [CaseEvent::AlarmCounted(_)] => ("→ 记入告警次数", "→ counted"),
        [CaseEvent::CaseArchived(event)] => match event.reason {
            ArchiveReason::Rated => ("→ 归档(已评价)", "→ archived, rated"),
            ArchiveReason::Unrated => ("→ 归档(未评价)", "→ archived, unrated"),
            ArchiveReason::NobodyToRate => ("→ 归档(无需评价)", "→ archived, nobody to rate"),
        },
        more => panic!("no command writes {more:?}"),
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
    for full in [Rejection::InformationFull, Rejection::JoinersFull, Rejection::Confidential] {
        refusals.insert(full.reason(), full);
    }
    for (reason, refusal) in refusals {
        writeln!(page, "| `{reason}` | {} | {refusal} |", refusal.message_zh()).unwrap();
    }
    testkit::rules::check(concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/case.rules.md"), &page);
}

#[test]
fn an_operator_may_move_a_case_to_another_category_and_grid_of_its_village() {
    let state = after(By::Resident, &[]);
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
    let full = after(By::Resident, &many);
    assert_eq!(Case::decide(&full, adding("620821000000-x")), Err(Rejection::InformationFull));
}

#[test]
fn only_rating_by_another_concerns_the_caller() {
    let state = after(By::Resident, &[]);
    assert!(Case::decide(&state, rating(OTHER)).unwrap_err().concerns_caller());
    assert!(!Case::decide(&state, rating(REPORTER)).unwrap_err().concerns_caller());
}

#[test]
fn a_case_is_joined_three_hundred_times_and_no_more() {
    let mark = |n: usize| {
        let mut tracking = Sha256([9; 32]);
        tracking.0[..8].copy_from_slice(&n.to_be_bytes());
        let Command::JoinCase(command) = joining(&format!("620821000000-n{n}"), 0) else {
            unreachable!()
        };
        Command::JoinCase(JoinCase { tracking, ..command })
    };
    let full = after(By::Resident, &(0..MAX_JOINERS).map(mark).collect::<Vec<_>>());
    assert_eq!(Case::decide(&full, mark(MAX_JOINERS)), Err(Rejection::JoinersFull));
}

#[test]
fn after_an_unmerge_a_case_stands_as_if_never_merged() {
    for (_, name, before) in states() {
        let Ok(merged) = Case::decide(&before, merging_well()) else { continue };
        let merged = fold::<Case>(before.clone(), &merged);
        let Ok(unmerged) = Case::decide(&merged, unmerging()) else { continue };
        if !unmerged.is_empty() {
            assert!(fold::<Case>(merged, &unmerged) == before || name == "merged", "{name}");
        }
    }
}

#[test]
fn however_merges_cross_each_other_there_is_no_circle() {
    // Both desks decide at once: each sees the other case open.
    let (first, second) = (after(By::Resident, &[]), "620821101203-z");
    let into = |case: &str| Primary {
        case: id(case),
        first_reported_at: Timestamp(0),
        confidential: false,
        standing: Standing::Open,
    };
    let merge = |case: &str| {
        let Command::MergeCase(command) = merging_well() else { unreachable!() };
        Command::MergeCase(MergeCase { primary: into(case), ..command })
    };
    assert_eq!(Case::decide(&first, merge(second)), Err(Rejection::MergeIntoLater));
    assert!(Case::decide(&first, merge("620821101203-a")).is_ok());
}

#[test]
fn a_comment_moves_neither_the_window_for_reopening_nor_that_for_rating() {
    let resolved = [accepting(AcceptedBy::Rule, None), resolving("620821101203-o1")];
    let silent = after(By::Resident, &resolved);
    let spoken = after(By::Resident, &[&resolved[..], &[adding("620821000000-i9")]].concat());
    for at in [2 + 7 * DAY - 1, 2 + 7 * DAY, 2 + 15 * DAY - 1, 2 + 15 * DAY] {
        for command in [archiving(at), reopening(at)] {
            let decided = Case::decide(&silent, command.clone());
            assert_eq!(Case::decide(&spoken, command), decided, "at {at}");
        }
    }
}

#[test]
fn each_who_reported_or_joined_rates_once_and_then_the_case_can_be_archived() {
    let joiner = "620821000000-joiner";
    let commands = [
        joining(joiner, 2),
        accepting(AcceptedBy::Rule, None),
        resolving("620821101203-o1"),
        rating(REPORTER),
    ];
    let one = after(By::Resident, &commands);
    assert_eq!(Case::decide(&one, rating(REPORTER)), Err(Rejection::RatedBefore));
    assert!(matches!(Case::decide(&one, archiving(3)), Err(Rejection::WindowOpen(_))));
    let both = after(By::Resident, &[&commands[..], &[rating(joiner)]].concat());
    assert_eq!(Case::decide(&both, rating(joiner)), Err(Rejection::RatedBefore));
    assert!(Case::decide(&both, archiving(3)).is_ok());
}

fn commands() -> Vec<Command> {
    samples().into_iter().map(|(.., command)| command).collect()
}

/// All but calls, each of which is one more.
fn once() -> Vec<Command> {
    commands().into_iter().filter(|command| !matches!(command, Command::CallBack(_))).collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    testkit::properties::deciding_twice_changes_nothing::<Case>(&once());
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Case>(&commands());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Case>(&commands());
}
