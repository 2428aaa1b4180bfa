use std::num::NonZeroU32;

use contracts::points::Account;
use kernel::id::{CaseId, PersonId, ProgrammeId, RecordId};
use proptest::prelude::*;
use testkit::rules::table;

use super::*;

/// 1970-01-02, 08:00 in Shanghai.
const DAY: i64 = 86_400_000;

fn programme() -> ProgrammeId {
    "620821101203-residents".parse().unwrap()
}

fn person(number: u64) -> PersonId {
    format!("620821000000-p{number}").parse().unwrap()
}

fn case(number: u64) -> CaseId {
    format!("620821101203-c{number}").parse().unwrap()
}

fn award(key: &str) -> AwardId {
    format!("620821101203-{key}").parse().unwrap()
}

fn record() -> RecordId {
    "620821101203-why".parse().unwrap()
}

fn create() -> Command {
    Command::CreateProgramme { programme: programme(), name: record(), at: Timestamp(DAY) }
}

fn rule(points: u32, daily_cap: u32) -> Command {
    Command::SetRule { programme: programme(), points, daily_cap, at: Timestamp(DAY) }
}

fn by_hand(key: &str, to: u64, points: u32) -> Command {
    Command::AwardPoints(AwardByHand {
        programme: programme(),
        award: award(key),
        person: person(to),
        points: NonZeroU32::new(points).unwrap(),
        case: None,
        by: person(9),
        reason: record(),
        at: Timestamp(DAY),
    })
}

fn report(case_number: u64, by: u64, resolution: u64, at: i64) -> Command {
    Command::AwardTrueReport(TrueReport {
        programme: programme(),
        award: award(&format!("r{case_number}_{resolution}")),
        case: case(case_number),
        person: person(by),
        resolution,
        resolved_at: Timestamp(at),
        at: Timestamp(at),
    })
}

fn reverse(key: &str) -> Command {
    Command::ReverseAward(ReversalByHand {
        programme: programme(),
        award: award(key),
        by: person(9),
        reason: record(),
        at: Timestamp(DAY),
    })
}

fn reopen(case_number: u64, before: u64) -> Command {
    let case = case(case_number);
    Command::ReverseReopened { programme: programme(), case, before, at: Timestamp(DAY) }
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Ledger::decide(&state, command).unwrap();
        kernel::aggregate::fold::<Ledger>(state, &events)
    })
}

fn held(state: &State, number: u64) -> i64 {
    state.balance(&Account::Resident(person(number)))
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("创建项目 CreateProgramme", create()),
        ("设定规则, 每件5分, 每日8分 SetRule, 5 a report, 8 a day", rule(5, 8)),
        ("设定规则, 不予积分 SetRule, nothing a report", rule(0, 8)),
        ("手工记分 AwardPoints", by_hand("h", 1, 3)),
        ("给自己记分 AwardPoints to oneself", by_hand("s", 9, 3)),
        ("再次手工记分 AwardPoints again under a new id", by_hand("h2", 1, 3)),
        ("反映属实 AwardTrueReport", report(1, 1, 10, DAY)),
        ("同日另一反映属实 AwardTrueReport of another case on the same day", report(2, 1, 11, DAY)),
        ("同日第三件 AwardTrueReport of a third case on the same day", report(3, 1, 12, DAY)),
        ("规则之前的反映 AwardTrueReport from before the rule", report(4, 1, 9, DAY - 1)),
        ("重办后再次属实 AwardTrueReport, resolved again", report(1, 1, 30, DAY)),
        ("撤销手工记分 ReverseAward", reverse("h")),
        ("撤销不存在的 ReverseAward of one never given", reverse("z")),
        ("事项重办 ReverseReopened", reopen(1, 20)),
        ("未记分事项重办 ReverseReopened of a case that earned nothing", reopen(7, 20)),
    ]
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let begun = || vec![create(), rule(5, 8)];
    let with = |more: Vec<Command>| after([begun(), more].concat());
    let states = [
        ("未创建 absent", State::default()),
        ("已创建 created", after([create()])),
        ("已有规则 with a rule", with(vec![])),
        (
            "已记分 with awards",
            with(vec![by_hand("h", 1, 3), report(1, 1, 10, DAY), report(2, 1, 11, DAY)]),
        ),
        (
            "已撤销 awards reversed",
            with(vec![by_hand("h", 1, 3), report(1, 1, 10, DAY), reverse("h"), reopen(1, 20)]),
        ),
        ("重办后又属实 resolved again", with(vec![report(1, 1, 10, DAY), report(1, 1, 30, DAY)])),
    ];
    let said: fn(&LedgerEvent) -> _ = |event| match event {
        LedgerEvent::ProgrammeCreated(_) => "创建 is created",
        LedgerEvent::RuleSet(_) => "规则生效 the rule holds",
        LedgerEvent::PointsAwarded(_) => "记分 points are given",
        LedgerEvent::AwardReversed(_) => "冲回 the award is reversed",
    };
    let rules = table::<Ledger>("积分账本 Ledger", &states, &commands(), said);
    testkit::rules::check(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/ledger.rules.md"),
        &rules,
    );
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Ledger>(&commands);
    testkit::properties::folding_equals_one_by_one::<Ledger>(&commands);
    testkit::properties::accepted_histories_never_panic::<Ledger>(&commands);
}

#[test]
fn the_cap_is_of_one_person_and_day_and_a_reversal_gives_room_again() {
    let state = after([create(), rule(5, 8), report(1, 1, 10, DAY), report(2, 1, 11, DAY)]);
    assert_eq!(held(&state, 1), 8, "the second report gets what is left of the day");
    let full = Ledger::decide(&state, report(3, 1, 12, DAY)).unwrap_err();
    assert_eq!(full, Rejection::DailyCapReached(8));
    assert!(Ledger::decide(&state, report(3, 2, 12, DAY)).is_ok(), "another person");
    // Midnight in Shanghai is 16:00 in UTC.
    let midnight = DAY + 16 * 3_600_000;
    assert!(Ledger::decide(&state, report(3, 1, 12, midnight - 1)).is_err());
    assert!(Ledger::decide(&state, report(3, 1, 12, midnight)).is_ok());
    let given = after([
        create(),
        rule(5, 8),
        report(1, 1, 10, DAY),
        report(2, 1, 11, DAY),
        reopen(2, 20),
        report(3, 1, 30, DAY),
    ]);
    assert_eq!(held(&given, 1), 8);
    // What is given by hand is beside the cap.
    let both = after([create(), rule(5, 8), by_hand("h", 1, 100), report(1, 1, 10, DAY)]);
    assert_eq!(held(&both, 1), 105);
}

#[test]
fn the_rule_of_the_day_of_the_finding_holds() {
    let second = Command::SetRule {
        programme: programme(),
        points: 2,
        daily_cap: 8,
        at: Timestamp(3 * DAY),
    };
    let state = after([create(), rule(5, 8), second, report(1, 1, 10, DAY)]);
    assert_eq!(held(&state, 1), 5, "found true under the first rule, given under the second");
    let state = after([create(), rule(5, 8), report(1, 1, 10, 3 * DAY)]);
    assert_eq!(held(&state, 1), 5);
}

#[test]
fn a_late_reversal_leaves_what_a_later_resolution_earned() {
    let state = after([create(), rule(5, 8), report(1, 1, 10, DAY), report(1, 1, 30, DAY)]);
    assert_eq!(held(&state, 1), 5, "one award of a case stands");
    assert!(Ledger::decide(&state, reopen(1, 20)).unwrap().is_empty());
    let again = after([create(), rule(5, 8), report(1, 1, 10, DAY), reopen(1, 20)]);
    assert_eq!(held(&again, 1), 0);
    let later = after([create(), rule(5, 8), report(1, 1, 30, DAY)]);
    let refused = Ledger::decide(&later, report(1, 1, 10, DAY)).unwrap_err();
    assert_eq!(refused, Rejection::ResolutionSuperseded(case(1)));
}

#[test]
fn an_amount_that_no_ledger_holds_is_refused() {
    let mut state = after([create()]);
    let full = |amount| contracts::points::Leg {
        account: Account::Resident(person(1)),
        amount,
        balance: amount,
    };
    state.apply(&LedgerEvent::from(PointsAwarded {
        occurred_at: Timestamp(DAY),
        programme: programme(),
        award: award("forged"),
        person: person(1),
        case: None,
        legs: vec![full(i64::MAX), full(i64::MAX)],
        day: 1,
        given_by: Giver::Person { by: person(9), reason: record() },
    }));
    let refused = Ledger::decide(&state, by_hand("h", 1, 1)).unwrap_err();
    assert_eq!(refused, Rejection::LedgerFull);
}

/// Any command on few people, cases and awards, so that they meet.
fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => (0_u32..9, 1_u32..30).prop_map(|(points, cap)| rule(points, cap)),
        4 => (0_u32..8, 1_u64..4, 1_u32..u32::MAX)
            .prop_map(|(key, to, points)| by_hand(&format!("h{key}"), to, points)),
        6 => (1_u64..6, 1_u64..4, 0_u64..40, 0_i64..3)
            .prop_map(|(case, by, sequence, day)| report(case, by, sequence, (1 + day) * DAY)),
        3 => (0_u32..8).prop_map(|key| reverse(&format!("h{key}"))),
        3 => (1_u64..6, 0_u64..40).prop_map(|(case, before)| reopen(case, before)),
    ]
}

fn sum(state: &State) -> i128 {
    state.balances().values().map(|balance| i128::from(*balance)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_601),
        ..ProptestConfig::default()
    })]

    #[test]
    fn points_come_from_nowhere_and_go_nowhere(
        commands in proptest::collection::vec(any_command(), 1..60),
    ) {
        let mut state = after([create(), rule(5, 8)]);
        for command in commands {
            let Ok(events) = Ledger::decide(&state, command) else { continue };
            for event in events {
                let before = state.balances().clone();
                state = Ledger::evolve(state, &event);
                prop_assert_eq!(sum(&state), 0);
                for (account, balance) in state.balances() {
                    let was = before.get(account).copied().unwrap_or_default();
                    let legs: Vec<_> =
                        event.legs().iter().filter(|leg| leg.account == *account).collect();
                    let moved: i64 = legs.iter().map(|leg| leg.amount).sum();
                    prop_assert_eq!(was + moved, *balance, "no balance changes without an entry");
                    prop_assert!(legs.iter().all(|leg| leg.balance == *balance));
                    let resident = matches!(account, Account::Resident(_));
                    prop_assert!(!resident || *balance >= 0, "{:?} owes {}", account, balance);
                }
            }
        }
    }

    #[test]
    fn reversing_everything_restores_nothing_given(
        commands in proptest::collection::vec(any_command(), 1..40),
    ) {
        let mut state = after([create(), rule(5, 8)]);
        let mut given = Vec::new();
        for command in commands {
            for event in Ledger::decide(&state, command).unwrap_or_default() {
                state = Ledger::evolve(state, &event);
                if let LedgerEvent::PointsAwarded(event) = event {
                    given.push(event.award);
                }
            }
        }
        for award in given {
            let taken = Command::ReverseAward(ReversalByHand {
                programme: programme(),
                award,
                by: person(9),
                reason: record(),
                at: Timestamp(DAY),
            });
            let events = Ledger::decide(&state, taken).unwrap();
            state = kernel::aggregate::fold::<Ledger>(state, &events);
        }
        prop_assert!(state.balances().values().all(|balance| *balance == 0));
        prop_assert_eq!(state.given_on(&person(1), 1), 0, "every cap has its room again");
    }
}
