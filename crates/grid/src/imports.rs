//! Files that fill a register: read and checked as a whole before anything is written.

pub(crate) mod boundary;
pub(crate) mod divisions;
pub(crate) mod grids;

use platform::grpc::Violations;

/// The most bytes that a file may have.
pub(crate) const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;

/// How many wrong rows are answered at the most: who has more has another problem.
const MAX_PROBLEMS: usize = 1_000;

/// The most characters of a name.
pub(crate) const NAME_CHARS: usize = 60;

/// What is wrong with a row; row 0 is the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) row: u32,
    pub(crate) column: &'static str,
    pub(crate) en: String,
    pub(crate) zh: String,
}

/// Collects what is wrong with a file.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    fn push(
        &mut self,
        row: u32,
        column: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(Problem { row, column, en: en.into(), zh: zh.into() });
        }
    }

    /// A name that says something and holds nothing hostile.
    fn check_name(&mut self, row: u32, name: &str) {
        let mut v = Violations::new();
        v.required_text("name", name, NAME_CHARS);
        for violation in v.finish().err().into_iter().flat_map(|error| error.violations) {
            self.push(row, "name", violation.en, violation.zh);
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

/// The text of a file, if it has a size and an encoding that can be read. A byte order mark, as
/// spreadsheets write it, is passed over.
fn text_of<'a>(bytes: &'a [u8], problems: &mut Problems) -> Option<&'a str> {
    if bytes.len() > MAX_FILE_BYTES {
        let megabytes = MAX_FILE_BYTES / (1024 * 1024);
        problems.push(
            0,
            "",
            format!("the file is larger than {megabytes} MB: split it"),
            format!("文件超过{megabytes}MB, 请拆分"),
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let lines = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count() - 1;
            problems.push(
                row_number(lines),
                "",
                "the file is not UTF-8 here: save it as UTF-8",
                "文件不是UTF-8编码, 请另存为UTF-8",
            );
            None
        }
    }
}

fn row_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
