mod lists;

use super::*;

const PLACE: &str = "620821101203";

fn kinds() -> Kinds {
    Kinds {
        grid_member: "d000".parse().unwrap(),
        village_bodies: vec!["d007".parse().unwrap()],
        township_desk: "d026".parse().unwrap(),
        county_desk: "d900".parse().unwrap(),
    }
}

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn member(key: &str, duty: MemberDuty, open_orders: u32) -> Member {
    Member {
        person: person(key),
        duty,
        open_orders,
        of_the_grid: true,
        distance_m: None,
        rested: None,
        on_duty: None,
        presence: Presence::There,
    }
}

fn body(key: &str, kind: &str, division: &str, open_orders: u32) -> Body {
    Body {
        organisation: format!("620821000000-{key}").parse().unwrap(),
        kind: kind.parse().unwrap(),
        division: division.parse().unwrap(),
        open_orders,
        presence: Presence::There,
    }
}

fn facts(kind: CategoryKind, handler: &str, admission: Admission) -> Facts {
    Facts {
        matter: Matter {
            category: "0101".parse().unwrap(),
            kind,
            handler: handler.parse().unwrap(),
            admission,
            urgency: Urgency::Normal,
            division: PLACE.parse().unwrap(),
            grid_kind: None,
            weekday: 1,
            minute: 600,
            working_time: true,
            returned_by: Vec::new(),
        },
        reporter: Some(person("resident")),
        members: vec![
            member("full", MemberDuty::FullTime, 2),
            member("part", MemberDuty::PartTime, 0),
        ],
        bodies: vec![
            body("village", "d007", PLACE, 0),
            body("squad", "d012", "620821101", 3),
            body("bureau", "d012", "620821", 0),
            body("desk", "d026", "620821101", 0),
            body("centre", "d900", "620821", 0),
        ],
        returned: Vec::new(),
    }
}

/// Where the shipped rules send it.
fn route(facts: &Facts, kinds: &Kinds) -> Decision {
    let list = RuleList::shipped(kinds);
    super::route(facts, kinds, &list, &list.applying(&facts.matter))
}

/// Who was chosen, as the key of the id, or `nobody`.
fn chosen(decision: &Decision) -> String {
    let Assignee { organisation, person } = &decision.assignee;
    organisation
        .as_ref()
        .map(|id| id.key().to_string())
        .or_else(|| person.as_ref().map(|id| id.key().to_string()))
        .unwrap_or_else(|| "nobody".to_owned())
}

fn reasons(decision: &Decision) -> Vec<(String, CandidateReason)> {
    let key =
        |assignee: &Assignee| chosen(&Decision { assignee: assignee.clone(), ..decision.clone() });
    decision.candidates.iter().map(|one| (key(&one.assignee), one.reason)).collect()
}

#[test]
fn the_table_of_what_goes_where() {
    use Admission::{Direct, Grid};
    use CategoryKind as K;
    use RoutingRule as R;
    for (kind, handler, admission, to, rule) in [
        // A facility goes to its owner, also where the grids could take it.
        (K::Component, "d012", Grid, "squad", R::ResponsibleBody),
        (K::Component, "d007", Grid, "village", R::ResponsibleBody),
        (K::Component, "d000", Grid, "full", R::GridMember),
        // An event goes to its territory, if it may enter the grids.
        (K::Event, "d007", Grid, "full", R::GridMember),
        (K::Event, "d007", Direct, "village", R::ResponsibleBody),
        (K::Event, "d000", Grid, "full", R::GridMember),
        (K::Event, "d012", Grid, "squad", R::ResponsibleBody),
        (K::Event, "d012", Direct, "squad", R::ResponsibleBody),
        // A welfare check and an alarm of the grids' go to the member, at once.
        (K::Service, "d000", Direct, "full", R::GridMember),
        (K::Alarm, "d000", Grid, "full", R::GridMember),
        (K::Alarm, "d012", Grid, "squad", R::ResponsibleBody),
        (K::Dispute, "d007", Grid, "village", R::ResponsibleBody),
        (K::Enquiry, "d026", Direct, "desk", R::ResponsibleBody),
        // Nobody of the kind: the township's desk.
        (K::Event, "d099", Grid, "desk", R::Desk),
    ] {
        let decision = route(&facts(kind, handler, admission), &kinds());
        assert_eq!((chosen(&decision).as_str(), decision.rule), (to, rule), "{kind} {handler}");
        assert_eq!(decision.candidates[0].reason, CandidateReason::Chosen);
        assert_eq!(decision.candidates[0].assignee, decision.assignee);
    }
}

#[test]
fn of_members_duty_comes_first_then_load_then_the_id_and_the_chief_is_not_asked() {
    let mut facts = facts(CategoryKind::Event, "d000", Admission::Grid);
    facts.members = vec![
        member("chief", MemberDuty::Chief, 0),
        member("auxiliary", MemberDuty::Auxiliary, 0),
        member("b", MemberDuty::FullTime, 1),
        member("a", MemberDuty::FullTime, 1),
        member("busy", MemberDuty::FullTime, 9),
    ];
    let decision = route(&facts, &kinds());
    assert_eq!(
        reasons(&decision),
        [
            ("a".to_owned(), CandidateReason::Chosen),
            ("b".to_owned(), CandidateReason::NextInLine),
            ("busy".to_owned(), CandidateReason::MoreLoaded),
            ("auxiliary".to_owned(), CandidateReason::NextInLine),
        ]
    );
}

#[test]
fn of_bodies_the_narrowest_division_comes_first_and_other_places_are_not_asked() {
    let mut facts = facts(CategoryKind::Component, "d012", Admission::Grid);
    facts.bodies.push(body("elsewhere", "d012", "620821102", 0));
    let decision = route(&facts, &kinds());
    assert_eq!(
        reasons(&decision),
        [
            ("squad".to_owned(), CandidateReason::Chosen),
            ("bureau".to_owned(), CandidateReason::ServesWiderDivision),
        ]
    );
}

#[test]
fn the_reporter_is_asked_only_when_there_is_nobody_else() {
    let mut facts = facts(CategoryKind::Event, "d000", Admission::Grid);
    facts.reporter = Some(person("full"));
    let decision = route(&facts, &kinds());
    assert_eq!(chosen(&decision), "part");
    assert!(reasons(&decision).contains(&("full".to_owned(), CandidateReason::IsReporter)));

    facts.members.truncate(1);
    assert_eq!(chosen(&route(&facts, &kinds())), "desk");

    facts.bodies.clear();
    let decision = route(&facts, &kinds());
    assert_eq!((chosen(&decision).as_str(), decision.rule), ("full", RoutingRule::GridMember));
}

#[test]
fn who_returned_it_is_passed_over_until_the_desks_are_through() {
    let mut facts = facts(CategoryKind::Event, "d007", Admission::Grid);
    let mut path = Vec::new();
    for _ in 0..6 {
        let decision = route(&facts, &kinds());
        path.push(chosen(&decision));
        facts.returned.push(decision.assignee);
    }
    assert_eq!(path, ["full", "part", "village", "desk", "centre", "nobody"]);
    let reasons = reasons(&route(&facts, &kinds()));
    assert!(reasons.iter().all(|(_, reason)| *reason == CandidateReason::ReturnedBefore));
}

#[test]
fn without_anybody_the_order_is_nobodys_and_says_what_was_missing() {
    let mut of_members = facts(CategoryKind::Alarm, "d000", Admission::Grid);
    let mut of_a_body = facts(CategoryKind::Component, "d012", Admission::Grid);
    for (facts, shortfall) in
        [(&mut of_members, Shortfall::NoGridMember), (&mut of_a_body, Shortfall::NoResponsibleBody)]
    {
        facts.members.clear();
        facts.bodies.clear();
        let decision = route(facts, &kinds());
        assert_eq!(chosen(&decision), "nobody");
        assert_eq!((decision.rule, decision.shortfall), (RoutingRule::Desk, Some(shortfall)));
        assert!(decision.candidates.is_empty());
    }
}

#[test]
fn at_most_sixteen_candidates_are_named_and_the_chosen_is_one() {
    let mut facts = facts(CategoryKind::Event, "d000", Admission::Grid);
    facts.members =
        (0..40).map(|n| member(&format!("m{n:02}"), MemberDuty::FullTime, 40 - n)).collect();
    let decision = route(&facts, &kinds());
    assert_eq!(decision.candidates.len(), 16);
    assert_eq!(chosen(&decision), "m39");
    assert_eq!(reasons(&decision)[0], ("m39".to_owned(), CandidateReason::Chosen));
}
