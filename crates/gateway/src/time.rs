//! Times as pages show them: the calendar of Asia/Shanghai, and how long there is left.

use jiff::{Zoned, civil::DateTime, tz::TimeZone};
use kernel::Timestamp;

use crate::words::Locale;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// From here on a deadline that is still ahead is shown as near.
const NEAR: i64 = DAY;

/// China has kept one offset since 1991, so that a table of time zones is not needed.
fn zoned(at: Timestamp) -> Option<Zoned> {
    let offset = jiff::tz::Offset::constant(8);
    jiff::Timestamp::from_millisecond(at.0).ok().map(|at| at.to_zoned(TimeZone::fixed(offset)))
}

fn civil(at: Timestamp) -> DateTime {
    zoned(at).map_or(DateTime::ZERO, |zoned| zoned.datetime())
}

/// `2026-11-22 09:05`.
pub(crate) fn minute(at: Timestamp) -> String {
    civil(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `11-22 09:05`, for lists.
pub(crate) fn short(at: Timestamp) -> String {
    civil(at).strftime("%m-%d %H:%M").to_string()
}

/// `09:05:07`.
pub(crate) fn clock(at: Timestamp) -> String {
    civil(at).strftime("%H:%M:%S").to_string()
}

/// What programs read: `2026-11-22T09:05:07+08:00`.
pub(crate) fn machine(at: Timestamp) -> String {
    format!("{}+08:00", civil(at).strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The beginning of a day, `2026-11-22` as a form sends it.
pub(crate) fn day(text: &str) -> Option<Timestamp> {
    let date: jiff::civil::Date = text.trim().parse().ok()?;
    midnight(date)
}

/// The end of a day.
pub(crate) fn day_after(text: &str) -> Option<Timestamp> {
    let date: jiff::civil::Date = text.trim().parse().ok()?;
    midnight(date.tomorrow().ok()?)
}

fn midnight(date: jiff::civil::Date) -> Option<Timestamp> {
    let zone = TimeZone::fixed(jiff::tz::Offset::constant(8));
    let at = date.to_zoned(zone).ok()?;
    Some(Timestamp(at.timestamp().as_millisecond()))
}

/// How a deadline stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// `ok`, `near` or `over`: the colour, which never speaks alone.
    pub(crate) level: &'static str,
    /// In words, such as "3 hours left".
    pub(crate) text: String,
}

impl Left {
    /// How the deadline `due` stands at `now`.
    pub(crate) fn of(due: Timestamp, now: Timestamp, locale: Locale) -> Self {
        let left = due.0.saturating_sub(now.0);
        let level = match left {
            i64::MIN..0 => "over",
            0..NEAR => "near",
            NEAR.. => "ok",
        };
        let kind = if level == "over" { "over" } else { "left" };
        let span = left.saturating_abs();
        let (unit, n) = match span {
            ..HOUR => ("minutes", span / MINUTE),
            HOUR..DAY => ("hours", span / HOUR),
            DAY.. => ("days", span / DAY),
        };
        Self { level, text: locale.with(&format!("common-{kind}-{unit}"), "n", n) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_shanghai() {
        let at = Timestamp(1_795_305_907_000);
        assert_eq!(minute(at), "2026-11-22 08:05");
        assert_eq!(short(at), "11-22 08:05");
        assert_eq!(machine(at), "2026-11-22T08:05:07+08:00");
        assert_eq!(clock(at), "08:05:07");
    }

    #[test]
    fn a_deadline_tells_how_long_and_how_bad() {
        let left = |ms| Left::of(Timestamp(10 * DAY + ms), Timestamp(10 * DAY), Locale::En);
        assert_eq!((left(3 * DAY).level, left(3 * DAY).text), ("ok", "3 days left".into()));
        assert_eq!((left(3 * HOUR).level, left(3 * HOUR).text), ("near", "3 hours left".into()));
        assert_eq!((left(-1).level, left(-1).text), ("over", "0 minutes overdue".into()));
        assert_eq!(left(-2 * DAY).text, "2 days overdue");
    }
}
