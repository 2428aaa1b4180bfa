//! The versions of the working calendar that were put, and the calendar that they make.

use std::sync::{Arc, Mutex, PoisonError};

use contracts::dispatch::calendar::{CalendarEvent, CalendarPut};
use kernel::DecodeError;
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

use crate::domain::calendar::{Put, WorkingCalendar, date_of};

platform::row! {
    /// A version; the key is its number in six digits. Lists are numbers apart by commas.
    pub struct CalendarRow in "calendars" version 1 {
        /// The number that decisions carry.
        pub number: i64,
        /// The first day that it says something about, such as 20261001.
        pub effective_from: i64,
        /// Days off.
        pub holidays: String,
        /// Days worked.
        pub make_up_days: String,
        /// From and to in minutes after midnight, in turn.
        pub hours: String,
        /// When it was put: UTC milliseconds.
        pub put_at: i64,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct CalendarVersions;

impl Projection for CalendarVersions {
    type Row = CalendarRow;
    type Event = CalendarPut;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<CalendarPut>, DecodeError> {
        let read = super::read(CalendarEvent::CATEGORY, event)?;
        Ok(read.map(|CalendarEvent::CalendarPut(put)| put))
    }

    fn keys(&self, event: &CalendarPut) -> Vec<String> {
        vec![key(event.version)]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<CalendarRow>,
        event: &CalendarPut,
        _recorded: &Recorded,
    ) -> Option<CalendarRow> {
        let minutes = event.hours.iter().flat_map(|hours| [hours.from_minute, hours.to_minute]);
        Some(CalendarRow {
            number: event.version.into(),
            effective_from: event.effective_from.into(),
            holidays: list(event.holidays.iter().copied()),
            make_up_days: list(event.make_up_days.iter().copied()),
            hours: list(minutes),
            put_at: event.occurred_at.0,
        })
    }
}

fn key(version: u32) -> String {
    format!("{version:06}")
}

fn list(numbers: impl Iterator<Item = u32>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(',').filter_map(|number| number.parse().ok()).collect()
}

impl CalendarRow {
    /// What was put; none if a day of it is no day.
    pub fn put(&self) -> Option<Put> {
        let days = |text| numbers(text).into_iter().map(date_of).collect::<Option<_>>();
        let hours = numbers(&self.hours);
        Some(Put {
            effective_from: date_of(u32::try_from(self.effective_from).ok()?)?,
            holidays: days(&self.holidays)?,
            make_up_days: days(&self.make_up_days)?,
            hours: hours.chunks_exact(2).map(|span| (span[0], span[1])).collect(),
        })
    }
}

/// The working calendar as it is now: that of the configuration until one is put, and from the day of
/// each version on what that version says.
#[derive(Clone)]
pub struct Calendars {
    view: View<CalendarRow>,
    base: Arc<WorkingCalendar>,
    made: Arc<Mutex<Arc<WorkingCalendar>>>,
}

impl Calendars {
    /// The calendar over a table.
    pub fn new(view: View<CalendarRow>, base: WorkingCalendar) -> Self {
        let base = Arc::new(base);
        Self { view, made: Arc::new(Mutex::new(Arc::clone(&base))), base }
    }

    /// The table.
    pub const fn view(&self) -> &View<CalendarRow> {
        &self.view
    }

    /// The calendar of the configuration, which holds where no version says anything.
    pub fn base(&self) -> &WorkingCalendar {
        &self.base
    }

    /// The calendar as it is now. Made anew only when there is a new version.
    pub fn now(&self) -> Arc<WorkingCalendar> {
        let newest = self.view.cached(|rows| rows.values().map(|row| row.number).max());
        let newest = newest.and_then(|number| u32::try_from(number).ok());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.is_some_and(|number| number != made.version()) {
            *made = Arc::new(self.make());
        }
        Arc::clone(&made)
    }

    fn make(&self) -> WorkingCalendar {
        let mut versions = self.versions();
        versions.sort_by_key(|(number, _)| *number);
        let begin = WorkingCalendar::clone(&self.base);
        versions.into_iter().fold(begin, |calendar, (number, put)| calendar.with(number, &put))
    }

    /// Every version that was put with its number, in no order.
    pub fn versions(&self) -> Vec<(u32, Put)> {
        let read = |row: &CalendarRow| Some((u32::try_from(row.number).ok()?, row.put()?));
        self.view.cached(|rows| rows.values().filter_map(read).collect())
    }
}
