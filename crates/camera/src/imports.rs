//! Tables that fill the register: read and checked as a whole before anything is written.

pub(crate) mod rows;
pub(crate) mod table;

/// The most bytes that a file may have.
pub(crate) const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;

/// The most rows that a file may have.
pub(crate) const MAX_ROWS: usize = 50_000;

/// How many wrong rows are answered at the most: who has more has another problem.
const MAX_PROBLEMS: usize = 1_000;

/// What is wrong with a row; row 0 is the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) row: u32,
    pub(crate) column: String,
    pub(crate) en: String,
    pub(crate) zh: String,
}

/// Collects what is wrong with a file.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn push(
        &mut self,
        row: u32,
        column: impl Into<String>,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(Problem { row, column: column.into(), en: en.into(), zh: zh.into() });
        }
    }

    /// What was found, in the order of the rows.
    pub(crate) fn into_rows(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|problem| problem.row);
        self.0
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn row_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
