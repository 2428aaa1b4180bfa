//! The days of a window, and its pieces. Days are those of Asia/Shanghai, counted from 1970-01-01.

use api::dispatch::v1::FiguresPeriod;
use jiff::{Span, civil::Date};

/// The first day that is counted.
const FIRST: Date = Date::constant(1970, 1, 1);

/// Days from one to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) until: i64,
}

/// A piece of a window.
pub(super) type Piece = Window;

/// The number of a date.
pub(super) fn number(date: Date) -> i64 {
    (date - FIRST).get_days().into()
}

/// The date of a number; the first for what is no date.
fn date(day: i64) -> Date {
    Span::new().try_days(day).and_then(|days| FIRST.checked_add(days)).unwrap_or(FIRST)
}

/// The date of a number as text, such as `2026-01-31`.
pub(super) fn shown(day: i64) -> String {
    date(day).to_string()
}

impl Window {
    /// All of it, as one piece.
    pub(super) const fn whole(self) -> Piece {
        self
    }

    /// As many days before it.
    pub(super) const fn before(self) -> Self {
        Self { from: self.from - (self.until - self.from), until: self.from }
    }

    /// The same days of the year before; of a leap day the day before it.
    pub(super) fn year_before(self) -> Self {
        let back = |day| {
            let earlier = date(day).checked_sub(Span::new().years(1));
            earlier.map_or(day, number)
        };
        Self { from: back(self.from), until: back(self.until) }
    }

    /// The piece in which a day lies, as far as it lies in the window.
    pub(super) fn piece(self, per: FiguresPeriod, day: i64) -> Piece {
        let (first, next) = match per {
            FiguresPeriod::Unspecified => return self,
            FiguresPeriod::Day => (day, day + 1),
            FiguresPeriod::Week => {
                let monday = day - i64::from(date(day).weekday().to_monday_zero_offset());
                (monday, monday + 7)
            }
            FiguresPeriod::Month => {
                let month = date(day).first_of_month();
                let days = i64::from(month.days_in_month());
                (number(month), number(month) + days)
            }
        };
        Self { from: first.max(self.from), until: next.min(self.until) }
    }

    /// All pieces, in order.
    pub(super) fn pieces(self, per: FiguresPeriod) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut day = self.from;
        while day < self.until {
            let piece = self.piece(per, day);
            pieces.push(piece);
            day = piece.until;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn window(from: Date, until: Date) -> Window {
        Window { from: number(from), until: number(until) }
    }

    #[test]
    fn months_and_weeks_are_cut_at_the_ends_of_the_window() {
        let asked = window(date(2026, 1, 30), date(2026, 3, 3));
        let shown = |per| {
            let pieces = asked.pieces(per).into_iter();
            pieces
                .map(|piece| [shown(piece.from), shown(piece.until)].join("/"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown(FiguresPeriod::Month),
            ["2026-01-30/2026-02-01", "2026-02-01/2026-03-01", "2026-03-01/2026-03-03"]
        );
        assert_eq!(
            shown(FiguresPeriod::Week)[..2],
            ["2026-01-30/2026-02-02", "2026-02-02/2026-02-09"]
        );
        assert_eq!(shown(FiguresPeriod::Day).len(), 32);
        assert_eq!(shown(FiguresPeriod::Unspecified), ["2026-01-30/2026-03-03"]);
    }

    #[test]
    fn the_windows_before_are_as_long_and_a_year_earlier() {
        let asked = window(date(2024, 2, 1), date(2024, 2, 29));
        assert_eq!(asked.before(), window(date(2024, 1, 4), date(2024, 2, 1)));
        assert_eq!(asked.year_before(), window(date(2023, 2, 1), date(2023, 2, 28)));
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let midnight = "2026-01-01T00:00:00+08:00".parse::<jiff::Timestamp>().unwrap();
        let day = |ms: i64| crate::projections::figures::day_of(ms);
        assert_eq!(day(midnight.as_millisecond()), number(date(2026, 1, 1)));
        assert_eq!(day(midnight.as_millisecond() - 1), number(date(2025, 12, 31)));
    }
}
