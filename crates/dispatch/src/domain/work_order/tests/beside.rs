//! Returns, time, the ladder, reminders and the end, given this history.

use contracts::dispatch::{RemindedBy, Tier, WithdrawalReason};
use kernel::limit::Limit;

use super::*;

const HOUR: i64 = 3_600_000;

fn terms() -> Terms {
    let longest = "5wd".parse().unwrap();
    Terms { max_times: 2, longest, calendar: Arc::default() }
}

fn extend(at: Timestamp, limit: &str) -> Command {
    let by = By { at, caller: member() };
    Time::RequestExtension(by, limit.parse().unwrap(), record("why"), terms()).into()
}

fn grant(caller: Caller) -> Command {
    Time::GrantExtension(by(caller), Arc::default()).into()
}

fn refuse(caller: Caller) -> Command {
    Time::RefuseExtension(by(caller), record("no")).into()
}

fn desks() -> Desks {
    Desks {
        township: Some(organisation("desk")),
        county: Some("620821000000-centre".parse().unwrap()),
    }
}

fn escalate(caller: Caller) -> Command {
    Upward::EscalateWorkOrder(by(caller), desks(), record("why")).into()
}

fn climb(stage: DeadlineKind, to: Tier) -> Command {
    Upward::EscalateOverdue(DUE, stage, to, desks()).into()
}

fn remind(at: Timestamp, caller: Caller, reminded_by: RemindedBy) -> Command {
    Upward::RemindWorkOrder(By { at, caller }, reminded_by, None).into()
}

fn ask_suspension(caller: Caller) -> Command {
    Time::RequestSuspension(by(caller), SuspensionReason::Weather, record("rain")).into()
}

fn call_back(reached: bool) -> Command {
    let said = CallBack { reached, solved: Some(true), satisfied: None, text: None };
    Ending::CallBackWorkOrder(by(operator()), said).into()
}

fn with_case(reason: WithdrawalReason) -> Command {
    Ending::WithdrawWith(NOW, reason).into()
}

fn back_with_case(reason: WithdrawalReason) -> Command {
    Ending::ReinstateWith(NOW, reason).into()
}

pub(super) fn rows() -> Vec<(&'static str, &'static str, Command)> {
    let reporter = of_grid("reporter", "620821101209001");
    let information = Arc::default();
    vec![
        ("同意退单并另派", "uphold the return", uphold(operator(), to("second"))),
        ("同意退单仍派原承办人", "uphold, to the same", uphold(operator(), to("member"))),
        ("不同意退单", "reject the return", reject(operator())),
        ("到期前申请延期", "ask for more time", extend(NOW, "2wd")),
        ("到期后申请延期", "ask for more time when late", extend(DUE, "2wd")),
        ("申请延期过长", "ask for too much time", extend(NOW, "6wd")),
        ("上级同意延期", "grant more time", grant(county())),
        ("上级不同意延期", "refuse more time", refuse(county())),
        ("承办人申请挂起", "ask for a suspension", ask_suspension(member())),
        ("他人申请挂起", "ask, by another", ask_suspension(of_grid("other", GRID))),
        (
            "不同意挂起",
            "refuse a suspension",
            Time::RefuseSuspension(by(operator()), record("no")).into(),
        ),
        ("挂起", "suspend", suspend(NOW, SuspensionReason::AwaitingInformation)),
        ("恢复", "resume", resume(NOW)),
        ("向反映人补充了解", "the reporter is asked", Time::AwaitInformation(NOW).into()),
        ("反映人补充", "the reporter answers", Time::InformationCame(NOW, information).into()),
        ("承办人申请提级", "escalate, by the assignee", escalate(member())),
        ("他人申请提级", "escalate, by another", escalate(of_grid("other", GRID))),
        ("调度员提级", "escalate, by the desk", escalate(operator())),
        ("超期自动提级", "escalate by rule", climb(DeadlineKind::Handling, Tier::Township)),
        ("调度员催办", "remind, by the desk", remind(NOW, operator(), RemindedBy::Desk)),
        ("反映人催办", "remind, by the reporter", remind(NOW, reporter, RemindedBy::Reporter)),
        (
            "非反映人催办",
            "remind as the reporter, by another",
            remind(NOW, of_grid("other", GRID), RemindedBy::Reporter),
        ),
        ("撤回", "withdraw", withdraw()),
        ("随事项合并撤回", "withdraw with its case", with_case(WithdrawalReason::Merged)),
        ("恢复工单", "reinstate", Ending::ReinstateWorkOrder(by(operator())).into()),
        ("事项撤销合并", "its case is apart again", back_with_case(WithdrawalReason::Merged)),
        ("回访", "call back", call_back(true)),
    ]
}

/// What is meant to be repeated.
pub(super) fn may_repeat(name: &str) -> bool {
    name.starts_with("remind, by the desk") || name.starts_with("escalate, by")
}

#[test]
fn the_first_return_is_the_desks_and_the_second_the_countys() {
    let returned = || vec![create(to("member")), accept(member()), give_back(member())];
    let state = given(returned());
    let upheld = Ok(vec!["return_upheld", "work_order_routed"]);
    assert_eq!(outcome(&state, uphold(operator(), to("second"))), upheld);
    assert_eq!(outcome(&state, assign(operator(), to("second"))), upheld);
    assert_eq!(outcome(&state, assign(operator(), to("member"))), Err("RETURNED_BY_ASSIGNEE"));

    let second = of_grid("second", GRID);
    let twice = [uphold(operator(), to("second")), give_back(second)];
    let state = given(returned().into_iter().chain(twice).collect());
    for command in
        [uphold(operator(), to("third")), assign(operator(), to("third")), reject(operator())]
    {
        assert_eq!(outcome(&state, command), Err("RETURN_NEEDS_COUNTY"));
    }
    assert_eq!(outcome(&state, uphold(county(), to("third"))), upheld);
}

#[test]
fn whose_return_is_rejected_has_it_in_hand_again_and_no_clock_has_stopped() {
    let state = given(vec![
        create(to("member")),
        accept(member()),
        give_back(member()),
        reject(operator()),
    ]);
    let order = state.order.as_ref().unwrap();
    assert_eq!((order.status, order.due), (Status::Accepted, DUE));
    assert_eq!(outcome(&state, feedback(member())), Ok(vec!["feedback_submitted"]));
    let never = given(vec![create(to("member")), give_back(member()), reject(operator())]);
    assert_eq!(never.order.unwrap().status, Status::Routed);
}

#[test]
fn more_time_comes_from_above_in_time_and_not_too_often() {
    let asked = || vec![create(to_body("b1")), accept(clerk("one", "b1"))];
    let extend = |at| {
        let by = By { at, caller: clerk("one", "b1") };
        let limit: Limit = "1wd".parse().unwrap();
        Command::from(Time::RequestExtension(by, limit, record("why"), terms()))
    };
    let before = given(asked());
    assert_eq!(outcome(&before, extend(DUE)), Err("EXTENSION_TOO_LATE"));
    let state = given(asked().into_iter().chain([extend(NOW)]).collect());
    // b1 is a body of the township: the county grants.
    assert_eq!(outcome(&state, grant(operator())), Err("NEEDS_UPPER_TIER"));
    assert_eq!(outcome(&state, grant(county())), Ok(vec!["extension_granted"]));
    let twice = [extend(NOW), grant(county()), extend(NOW), grant(county())];
    let state = given(asked().into_iter().chain(twice).collect());
    assert_eq!(outcome(&state, extend(NOW)), Err("EXTENSIONS_USED_UP"));
    assert!(state.order.unwrap().due > DUE);
}

#[test]
fn a_clock_that_has_rung_rings_again_at_the_new_deadline() {
    let mut state = given(vec![create(to("member")), accept(member()), extend(NOW, "1wd")]);
    for command in [ring(DUE, DeadlineKind::Handling), grant(operator())] {
        let events = WorkOrder::decide(&state, command).unwrap();
        state = fold::<WorkOrder>(state, &events);
    }
    let due = state.order.as_ref().unwrap().due;
    assert_eq!(outcome(&state, ring(DUE, DeadlineKind::Handling)), Ok(vec![]));
    assert_eq!(outcome(&state, ring(due, DeadlineKind::Handling)), Ok(vec!["work_order_overdue"]));
}

#[test]
fn a_suspended_order_has_as_much_time_left_as_it_had() {
    let stopped = Timestamp(NOW.0 + 1);
    let mut state = given(vec![create(to("member")), suspend(stopped, SuspensionReason::Court)]);
    assert_eq!(outcome(&state, ring(DUE, DeadlineKind::Acceptance)), Ok(vec![]));
    assert_eq!(outcome(&state, accept(member())), Err("ORDER_SUSPENDED"));
    let again = Timestamp(stopped.0 + 7 * 24 * HOUR);
    let events = WorkOrder::decide(&state, resume(again)).unwrap();
    state = fold::<WorkOrder>(state, &events);
    let order = state.order.unwrap();
    assert_eq!(order.status, Status::Routed);
    // Minutes run day and night.
    assert_eq!(order.accept_due.0 - again.0, ACCEPT_DUE.0 - stopped.0);
    let calendar = WorkingCalendar::default();
    assert_eq!(calendar.working_time(again, order.due), calendar.working_time(stopped, DUE));
}

#[test]
fn what_the_reporter_adds_ends_only_the_wait_for_it() {
    let came = || Command::from(Time::InformationCame(NOW, Arc::default()));
    let waiting = given(vec![create(to("member")), Time::AwaitInformation(NOW).into()]);
    assert_eq!(outcome(&waiting, came()), Ok(vec!["work_order_resumed"]));
    let court = given(vec![create(to("member")), suspend(NOW, SuspensionReason::Court)]);
    assert_eq!(outcome(&court, came()), Ok(vec![]));
    assert_eq!(outcome(&at(Status::Accepted), came()), Ok(vec![]));
}

#[test]
fn an_order_climbs_once_for_each_clock_and_tier_even_if_it_comes_down_again() {
    let late = vec![create(to("member")), ring(DUE, DeadlineKind::Handling)];
    let township = climb(DeadlineKind::Handling, Tier::Township);
    let state = given(late.clone());
    let climbed = Ok(vec!["work_order_escalated", "work_order_routed"]);
    assert_eq!(outcome(&state, township.clone()), climbed);
    let down = [township.clone(), assign(operator(), to("member"))];
    let state = given(late.into_iter().chain(down).collect());
    assert_eq!(outcome(&state, township), Ok(vec![]));
    assert_eq!(outcome(&state, climb(DeadlineKind::Handling, Tier::County)), climbed);
    // Nothing climbs for a clock that has not rung, or that no longer runs.
    let early = given(vec![create(to("member"))]);
    assert_eq!(outcome(&early, climb(DeadlineKind::Acceptance, Tier::Township)), Ok(vec![]));
}

#[test]
fn what_nobody_has_climbs_as_well() {
    let nobody = Assignee { organisation: None, person: None };
    let state = given(vec![create(nobody), ring(ACCEPT_DUE, DeadlineKind::Acceptance)]);
    let climbed = outcome(&state, climb(DeadlineKind::Acceptance, Tier::Township));
    assert_eq!(climbed, Ok(vec!["work_order_escalated", "work_order_routed"]));
}

#[test]
fn the_ladder_ends_at_the_prefecture_which_is_only_told() {
    let mut state = at(Status::Accepted);
    for expected in [2, 2, 1] {
        let events = WorkOrder::decide(&state, escalate(county())).unwrap();
        assert_eq!(events.len(), expected);
        state = fold::<WorkOrder>(state, &events);
    }
    assert_eq!(outcome(&state, escalate(county())), Err("NO_TIER_ABOVE"));
    assert_eq!(state.order.unwrap().assignee.organisation, desks().county);
}

#[test]
fn the_reporter_reminds_once_a_day_and_moves_no_clock() {
    let reporter = || of_grid("reporter", "620821101209001");
    let state = given(vec![create(to("member")), remind(NOW, reporter(), RemindedBy::Reporter)]);
    let again = |at| outcome(&state, remind(at, reporter(), RemindedBy::Reporter));
    assert_eq!(again(NOW), Err("REMINDED_TODAY"));
    let tomorrow = Timestamp(NOW.0 + 24 * HOUR);
    assert_eq!(again(tomorrow), Ok(vec!["work_order_reminded"]));
    assert_eq!(state.order.unwrap().due, DUE);
}

#[test]
fn an_order_comes_back_as_it_was() {
    for status in Status::ALL.into_iter().filter(|status| status.is_open()) {
        let before = at(status);
        let mut after = before.clone();
        for command in
            [with_case(WithdrawalReason::Merged), back_with_case(WithdrawalReason::Merged)]
        {
            let events = WorkOrder::decide(&after, command).unwrap();
            assert_eq!(events.len(), 1, "{status:?}");
            after = fold::<WorkOrder>(after, &events);
        }
        let version = after.order.as_ref().unwrap().version;
        let mut expected = before;
        expected.order.as_mut().unwrap().version = version;
        assert_eq!(after, expected, "{status:?}");
    }
}

#[test]
fn what_the_desk_took_back_the_case_does_not_bring_back_and_the_other_way_round() {
    let by_desk = at(Status::Withdrawn);
    assert_eq!(outcome(&by_desk, back_with_case(WithdrawalReason::Merged)), Ok(vec![]));
    let with_case = given(vec![create(to("member")), with_case(WithdrawalReason::Merged)]);
    let by_hand = Ending::ReinstateWorkOrder(by(operator()));
    assert_eq!(outcome(&with_case, by_hand.into()), Err("WITHDRAWN_WITH_CASE"));
}

#[test]
fn who_expects_another_version_is_told_and_changes_nothing() {
    let state = at(Status::Accepted);
    let version = state.order.as_ref().unwrap().version;
    let expecting = |version| Command::Expecting(version, Box::new(feedback(member())));
    assert_eq!(outcome(&state, expecting(version - 1)), Err("ORDER_CHANGED"));
    assert_eq!(outcome(&state, expecting(version)), Ok(vec!["feedback_submitted"]));
    // A stranger learns nothing by guessing.
    let stranger = Box::new(close(office("elsewhere", "620821102")));
    assert_eq!(outcome(&state, Command::Expecting(1, stranger)), Err("OUT_OF_SCOPE"));
}
