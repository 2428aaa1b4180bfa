//! The rules of hot spots, pair by pair.

use kernel::fold;

use super::*;

fn person() -> PersonId {
    "620821000000-chief".parse().unwrap()
}

fn raise(count: u32) -> Command {
    let raised = HotspotRaised {
        occurred_at: Timestamp(1),
        hotspot: "620821101203-h007_0502".parse().unwrap(),
        division: "620821101203".parse().unwrap(),
        grid: "620821101203007".parse().ok(),
        category: "0502".parse().unwrap(),
        count,
        window_days: 15,
        rule_version: 1,
    };
    Command::RaiseHotspot { raised, needed: 3 }
}

fn clear(at_days: i64) -> Command {
    Command::ClearHotspot {
        at: Timestamp(2 + at_days * DAY_MS),
        last_reported_at: Timestamp(1),
        quiet_days: 12,
        rule_version: 1,
    }
}

fn commands() -> Vec<(&'static str, Command)> {
    let (at, measure) = (Timestamp(2), None);
    vec![
        ("两件 two cases", raise(2)),
        ("三件 three cases", raise(3)),
        (
            "认领 acknowledge",
            Command::AcknowledgeHotspot { at, by: person(), measure: measure.clone() },
        ),
        ("处置完毕 conclude", Command::ConcludeHotspot { at, by: person(), measure }),
        ("平静不足 quiet for too short a time", clear(11)),
        ("平静期满 quiet for long enough", clear(12)),
    ]
}

fn after(commands: &[usize]) -> State {
    commands.iter().fold(State::Quiet, |state, place| {
        let events = Hotspot::decide(&state, self::commands()[*place].1.clone()).unwrap();
        fold::<Hotspot>(state, &events)
    })
}

#[test]
fn the_rules_are_the_committed_table() {
    let states = [
        ("平静 quiet", State::Quiet),
        ("预警 raised", after(&[1])),
        ("已认领 acknowledged", after(&[1, 2])),
        ("已处置 concluded", after(&[1, 2, 3])),
    ];
    let table = testkit::rules::table::<Hotspot>(
        "高发预警的规则 · The rules of hot spots",
        &states,
        &commands(),
        |event| match event {
            HotspotEvent::HotspotRaised(_) => "→ 预警 raised",
            HotspotEvent::HotspotAcknowledged(_) => "→ 已认领 acknowledged",
            HotspotEvent::HotspotConcluded(_) => "→ 已处置 concluded",
            HotspotEvent::HotspotCleared(_) => "→ 解除 cleared",
        },
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/hotspot.rules.md");
    testkit::rules::check(path, &table);
}

#[test]
fn a_concluded_hot_spot_is_quiet_from_its_conclusion_at_the_earliest() {
    let raised = after(&[1]);
    let late = Command::ConcludeHotspot { at: Timestamp(DAY_MS), by: person(), measure: None };
    let state = fold::<Hotspot>(raised.clone(), &Hotspot::decide(&raised, late).unwrap());
    assert!(Hotspot::decide(&state, clear(12)).unwrap().is_empty());
    assert_eq!(Hotspot::decide(&state, clear(13)).unwrap().len(), 1);
}

fn samples() -> Vec<Command> {
    commands().into_iter().map(|(_, command)| command).collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    testkit::properties::deciding_twice_changes_nothing::<Hotspot>(&samples());
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<Hotspot>(&samples());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<Hotspot>(&samples());
}
