//! A table from a file: a header and rows of texts, whether it came as XLSX or as CSV.

mod workbook;

use super::{MAX_FILE_BYTES, MAX_ROWS, Problems, row_number};

/// The first bytes of a zip archive, which an XLSX workbook is.
const ZIP: &[u8] = b"PK\x03\x04";

/// The most columns that are read.
const MAX_COLUMNS: usize = 64;

/// A row that holds something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1, the header not counted and empty rows counted, as people see it.
    pub(crate) row: u32,
    pub(crate) cells: Vec<String>,
}

/// A header and the rows below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

impl Table {
    /// Reads a file; none where it is no table, which is among the problems then.
    ///
    /// Takes a while for a large workbook: call it where blocking is allowed.
    pub(crate) fn read(bytes: &[u8], problems: &mut Problems) -> Option<Self> {
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
        let rows =
            if bytes.starts_with(ZIP) { workbook::rows(bytes) } else { comma_separated(bytes) };
        match rows {
            Ok(rows) => Self::of(rows, problems),
            Err(unreadable) => {
                problems.push(unreadable.row(), "", unreadable.to_string(), unreadable.zh());
                None
            }
        }
    }

    /// The first row is the header; empty rows, and those that begin with `#`, are passed over.
    fn of(rows: Vec<(usize, Vec<String>)>, problems: &mut Problems) -> Option<Self> {
        let said = |cells: &[String]| {
            let remark = cells.first().is_some_and(|first| first.starts_with('#'));
            !remark && cells.iter().any(|cell| !cell.is_empty())
        };
        let mut filled = rows.into_iter().filter(|(_, cells)| said(cells));
        let (top, header) = filled.next().unwrap_or_default();
        let lines: Vec<Line> =
            filled.map(|(place, cells)| Line { row: row_number(place - top), cells }).collect();
        if lines.is_empty() {
            problems.push(0, "", "the table has no rows: fill it in", "表中没有数据行, 请填写");
            return None;
        }
        Some(Self { header, lines })
    }
}

/// Why a file is no table.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the file is not UTF-8 here: save it as UTF-8 or as XLSX")]
    Encoding {
        /// Lines before the place.
        before: usize,
    },
    #[error("the file has more than {MAX_ROWS} rows: split it")]
    TooManyRows,
    #[error("the workbook cannot be read: save it again as XLSX, without a password")]
    Workbook,
    #[error("the workbook unfolds to too much: keep one sheet with the table only")]
    TooLarge,
}

impl Unreadable {
    fn row(&self) -> u32 {
        match self {
            Self::Encoding { before } => row_number(*before),
            Self::TooManyRows | Self::Workbook | Self::TooLarge => 0,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Encoding { .. } => "文件不是UTF-8编码, 请另存为UTF-8或XLSX".to_owned(),
            Self::TooManyRows => format!("超过{MAX_ROWS}行, 请拆分"),
            Self::Workbook => "无法读取工作簿, 请另存为不加密的XLSX".to_owned(),
            Self::TooLarge => "工作簿展开后过大, 请只保留一个工作表".to_owned(),
        }
    }
}

/// The rows of a CSV file. A byte order mark, as spreadsheets write it, is passed over.
fn comma_separated(bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count() - 1;
        Unreadable::Encoding { before }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    for record in reader.into_records() {
        // A reader of texts from memory that may be ragged has nothing to complain of.
        let Ok(record) = record else { break };
        if rows.len() > MAX_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        let cells = record.iter().take(MAX_COLUMNS).map(|cell| cell.trim().to_owned()).collect();
        rows.push((rows.len(), cells));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Table, Vec<u32>> {
        let mut problems = Problems::default();
        let table = Table::read(bytes, &mut problems);
        let rows = problems.into_rows().iter().map(|problem| problem.row).collect();
        table.ok_or(rows)
    }

    #[test]
    fn a_csv_with_and_without_a_mark_is_the_same_table() {
        let plain = "# synthetic\na,b\n1, 二 \n\n,\n3\n";
        let table = read(plain.as_bytes()).unwrap();
        assert_eq!(table.header, ["a", "b"]);
        let rows: Vec<_> = table.lines.iter().map(|line| (line.row, line.cells.clone())).collect();
        assert_eq!(rows, [(1, vec!["1".into(), "二".into()]), (3, vec!["3".into()])]);
        assert_eq!(read(format!("\u{feff}{plain}").as_bytes()).unwrap(), table);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(read(b""), Err(vec![0]));
        assert_eq!(read(b"a,b\n"), Err(vec![0]));
        assert_eq!(read(b"a\n1\n\xff\xfe\n"), Err(vec![2]));
        assert_eq!(read(b"PK\x03\x04 but no archive"), Err(vec![0]));
        assert_eq!(read(&vec![b'a'; MAX_FILE_BYTES + 1]), Err(vec![0]));
        assert_eq!(read("a\n".repeat(MAX_ROWS + 2).as_bytes()), Err(vec![0]));
        assert!(read("a\n".repeat(MAX_ROWS + 1).as_bytes()).is_ok());
    }
}
