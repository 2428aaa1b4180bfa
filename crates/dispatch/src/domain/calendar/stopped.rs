//! What a deadline becomes when its clock stood still for a while.

use kernel::{Timestamp, limit::LimitUnit};

use super::WorkingCalendar;

impl WorkingCalendar {
    /// The deadline `due` of a clock that stopped at `stopped` and runs again from `again`: as much is
    /// left as was left when it stopped. Minutes run day and night, so that minutes are left; of
    /// working hours and days working time is left. What had run out before it stopped stays.
    pub fn moved(
        &self,
        due: Timestamp,
        unit: LimitUnit,
        stopped: Timestamp,
        again: Timestamp,
    ) -> Timestamp {
        if due <= stopped || again <= stopped {
            return due;
        }
        match unit {
            LimitUnit::Minutes => again.plus_millis(due.0.saturating_sub(stopped.0)),
            LimitUnit::WorkingHours | LimitUnit::WorkingDays => {
                self.after_working_time(again, self.working_time(stopped, due)).max(due)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;

    /// Milliseconds of a civil time at +08:00.
    fn at(text: &str) -> Timestamp {
        let time: jiff::civil::DateTime = text.parse().unwrap();
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        Timestamp(time.to_zoned(zone).unwrap().timestamp().as_millisecond())
    }

    fn plain() -> WorkingCalendar {
        WorkingCalendar::default()
    }

    #[test]
    fn working_time_is_counted_without_nights_noons_and_weekends() {
        // Friday 10:00 to Monday 15:00: 2 + 4 hours, and 3.5 + 1.
        let worked = plain().working_time(at("2026-06-05T10:00"), at("2026-06-08T15:00"));
        assert_eq!(worked, 10 * HOUR + 30 * MINUTE);
        assert_eq!(plain().working_time(at("2026-06-06T10:00"), at("2026-06-07T15:00")), 0);
        assert_eq!(plain().working_time(at("2026-06-08T15:00"), at("2026-06-08T10:00")), 0);
    }

    #[test]
    fn as_much_is_left_as_was_left() {
        // Stopped on Monday at 10:00 with 21 working hours left; again from Tuesday at 10:00.
        let due = at("2026-06-10T18:00");
        let (stopped, again) = (at("2026-06-08T10:00"), at("2026-06-09T10:00"));
        let moved = plain().moved(due, LimitUnit::WorkingDays, stopped, again);
        assert_eq!(moved, at("2026-06-11T18:00"));
        assert_eq!(plain().working_time(again, moved), plain().working_time(stopped, due),);
    }

    #[test]
    fn minutes_run_day_and_night() {
        let (stopped, again) = (at("2026-06-06T10:00"), at("2026-06-07T03:00"));
        let due = stopped.plus_millis(40 * MINUTE);
        let moved = plain().moved(due, LimitUnit::Minutes, stopped, again);
        assert_eq!(moved, again.plus_millis(40 * MINUTE));
    }

    #[test]
    fn a_weekend_without_the_clock_costs_nothing() {
        // Stopped on Friday evening, again on Monday before work.
        let due = at("2026-06-09T11:00");
        let (stopped, again) = (at("2026-06-05T18:00"), at("2026-06-08T08:00"));
        assert_eq!(plain().moved(due, LimitUnit::WorkingHours, stopped, again), due);
    }

    #[test]
    fn what_had_run_out_stays_so() {
        let due = at("2026-06-08T09:00");
        let (stopped, again) = (at("2026-06-08T10:00"), at("2026-06-09T10:00"));
        for unit in [LimitUnit::Minutes, LimitUnit::WorkingHours, LimitUnit::WorkingDays] {
            assert_eq!(plain().moved(due, unit, stopped, again), due);
        }
    }
}
