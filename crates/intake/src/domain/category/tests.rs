//! The rules of a category, pair by pair.

use contracts::intake::{Admission, CategoryDetails, CategoryKind, Urgency};
use kernel::fold;

use super::*;

fn leaf(limit: &str, document: &str, renamed: bool) -> DefineCategory {
    DefineCategory {
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
            details: CategoryDetails::default(),
        }),
        catalogue_version: 1,
        document: document.parse().unwrap(),
        row: 1,
        renamed,
        from: None,
        until: None,
        successor: None,
    }
}

const ONE: &str = "620821000000-d1";
const OTHER: &str = "620821000000-d2";

fn define(new: DefineCategory) -> Command {
    Command::DefineCategory(Box::new(new))
}

fn group() -> Command {
    define(DefineCategory { parent: None, rules: None, ..leaf("2wd", ONE, false) })
}

fn later() -> Command {
    define(DefineCategory { from: Some(Timestamp(50)), ..leaf("5wd", OTHER, false) })
}

fn until(moment: i64, successor: Option<&str>) -> Command {
    let successor = successor.map(|code| code.parse().unwrap());
    define(DefineCategory {
        until: Some(Timestamp(moment)),
        successor,
        ..leaf("2wd", OTHER, false)
    })
}

fn end(ends_at: i64, successor: Option<&str>) -> Command {
    Command::EndCategory(EndCategory {
        at: Timestamp(1),
        category: "0101".parse().unwrap(),
        ends_at: Timestamp(ends_at),
        successor: successor.map(|code| code.parse().unwrap()),
        catalogue_version: 2,
        by: "620821000000-p".parse().unwrap(),
    })
}

fn commands() -> Vec<(&'static str, Command)> {
    let due = |at| Command::PutInForce { at: Timestamp(at), catalogue_version: 3 };
    let over = |at| Command::EndDue { at: Timestamp(at), catalogue_version: 3 };
    vec![
        ("定义末级类别 define as a leaf", define(leaf("2wd", ONE, true))),
        ("另一文件，内容相同 the same from another document", define(leaf("2wd", OTHER, false))),
        ("另一文件，改名 another name", define(leaf("2wd", OTHER, true))),
        ("另一时限 another limit", define(leaf("3wd", OTHER, false))),
        ("定义大类 define as a group", group()),
        ("将来生效 define for later", later()),
        ("将来终止 define until later", until(70, None)),
        ("已终止 define as over", until(1, None)),
        ("到期前生效 put in force, too early", due(49)),
        ("到期生效 put in force when due", due(50)),
        ("立即终止 end at once", end(1, None)),
        ("终止并指定接替类别 end with a successor", end(1, Some("0102"))),
        ("将来终止 end later", end(70, None)),
        ("期满前终止 end what is due, too early", over(69)),
        ("期满终止 end what is due", over(70)),
    ]
}

fn after(commands: Vec<Command>) -> State {
    commands.into_iter().fold(State::Undefined, |state, command| {
        let events = Category::decide(&state, command).unwrap();
        fold::<Category>(state, &events)
    })
}

#[test]
fn the_rules_are_the_committed_table() {
    let known = || define(leaf("2wd", ONE, false));
    let states = [
        ("未定义 undefined", State::Undefined),
        ("将生效 planned", after(vec![later()])),
        ("末级类别 leaf", after(vec![known()])),
        ("有新定义待生效 leaf with a plan", after(vec![known(), later()])),
        ("有终止日 leaf with an end", after(vec![until(70, None)])),
        ("大类 group", after(vec![group()])),
        ("已终止 ended", after(vec![known(), end(1, None)])),
    ];
    let table = testkit::rules::table::<Category>(
        "类别的规则 · The rules of a category",
        &states,
        &commands(),
        |event| match event {
            CategoryEvent::CategoryDefined(_) => "→ 生效 in force",
            CategoryEvent::CategoryPlanned(_) => "→ 待生效 planned",
            CategoryEvent::CategoryEnded(_) => "→ 终止 ended",
        },
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/category.rules.md");
    testkit::rules::check(path, &table);
}

#[test]
fn a_plan_changes_nothing_before_its_time_and_all_of_it_then() {
    let state = after(vec![define(leaf("2wd", ONE, false)), later()]);
    let State::InForce(now, Some(plan)) = &state else { panic!("{state:?}") };
    assert_eq!(now.rules.as_ref().unwrap().limit, "2wd".parse().unwrap());
    let due = Command::PutInForce { at: Timestamp(60), catalogue_version: 9 };
    let events = Category::decide(&state, due).unwrap();
    let State::InForce(now, None) = fold::<Category>(state.clone(), &events) else { panic!() };
    assert_eq!((&now.rules, now.catalogue_version), (&plan.rules, 9));
}

#[test]
fn what_has_ended_comes_again_when_it_is_defined_without_an_end() {
    let state = after(vec![define(leaf("2wd", ONE, false)), end(1, Some("0102"))]);
    let State::Ended(_, ended, None) = &state else { panic!("{state:?}") };
    assert_eq!(ended.successor.as_ref().unwrap().as_str(), "0102");
    let as_exported = Category::decide(&state, until(1, Some("0102"))).unwrap();
    assert!(as_exported.is_empty(), "an export says that it is over: {as_exported:?}");
    let events = Category::decide(&state, define(leaf("2wd", OTHER, false))).unwrap();
    assert!(matches!(fold::<Category>(state, &events), State::InForce(..)));
}

fn samples() -> Vec<Command> {
    commands().into_iter().map(|(_, command)| command).collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    testkit::properties::deciding_twice_changes_nothing::<Category>(&samples());
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Category>(&samples());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Category>(&samples());
}
