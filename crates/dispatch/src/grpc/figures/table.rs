//! Figures as a table, for spreadsheets.

use api::dispatch::v1::{CaseFigures, FiguresRow, Rate, figures_row::Figures};

use crate::projections::figures::Grain;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// A code, an id, a word or a day.
    Text(String),
    /// A number.
    Number(i64),
    /// A share.
    Share(f64),
    /// No value.
    Empty,
}

/// Heads and rows, each as wide.
pub(super) type Table = Vec<Vec<Cell>>;

const CASES: &[&str] = &[
    "上报 reported",
    "受理 accepted",
    "不予受理 refused",
    "直接答复 answered",
    "自行处置 on_site",
    "未办而终 ended",
    "派单 routed",
    "办结 closed",
    "已评价 rated",
    "未评价 unrated",
    "在办 open",
    "临期 at_risk",
    "超期 overdue",
    "最早在办 oldest_open_day",
    "平均用时毫秒 mean_handling_ms",
    "过半用时小时 median_handling_hours",
];

const RATES: &[&str] = &[
    "响应率 response",
    "解决率 resolution",
    "满意率 satisfaction",
    "网格内解决率 solved_in_grid",
    "按时率 on_time",
    "一次派准率 first_assignment",
    "重办率 reopening",
    "退单率 returning",
];

/// The rows of an answer as a table; figures of windows before stand on the right.
pub(super) fn of(grain: Grain, rows: &[FiguresRow]) -> Table {
    let compared = rows.iter().any(|row| row.period_before.is_some());
    let mut heads: Vec<String> = ["对象 value", "起 from", "止 until"].map(str::to_owned).to_vec();
    match grain {
        Grain::Cases => {
            heads.extend(case_heads(""));
            if compared {
                heads.extend(case_heads("环比 period_before: "));
                heads.extend(case_heads("同比 year_before: "));
            }
        }
        Grain::Steps => heads.extend(
            [
                "从 from_stage",
                "到 to_stage",
                "次数 moves",
                "停留毫秒 dwell_ms",
                "平均 mean_dwell_ms",
            ]
            .map(str::to_owned),
        ),
        Grain::Flow => heads.extend(["新增 came", "减少 went", "在办 open"].map(str::to_owned)),
    }
    let mut table = vec![heads.into_iter().map(Cell::Text).collect()];
    table.extend(rows.iter().map(|row| cells(row, compared)));
    table
}

fn case_heads(front: &str) -> Vec<String> {
    let counts = CASES.iter().map(|name| format!("{front}{name}"));
    let rates = RATES.iter().flat_map(|name| {
        ["", "_numerator", "_denominator"].map(|part| format!("{front}{name}{part}"))
    });
    counts.chain(rates).collect()
}

fn cells(row: &FiguresRow, compared: bool) -> Vec<Cell> {
    let mut cells =
        [&row.value, &row.from, &row.until].map(|text| Cell::Text(text.clone())).to_vec();
    match &row.figures {
        Some(Figures::Cases(figures)) => {
            cells.extend(case_cells(figures));
            if compared {
                let before = [&row.period_before, &row.year_before];
                cells.extend(before.into_iter().flatten().flat_map(case_cells));
            }
        }
        Some(Figures::Transitions(step)) => cells.extend([
            Cell::Text(step.from_stage.clone()),
            Cell::Text(step.to_stage.clone()),
            Cell::Number(step.moves),
            Cell::Number(step.dwell_ms),
            Cell::Number(step.mean_dwell_ms),
        ]),
        Some(Figures::Open(open)) => {
            cells.extend([open.came, open.went, open.open].map(Cell::Number));
        }
        None => {}
    }
    cells
}

fn case_cells(figures: &CaseFigures) -> Vec<Cell> {
    let number = |number: Option<i64>| number.map_or(Cell::Empty, Cell::Number);
    let counts = [
        figures.reported,
        figures.accepted,
        figures.refused,
        figures.answered,
        figures.on_site,
        figures.ended,
        figures.routed,
        figures.closed,
        figures.rated,
        figures.unrated,
        figures.open,
        figures.at_risk,
        figures.overdue,
    ];
    let rates = [
        &figures.response,
        &figures.resolution,
        &figures.satisfaction,
        &figures.solved_in_grid,
        &figures.on_time,
        &figures.first_assignment,
        &figures.reopening,
        &figures.returning,
    ];
    let mut cells: Vec<Cell> = counts.map(Cell::Number).to_vec();
    cells.push(Cell::Text(figures.oldest_open_day.clone()));
    cells.extend([figures.mean_handling_ms, figures.median_handling_hours].map(number));
    cells.extend(rates.into_iter().flat_map(|rate| share(rate.as_ref())));
    cells
}

fn share(rate: Option<&Rate>) -> [Cell; 3] {
    rate.map_or([Cell::Empty, Cell::Empty, Cell::Empty], |rate| {
        let value = rate.value.map_or(Cell::Empty, Cell::Share);
        [value, Cell::Number(rate.numerator), Cell::Number(rate.denominator)]
    })
}

/// The table as CSV, with a byte order mark, by which spreadsheets know UTF-8.
pub(super) fn csv(table: &Table) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    for row in table {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            match cell {
                Cell::Text(value) => text.push_str(&quoted(value)),
                Cell::Number(number) => text.push_str(&number.to_string()),
                Cell::Share(share) => {
                    let shown = format!("{share:.4}");
                    text.push_str(&shown);
                }
                Cell::Empty => {}
            }
        }
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A text as CSV has it. None of ours needs quotes; one that did would shift its row.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
