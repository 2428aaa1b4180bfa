//! Routing rules as versions that are put: what they do, what is refused, and the dry run.

use api::dispatch::v1::{
    ExplainRoutingRequest, GetRoutingRulesRequest, PutRoutingRulesRequest, PutRoutingRulesResponse,
    RoutingRule, TryRoutingRulesRequest, WorkOrder,
};
use contracts::{
    grid::roster::{LeaveEvent, LeaveSet, RosterEvent, RosterPut, Shift},
    subject,
};
use kernel::{GridCode, Role, id::LeaveId};
use testkit::Db;
use tonic::{Code, Status};

use crate::{
    calendars::rules,
    county::{
        County, FOR_MEMBERS, FOR_THE_TEAM, GRID, MEMBER, OTHER_TOWNSHIP, SECOND, TOWNSHIP, centre,
        refused, team,
    },
    orders::{give_back, uphold},
};

crate::on_both_databases! {
    an_empty_list_sends_everything_to_the_countys_desk
    a_loop_is_refused_with_its_way
    an_order_is_routed_by_the_list_of_the_moment_and_says_which
    of_two_who_put_at_once_one_is_told_what_changed
    a_dry_run_says_what_would_go_elsewhere_and_writes_nothing
    leave_and_roster_decide_who_is_asked
}

fn rule(action: &str) -> RoutingRule {
    RoutingRule { action: action.to_owned(), ..RoutingRule::default() }
}

fn to_the_centre() -> RoutingRule {
    RoutingRule { organisation_id: centre().to_string(), ..rule("organisation") }
}

async fn put(
    county: &County,
    request_id: &str,
    based_on_version: u32,
    list: Vec<RoutingRule>,
) -> Result<PutRoutingRulesResponse, Status> {
    let request =
        PutRoutingRulesRequest { request_id: request_id.to_owned(), based_on_version, rules: list };
    let answer = rules(county, Role::Operator, "620821").put_routing_rules(request).await;
    county.suite.settled().await;
    answer.map(tonic::Response::into_inner)
}

fn organisation(order: &WorkOrder) -> String {
    order.assignee.clone().unwrap().organisation_id
}

async fn explained(county: &County, order: &WorkOrder) -> (String, u32, u32) {
    let request = ExplainRoutingRequest {
        work_order_id: order.work_order_id.clone(),
        ..ExplainRoutingRequest::default()
    };
    let why = county.operator(TOWNSHIP).explain_routing(request).await.unwrap().into_inner();
    (why.rule, why.rule_version, why.rule_number)
}

async fn an_empty_list_sends_everything_to_the_countys_desk(db: Db) {
    let county = County::start(db).await;
    assert_eq!(put(&county, "r1", 1, Vec::new()).await.unwrap().rule_version, 2);
    for (case, category) in [("c1", FOR_THE_TEAM), ("c2", FOR_MEMBERS)] {
        let order = county.order(case, category).await;
        assert_eq!(organisation(&order), centre().to_string());
        assert_eq!(explained(&county, &order).await, ("desk".to_owned(), 2, 0));
    }
}

async fn a_loop_is_refused_with_its_way(db: Db) {
    let county = County::start(db).await;
    let back = RoutingRule { otherwise: 1, ..rule("desk") };
    let status =
        put(&county, "r1", 1, vec![rule("grid_member"), rule("desk"), back]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = String::from_utf8_lossy(status.details()).into_owned();
    assert!(details.contains("1 → 2 → 3 → 1"), "{details}");

    let itself = RoutingRule {
        returned_by: vec!["d012".to_owned()],
        kind: "d012".to_owned(),
        ..rule("body_of_kind")
    };
    let status = put(&county, "r2", 1, vec![itself]).await.unwrap_err();
    assert!(String::from_utf8_lossy(status.details()).contains("d012 → d012"), "{status:?}");
    for wrong in [
        rule("whistle"),
        rule("organisation"),
        RoutingRule { organisation_id: "620821000000-nobody".to_owned(), ..rule("organisation") },
        RoutingRule { divisions: vec!["620822".to_owned()], ..rule("desk") },
        RoutingRule { weekdays: vec![0], ..rule("desk") },
    ] {
        refused(
            put(&county, "r3", 1, vec![wrong]).await,
            Code::InvalidArgument,
            "INVALID_ARGUMENT",
        );
    }
    // Nothing of it is in force.
    let read = GetRoutingRulesRequest::default();
    let mut client = rules(&county, Role::Verifier, "620821");
    let shown = client.get_routing_rules(read).await.unwrap().into_inner();
    let actions: Vec<&str> = shown.rules.iter().map(|rule| rule.action.as_str()).collect();
    assert_eq!(shown.rule_version, 1);
    assert_eq!(actions, ["grid_member", "grid_member", "body_in_charge", "desk"]);
    let township = PutRoutingRulesRequest { request_id: "t".to_owned(), ..Default::default() };
    let foreign = rules(&county, Role::Operator, TOWNSHIP).put_routing_rules(township).await;
    refused(foreign, Code::PermissionDenied, "OUT_OF_SCOPE");
}

async fn an_order_is_routed_by_the_list_of_the_moment_and_says_which(db: Db) {
    let county = County::start(db).await;
    let order = county.order("c1", FOR_THE_TEAM).await;
    assert_eq!(explained(&county, &order).await, ("responsible_body".to_owned(), 1, 3));
    // The table changes while the order is with the team; what it is given back under is the new one.
    let of_facilities =
        RoutingRule { category_kinds: vec!["component".to_owned()], ..to_the_centre() };
    put(&county, "r1", 1, vec![of_facilities, rule("desk")]).await.unwrap();
    assert_eq!(explained(&county, &order).await, ("responsible_body".to_owned(), 1, 3));
    let returned = give_back(&order.work_order_id, "b");
    county.clerk(&team()).return_work_order(returned).await.unwrap();
    let upheld = uphold(&order.work_order_id, "u", None);
    county.operator(TOWNSHIP).uphold_return(upheld).await.unwrap();
    county.suite.settled().await;
    let again = county.get(&order.work_order_id).await.work_order.unwrap();
    assert_eq!(organisation(&again), centre().to_string());
    assert_eq!(explained(&county, &again).await, ("named_organisation".to_owned(), 2, 1));
}

async fn of_two_who_put_at_once_one_is_told_what_changed(db: Db) {
    let county = County::start(db).await;
    put(&county, "r1", 1, vec![rule("desk")]).await.unwrap();
    let late = put(&county, "r2", 1, vec![to_the_centre()]).await;
    refused(late, Code::FailedPrecondition, "RULES_CHANGED");
    assert_eq!(put(&county, "r1", 1, vec![rule("desk")]).await.unwrap().rule_version, 2);
    assert_eq!(put(&county, "r3", 2, vec![to_the_centre()]).await.unwrap().rule_version, 3);
}

async fn a_dry_run_says_what_would_go_elsewhere_and_writes_nothing(db: Db) {
    let county = County::start(db).await;
    let first = county.order("c1", FOR_THE_TEAM).await;
    let second = county.order("c2", FOR_MEMBERS).await;
    let head = county.suite.head().await;
    let group = first.category.get(..2).unwrap().to_owned();
    let list =
        vec![RoutingRule { categories: vec![group], ..to_the_centre() }, rule("grid_member")];
    let request = TryRoutingRulesRequest {
        rules: list,
        min_position: Some(head.clone().into()),
        ..TryRoutingRulesRequest::default()
    };
    let mut client = rules(&county, Role::Supervisor, "620821");
    let tried = client.try_routing_rules(request.clone()).await.unwrap().into_inner();
    assert_eq!((tried.looked_at, tried.elsewhere, tried.undecided), (2, 1, 0));
    let [example] = tried.examples.as_slice() else { panic!("{:?}", tried.examples) };
    assert_eq!(example.case_id, first.case_id);
    assert_eq!(example.now.clone().unwrap().organisation_id, team().to_string());
    assert_eq!(example.then.clone().unwrap().organisation_id, centre().to_string());
    assert_eq!((example.now_rule_number, example.then_rule_number), (3, 1));
    let uses: Vec<_> = tried.uses.iter().map(|used| (used.rule, used.cases)).collect();
    assert_eq!(uses, [(1, 1), (2, 1)]);
    assert_eq!(county.suite.head().await, head, "a dry run writes nothing");
    assert_eq!(explained(&county, &second).await.1, 1);

    // Of another township nobody is told.
    let own = TryRoutingRulesRequest { division: TOWNSHIP.to_owned(), ..request.clone() };
    let mut township = rules(&county, Role::Operator, TOWNSHIP);
    let own = township.try_routing_rules(own).await.unwrap().into_inner();
    assert_eq!(own.looked_at, 2);
    let foreign = TryRoutingRulesRequest { division: OTHER_TOWNSHIP.to_owned(), ..request.clone() };
    refused(township.try_routing_rules(foreign).await, Code::PermissionDenied, "OUT_OF_SCOPE");
    let whole = township.try_routing_rules(request.clone()).await;
    refused(whole, Code::PermissionDenied, "OUT_OF_SCOPE");
    let long = TryRoutingRulesRequest { days: 367, ..request };
    refused(client.try_routing_rules(long).await, Code::InvalidArgument, "INVALID_ARGUMENT");
}

async fn leave_and_roster_decide_who_is_asked(db: Db) {
    let county = County::start(db).await;
    let now = county.suite.clock_now();
    let leave: LeaveId = "620821000000-l1".parse().unwrap();
    let set = LeaveEvent::from(LeaveSet {
        occurred_at: now,
        leave: leave.clone(),
        person: Some(county.person(MEMBER)),
        organisation: None,
        substitute_person: Some(county.person(77)),
        substitute_organisation: None,
        from: now,
        to: now.plus_millis(60_000),
        by: county.person(1_000),
    });
    county.suite.append(&subject::leave(&leave), &leave.to_string(), &[set]).await;
    let stood_in = county.order("c1", FOR_MEMBERS).await;
    assert_eq!(stood_in.assignee.unwrap().person_id, county.person(77).to_string());

    // The roster names the part-time member: on duty comes before full-time.
    let grid: GridCode = GRID.parse().unwrap();
    let id = subject::roster_id(grid);
    let person = county.person(SECOND);
    let roster = RosterEvent::from(RosterPut {
        occurred_at: now,
        roster: id.clone(),
        grid,
        shifts: vec![Shift { person, from: now, to: now.plus_millis(120_000) }],
        by: county.person(1_000),
    });
    county.suite.append(&subject::roster(&id), &id.to_string(), &[roster]).await;
    let on_duty = county.order("c2", FOR_MEMBERS).await;
    assert_eq!(on_duty.assignee.unwrap().person_id, county.person(SECOND).to_string());

    // Both terms are over.
    county.suite.clock().set(now.plus_millis(180_000));
    let after = county.order("c3", FOR_MEMBERS).await;
    assert_eq!(after.assignee.unwrap().person_id, county.person(MEMBER).to_string());
}
