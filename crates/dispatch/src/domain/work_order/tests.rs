//! Given this history, when this is asked, then this happens.

mod beside;
mod parts;
mod plan;
mod rules;

use std::sync::Arc;

use contracts::{
    dispatch::{
        Assignee, Child, DeadlineKind, HandlingResult, ParentPolicy, ReplanReason, ReturnReason,
        RoutingRule, SuspensionReason,
    },
    intake::Urgency,
};
use kernel::{
    Aggregate as _, Division, fold,
    id::{OrganisationId, PersonId, RecordId},
    limit::Limit,
};

use super::*;
use crate::domain::{
    calendar::WorkingCalendar,
    caller::{Caller, Capacity, Within},
    routing::RULE_VERSION,
};

const CREATED: Timestamp = Timestamp(1_000_000);
const ACCEPT_DUE: Timestamp = Timestamp(2_000_000);
const DUE: Timestamp = Timestamp(3_000_000);
const AT_RISK: Timestamp = Timestamp(2_600_000);
const THREEFOLD: Timestamp = Timestamp(7_000_000);
const NOW: Timestamp = Timestamp(1_500_000);
const GRID: &str = "620821101203001";

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn organisation(key: &str) -> OrganisationId {
    format!("620821101000-{key}").parse().unwrap()
}

fn to(person_key: &str) -> Assignee {
    Assignee { organisation: None, person: Some(person(person_key)) }
}

fn to_body(key: &str) -> Assignee {
    Assignee { organisation: Some(organisation(key)), person: None }
}

fn of_grid(key: &str, grid: &str) -> Caller {
    Caller { person: person(key), within: Within::Grid(grid.parse().unwrap()) }
}

/// The member to whom the sample order goes.
fn member() -> Caller {
    of_grid("member", GRID)
}

fn office(key: &str, division: &str) -> Caller {
    Caller { person: person(key), within: Within::Division(division.parse().unwrap()) }
}

fn clerk(key: &str, body: &str) -> Caller {
    let division: Division = "620821101".parse().unwrap();
    let within = Within::Organisation { organisation: organisation(body), division };
    Caller { person: person(key), within }
}

fn decision(assignee: Assignee) -> Decision {
    Decision { rule: RoutingRule::GridMember, rule_number: Some(1), ..Decision::by_hand(assignee) }
}

fn create(assignee: Assignee) -> Command {
    Command::CreateWorkOrder(Box::new(Create {
        at: CREATED,
        work_order: "620821101203-o1".parse().unwrap(),
        case: "620821101203-c1".parse().unwrap(),
        category: "0101".parse().unwrap(),
        catalogue_version: 3,
        urgency: Urgency::Normal,
        division: "620821101203".parse().unwrap(),
        grid: Some(GRID.parse().unwrap()),
        reporter: person("reporter"),
        limit: "3wd".parse().unwrap(),
        accept_due: ACCEPT_DUE,
        due: DUE,
        at_risk: AT_RISK,
        threefold_due: THREEFOLD,
        calendar_version: 7,
        round: 1,
        routing: decision(assignee),
        origin: None,
        parent: None,
        instruction: None,
    }))
}

fn by(caller: Caller) -> By {
    By { at: NOW, caller }
}

fn record(key: &str) -> RecordId {
    format!("620821101203-{key}").parse().unwrap()
}

fn accept(caller: Caller) -> Command {
    Line::AcceptWorkOrder(by(caller)).into()
}

fn arrive(caller: Caller) -> Command {
    Line::ArriveWorkOrder(by(caller)).into()
}

fn give_back(caller: Caller) -> Command {
    let (reason, explanation) = (ReturnReason::NotOurRemit, None);
    Line::ReturnWorkOrder { by: by(caller), reason, explanation, basis: None }.into()
}

fn assign(caller: Caller, assignee: Assignee) -> Command {
    Line::AssignWorkOrder(by(caller), assignee).into()
}

fn uphold(caller: Caller, assignee: Assignee) -> Command {
    Returns::UpholdReturn(by(caller), Decision::by_hand(assignee), None).into()
}

fn reject(caller: Caller) -> Command {
    Returns::RejectReturn(by(caller), record("why")).into()
}

fn again(assignee: Assignee) -> Command {
    Line::RouteAgain { at: NOW, routing: decision(assignee) }.into()
}

fn feedback(caller: Caller) -> Command {
    feedback_saying(caller, HandlingResult::Solved, None)
}

fn feedback_saying(
    caller: Caller,
    result: HandlingResult,
    without_assistance: Option<RecordId>,
) -> Command {
    let feedback = Line::SubmitFeedback {
        by: by(caller),
        result,
        text: None,
        photos_before: Vec::new(),
        photos_after: Vec::new(),
        without_assistance,
    };
    feedback.into()
}

fn verify(caller: Caller, capacity: Capacity, passed: bool) -> Command {
    let by = by(caller);
    Line::VerifyWorkOrder { by, capacity, passed, found_true: true, text: None }.into()
}

fn close(caller: Caller) -> Command {
    Line::CloseWorkOrder(by(caller)).into()
}

fn ring(at: Timestamp, deadline: DeadlineKind) -> Command {
    Clock::MarkOverdue { at, deadline }.into()
}

fn suspend(at: Timestamp, reason: SuspensionReason) -> Command {
    Time::SuspendWorkOrder(By { at, caller: operator() }, reason, record("weather")).into()
}

fn resume(at: Timestamp) -> Command {
    let by = By { at, caller: operator() };
    Time::ResumeWorkOrder(by, Arc::default()).into()
}

fn withdraw() -> Command {
    Ending::WithdrawWorkOrder(by(operator()), record("why")).into()
}

fn child(key: &str, assignee: Assignee) -> Child {
    Child {
        work_order: format!("620821101203-{key}").parse().unwrap(),
        division: "620821101203".parse().unwrap(),
        grid: None,
        assignee,
        instruction: None,
    }
}

fn split() -> Command {
    let children = vec![child("p1", to_body("b1")), child("p2", to_body("b2"))];
    Parts::SplitWorkOrder(by(operator()), ParentPolicy::ClosesWithChildren, children).into()
}

fn county() -> Caller {
    office("county", "620821")
}

/// Another calendar, or another limit.
fn replan(calendar: u32, limit: Option<(Limit, u32)>) -> Command {
    let reason =
        if limit.is_some() { ReplanReason::LimitChanged } else { ReplanReason::CalendarChanged };
    let calendar = Arc::new(WorkingCalendar::new(calendar, [], []).unwrap());
    Clock::ReplanDeadline(Box::new(Replan {
        at: NOW,
        reason,
        calendar,
        limit,
        at_risk_percent: 20,
    }))
    .into()
}

fn operator() -> Caller {
    office("operator", "620821101")
}

/// The state after these commands, each of which must be accepted.
fn given(commands: Vec<Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = WorkOrder::decide(&state, command).unwrap();
        fold::<WorkOrder>(state, &events)
    })
}

/// The sample order, brought to this status.
fn at(status: Status) -> State {
    let passed = verify(operator(), Capacity::Office, true);
    let path = match status {
        Status::Routed => vec![],
        Status::Accepted => vec![accept(member())],
        Status::Arrived => vec![accept(member()), arrive(member())],
        Status::Returned => vec![give_back(member())],
        Status::Handled => vec![accept(member()), feedback(member())],
        Status::Verified => vec![accept(member()), feedback(member()), passed],
        Status::Closed => vec![accept(member()), feedback(member()), passed, close(operator())],
        Status::Suspended => {
            vec![accept(member()), suspend(NOW, SuspensionReason::AwaitingInformation)]
        }
        Status::Split => vec![accept(member()), split()],
        Status::Withdrawn => vec![accept(member()), withdraw()],
    };
    let state = given(std::iter::once(create(to("member"))).chain(path).collect());
    assert_eq!(state.order.as_ref().unwrap().status, status);
    state
}

/// The events' names, or the reason of the refusal.
fn outcome(state: &State, command: Command) -> Result<Vec<&'static str>, &'static str> {
    use kernel::{Rejection as _, StoredEvent as _};
    WorkOrder::decide(state, command)
        .map(|events| {
            let names = events.iter().map(|event| event.ce_type().split('.').nth(2).unwrap());
            names.collect()
        })
        .map_err(|rejection| rejection.reason())
}

#[test]
fn an_order_is_created_and_routed_in_one_commit_with_its_deadlines() {
    let events = WorkOrder::decide(&State::default(), create(to("member"))).unwrap();
    let [WorkOrderEvent::WorkOrderCreated(created), WorkOrderEvent::WorkOrderRouted(routed)] =
        events.as_slice()
    else {
        unreachable!("created and routed: {events:?}")
    };
    assert_eq!((created.accept_due, created.due, created.calendar_version), (ACCEPT_DUE, DUE, 7));
    assert_eq!((&routed.assignee, routed.rule_version), (&to("member"), RULE_VERSION));
}

#[test]
fn any_clerk_of_the_assigned_organisation_accepts_and_a_colleague_may_report() {
    let state = given(vec![create(to_body("b1")), accept(clerk("one", "b1"))]);
    assert_eq!(outcome(&state, accept(clerk("two", "b1"))), Err("ORDER_ALREADY_ACCEPTED"));
    assert_eq!(outcome(&state, feedback(clerk("two", "b1"))), Ok(vec!["feedback_submitted"]));
    assert_eq!(outcome(&state, feedback(clerk("one", "b2"))), Err("OUT_OF_SCOPE"));
}

#[test]
fn a_member_of_another_grid_is_in_scope_only_of_what_is_assigned_to_him() {
    let away = || of_grid("away", "620821101204001");
    assert_eq!(outcome(&at(Status::Routed), accept(away())), Err("OUT_OF_SCOPE"));
    let state = given(vec![create(to("member")), assign(operator(), to("away"))]);
    assert_eq!(outcome(&state, accept(away())), Ok(vec!["work_order_accepted"]));
    assert_eq!(outcome(&state, accept(member())), Err("NOT_THE_ASSIGNEE"));
}

#[test]
fn an_office_elsewhere_does_nothing_with_an_order_whatever_its_status() {
    let elsewhere = || office("operator", "620821102");
    for status in Status::ALL {
        for command in [
            assign(elsewhere(), to("away")),
            verify(elsewhere(), Capacity::Office, true),
            close(elsewhere()),
        ] {
            assert_eq!(outcome(&at(status), command), Err("OUT_OF_SCOPE"), "{status:?}");
        }
    }
}

#[test]
fn nobody_verifies_what_they_worked_on() {
    // By office an operator too, but the order was his.
    let own = || Caller { person: person("member"), ..operator() };
    let state = at(Status::Handled);
    assert_eq!(outcome(&state, verify(own(), Capacity::Office, true)), Err("VERIFIER_IS_HANDLER"));
    // Who accepted, where a colleague reported.
    let state = given(vec![
        create(to_body("b1")),
        accept(clerk("one", "b1")),
        feedback(clerk("two", "b1")),
    ]);
    for key in ["one", "two"] {
        let caller = Caller { person: person(key), ..operator() };
        let refused = outcome(&state, verify(caller, Capacity::Office, true));
        assert_eq!(refused, Err("VERIFIER_IS_HANDLER"), "{key}");
    }
}

#[test]
fn the_chief_and_the_reporter_verify_and_a_mere_member_does_not() {
    let state = at(Status::Handled);
    let by = |key, capacity| outcome(&state, verify(of_grid(key, GRID), capacity, true));
    assert_eq!(by("chief", Capacity::GridChief), Ok(vec!["work_order_verified"]));
    assert_eq!(by("reporter", Capacity::GridMember), Ok(vec!["work_order_verified"]));
    assert_eq!(by("other", Capacity::GridMember), Err("NOT_A_VERIFIER"));
}

#[test]
fn what_is_sent_back_is_with_its_handler_again_and_can_be_reported_again() {
    let mut state = at(Status::Handled);
    let back = WorkOrder::decide(&state, verify(operator(), Capacity::Office, false)).unwrap();
    state = fold::<WorkOrder>(state, &back);
    assert_eq!(state.order.as_ref().unwrap().status, Status::Accepted);
    assert_eq!(outcome(&state, accept(member())), Ok(vec![]));
    assert_eq!(outcome(&state, feedback(member())), Ok(vec!["feedback_submitted"]));
}

#[test]
fn who_returned_is_remembered_over_several_returns() {
    let state = given(vec![
        create(to("member")),
        give_back(member()),
        again(to("second")),
        give_back(of_grid("second", GRID)),
    ]);
    let order = state.order.unwrap();
    assert_eq!(order.returned, [to("member"), to("second")]);
}

#[test]
fn an_assignment_takes_the_order_from_who_accepted_it() {
    let mut state = at(Status::Accepted);
    assert_eq!(outcome(&state, assign(operator(), to("member"))), Ok(vec![]));
    let moved = WorkOrder::decide(&state, assign(operator(), to("other"))).unwrap();
    state = fold::<WorkOrder>(state, &moved);
    assert_eq!(outcome(&state, feedback(member())), Err("NOT_THE_ASSIGNEE"));
    assert_eq!(outcome(&state, feedback(of_grid("other", GRID))), Err("ORDER_NOT_ACCEPTED"));
}

#[test]
fn each_clock_rings_once_at_its_time_and_only_while_it_runs() {
    let early = Timestamp(ACCEPT_DUE.0 - 1);
    let routed = at(Status::Routed);
    assert_eq!(outcome(&routed, ring(early, DeadlineKind::Acceptance)), Ok(vec![]));
    let rung = Ok(vec!["work_order_overdue"]);
    assert_eq!(outcome(&routed, ring(ACCEPT_DUE, DeadlineKind::Acceptance)), rung);
    let accepted = at(Status::Accepted);
    assert_eq!(outcome(&accepted, ring(DUE, DeadlineKind::Acceptance)), Ok(vec![]));
    assert_eq!(outcome(&accepted, ring(ACCEPT_DUE, DeadlineKind::Handling)), Ok(vec![]));
    assert_eq!(outcome(&accepted, ring(DUE, DeadlineKind::Handling)), rung);
    assert_eq!(outcome(&at(Status::Handled), ring(DUE, DeadlineKind::Handling)), Ok(vec![]));
    let both = given(vec![
        create(to("member")),
        ring(DUE, DeadlineKind::Acceptance),
        ring(DUE, DeadlineKind::Handling),
    ]);
    for deadline in [DeadlineKind::Acceptance, DeadlineKind::Handling] {
        assert_eq!(outcome(&both, ring(DUE, deadline)), Ok(vec![]));
    }
}

fn samples() -> Vec<Command> {
    rules::rows()
        .into_iter()
        .map(|(_, _, command)| command)
        .chain([
            create(to_body("b1")),
            accept(clerk("one", "b1")),
            feedback(clerk("two", "b1")),
            give_back(clerk("one", "b1")),
            assign(operator(), to_body("b1")),
        ])
        .collect()
}

#[test]
fn deciding_twice_changes_nothing() {
    let repeated = |name: &str| beside::may_repeat(name);
    let rows = rules::rows().into_iter().filter(|(_, name, _)| !repeated(name));
    let samples: Vec<Command> = rows.map(|(_, _, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<WorkOrder>(&samples);
}

#[test]
fn folding_equals_one_by_one() {
    testkit::properties::folding_equals_one_by_one::<WorkOrder>(&samples());
}

#[test]
fn accepted_histories_never_panic() {
    testkit::properties::accepted_histories_never_panic::<WorkOrder>(&samples());
}
