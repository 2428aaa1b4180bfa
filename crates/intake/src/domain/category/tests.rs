//! The rules of a category, pair by pair.

use std::fmt::Write as _;

use contracts::intake::{Admission, CategoryKind, Urgency};
use kernel::{Rejection as _, fold};

use super::*;

fn leaf(limit: &str, document: &str, renamed: bool) -> Command {
    Command::DefineCategory(DefineCategory {
        at: Timestamp(1),
        category: "0101".parse().unwrap(),
        parent: Some("01".parse().unwrap()),
        rules: Some(CategoryRules {
            kind: CategoryKind::Component,
            handler: "d001".parse().unwrap(),
            limit: limit.parse().unwrap(),
            urgency: Urgency::Normal,
            admission: Admission::Grid,
            confidential: false,
            consent_needed: false,
            report_earns_points: false,
        }),
        catalogue_version: 1,
        document: document.parse().unwrap(),
        row: 1,
        renamed,
    })
}

fn group() -> Command {
    let Command::DefineCategory(leaf) = leaf("2wd", "620821000000-d1", false);
    Command::DefineCategory(DefineCategory { parent: None, rules: None, ..leaf })
}

fn samples() -> Vec<(&'static str, &'static str, Command)> {
    vec![
        ("定义末级类别", "define as a leaf", leaf("2wd", "620821000000-d1", true)),
        (
            "另一文件，内容相同",
            "the same from another document",
            leaf("2wd", "620821000000-d2", false),
        ),
        ("另一文件，改名", "another name", leaf("2wd", "620821000000-d2", true)),
        ("另一时限", "another limit", leaf("3wd", "620821000000-d2", false)),
        ("定义大类", "define as a group", group()),
    ]
}

fn after(command: Command) -> State {
    let events = Category::decide(&State::Undefined, command).unwrap();
    fold::<Category>(State::Undefined, &events)
}

#[test]
fn the_rules_are_the_committed_table() {
    let mut page = String::from(
        "# 类别的规则 · The rules of a category\n\n\
         | 命令 command | 未定义 undefined | 末级类别 leaf | 大类 group |\n|---|---|---|---|\n",
    );
    let mut refusals = String::new();
    for (zh, en, command) in samples() {
        write!(page, "| {zh} · {en} |").unwrap();
        for state in
            [State::Undefined, after(leaf("2wd", "620821000000-d1", false)), after(group())]
        {
            match Category::decide(&state, command.clone()) {
                Ok(events) if events.is_empty() => page.push_str(" 已是如此 already so |"),
                Ok(_) => page.push_str(" → 生效 in force |"),
                Err(refusal) => {
                    write!(page, " `{}` |", refusal.reason()).unwrap();
                    let line =
                        format!("\n* `{}`: {} · {refusal}", refusal.reason(), refusal.message_zh());
                    if !refusals.contains(&line) {
                        refusals.push_str(&line);
                    }
                }
            }
        }
        page.push('\n');
    }
    page.push_str(&refusals);
    page.push('\n');
    testkit::rules::check(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/category.rules.md"),
        &page,
    );
}

fn commands() -> Vec<Command> {
    samples().into_iter().map(|(.., command)| command).collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    testkit::properties::deciding_twice_changes_nothing::<Category>(&commands());
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Category>(&commands());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Category>(&commands());
}
