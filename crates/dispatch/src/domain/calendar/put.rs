//! What is put as a version of the calendar, and what is wrong with it.

use std::collections::BTreeSet;

use jiff::{ToSpan as _, civil::Date};

use super::{HOURS, Part};

/// The longest stretch of days without work that may be put.
const LONGEST_GAP: usize = 31;

/// The shortest that is worth naming to whoever puts the calendar.
const NAMED_GAP: usize = 4;

/// A version of the calendar as it is put: what holds from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// The first day that it says something about.
    pub effective_from: Date,
    /// Days off beside the weekends.
    pub holidays: BTreeSet<Date>,
    /// Days worked beside Monday to Friday.
    pub make_up_days: BTreeSet<Date>,
    /// When people work on a working day, in minutes after midnight, from and to.
    pub hours: Vec<(u32, u32)>,
}

/// Why something is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    /// A date that is both off and worked.
    #[error("{0} is both a holiday and a make-up working day; leave it in one list")]
    Both(Date),
    /// A date before the day from which the version holds.
    #[error("{0} lies before the day from which this version holds: leave it out")]
    Before(Date),
    /// A year in which nobody works.
    #[error("the year {0} has no working day: take holidays out")]
    NoWork(i16),
    /// A stretch of days without work.
    #[error("from {0} to {1} nobody works, more than 31 days: take holidays out")]
    Gap(Date, Date),
    /// Hours that are none.
    #[error("working hours lie between 0 and 1440 minutes, in order and apart: mend them")]
    Hours,
}

impl InvalidCalendar {
    /// The same in Chinese.
    pub fn message_zh(&self) -> String {
        match self {
            Self::Both(day) => format!("{day}既是放假日又是调休上班日，请只保留一处"),
            Self::Before(day) => format!("{day}早于本版生效日，请删除"),
            Self::NoWork(year) => format!("{year}年没有工作日，请减少放假日"),
            Self::Gap(from, to) => format!("{from}至{to}连续超过31天无人上班，请减少放假日"),
            Self::Hours => "上班时间须在0至1440分钟之间，按先后排列且互不重叠".to_owned(),
        }
    }
}

impl Put {
    /// Monday to Friday, in the usual hours, from a day on.
    pub fn plain(effective_from: Date) -> Self {
        let (holidays, make_up_days) = (BTreeSet::new(), BTreeSet::new());
        Self { effective_from, holidays, make_up_days, hours: HOURS.to_vec() }
    }

    /// The stretches of four and more days without work, from and to: a long holiday is meant to be
    /// there, and one that is missing is seen at a glance.
    pub fn gaps(&self) -> Vec<(Date, Date)> {
        stretches(self)
            .into_iter()
            .filter(|(_, _, days)| *days >= NAMED_GAP)
            .map(|(from, to, _)| (from, to))
            .collect()
    }
}

/// Everything that is wrong with what is put.
pub fn check(put: &Put) -> Vec<InvalidCalendar> {
    let mut wrong: Vec<_> = put
        .holidays
        .intersection(&put.make_up_days)
        .map(|day| InvalidCalendar::Both(*day))
        .collect();
    let listed = || put.holidays.iter().chain(&put.make_up_days);
    wrong.extend(
        listed().filter(|day| **day < put.effective_from).map(|day| InvalidCalendar::Before(*day)),
    );
    let mut after = 0;
    for (from, to) in &put.hours {
        if *from < after || to <= from || *to > 24 * 60 {
            after = u32::MAX;
            break;
        }
        after = *to;
    }
    if put.hours.is_empty() || after == u32::MAX {
        wrong.push(InvalidCalendar::Hours);
    }
    let part =
        Part::new(i64::MIN, put.holidays.iter().copied(), put.make_up_days.iter().copied(), &[]);
    let years: BTreeSet<i16> = listed().map(|day| day.year()).collect();
    let idle = years.into_iter().filter(|year| {
        let mut days =
            Date::constant(*year, 1, 1).series(1.day()).take_while(|day| day.year() == *year);
        !days.any(|day| part.is_worked(day))
    });
    wrong.extend(idle.map(InvalidCalendar::NoWork));
    let too_long = stretches(put).into_iter().filter(|(_, _, days)| *days > LONGEST_GAP);
    wrong.extend(too_long.map(|(from, to, _)| InvalidCalendar::Gap(from, to)));
    wrong
}

/// The stretches of days without work around the holidays: from, to, and how many days.
fn stretches(put: &Put) -> Vec<(Date, Date, usize)> {
    let part =
        Part::new(i64::MIN, put.holidays.iter().copied(), put.make_up_days.iter().copied(), &[]);
    let mut found: Vec<(Date, Date, usize)> = Vec::new();
    for holiday in &put.holidays {
        if part.is_worked(*holiday) || found.last().is_some_and(|(_, to, _)| holiday <= to) {
            continue;
        }
        let off = |day: &Date| !part.is_worked(*day);
        let first = holiday.series(-1.day()).take_while(off).last().unwrap_or(*holiday);
        let days = first.series(1.day()).take_while(off).take(1_000);
        let (last, count) = days.fold((first, 0), |(_, count), day| (day, count + 1));
        found.push((first, last, count));
    }
    found
}

/// The date of a number such as 20261001; none if there is no such day.
pub fn date_of(number: u32) -> Option<Date> {
    let (year, rest) = (number / 10_000, number % 10_000);
    let small = |value: u32| i8::try_from(value).ok();
    Date::new(i16::try_from(year).ok()?, small(rest / 100)?, small(rest % 100)?).ok()
}

/// The number of a date, such as 20261001.
pub fn number_of(date: Date) -> u32 {
    let part = |value: i8| u32::try_from(value).unwrap_or_default();
    u32::try_from(date.year()).unwrap_or_default() * 10_000
        + part(date.month()) * 100
        + part(date.day())
}
