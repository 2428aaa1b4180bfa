use super::*;
use testkit::rules::table;

const NOON: Timestamp = Timestamp(1_000);

fn person() -> PersonId {
    "620821000000-p".parse().unwrap()
}

fn giver() -> PersonId {
    "620821000000-s".parse().unwrap()
}

fn assignment(key: &str) -> AssignmentId {
    format!("620821000000-{key}").parse().unwrap()
}

fn operator(division: &str) -> Duty {
    Duty {
        role: Role::Operator,
        scope: ScopeKind::Division,
        division: Some(division.parse().unwrap()),
        grid: None,
        organisation: None,
    }
}

fn water(standing: organisation::State) -> NamedOrganisation {
    NamedOrganisation { id: "620821101000-water".parse().unwrap(), standing }
}

fn register(organisation: Option<NamedOrganisation>) -> Command {
    let profile = "620821000000-t".parse().unwrap();
    Command::RegisterPerson { person: person(), profile, organisation, at: NOON }
}

fn assign(key: &str, duty: Duty, from: i64, until: Option<i64>) -> Command {
    Command::AssignRole {
        person: person(),
        assignment: assignment(key),
        duty,
        organisation: None,
        from: Timestamp(from),
        until: until.map(Timestamp),
        by: giver(),
        at: NOON,
    }
}

fn assign_clerk(standing: organisation::State) -> Command {
    let organisation = water(standing);
    Command::AssignRole {
        person: person(),
        assignment: assignment("clerk"),
        duty: Duty {
            role: Role::DepartmentClerk,
            scope: ScopeKind::Organisation,
            organisation: Some(organisation.id.clone()),
            ..operator("620821101")
        },
        organisation: Some(organisation),
        from: NOON,
        until: None,
        by: giver(),
        at: NOON,
    }
}

fn revoke(key: &str) -> Command {
    Command::RevokeRole { person: person(), assignment: assignment(key), by: giver(), at: NOON }
}

/// The same, by the person themselves.
fn by_oneself(command: Command) -> Command {
    match command {
        Command::AssignRole { person, assignment, duty, organisation, from, until, by: _, at } => {
            let by = person.clone();
            Command::AssignRole { person, assignment, duty, organisation, from, until, by, at }
        }
        Command::RevokeRole { person, assignment, by: _, at } => {
            let by = person.clone();
            Command::RevokeRole { person, assignment, by, at }
        }
        Command::RegisterPerson { .. } => command,
    }
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Person::decide(&state, command).unwrap();
        kernel::fold::<Person>(state, &events)
    })
}

fn commands() -> Vec<(&'static str, Command)> {
    use organisation::State::{Closed, Open, Unknown};
    let here = || operator("620821101");
    vec![
        ("登记人员 RegisterPerson", register(None)),
        ("登记人员, 机构启用 RegisterPerson of an open organisation", register(Some(water(Open)))),
        (
            "登记人员, 机构未登记 RegisterPerson of an unknown organisation",
            register(Some(water(Unknown))),
        ),
        (
            "登记人员, 机构已停用 RegisterPerson of a closed organisation",
            register(Some(water(Closed))),
        ),
        ("任职 AssignRole", assign("a", here(), 1_000, None)),
        (
            "同一任职另发 AssignRole, the same again under a new id",
            assign("b", here(), 2_000, None),
        ),
        (
            "另一范围任职 AssignRole in another scope",
            assign("c", operator("620821102"), 1_000, None),
        ),
        ("任期在前的任职 AssignRole for a term before it", assign("d", here(), 500, Some(1_000))),
        (
            "任期倒置的任职 AssignRole whose term ends before it begins",
            assign("e", here(), 9, Some(9)),
        ),
        ("经办人任职 AssignRole for an open organisation", assign_clerk(Open)),
        ("经办人任职, 机构未登记 AssignRole for an unknown organisation", assign_clerk(Unknown)),
        ("经办人任职, 机构已停用 AssignRole for a closed organisation", assign_clerk(Closed)),
        (
            "给自己任职 AssignRole to oneself",
            by_oneself(assign("f", operator("620821102"), 1, None)),
        ),
        ("收回任职 RevokeRole", revoke("a")),
        ("收回自己的任职 RevokeRole of one's own", by_oneself(revoke("a"))),
        ("收回不存在的任职 RevokeRole of an assignment never given", revoke("z")),
    ]
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let given = || assign("a", operator("620821101"), 1_000, None);
    let states = [
        ("未登记 unknown", State::default()),
        ("已登记 registered", after([register(None)])),
        ("已任职 holds the role", after([register(None), given()])),
        ("任职已收回 the role was revoked", after([register(None), given(), revoke("a")])),
    ];
    let said: fn(&PersonEvent) -> _ = |event| match event {
        PersonEvent::PersonRegistered(_) => "登记入册 is registered",
        PersonEvent::RoleAssigned(_) => "授予角色 is given the role",
        PersonEvent::RoleRevoked(_) => "收回角色 is relieved of the role",
    };
    let rules = table::<Person>("人员 Person", &states, &commands(), said);
    testkit::rules::check(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/person.rules.md"),
        &rules,
    );
}

#[test]
fn the_three_administrators_are_three_persons_also_in_terms_to_come() {
    let duty = |role| Duty { role, ..operator("620821") };
    let three = [Role::Administrator, Role::SecurityAdministrator, Role::AuditAdministrator];
    for one in three {
        let held = after([register(None), assign("a", duty(one), 1_000, Some(2_000))]);
        let verdict = |role, from, until| {
            Person::decide(&held, assign("n", duty(role), from, until)).map(|_| ())
        };
        let apart = Err(Rejection::AdministratorsApart(assignment("a")));
        for other in three.into_iter().filter(|other| *other != one) {
            assert_eq!(verdict(other, 1_500, None), apart, "{one} {other}");
            assert_eq!(verdict(other, 0, None), apart, "an open term reaches into it");
            assert_eq!(verdict(other, 1_999, Some(9_000)), apart);
            assert_eq!(verdict(other, 2_000, None), Ok(()), "after it");
            assert_eq!(verdict(other, 0, Some(1_000)), Ok(()), "before it");
        }
        assert_eq!(verdict(Role::Operator, 0, None), Ok(()), "other roles are no administrators");
        let township = Duty { role: one, ..operator("620821101") };
        assert!(Person::decide(&held, assign("t", township, 0, None)).is_ok(), "the same kind");
        let taken =
            kernel::fold::<Person>(held.clone(), &Person::decide(&held, revoke("a")).unwrap());
        let other = three.into_iter().find(|other| *other != one).unwrap();
        assert!(Person::decide(&taken, assign("n", duty(other), 1_500, None)).is_ok());
    }
}

#[test]
fn a_duty_is_held_within_its_term_and_until_it_is_taken_back() {
    let here = || operator("620821101");
    let held = after([register(None), assign("a", here(), 1_000, Some(2_000))]);
    let holds = |state: &State, at| state.holding(&here(), Timestamp(at)).map(|(id, _)| id.clone());
    assert_eq!(holds(&held, 999), None);
    assert_eq!(holds(&held, 1_000), Some(assignment("a")));
    assert_eq!(holds(&held, 2_000), None);
    assert_eq!(held.holding(&operator("620821"), Timestamp(1_500)), None, "a wider duty");
    let taken = after([register(None), assign("a", here(), 1_000, Some(2_000)), revoke("a")]);
    assert_eq!(holds(&taken, 1_500), None);
}

#[test]
fn terms_that_only_touch_do_not_overlap_and_open_ones_reach_for_ever() {
    let here = || operator("620821101");
    let held = after([register(None), assign("a", here(), 1_000, Some(2_000))]);
    let verdict = |from, until| Person::decide(&held, assign("n", here(), from, until)).is_ok();
    assert!(verdict(2_000, None));
    assert!(verdict(0, Some(1_000)));
    assert!(!verdict(1_999, None));
    assert!(!verdict(0, Some(1_001)));
    assert!(!verdict(0, None));
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Person>(&commands);
    testkit::properties::folding_equals_one_by_one::<Person>(&commands);
    testkit::properties::accepted_histories_never_panic::<Person>(&commands);
}
