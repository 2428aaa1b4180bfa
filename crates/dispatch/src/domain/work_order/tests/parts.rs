//! Helpers and parts, given this history.

use contracts::dispatch::ChildOutcome;
use kernel::id::WorkOrderId;

use super::*;

fn assist(keys: &[&str]) -> Command {
    let assistants = keys.iter().map(|key| organisation(key)).collect();
    Parts::AssistWorkOrder(by(operator()), assistants).into()
}

fn help(caller: Caller) -> Command {
    let result = HandlingResult::Solved;
    Parts::SubmitAssistance { by: by(caller), result, text: None, photos: Vec::new() }.into()
}

fn ends(key: &str, result: Option<HandlingResult>) -> Command {
    let outcome = if result.is_some() { ChildOutcome::Closed } else { ChildOutcome::Withdrawn };
    let child: WorkOrderId = format!("620821101203-{key}").parse().unwrap();
    let (by, result) = (Some(person("closer")), result.map(|result| (result, true)));
    Parts::EndChild { at: NOW, child, outcome, by, result }.into()
}

fn solved(key: &str) -> Command {
    ends(key, Some(HandlingResult::Solved))
}

pub(super) fn rows() -> Vec<(&'static str, &'static str, Command)> {
    vec![
        ("请他单位协办", "name helpers", assist(&["b2"])),
        ("非协办单位反馈", "help, by another", help(clerk("three", "b3"))),
        ("拆分", "split", split()),
        ("子工单办结", "a part is closed", solved("p1")),
        ("无关工单办结", "a strange part is closed", solved("p9")),
    ]
}

#[test]
fn helpers_see_it_do_their_part_and_the_lead_waits_or_says_why_not() {
    let lead = || clerk("lead", "b1");
    let begun = vec![create(to_body("b1")), assist(&["b2", "b3"]), accept(lead())];
    let state = given(begun.clone());
    assert_eq!(outcome(&state, feedback(lead())), Err("ASSISTANCE_OPEN"));
    let alone = feedback_saying(lead(), HandlingResult::Solved, Some(record("alone")));
    assert_eq!(outcome(&state, alone), Ok(vec!["feedback_submitted"]));
    let partly = feedback_saying(lead(), HandlingResult::PartlySolved, None);
    assert_eq!(outcome(&state, partly), Ok(vec!["feedback_submitted"]));
    // A helper is covered, and is not the assignee.
    assert_eq!(outcome(&state, feedback(clerk("two", "b2"))), Err("NOT_THE_ASSIGNEE"));
    assert_eq!(outcome(&state, help(lead())), Err("NOT_AN_ASSISTANT"));
    assert_eq!(outcome(&state, help(clerk("four", "b4"))), Err("OUT_OF_SCOPE"));

    let helped = [help(clerk("two", "b2")), help(clerk("three", "b3"))];
    let state = given(begun.into_iter().chain(helped).collect());
    assert_eq!(outcome(&state, help(clerk("two", "b2"))), Err("ASSISTANCE_GIVEN"));
    assert_eq!(outcome(&state, feedback(lead())), Ok(vec!["feedback_submitted"]));
}

#[test]
fn there_is_a_lead_and_it_does_not_help_itself() {
    let nobody = Assignee { organisation: None, person: None };
    let state = given(vec![create(nobody)]);
    assert_eq!(outcome(&state, assist(&["b2"])), Err("ORDER_HAS_NO_LEAD"));
    let state = given(vec![create(to_body("b1"))]);
    assert_eq!(outcome(&state, assist(&["b1", "b2"])), Err("LEAD_CANNOT_ASSIST"));
}

#[test]
fn who_helped_does_not_verify() {
    let state = given(vec![
        create(to_body("b1")),
        assist(&["b2"]),
        accept(clerk("lead", "b1")),
        help(clerk("helper", "b2")),
        feedback(clerk("lead", "b1")),
    ]);
    let helper = Caller { person: person("helper"), ..operator() };
    let refused = outcome(&state, verify(helper, Capacity::Office, true));
    assert_eq!(refused, Err("VERIFIER_IS_HANDLER"));
}

#[test]
fn the_whole_closes_with_its_last_part_and_says_what_came_of_all() {
    let mut state = at(Status::Split);
    let first = WorkOrder::decide(&state, solved("p1")).unwrap();
    assert_eq!(first.len(), 1);
    state = fold::<WorkOrder>(state, &first);
    assert_eq!(outcome(&state, solved("p1")), Ok(vec![]), "told twice");
    let last = WorkOrder::decide(&state, ends("p2", Some(HandlingResult::NotSo))).unwrap();
    let [_, WorkOrderEvent::WorkOrderClosed(closed)] = last.as_slice() else {
        unreachable!("closed: {last:?}")
    };
    assert_eq!((closed.result, closed.found_true), (HandlingResult::PartlySolved, true));
    assert_eq!(closed.by, person("closer"));
    assert_eq!(closed.parent, None);
}

#[test]
fn a_part_that_was_withdrawn_does_not_count_and_where_all_were_the_whole_goes_on() {
    let one = given(vec![create(to("member")), split(), ends("p1", None)]);
    let closed = Ok(vec!["child_work_order_ended", "work_order_closed"]);
    assert_eq!(outcome(&one, solved("p2")), closed);
    let none = given(vec![create(to("member")), split(), ends("p1", None), ends("p2", None)]);
    assert_eq!(none.order.as_ref().unwrap().status, Status::Routed);
    assert_eq!(outcome(&none, accept(member())), Ok(vec!["work_order_accepted"]));
}

#[test]
fn an_independent_whole_goes_its_own_way() {
    let children = vec![child("p1", to_body("b1")), child("p2", to_body("b2"))];
    let beside = Parts::SplitWorkOrder(by(operator()), ParentPolicy::Independent, children);
    let state = given(vec![create(to("member")), accept(member()), beside.into(), solved("p1")]);
    assert_eq!(outcome(&state, feedback(member())), Ok(vec!["feedback_submitted"]));
    assert_eq!(outcome(&state, solved("p2")), Ok(vec!["child_work_order_ended"]));
    assert_eq!(outcome(&state, split()), Err("ORDER_SPLIT"));
}

#[test]
fn parts_are_several_and_distinct_and_have_no_parts() {
    let into = |children: Vec<Child>| {
        let policy = ParentPolicy::ClosesWithChildren;
        Command::from(Parts::SplitWorkOrder(by(operator()), policy, children))
    };
    let state = at(Status::Accepted);
    let one = vec![child("p1", to_body("b1"))];
    assert_eq!(outcome(&state, into(one)), Err("PARTS_NOT_DISTINCT"));
    let same = vec![child("p1", to_body("b1")), child("p2", to_body("b1"))];
    assert_eq!(outcome(&state, into(same)), Err("PARTS_NOT_DISTINCT"));
    // One body may have a part on either bank.
    let elsewhere =
        Child { division: "620821101204".parse().unwrap(), ..child("p2", to_body("b1")) };
    let banks = vec![child("p1", to_body("b1")), elsewhere];
    assert_eq!(outcome(&state, into(banks)), Ok(vec!["work_order_split"]));
    let Command::CreateWorkOrder(part) = create(to("member")) else { unreachable!() };
    let parent = Some("620821101203-whole".parse().unwrap());
    let part = Command::CreateWorkOrder(Box::new(Create { parent, ..*part }));
    assert_eq!(outcome(&given(vec![part]), split()), Err("CHILD_CANNOT_SPLIT"));
}

#[test]
fn the_open_parts_end_and_come_back_with_the_whole() {
    let state = given(vec![create(to("member")), split(), solved("p1"), withdraw()]);
    let withdrawal = state.order.as_ref().unwrap().withdrawal.clone().unwrap();
    assert_eq!(withdrawal.children, [child("p2", to_body("b2")).work_order]);
    let back = Ending::ReinstateWorkOrder(by(operator()));
    let events = WorkOrder::decide(&state, back.into()).unwrap();
    let [WorkOrderEvent::WorkOrderReinstated(back)] = events.as_slice() else { unreachable!() };
    assert_eq!(back.children, withdrawal.children);
}
