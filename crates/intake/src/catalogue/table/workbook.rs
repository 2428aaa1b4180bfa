//! A table as the first sheet of an XLSX workbook, read and written.

use std::io::{Cursor, Read as _, Write as _};

use calamine::{DataRef, Reader as _, Xlsx};
use zip::{ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{
    MAX_ROWS, Wrong,
    source::{Sheet, wrong},
};

/// The most bytes that a workbook may unfold to, and the most columns that are looked at.
const MAX_UNFOLDED_BYTES: u64 = 64 * 1024 * 1024;
const MAX_COLUMNS: usize = 64;

/// A workbook with nothing but one sheet of texts.
const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="categories" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// The table in a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Wrong> {
    cells(bytes).ok_or_else(|| {
        wrong(
            "xlsx",
            "this workbook cannot be read: save it anew as XLSX with the table in the first sheet",
            "无法读取该工作簿，请将表格放在第一张工作表并另存为 XLSX",
        )
    })
}

fn cells(bytes: &[u8]) -> Option<Sheet> {
    measure(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
    let sheet = workbook.sheet_names().first().cloned()?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).ok()?;
    let mut rows: Vec<(u32, Vec<String>)> = Vec::new();
    while let Some(cell) = cells.next_cell().ok()? {
        let (row, column) = cell.get_position();
        let column = usize::try_from(column).ok()?;
        let text = shown(cell.get_value());
        if column >= MAX_COLUMNS || text.is_empty() {
            continue;
        }
        // Cells come row by row; a workbook that does otherwise was not made by a spreadsheet.
        match rows.last().map(|(last, _)| *last) {
            Some(last) if last > row => return None,
            Some(last) if last == row => {}
            // One more than is taken, so that it is told.
            Some(_) | None if rows.len() > MAX_ROWS + 1 => break,
            Some(_) | None => rows.push((row, Vec::new())),
        }
        let (_, cells) = rows.last_mut()?;
        let width = cells.len().max(column + 1);
        cells.resize(width, String::new());
        cells[column] = text;
    }
    let mut rows = rows.into_iter().map(|(_, cells)| cells);
    let header = rows.next()?;
    let width = header.len();
    let rows = rows.map(|mut cells| {
        cells.resize(width.max(cells.len()), String::new());
        (cells.len() == width).then_some(cells)
    });
    let rows = rows.collect();
    Some(Sheet { format: "xlsx", header, rows })
}

/// Unfolds the archive without keeping it: what its directory says of sizes may be a lie.
fn measure(bytes: &[u8]) -> Option<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut left = MAX_UNFOLDED_BYTES;
    for place in 0..archive.len() {
        let part = archive.by_index(place).ok()?;
        let unfolded = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).ok()?;
        left = left.checked_sub(unfolded)?;
    }
    Some(())
}

/// A cell as a person would type it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(true) => "yes".to_owned(),
        DataRef::Bool(false) => "no".to_owned(),
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

/// A workbook of texts; the same texts are the same bytes.
pub(super) fn write(header: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, ZipError> {
    let mut sheet = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for row in std::iter::once(header).chain(rows.iter().map(Vec::as_slice)) {
        sheet.push_str("<row>");
        for text in row {
            sheet.push_str(r#"<c t="inlineStr"><is><t xml:space="preserve">"#);
            escape(text, &mut sheet);
            sheet.push_str("</t></is></c>");
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in PARTS.into_iter().chain([(SHEET, sheet.as_str())]) {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            _ => into.push(letter),
        }
    }
}
