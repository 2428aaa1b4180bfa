//! Sums to figures.

use std::collections::BTreeMap;

use api::dispatch::v1::{
    CaseFigures, FiguresRow, OpenFigures, Rate, TransitionFigures, figures_row::Figures,
};

use super::{Piece, days};
use crate::projections::figures::{Counts, Grain, Line};

/// What tells the rows of an answer apart, in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) value: String,
    from: i64,
    until: i64,
    step: String,
}

impl Key {
    /// The row of a value in a piece of the window.
    pub(super) fn of(value: &str, piece: Piece) -> Self {
        let (from, until) = (piece.from, piece.until);
        Self { value: value.to_owned(), from, until, step: String::new() }
    }
}

/// Sums by what tells rows apart.
pub(super) type Merged = BTreeMap<Key, Line>;

/// Adds the lines of each piece; what adds up to nothing is left out.
pub(super) fn merge(grain: Grain, lines: Vec<Line>, piece: impl Fn(i64) -> Piece) -> Merged {
    let mut merged = Merged::new();
    for line in lines {
        let key = Key { step: line.step.clone(), ..Key::of(&line.value, piece(line.day)) };
        let sum = merged.entry(key).or_default();
        sum.counts.add(&line.counts);
        sum.oldest_open = [sum.oldest_open, line.oldest_open].into_iter().flatten().min();
    }
    merged.retain(|_, line| match grain {
        Grain::Cases => line.counts.reported != 0,
        Grain::Steps => line.counts.moves != 0,
        Grain::Flow => line.counts.came != 0 || line.counts.went != 0,
    });
    merged
}

fn row(key: &Key, figures: Figures) -> FiguresRow {
    FiguresRow {
        value: key.value.clone(),
        from: days::shown(key.from),
        until: days::shown(key.until),
        figures: Some(figures),
        period_before: None,
        year_before: None,
    }
}

/// A row of cases, with those before beside it.
pub(super) fn case_row(
    key: &Key,
    line: &Line,
    period_before: Option<CaseFigures>,
    year_before: Option<CaseFigures>,
) -> FiguresRow {
    let row = row(key, Figures::Cases(of_cases(line)));
    FiguresRow { period_before, year_before, ..row }
}

/// A row of steps.
pub(super) fn transition(key: &Key, line: &Line) -> FiguresRow {
    let (from, to) = key.step.split_once(' ').unwrap_or_default();
    let (moves, dwell_ms) = (line.counts.moves, line.counts.dwell_ms);
    let figures = TransitionFigures {
        from_stage: from.to_owned(),
        to_stage: to.to_owned(),
        moves,
        dwell_ms,
        mean_dwell_ms: mean(dwell_ms, moves).unwrap_or_default(),
    };
    row(key, Figures::Transitions(figures))
}

/// A row of what came, went and is open.
pub(super) fn open_row(key: &Key, came: i64, went: i64, open: i64) -> FiguresRow {
    row(key, Figures::Open(OpenFigures { came, went, open }))
}

/// The figures of cases.
pub(super) fn of_cases(line: &Line) -> CaseFigures {
    let counts = &line.counts;
    let finished = counts.closed + counts.on_site;
    CaseFigures {
        reported: counts.reported,
        accepted: counts.accepted,
        refused: counts.refused,
        answered: counts.answered,
        on_site: counts.on_site,
        ended: counts.ended,
        routed: counts.routed,
        closed: counts.closed,
        rated: counts.rated,
        unrated: counts.unrated,
        open: counts.open,
        at_risk: counts.at_risk,
        overdue: counts.overdue,
        oldest_open_day: line.oldest_open.map(days::shown).unwrap_or_default(),
        response: rate(counts.contacted, counts.rated),
        resolution: rate(counts.solved, counts.rated),
        satisfaction: rate(counts.satisfied, counts.rated),
        solved_in_grid: rate(counts.in_grid, finished),
        on_time: rate(counts.on_time, counts.closed),
        first_assignment: rate(counts.first_assigned, counts.closed),
        reopening: rate(counts.reopened, counts.closed_once),
        returning: rate(counts.returned, counts.routed),
        mean_handling_ms: mean(counts.handling_ms, counts.closed),
        median_handling_hours: median_hours(counts),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a message within a message is optional")]
fn rate(numerator: i64, denominator: i64) -> Option<Rate> {
    #[expect(clippy::cast_precision_loss, reason = "no county has 2^53 cases")]
    let value = (denominator > 0).then(|| numerator as f64 / denominator as f64);
    Some(Rate { numerator, denominator, value })
}

const fn mean(sum: i64, count: i64) -> Option<i64> {
    if count > 0 { Some(sum / count) } else { None }
}

/// The upper end of the class in which the middle one of those done lies.
fn median_hours(counts: &Counts) -> Option<i64> {
    let classes = [
        (4, counts.within_4h),
        (24, counts.within_1d),
        (72, counts.within_3d),
        (168, counts.within_7d),
        (360, counts.within_15d),
        (720, counts.within_30d),
    ];
    let middle = (counts.closed + 1) / 2;
    let mut so_far = 0;
    (counts.closed > 0)
        .then(|| {
            classes.into_iter().find_map(|(hours, count)| {
                so_far += count;
                (so_far >= middle).then_some(hours)
            })
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_has_no_value() {
        let none = rate(0, 0).unwrap();
        assert_eq!((none.denominator, none.value), (0, None));
        assert_eq!(rate(3, 4).unwrap().value, Some(0.75));
        assert_eq!(of_cases(&Line::default()).mean_handling_ms, None);
    }

    #[test]
    fn the_middle_one_lies_in_a_class_or_beyond_them() {
        let counts = |within_4h, within_3d, closed| Counts {
            closed,
            within_4h,
            within_3d,
            ..Counts::default()
        };
        assert_eq!(median_hours(&counts(0, 0, 0)), None);
        assert_eq!(median_hours(&counts(1, 1, 2)), Some(4));
        assert_eq!(median_hours(&counts(1, 2, 3)), Some(72));
        assert_eq!(median_hours(&counts(1, 0, 3)), None, "the half took longer than all classes");
    }
}
