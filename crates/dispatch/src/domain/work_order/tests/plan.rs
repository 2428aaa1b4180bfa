//! Deadlines planned anew: once a version, what was added kept, nothing into the past.

use super::*;

const DAY: i64 = 24 * 60 * 60_000;

/// Thursday, 18 June 2026, 16:30 at +08:00.
fn thursday() -> Timestamp {
    Timestamp::from_rfc3339("2026-06-18T16:30:00+08:00").unwrap()
}

fn fixture(version: u32, monday_off: bool) -> WorkingCalendar {
    let june = (19..=21).map(|day| jiff::civil::date(2026, 6, day));
    let monday = monday_off.then(|| jiff::civil::date(2026, 6, 22));
    WorkingCalendar::new(version, june.chain(monday), []).unwrap()
}

/// An order of three working days from that Thursday, planned by version 2.
fn order() -> State {
    let calendar = fixture(2, false);
    let limit: Limit = "3wd".parse().unwrap();
    let Command::CreateWorkOrder(mut created) = create(to("member")) else { unreachable!() };
    created.at = thursday();
    created.accept_due = thursday().plus_millis(4 * 60 * 60_000);
    created.due = calendar.due(thursday(), &limit);
    created.at_risk = calendar.at_risk(thursday(), created.due, &limit, 20);
    created.threefold_due = calendar.times(thursday(), &limit, 3);
    created.calendar_version = 2;
    after(State::default(), Command::CreateWorkOrder(created))
}

fn after(state: State, command: Command) -> State {
    let events = WorkOrder::decide(&state, command).unwrap();
    events.iter().fold(state, WorkOrder::evolve)
}

fn by(calendar: WorkingCalendar, at: Timestamp, limit: Option<(Limit, u32)>) -> Command {
    let reason = ReplanReason::CalendarChanged;
    let calendar = Arc::new(calendar);
    Clock::ReplanDeadline(Box::new(Replan { at, reason, calendar, limit, at_risk_percent: 20 }))
        .into()
}

fn of(state: &State) -> &Order {
    state.order.as_ref().unwrap()
}

fn shown(at: Timestamp) -> String {
    at.plus_millis(8 * 60 * 60_000).to_rfc3339().get(..16).unwrap().to_owned()
}

#[test]
fn a_monday_off_that_is_declared_late_moves_wednesday_to_thursday() {
    let before = order();
    assert_eq!(shown(of(&before).due), "2026-06-24T18:00");
    let saturday = thursday().plus_millis(2 * DAY);
    let moved = after(before, by(fixture(3, true), saturday, None));
    let order = of(&moved);
    assert_eq!(shown(order.due), "2026-06-25T18:00");
    assert_eq!(order.plan.calendar_version, 3);
    // 80 % of the working time from Thursday 16:30: 1.5 + 3 × 7.5 hours make 24, of which 19.2: on
    // Thursday, as Monday is off, 2.7 of them.
    assert_eq!(shown(order.at_risk()), "2026-06-25T11:12");
    // Three times three working days.
    assert_eq!(shown(order.threefold_due()), "2026-07-03T18:00");
    // Delivered again, it is already so.
    assert_eq!(WorkOrder::decide(&moved, by(fixture(3, true), saturday, None)), Ok(Vec::new()));
    assert_eq!(WorkOrder::decide(&moved, by(fixture(2, false), saturday, None)), Ok(Vec::new()));
}

#[test]
fn what_was_added_stays_added_to_the_millisecond() {
    let mut state = order();
    // As a suspension or an extension does.
    let added = 5 * 60 * 60_000 + 1;
    let due = of(&state).due;
    state.order.as_mut().unwrap().due = due.plus_millis(added);
    let moved = after(state, by(fixture(3, true), thursday(), None));
    assert_eq!(of(&moved).due, due.plus_millis(DAY + added));
    let again = after(moved, by(fixture(4, false), thursday(), None));
    assert_eq!(of(&again).due, due.plus_millis(added));
}

#[test]
fn another_limit_of_the_category_counts_from_the_start() {
    let moved =
        after(order(), by(fixture(2, false), thursday(), Some(("5wd".parse().unwrap(), 4))));
    assert_eq!(shown(of(&moved).due), "2026-06-26T18:00");
    assert_eq!(of(&moved).plan.catalogue_version, 4);
}

#[test]
fn nothing_is_planned_into_the_past() {
    // A shorter limit that would be over already ends now, and is not at risk before now.
    let now = thursday().plus_millis(5 * DAY);
    let moved = after(order(), by(fixture(3, false), now, Some(("1min".parse().unwrap(), 4))));
    assert_eq!((of(&moved).due, of(&moved).at_risk()), (now, now));
    assert!(of(&moved).threefold_due() >= now);
    // A clock that stepped back plans nothing before the order was there.
    let before = thursday().plus_millis(-DAY);
    let moved = after(order(), by(fixture(3, false), before, Some(("1min".parse().unwrap(), 4))));
    assert!(of(&moved).due > thursday());
}

#[test]
fn a_deadline_that_has_rung_is_not_taken_back_and_rings_no_more() {
    let due = of(&order()).due;
    let rang = after(order(), ring(due, DeadlineKind::Handling));
    assert_eq!(WorkOrder::decide(&rang, by(fixture(3, true), due, None)), Ok(Vec::new()));
    // The clock steps back, and comes again.
    for at in [due.plus_millis(-DAY), due, due.plus_millis(1)] {
        assert_eq!(WorkOrder::decide(&rang, ring(at, DeadlineKind::Handling)), Ok(Vec::new()));
        assert_eq!(WorkOrder::decide(&rang, Clock::MarkAtRisk { at }.into()), Ok(Vec::new()));
    }
    let threefold = of(&rang).threefold_due();
    let early = ring(threefold.plus_millis(-1), DeadlineKind::HandlingThreefold);
    assert_eq!(WorkOrder::decide(&rang, early), Ok(Vec::new()));
    let thrice = after(rang, ring(threefold, DeadlineKind::HandlingThreefold));
    let again = ring(threefold, DeadlineKind::HandlingThreefold);
    assert_eq!(WorkOrder::decide(&thrice, again), Ok(Vec::new()));
}
