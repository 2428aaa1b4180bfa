//! When limits end: the dates of the scenarios, and what holds for every calendar.

mod versions;

use jiff::civil::date;

use super::*;

/// A moment at +08:00, such as `2026-06-18T16:30`.
fn at(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(&format!("{text}:00+08:00")).unwrap()
}

fn limit(text: &str) -> Limit {
    text.parse().unwrap()
}

/// The calendar of the scenarios, which is a fixture and no claim about the official one.
fn fixture(more_holidays: &[Date]) -> WorkingCalendar {
    let june = (19..=21).map(|day| date(2026, 6, day));
    let october = (1..=7).map(|day| date(2026, 10, day));
    let holidays = june.chain(october).chain(more_holidays.iter().copied());
    WorkingCalendar::new(2, holidays, [date(2026, 9, 20), date(2026, 10, 10)]).unwrap()
}

fn assert_due(calendar: &WorkingCalendar, rows: &[(&str, &str, &str, &str)]) {
    for (why, start, length, due) in rows {
        let found = calendar.due(at(start), &limit(length));
        assert_eq!(found.to_rfc3339(), at(due).to_rfc3339(), "{why}: {start} + {length}");
    }
}

#[test]
fn the_scenarios_dates() {
    assert_due(
        &fixture(&[]),
        &[
            ("1, a Sunday", "2026-05-24T08:40", "240min", "2026-05-24T12:40"),
            ("2, before a holiday", "2026-06-18T16:30", "3wd", "2026-06-24T18:00"),
            ("4, a make-up Saturday", "2026-10-09T15:00", "3wd", "2026-10-13T18:00"),
        ],
    );
    let monday_off = fixture(&[date(2026, 6, 22)]);
    assert_due(&monday_off, &[("2", "2026-06-18T16:30", "3wd", "2026-06-25T18:00")]);
}

#[test]
fn working_days_count_from_the_day_after_and_end_at_closing() {
    assert_due(
        &fixture(&[]),
        &[
            ("in the morning", "2026-06-15T08:30", "1wd", "2026-06-16T18:00"),
            ("a minute before midnight", "2026-06-15T23:59", "1wd", "2026-06-16T18:00"),
            ("at midnight", "2026-06-16T00:00", "1wd", "2026-06-17T18:00"),
            ("on a holiday", "2026-06-20T10:00", "1wd", "2026-06-22T18:00"),
            ("on a weekend", "2026-06-13T10:00", "2wd", "2026-06-16T18:00"),
            ("over the long holiday", "2026-09-30T17:00", "2wd", "2026-10-09T18:00"),
            ("a make-up Sunday counts", "2026-09-18T09:00", "1wd", "2026-09-20T18:00"),
        ],
    );
}

#[test]
fn working_hours_run_while_people_work() {
    assert_due(
        &fixture(&[]),
        &[
            ("within the morning", "2026-06-15T09:00", "2wh", "2026-06-15T11:00"),
            ("to noon exactly", "2026-06-15T10:00", "2wh", "2026-06-15T12:00"),
            ("over the lunch break", "2026-06-15T11:00", "2wh", "2026-06-15T15:00"),
            ("from within the break", "2026-06-15T13:00", "1wh", "2026-06-15T15:00"),
            ("before opening", "2026-06-15T06:00", "1wh", "2026-06-15T09:30"),
            ("after closing", "2026-06-15T18:00", "1wh", "2026-06-16T09:30"),
            ("from Friday to Monday", "2026-06-12T17:00", "2wh", "2026-06-15T09:30"),
            ("on a holiday", "2026-06-20T10:00", "1wh", "2026-06-22T09:30"),
            ("on a make-up Sunday", "2026-09-20T09:00", "1wh", "2026-09-20T10:00"),
            ("a day is 7.5 hours", "2026-06-15T08:30", "8wh", "2026-06-16T09:00"),
            ("two days are 15", "2026-06-15T08:30", "15wh", "2026-06-16T18:00"),
        ],
    );
}

#[test]
fn a_calendar_without_work_gives_up_after_400_days() {
    let days = (0..1_000).scan(date(2026, 1, 1), |day, _| {
        let today = *day;
        *day = day.tomorrow().ok()?;
        Some(today)
    });
    let never = WorkingCalendar::new(3, days, []).unwrap();
    assert_due(
        &never,
        &[
            ("days", "2026-06-15T10:00", "1wd", "2027-07-20T10:00"),
            ("hours", "2026-06-15T10:00", "1wh", "2027-07-20T10:00"),
            ("minutes run on", "2026-06-15T10:00", "1min", "2026-06-15T10:01"),
            ("the last day before", "2025-12-31T10:00", "5wh", "2025-12-31T17:00"),
            ("400 days after the last work", "2025-12-31T10:00", "7wh", "2027-02-04T18:00"),
            ("400 days after the last day", "2025-12-30T10:00", "2wd", "2027-02-04T18:00"),
        ],
    );
}

#[test]
fn the_longest_limits_and_the_ends_of_time_are_answered() {
    let calendar = WorkingCalendar::default();
    // 100,000 working days are 20,000 weeks.
    let longest = calendar.due(at("2026-06-15T10:00"), &limit("100000wd"));
    assert_eq!(longest.to_rfc3339(), at("2409-10-05T18:00").to_rfc3339());
    for start in [i64::MIN, i64::MAX, at("9999-12-30T10:00").0] {
        for length in ["1wd", "100000wd", "100000wh", "100000min"] {
            let due = calendar.due(Timestamp(start), &limit(length));
            assert!(due >= Timestamp(start), "{start} + {length}");
        }
    }
}

#[test]
fn a_later_start_or_a_longer_limit_never_ends_earlier() {
    let calendar = fixture(&[date(2026, 6, 22)]);
    // 37 minutes share no factor with a day, so that in four weeks all times of day come up.
    let starts =
        || (0..40_000 / 37).map(|i| at("2026-09-14T00:00").plus_millis(i * 37 * MINUTE_MS));
    for unit in [LimitUnit::WorkingDays, LimitUnit::WorkingHours, LimitUnit::Minutes] {
        for amount in 1..30 {
            let (this, longer) =
                (Limit::new(amount, unit).unwrap(), Limit::new(amount + 1, unit).unwrap());
            let mut before = Timestamp(i64::MIN);
            for start in starts() {
                let due = calendar.due(start, &this);
                assert!(due > start && due >= before, "{start:?} + {this}");
                assert!(calendar.due(start, &longer) > due, "{start:?} + {longer}");
                before = due;
            }
        }
    }
}

#[test]
fn the_plain_week_is_monday_to_friday() {
    let calendar = WorkingCalendar::default();
    assert_eq!(calendar.version(), 1);
    let worked = (15..=21).filter(|day| calendar.is_working_day(date(2026, 6, *day)));
    assert_eq!(worked.collect::<Vec<_>>(), [15, 16, 17, 18, 19]);
}

#[test]
fn a_date_is_either_off_or_worked() {
    let day = date(2026, 10, 10);
    let refused = WorkingCalendar::new(1, [day], [day]).unwrap_err();
    assert_eq!(refused, InvalidCalendar::Both(day));
}
