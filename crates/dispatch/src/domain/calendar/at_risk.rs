//! When little of a limit is left.

use kernel::{
    Timestamp,
    limit::{Limit, LimitUnit},
};

use super::{DAY_MS, WorkingCalendar, local, moment};

impl WorkingCalendar {
    /// When only this share of the time from `start` to `due` is left, in percent: of the time in which
    /// people work where the limit counts working hours or days, else of all time. Never after `due`.
    pub fn at_risk(
        &self,
        start: Timestamp,
        due: Timestamp,
        limit: &Limit,
        left_percent: u32,
    ) -> Timestamp {
        let used = 100 - i64::from(left_percent.min(100));
        let by_working_time = match limit.unit() {
            LimitUnit::WorkingDays | LimitUnit::WorkingHours => true,
            LimitUnit::Minutes => false,
        };
        let working = if by_working_time { self.working_time(start, due) } else { 0 };
        let moment = if working > 0 {
            self.after_working_time(start, working * used / 100)
        } else {
            let whole = due.0.saturating_sub(start.0).max(0);
            start.plus_millis(whole / 100 * used)
        };
        moment.min(due)
    }

    /// How many milliseconds people work between two moments.
    pub fn working_time(&self, start: Timestamp, end: Timestamp) -> i64 {
        let ((first, from), (last, to)) = (local(start), local(end));
        let mut worked = 0_i64;
        let mut day = first;
        while day <= last {
            let Some(found) = self.first_working_day(day).filter(|found| *found <= last) else {
                break;
            };
            let begin = if found == first { from } else { 0 };
            let stop = if found == last { to } else { DAY_MS };
            for (open, close) in self.hours(found) {
                worked += ((*close).min(stop) - (*open).max(begin)).max(0);
            }
            day = found + 1;
        }
        debug_assert!(moment(first, from) == start || start.0 < 0 || start.0 > i64::MAX / 2);
        worked
    }
}
