//! The working calendar: when a limit that starts now ends.
//!
//! A day is a civil day at +08:00. A fixed offset is right: Asia/Shanghai has had no other since the
//! summer times of 1986 to 1991 (IANA time zone database, file `asia`, rules `PRC`).

mod at_risk;
mod put;
mod stopped;

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{
    Timestamp,
    limit::{Limit, LimitUnit},
};

pub use put::{InvalidCalendar, Put, check, date_of, number_of};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const OFFSET_MS: i64 = 8 * HOUR_MS;

/// When people work on a working day unless a calendar says otherwise, in minutes after midnight:
/// 08:30 to 12:00 and 14:00 to 18:00, seven and a half hours.
pub const HOURS: [(u32, u32); 2] = [(8 * 60 + 30, 12 * 60), (14 * 60, 18 * 60)];

/// How many days without work in a row are looked through before giving up.
const PATIENCE_DAYS: i64 = 400;

/// Which days are worked, and when: Monday to Friday but for the holidays, and the make-up days (调休).
///
/// Versioned, so that a decision can say by which calendar it was made. A version says something of
/// the days from one on; of the days before it, the versions before it are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCalendar {
    version: u32,
    /// In the order of their first days; the first has no beginning.
    parts: Vec<Part>,
}

/// What holds from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// Days since 1970-01-01.
    from: i64,
    holidays: BTreeSet<Date>,
    make_up_days: BTreeSet<Date>,
    /// From and to in milliseconds after midnight, in order.
    hours: Vec<(i64, i64)>,
}

impl Default for WorkingCalendar {
    /// The plain week without holidays, version 1.
    fn default() -> Self {
        Self { version: 1, parts: vec![Part::new(i64::MIN, [], [], &HOURS)] }
    }
}

/// Days since 1970-01-01.
fn days_since_1970(date: Date) -> i64 {
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

impl Part {
    fn new(
        from: i64,
        holidays: impl IntoIterator<Item = Date>,
        make_up_days: impl IntoIterator<Item = Date>,
        hours: &[(u32, u32)],
    ) -> Self {
        let ms = |minute: u32| i64::from(minute) * MINUTE_MS;
        Self {
            from,
            holidays: holidays.into_iter().collect(),
            make_up_days: make_up_days.into_iter().collect(),
            hours: hours.iter().map(|(from, to)| (ms(*from), ms(*to))).collect(),
        }
    }

    fn is_worked(&self, date: Date) -> bool {
        self.make_up_days.contains(&date)
            || (!is_weekend(days_since_1970(date)) && !self.holidays.contains(&date))
    }
}

impl WorkingCalendar {
    /// The calendar with these exceptions from Monday to Friday. A holiday on a weekend and a
    /// make-up day in the week change nothing and are allowed.
    pub fn new(
        version: u32,
        holidays: impl IntoIterator<Item = Date>,
        make_up_days: impl IntoIterator<Item = Date>,
    ) -> Result<Self, InvalidCalendar> {
        let part = Part::new(i64::MIN, holidays, make_up_days, &HOURS);
        match part.holidays.intersection(&part.make_up_days).next() {
            Some(both) => Err(InvalidCalendar::Both(*both)),
            None => Ok(Self { version, parts: vec![part] }),
        }
    }

    /// This calendar until a day, and from that day on what was put.
    #[must_use]
    pub fn with(mut self, version: u32, put: &Put) -> Self {
        let from = days_since_1970(put.effective_from);
        self.parts.retain(|part| part.from < from);
        let (off, worked) = (put.holidays.iter().copied(), put.make_up_days.iter().copied());
        self.parts.push(Part::new(from, off, worked, &put.hours));
        self.version = version;
        self
    }

    /// The number that decisions made by this calendar carry.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Whether people work on this day.
    pub fn is_working_day(&self, date: Date) -> bool {
        self.part(days_since_1970(date)).is_some_and(|part| part.is_worked(date))
    }

    /// Whether people work at this moment.
    pub fn is_working_time(&self, at: Timestamp) -> bool {
        let (day, now) = local(at);
        self.works_on(day)
            && self.hours(day).iter().any(|(open, close)| (*open..*close).contains(&now))
    }

    fn part(&self, day: i64) -> Option<&Part> {
        self.parts.iter().rev().find(|part| part.from <= day)
    }

    /// When people work on a day, if they do.
    fn hours(&self, day: i64) -> &[(i64, i64)] {
        self.part(day).map_or(&[], |part| &part.hours)
    }

    /// When a limit that starts at `start` ends.
    ///
    /// * Working days are counted from the first working day after the start's day; the last ends with
    ///   that day's work.
    /// * Working hours run while people work: a start outside waits for the next opening, and what
    ///   is used up exactly when work stops ends there.
    /// * Minutes run day and night.
    ///
    /// Where 400 days in a row have no work the search gives up and the answer is 400 days after the
    /// last work found (after `start`, if there was none). A later start and a longer limit never
    /// end earlier. Moments at the ends of the range are clamped.
    pub fn due(&self, start: Timestamp, limit: &Limit) -> Timestamp {
        self.times(start, limit, 1)
    }

    /// When so many times a limit that starts at `start` ends.
    pub fn times(&self, start: Timestamp, limit: &Limit, times: u32) -> Timestamp {
        let amount = i64::from(limit.amount()) * i64::from(times);
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
            let closing = self.hours(day).last().map_or(DAY_MS, |(_, close)| *close);
            reached = moment(day, closing);
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
            for (open, close) in self.hours(day).iter().copied() {
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

/// The day of the week at +08:00, 1 for Monday to 7 for Sunday, and the minutes since midnight.
pub fn clock_of(at: Timestamp) -> (u32, u32) {
    let (day, now) = local(at);
    let weekday = (day + 3).rem_euclid(7) + 1;
    let small = |value: i64| u32::try_from(value).unwrap_or_default();
    (small(weekday), small(now / MINUTE_MS))
}

fn civil_date(day: i64) -> Option<Date> {
    let midnight = jiff::Timestamp::from_millisecond(day.checked_mul(DAY_MS)?).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(midnight).date())
}

#[cfg(test)]
mod tests;
