//! The working calendar: when a limit that starts now ends.
//!
//! A day is a civil day at +08:00. A fixed offset is right: Asia/Shanghai has had no other since the
//! summer times of 1986 to 1991 (IANA time zone database, file `asia`, rules `PRC`).

mod stopped;

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{
    Timestamp,
    limit::{Limit, LimitUnit},
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const OFFSET_MS: i64 = 8 * HOUR_MS;

/// When people work on a working day, from and to in milliseconds after midnight: 08:30 to 12:00 and
/// 14:00 to 18:00, seven and a half hours.
const HOURS: [(i64, i64); 2] =
    [(8 * HOUR_MS + 30 * MINUTE_MS, 12 * HOUR_MS), (14 * HOUR_MS, 18 * HOUR_MS)];

/// The end of a working day, in milliseconds after midnight.
const CLOSING: i64 = HOURS[1].1;

/// How many days without work in a row are looked through before giving up.
const PATIENCE_DAYS: i64 = 400;

/// Which days are worked: Monday to Friday but for the holidays, and the make-up days (调休).
///
/// Versioned, so that a decision can say by which calendar it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCalendar {
    version: u32,
    holidays: BTreeSet<Date>,
    make_up_days: BTreeSet<Date>,
}

/// Why dates make no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    /// A date that is both off and worked.
    #[error("{0} is both a holiday and a make-up working day; leave it in one list")]
    Both(Date),
}

impl Default for WorkingCalendar {
    /// The plain week without holidays, version 1.
    fn default() -> Self {
        Self { version: 1, holidays: BTreeSet::new(), make_up_days: BTreeSet::new() }
    }
}

/// Days since 1970-01-01.
fn day_number(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// Saturday or Sunday; day 0 was a Thursday.
const fn is_weekend(day: i64) -> bool {
    (day + 3).rem_euclid(7) >= 5
}

/// The moment so many milliseconds after the midnight with which the day begins.
const fn moment(day: i64, after_midnight: i64) -> Timestamp {
    Timestamp(day.saturating_mul(DAY_MS).saturating_add(after_midnight - OFFSET_MS))
}

impl WorkingCalendar {
    /// The calendar with these exceptions from Monday to Friday. A holiday on a weekend and a
    /// make-up day in the week change nothing and are allowed.
    pub fn new(
        version: u32,
        holidays: impl IntoIterator<Item = Date>,
        make_up_days: impl IntoIterator<Item = Date>,
    ) -> Result<Self, InvalidCalendar> {
        let holidays: BTreeSet<_> = holidays.into_iter().collect();
        let make_up_days: BTreeSet<_> = make_up_days.into_iter().collect();
        match holidays.intersection(&make_up_days).next() {
            Some(both) => Err(InvalidCalendar::Both(*both)),
            None => Ok(Self { version, holidays, make_up_days }),
        }
    }

    /// The number that decisions made by this calendar carry.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The days off beside the weekends.
    pub const fn holidays(&self) -> &BTreeSet<Date> {
        &self.holidays
    }

    /// The days worked beside Monday to Friday.
    pub const fn make_up_days(&self) -> &BTreeSet<Date> {
        &self.make_up_days
    }

    /// Whether people work on this day.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.make_up_days.contains(&date)
            || (!is_weekend(day_number(date)) && !self.holidays.contains(&date))
    }

    /// When a limit that starts at `start` ends.
    ///
    /// * Working days are counted from the first working day after the start's day; the last ends at
    ///   18:00.
    /// * Working hours run while people work: a start outside waits for the next opening, and what
    ///   is used up exactly at 12:00 or 18:00 ends there.
    /// * Minutes run day and night.
    ///
    /// Where 400 days in a row have no work the search gives up and the answer is 400 days after the
    /// last work found (after `start`, if there was none). A later start and a longer limit never
    /// end earlier. Moments at the ends of the range are clamped.
    pub fn due(&self, start: Timestamp, limit: &Limit) -> Timestamp {
        let amount = i64::from(limit.amount());
        match limit.unit() {
            LimitUnit::WorkingDays => self.after_working_days(start, amount),
            LimitUnit::WorkingHours => self.after_working_time(start, amount * HOUR_MS),
            LimitUnit::Minutes => start.plus_millis(amount * MINUTE_MS),
        }
    }

    fn after_working_days(&self, start: Timestamp, days: i64) -> Timestamp {
        let mut reached = start;
        let mut day = local(start).0;
        for _ in 0..days {
            match self.first_working_day(day + 1) {
                Some(found) => day = found,
                None => return reached.plus_millis(PATIENCE_DAYS * DAY_MS),
            }
            reached = moment(day, CLOSING);
        }
        reached
    }

    fn after_working_time(&self, start: Timestamp, mut left: i64) -> Timestamp {
        let mut reached = start;
        let (mut day, mut now) = local(start);
        loop {
            match self.first_working_day(day) {
                Some(found) if found == day => {}
                Some(found) => (day, now) = (found, 0),
                None => return reached.plus_millis(PATIENCE_DAYS * DAY_MS),
            }
            for (open, close) in HOURS {
                let from = open.max(now);
                if left <= close - from {
                    return moment(day, from + left);
                }
                if from < close {
                    left -= close - from;
                    reached = moment(day, close);
                }
            }
            (day, now) = (day + 1, 0);
        }
    }

    /// The first working day from this one on, if there is one within the days of patience.
    fn first_working_day(&self, from: i64) -> Option<i64> {
        (from..=from + PATIENCE_DAYS).find(|day| self.works_on(*day))
    }

    /// Days beyond the dates that `jiff` knows (year 9999) are plain days of the week.
    fn works_on(&self, day: i64) -> bool {
        civil_date(day).map_or_else(|| !is_weekend(day), |date| self.is_working_day(date))
    }
}

/// Whether two moments are of one civil day at +08:00.
pub const fn same_day(one: Timestamp, other: Timestamp) -> bool {
    local(one).0 == local(other).0
}

/// The day at +08:00, as days since 1970-01-01, and the milliseconds since its midnight.
const fn local(at: Timestamp) -> (i64, i64) {
    let local = at.0.saturating_add(OFFSET_MS);
    (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS))
}

fn civil_date(day: i64) -> Option<Date> {
    let midnight = jiff::Timestamp::from_millisecond(day.checked_mul(DAY_MS)?).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(midnight).date())
}

#[cfg(test)]
mod tests;
