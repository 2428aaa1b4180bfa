//! Versions of the calendar: what each says from a day on, what is refused, and what warns.

use super::*;

/// The calendar of the scenarios as a version from 1 June 2026 on.
fn put() -> Put {
    Put {
        holidays: (19..=21)
            .map(|day| date(2026, 6, day))
            .chain((1..=7).map(|day| date(2026, 10, day)))
            .collect(),
        make_up_days: [date(2026, 9, 20), date(2026, 10, 10)].into(),
        ..Put::plain(date(2026, 6, 1))
    }
}

#[test]
fn a_version_holds_from_its_day_on() {
    let calendar = WorkingCalendar::default().with(2, &put());
    assert_eq!(calendar.version(), 2);
    assert_due(
        &calendar,
        &[
            ("2", "2026-06-18T16:30", "3wd", "2026-06-24T18:00"),
            ("4", "2026-10-09T15:00", "3wd", "2026-10-13T18:00"),
        ],
    );
    // From July on people work from seven to eleven and from one to five.
    let summer = Put { hours: vec![(420, 660), (780, 1_020)], ..Put::plain(date(2026, 7, 1)) };
    let calendar = calendar.with(3, &summer);
    assert_due(
        &calendar,
        &[
            ("before", "2026-06-18T16:30", "3wd", "2026-06-24T18:00"),
            ("after", "2026-07-01T06:00", "1wh", "2026-07-01T08:00"),
            ("over the day", "2026-06-30T17:00", "2wh", "2026-07-01T08:00"),
            ("its own holidays only", "2026-09-30T15:00", "1wd", "2026-10-01T17:00"),
        ],
    );
    assert!(calendar.is_working_time(at("2026-07-01T07:30")));
    assert!(!calendar.is_working_time(at("2026-06-30T07:30")));
    assert!(!calendar.is_working_time(at("2026-06-30T18:00")));
    assert!(!calendar.is_working_time(at("2026-07-04T10:00")));
    // A version that begins earlier replaces the later ones.
    let again = calendar.with(4, &put());
    assert!(!again.is_working_day(date(2026, 10, 1)));
}

#[test]
fn what_is_no_calendar_is_refused_with_the_day() {
    let shows = |change: fn(&mut Put)| {
        let mut put = put();
        change(&mut put);
        check(&put)
    };
    assert_eq!(check(&put()), []);
    let both = shows(|put| {
        put.make_up_days.insert(date(2026, 10, 1));
    });
    assert_eq!(both, [InvalidCalendar::Both(date(2026, 10, 1))]);
    let early = shows(|put| {
        put.holidays.insert(date(2026, 5, 1));
    });
    assert_eq!(early, [InvalidCalendar::Before(date(2026, 5, 1))]);
    for hours in [vec![], vec![(600, 600)], vec![(600, 700), (650, 800)], vec![(600, 1_441)]] {
        let wrong = check(&Put { hours: hours.clone(), ..put() });
        assert_eq!(wrong, [InvalidCalendar::Hours], "{hours:?}");
    }
    let idle = shows(|put| {
        let mut day = date(2027, 1, 1);
        while day.year() == 2027 {
            put.holidays.insert(day);
            day = day.tomorrow().unwrap();
        }
    });
    // The last days of the year before are a weekend and the first of the next one, too: 2 January 2028
    // is a Sunday.
    assert_eq!(idle[0], InvalidCalendar::NoWork(2027));
    assert_eq!(idle[1], InvalidCalendar::Gap(date(2027, 1, 1), date(2028, 1, 2)));
}

#[test]
fn long_stretches_without_work_are_named() {
    // From Friday 19 to Sunday 21 June are three days; from 1 October, a Thursday, to Wednesday 7
    // October are seven.
    assert_eq!(put().gaps(), [(date(2026, 10, 1), date(2026, 10, 7))]);
}

#[test]
fn an_order_is_at_risk_when_a_fifth_of_its_working_time_is_left() {
    let calendar = WorkingCalendar::default().with(2, &put());
    for (start, length, warned) in [
        ("2026-06-15T08:30", "1wh", "2026-06-15T09:18"),
        ("2026-06-12T17:00", "2wh", "2026-06-15T09:06"),
        ("2026-06-15T10:00", "100min", "2026-06-15T11:20"),
        // 1.5 + 3 × 7.5 hours are 24, of which 19.2: Wednesday 24 June, 2.7 hours after opening.
        ("2026-06-18T16:30", "3wd", "2026-06-24T11:12"),
    ] {
        let (start, limit) = (at(start), limit(length));
        let due = calendar.due(start, &limit);
        let found = calendar.at_risk(start, due, &limit, 20);
        assert_eq!(found.to_rfc3339(), at(warned).to_rfc3339(), "{start:?} + {length}");
        assert!(calendar.at_risk(start, due, &limit, 100) <= due);
        assert!(calendar.at_risk(start, due, &limit, 0) <= due);
    }
}

#[test]
fn warnings_come_in_order_and_never_after_the_time() {
    let calendar = WorkingCalendar::default().with(2, &put());
    for unit in [LimitUnit::WorkingDays, LimitUnit::WorkingHours, LimitUnit::Minutes] {
        for amount in 1..12 {
            let limit = Limit::new(amount, unit).unwrap();
            let mut before = Timestamp(i64::MIN);
            for step in 0..300 {
                let start = at("2026-09-14T00:00").plus_millis(step * 37 * MINUTE_MS);
                let due = calendar.due(start, &limit);
                let warned = calendar.at_risk(start, due, &limit, 20);
                assert!(start <= warned && warned <= due, "{start:?} + {limit}");
                assert!(warned >= before, "{start:?} + {limit}");
                before = warned;
                assert!(calendar.times(start, &limit, 3) >= due);
            }
        }
    }
}
