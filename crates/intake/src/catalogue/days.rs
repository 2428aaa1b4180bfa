//! Days as tables write them, `2026-07-01`, and the moments at which they begin and end: midnight in
//! China.

use jiff::civil::Date;
use kernel::Timestamp;

/// China's offset from UTC, without summer time.
const OFFSET_MS: i64 = 8 * 60 * 60 * 1_000;

/// A day of 24 hours.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The years that a table may name.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// The moment at which a day begins; none where the text is no day of a year from 2000 to 2199.
pub fn begins(text: &str) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    // Only the form that is written back: not 20260701, not a time.
    (date.to_string() == text && YEARS.contains(&date.year())).then_some(())?;
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    Some(Timestamp(days * DAY_MS - OFFSET_MS))
}

/// The moment at which a day is over.
pub fn ends(text: &str) -> Option<Timestamp> {
    Some(begins(text)?.plus_millis(DAY_MS))
}

/// The day in which a moment lies.
pub fn day_of(moment: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.plus_millis(OFFSET_MS).0);
    moment.map(|moment| moment.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// The last whole day of what ends at a moment: read back, it is over by that moment at the latest.
pub fn last_day(end: Timestamp) -> String {
    day_of(end.plus_millis(-DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_midnight_in_china_and_prints_back() {
        let begins = begins("2026-07-01").unwrap();
        assert_eq!(begins.to_rfc3339(), "2026-06-30T16:00:00.000Z");
        assert_eq!(day_of(begins), "2026-07-01");
        assert_eq!(day_of(begins.plus_millis(-1)), "2026-06-30");
        let end = ends("2026-07-01").unwrap();
        assert_eq!(last_day(end), "2026-07-01");
        assert_eq!(last_day(end.plus_millis(DAY_MS - 1)), "2026-07-01");
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in
            ["", "2026-02-30", "20260701", "1999-12-31", "2026-07-01T00:00", "今天", "2026-7-1"]
        {
            assert_eq!(begins(text), None, "{text}");
        }
    }
}
