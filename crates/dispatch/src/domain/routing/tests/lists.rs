//! Lists of rules: which apply, who is asked, what is said of those who are not, and what is refused.

use contracts::dispatch::rules::{Condition, DayPart};

use super::*;
use crate::domain::routing::{
    check::{InvalidRules, check},
    rules::everything,
};

fn when(change: impl FnOnce(&mut Condition)) -> Condition {
    let mut when = Condition::default();
    change(&mut when);
    when
}

fn rule(when: Condition, action: RuleAction) -> Rule {
    Rule { when, ..everything(action) }
}

fn to_kind(kind: &str, when: Condition) -> Rule {
    Rule { kind: Some(kind.parse().unwrap()), ..rule(when, RuleAction::BodyOfKind) }
}

fn decide(facts: &Facts, rules: Vec<Rule>) -> Decision {
    let list = RuleList::new(7, rules);
    super::super::route(facts, &kinds(), &list, &list.applying(&facts.matter))
}

fn of_component() -> Facts {
    facts(CategoryKind::Component, "d012", Admission::Grid)
}

#[test]
fn each_condition_holds_or_not() {
    let matter = Matter {
        grid_kind: Some(GridKind::Urban),
        urgency: Urgency::Urgent,
        weekday: 7,
        minute: 1_200,
        working_time: false,
        returned_by: vec!["d029".parse().unwrap()],
        ..of_component().matter
    };
    let holds = |change: fn(&mut Condition)| {
        let list = RuleList::new(2, vec![rule(when(change), RuleAction::Desk)]);
        assert_eq!(list.applying(&matter), list.applying_one_by_one(&matter));
        !list.applying(&matter).is_empty()
    };
    let night = |from_minute, to_minute| Some(DayPart { from_minute, to_minute });
    assert!(holds(|_| {}));
    assert!(holds(|when| when.categories = vec!["01".parse().unwrap()]));
    assert!(holds(|when| when.categories = vec!["02".parse().unwrap(), "0101".parse().unwrap()]));
    assert!(!holds(|when| when.categories = vec!["0102".parse().unwrap()]));
    assert!(holds(|when| when.divisions = vec!["620821101".parse().unwrap()]));
    assert!(!holds(|when| when.divisions = vec!["620821102".parse().unwrap()]));
    assert!(holds(|when| when.grid_kinds = vec![GridKind::Urban]));
    assert!(!holds(|when| when.grid_kinds = vec![GridKind::Rural]));
    assert!(holds(|when| when.category_kinds = vec![CategoryKind::Component]));
    assert!(!holds(|when| when.category_kinds = vec![CategoryKind::Event]));
    assert!(holds(|when| when.admission = Some(Admission::Grid)));
    assert!(!holds(|when| when.admission = Some(Admission::Direct)));
    assert!(holds(|when| when.handlers = vec!["d012".parse().unwrap()]));
    assert!(!holds(|when| when.handlers = vec!["d013".parse().unwrap()]));
    assert!(holds(|when| when.urgencies = vec![Urgency::Urgent, Urgency::Emergency]));
    assert!(!holds(|when| when.urgencies = vec![Urgency::Low]));
    assert!(holds(|when| when.weekdays = vec![6, 7]));
    assert!(!holds(|when| when.weekdays = vec![1]));
    assert!(holds(|when| when.working_time = Some(false)));
    assert!(!holds(|when| when.working_time = Some(true)));
    assert!(holds(|when| when.returned_by = vec!["d029".parse().unwrap()]));
    assert!(!holds(|when| when.returned_by = vec!["d012".parse().unwrap()]));
    for (from, to, inside) in [(1_080, 510, true), (510, 1_080, false), (1_200, 1_201, true)] {
        let part = rule(when(|when| when.day_part = night(from, to)), RuleAction::Desk);
        let list = RuleList::new(2, vec![part]);
        assert_eq!(!list.applying(&matter).is_empty(), inside, "{from} to {to}");
    }
}

#[test]
fn the_first_rule_that_finds_somebody_decides_and_the_others_say_what_was_missing() {
    let nobody = to_kind("d077", Condition::default());
    let decision = decide(
        &of_component(),
        vec![
            nobody.clone(),
            rule(when(|when| when.weekdays = vec![2]), RuleAction::GridMember),
            to_kind("d012", Condition::default()),
            everything(RuleAction::GridMember),
        ],
    );
    assert_eq!((chosen(&decision).as_str(), decision.rule), ("squad", RoutingRule::BodyOfKind));
    assert_eq!((decision.rule_version, decision.rule_number), (7, Some(3)));
    let short = RuleShortfall { rule: 1, shortfall: Shortfall::NoResponsibleBody };
    assert_eq!(decision.shortfalls, [short]);

    // It goes on where it says, past what stands between.
    let past = Rule { otherwise: Some(3), ..nobody };
    let rules =
        vec![past, everything(RuleAction::GridMember), everything(RuleAction::BodyInCharge)];
    assert_eq!(decide(&of_component(), rules).rule_number, Some(3));
}

#[test]
fn what_no_rule_decides_goes_to_the_countys_desk() {
    for rules in [
        Vec::new(),
        vec![rule(when(|when| when.weekdays = vec![2]), RuleAction::GridMember)],
        vec![to_kind("d077", Condition::default())],
    ] {
        let decision = decide(&of_component(), rules);
        assert_eq!((chosen(&decision).as_str(), decision.rule_number), ("centre", None));
        assert_eq!(decision.rule, RoutingRule::Desk);
    }
}

#[test]
fn rested_before_resting_on_duty_before_off_duty_then_the_nearest() {
    use CandidateReason as R;

    let at = |key: &str, distance, rested, on_duty, of_the_grid| Member {
        distance_m: distance,
        rested: Some(rested),
        on_duty,
        of_the_grid,
        ..member(key, MemberDuty::PartTime, 0)
    };
    let mut facts = facts(CategoryKind::Event, "d000", Admission::Grid);
    facts.members = vec![
        at("tired", Some(10), false, Some(true), true),
        at("far", Some(900), true, Some(true), false),
        at("near", Some(300), true, Some(true), false),
        at("asleep", Some(20), true, Some(false), true),
        at("unknown", None, true, Some(true), false),
    ];
    let decision = decide(&facts, vec![everything(RuleAction::NearestMember)]);
    assert_eq!(decision.rule, RoutingRule::NearestMember);
    let expected = [
        ("near", R::Chosen),
        ("far", R::FurtherAway),
        ("unknown", R::FurtherAway),
        ("tired", R::Resting),
        ("asleep", R::OffDuty),
    ];
    assert_eq!(reasons(&decision), expected.map(|(key, why)| (key.to_owned(), why)));
    let first = &decision.candidates[0];
    let said = (first.distance_m, first.rested, first.on_duty);
    assert_eq!(said, (Some(300), Some(true), Some(true)));
    // Where only the tired and the far away are left, the tired rest still comes second.
    facts.members.retain(|member| ["tired", "far"].contains(&member.person.key().as_str()));
    assert_eq!(chosen(&decide(&facts, vec![everything(RuleAction::NearestMember)])), "far");
}

#[test]
fn whoever_is_on_leave_is_stood_in_for_and_whoever_is_loaded_is_passed_over() {
    let mut facts = facts(CategoryKind::Event, "d000", Admission::Grid);
    facts.members[0].presence = Presence::StoodInBy(person("stand_in"), 4);
    let decision = decide(&facts, vec![everything(RuleAction::GridMember)]);
    assert_eq!(chosen(&decision), "stand_in");
    let away = Assignee { organisation: None, person: Some(person("full")) };
    assert_eq!(decision.candidates[0].stands_in_for, Some(away));

    let few = Rule { max_open_orders: Some(3), ..everything(RuleAction::GridMember) };
    let decision = decide(&facts, vec![few.clone()]);
    assert_eq!(chosen(&decision), "part");
    assert_eq!(reasons(&decision)[1], ("stand_in".to_owned(), CandidateReason::Overloaded));

    for member in &mut facts.members {
        member.presence = Presence::Away;
    }
    let decision = decide(&facts, vec![few]);
    assert_eq!(chosen(&decision), "centre");
    assert_eq!(decision.shortfalls[0].shortfall, Shortfall::AllOnLeave);
    // A body that is closed is stood in for as well.
    facts.bodies[4].presence = Presence::StoodInBy("620821000000-other".parse().unwrap(), 0);
    assert_eq!(chosen(&decide(&facts, Vec::new())), "other");
}

#[test]
fn lists_that_go_round_are_refused_with_the_way() {
    let county = "620821".parse().unwrap();
    let on = |otherwise| Rule { otherwise: Some(otherwise), ..everything(RuleAction::Desk) };
    let plain = || everything(RuleAction::Desk);
    let wrong = |rules: Vec<Rule>| check(&rules, county);
    assert_eq!(wrong(vec![plain(), on(3), plain()]), []);
    assert_eq!(wrong(vec![on(1)]), [InvalidRules::Loop(vec![1, 1])]);
    let back = wrong(vec![on(3), plain(), plain(), on(1)]);
    assert_eq!(back, [InvalidRules::Loop(vec![1, 3, 4, 1])]);
    assert!(back[0].to_string().contains("1 → 3 → 4 → 1"), "{}", back[0]);
    assert_eq!(wrong(vec![on(9)]), [InvalidRules::NoSuchRule(1)]);

    let hand =
        |from: &str, to| to_kind(to, when(|when| when.returned_by = vec![from.parse().unwrap()]));
    assert_eq!(wrong(vec![hand("d012", "d013"), hand("d013", "d014")]), []);
    for (rules, round) in [
        (vec![hand("d012", "d012")], "d012 → d012"),
        (vec![hand("d012", "d013"), hand("d013", "d012")], "d012 → d013 → d012"),
    ] {
        assert!(wrong(rules)[0].to_string().contains(round));
    }
}

#[test]
fn what_a_rule_lacks_is_named_with_its_number() {
    use InvalidRules as I;

    let county = "620821".parse().unwrap();
    let elsewhere = when(|when| when.divisions = vec!["620822".parse().unwrap()]);
    let eighth_day = when(|when| when.weekdays = vec![8]);
    let rules = vec![
        everything(RuleAction::BodyOfKind),
        everything(RuleAction::Organisation),
        rule(elsewhere, RuleAction::Desk),
        rule(eighth_day, RuleAction::Desk),
    ];
    let expected = [I::NoTarget(1), I::NoTarget(2), I::Elsewhere(3), I::Time(4)];
    assert_eq!(check(&rules, county), expected);
    let many = vec![everything(RuleAction::Desk); 1_001];
    assert_eq!(check(&many, county), [I::TooMany]);
}

#[test]
fn the_index_finds_what_every_rule_asked_one_by_one_finds() {
    let mut state = 42_u64;
    let mut draw = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let codes = ["01", "02", "0101", "0102", "0201"];
    let places = ["620821", "620821101", "620821102", "620821101203"];
    for _ in 0..200 {
        let rules = (0..40)
            .map(|_| {
                let mut drawn = |from: &[&str]| -> Vec<String> {
                    (0..draw(3))
                        .map(|_| from[usize::try_from(draw(from.len() as u64)).unwrap()].to_owned())
                        .collect()
                };
                let (categories, divisions) = (drawn(&codes), drawn(&places));
                rule(
                    when(|when| {
                        when.categories = categories.iter().map(|c| c.parse().unwrap()).collect();
                        when.divisions = divisions.iter().map(|d| d.parse().unwrap()).collect();
                    }),
                    RuleAction::Desk,
                )
            })
            .collect();
        let list = RuleList::new(2, rules);
        for code in &codes[2..] {
            let mut matter = of_component().matter;
            matter.category = code.parse().unwrap();
            assert_eq!(list.applying(&matter), list.applying_one_by_one(&matter));
        }
    }
}
