//! The first sheet of an XLSX workbook.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};

use super::{MAX_COLUMNS, MAX_ROWS, Unreadable};

/// The most bytes that a workbook may unfold to: an archive of 20 MB can hold a thousand times that.
const MAX_UNFOLDED_BYTES: u64 = 256 * 1024 * 1024;

/// From here on a number in a cell has lost digits (2^53 has 16).
const EXACT_BELOW: f64 = 1e15;

/// The rows that hold something, with their place in the sheet from 0.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, Unreadable> {
    measure(bytes, MAX_UNFOLDED_BYTES)?;
    let mut workbook: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|_unreadable| Unreadable::Workbook)?;
    let sheet = workbook.sheet_names().first().cloned().ok_or(Unreadable::Workbook)?;
    let mut cells =
        workbook.worksheet_cells_reader(&sheet).map_err(|_unreadable| Unreadable::Workbook)?;
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|_unreadable| Unreadable::Workbook)? {
        let (row, column) = cell.get_position();
        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else {
            continue;
        };
        if column >= MAX_COLUMNS {
            continue;
        }
        let text = shown(cell.get_value());
        if text.is_empty() {
            continue;
        }
        // Cells come row by row; a workbook that does otherwise was not made by a spreadsheet.
        match rows.last().map(|(last, _)| *last) {
            Some(last) if last > row => return Err(Unreadable::Workbook),
            Some(last) if last == row => {}
            Some(_) | None if rows.len() > MAX_ROWS => return Err(Unreadable::TooManyRows),
            Some(_) | None => rows.push((row, Vec::new())),
        }
        if let Some((_, cells)) = rows.last_mut() {
            let width = cells.len().max(column + 1);
            cells.resize(width, String::new());
            cells[column] = text;
        }
    }
    Ok(rows)
}

/// Unfolds the archive without keeping it: what its directory says of sizes may be a lie.
fn measure(bytes: &[u8], mut left: u64) -> Result<(), Unreadable> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_unreadable| Unreadable::Workbook)?;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_unreadable| Unreadable::Workbook)?;
        let unfolded = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let unfolded = unfolded.map_err(|_unreadable| Unreadable::Workbook)?;
        left = left.checked_sub(unfolded).ok_or(Unreadable::TooLarge)?;
    }
    Ok(())
}

/// A cell as a person would type it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        // A long id in a cell of numbers has been rounded: shown so that no id can be read from it.
        DataRef::Float(number) if number.abs() >= EXACT_BELOW => format!("{number:E}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) => text.chars().take(10).collect(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three cameras as a spreadsheet keeps them: shared and inline texts, numbers, a day, a truth, an
    /// empty row, and an id in a cell of numbers.
    const CAMERAS: &[u8] = include_bytes!("../../../tests/it/cameras.xlsx");

    #[test]
    fn cells_are_read_as_a_person_would_type_them() {
        let rows = rows(CAMERAS).unwrap();
        let places: Vec<usize> = rows.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [0, 1, 2, 4]);
        assert_eq!(rows[0].1[0], "gb_id");
        let first = &rows[1].1;
        assert_eq!(first[0], "62082101001320000001");
        assert_eq!(first[1..4], ["表格一号", "107.365", "35.335"]);
        assert!(first.contains(&"2026-06-01".to_owned()), "{first:?}");
        assert!(first.contains(&"true".to_owned()), "{first:?}");
        assert!(first.contains(&"6.208210100132E19".to_owned()), "{first:?}");
    }

    #[test]
    fn an_archive_that_unfolds_to_too_much_is_refused_before_it_is_read() {
        assert!(measure(CAMERAS, 100_000).is_ok());
        assert!(matches!(measure(CAMERAS, 100), Err(Unreadable::TooLarge)));
        let half = &CAMERAS[..CAMERAS.len() / 2];
        assert!(matches!(rows(half), Err(Unreadable::Workbook)));
    }
}
