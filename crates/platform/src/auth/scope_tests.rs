//! What scopes cover, and that a table's condition says the same.

use proptest::prelude::*;

use super::*;

fn division(code: &str) -> Division {
    code.parse().unwrap()
}

fn pick<T: Clone + std::fmt::Debug + 'static>(from: Vec<T>) -> impl Strategy<Value = T> {
    prop::sample::select(from)
}

/// A few divisions of every level, so that random pairs often meet.
fn divisions() -> Vec<Division> {
    ["620821", "620821101", "620821102", "620821101203", "620821101204", "620821102203"]
        .map(division)
        .to_vec()
}

fn grids() -> Vec<GridCode> {
    ["620821101203001", "620821101203002", "620821102203001"].map(|g| g.parse().unwrap()).to_vec()
}

fn orgs() -> Vec<OrganisationId> {
    ["620821000000-o1", "620821101000-o2"].map(|o| o.parse().unwrap()).to_vec()
}

fn people() -> Vec<PersonId> {
    ["620821000000-p1", "620821000000-p2"].map(|p| p.parse().unwrap()).to_vec()
}

fn placements() -> impl Strategy<Value = Placement> {
    let person = || prop::option::of(pick(people()));
    (
        pick(divisions()),
        prop::option::of(pick(grids())),
        prop::option::of(pick(orgs())),
        person(),
        person(),
    )
        .prop_map(|(division, grid, org, assignee, reporter)| Placement {
            division,
            grid,
            org,
            assignee,
            reporter,
        })
}

fn scopes() -> impl Strategy<Value = Scope> {
    let mut areas = divisions();
    areas.extend(["62", "6208", "61", "6201", "620822"].map(division));
    prop_oneof![
        pick(areas.clone()).prop_map(Scope::Division),
        pick(grids()).prop_map(Scope::Grid),
        (pick(orgs()), pick(areas))
            .prop_map(|(org, division)| Scope::Organisation { org, division }),
        Just(Scope::Own),
        Just(Scope::Assigned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_condition_on_a_row_says_what_covers_says(
        scope in scopes(), person in pick(people()), thing in placements(),
    ) {
        let predicate = scope.predicate(&person, division("620821"));
        prop_assert_eq!(predicate.holds(|column| thing.column(column)), scope.covers(&person, &thing));
    }
}

#[test]
fn a_wider_scope_has_the_whole_county_or_nothing() {
    let person = &people()[0];
    let home = division("620821");
    let of = |code| Scope::Division(division(code)).predicate(person, home);
    assert_eq!(of("62"), ScopePredicate::All);
    assert_eq!(of("6208"), ScopePredicate::All);
    assert_eq!(of("6201"), ScopePredicate::Nothing);
    assert_eq!(
        of("620821101"),
        ScopePredicate::Where(vec![Equality {
            column: ScopeColumn::Township,
            value: "620821101".into()
        }])
    );
}

#[test]
fn an_organisation_is_restricted_to_its_division_too() {
    let scope = Scope::Organisation { org: orgs()[0].clone(), division: division("620821101") };
    let ScopePredicate::Where(all) = scope.predicate(&people()[0], division("620821")) else {
        unreachable!("an organisation's condition has columns")
    };
    assert_eq!(
        all.iter().map(|e| e.column).collect::<Vec<_>>(),
        [ScopeColumn::Org, ScopeColumn::Township]
    );
}

#[test]
fn parts_that_do_not_fit_the_role_are_refused() {
    let grid = || grids().first().copied();
    let area = || Some(division("620821"));
    let org = || orgs().first().cloned();
    let of = |role, division, grid, org| Scope::for_role(role, ScopeParts { division, grid, org });
    assert_eq!(of(Role::Resident, None, None, None), Ok(Scope::Own));
    assert_eq!(
        of(Role::Resident, area(), None, None),
        Err(ScopeMisfit::Unwanted { role: Role::Resident, part: "division" })
    );
    assert_eq!(
        of(Role::GridMember, area(), None, None),
        Err(ScopeMisfit::Missing { role: Role::GridMember, part: "grid" })
    );
    assert!(of(Role::GridMember, area(), grid(), None).is_ok());
    assert!(of(Role::GridMember, Some(division("620822")), grid(), None).is_err());
    assert!(of(Role::DepartmentClerk, area(), None, None).is_err());
    assert!(of(Role::DepartmentClerk, area(), None, org()).is_ok());
    assert_eq!(of(Role::Verifier, None, None, None), Ok(Scope::Assigned));
    assert!(of(Role::Operator, None, None, None).is_err());
    assert!(of(Role::Operator, area(), grid(), None).is_err());
    assert!(of(Role::Operator, area(), None, org()).is_err());
}
