//! From a table's rows to what is stated of cameras. A cell becomes the field of the call that
//! registers one camera, so that both are checked by the same rules.

use std::collections::BTreeMap;

use api::{
    camera::v1::{CameraDetails, PlaceKind},
    common::v1::{Crs, GeoPosition},
};
use kernel::{GbId, gb28181::InvalidGbId};

use super::{
    Problems,
    table::{Line, Table},
};

/// A column: its name, its name in Chinese, and whether each table has it.
type Column = (&'static str, &'static str, bool);

const COLUMNS: [Column; 16] = [
    ("gb_id", "国标编码", true),
    ("name", "名称", true),
    ("longitude", "经度", true),
    ("latitude", "纬度", true),
    ("crs", "坐标系", true),
    ("place_kind", "场所类型", true),
    ("retention_days", "保存天数", true),
    ("division", "区划", false),
    ("grid", "网格", false),
    ("address", "地址", false),
    ("description", "说明", false),
    ("operator_id", "运营单位", false),
    ("secrecy_adjacent", "涉密周边", false),
    ("consent_document", "同意文件", false),
    ("signage", "提示标识", false),
    ("started_on", "启用日期", false),
];

/// A row of which each cell has its form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stated {
    /// As people see it, from 1.
    pub(crate) row: u32,
    pub(crate) gb_id: GbId,
    pub(crate) details: CameraDetails,
}

/// A row under reading.
struct Cells<'a> {
    line: &'a Line,
    places: &'a BTreeMap<&'static str, usize>,
    problems: &'a mut Problems,
}

/// Reads the rows of a table. What is wrong with a cell is among the problems.
pub(crate) fn read(table: &Table, problems: &mut Problems) -> Vec<Stated> {
    let places = places(&table.header);
    for (column, zh, _) in
        COLUMNS.iter().filter(|(name, _, all)| *all && !places.contains_key(name))
    {
        problems.push(
            0,
            *column,
            format!("the column {column} is missing: add it to the header"),
            format!("缺少列 {column}({zh}), 请在表头补上"),
        );
    }
    if !problems.is_empty() {
        return Vec::new();
    }
    let mut first_row: BTreeMap<GbId, u32> = BTreeMap::new();
    let mut stated = Vec::with_capacity(table.lines.len());
    for line in &table.lines {
        let mut cells = Cells { line, places: &places, problems };
        let (gb_id, details) = (cells.gb_id(), cells.details());
        let Some((gb_id, details)) = gb_id.zip(details) else { continue };
        if let Some(before) = first_row.insert(gb_id, line.row) {
            problems.push(
                line.row,
                "gb_id",
                format!("row {before} has this id already: leave one out"),
                format!("与第{before}行国标编码重复, 请删除其一"),
            );
        }
        stated.push(Stated { row: line.row, gb_id, details });
    }
    stated
}

/// Where the columns stand.
fn places(header: &[String]) -> BTreeMap<&'static str, usize> {
    let place = |(name, zh, _): &Column| {
        let at = header.iter().position(|head| head == name || head == zh)?;
        Some((*name, at))
    };
    COLUMNS.iter().filter_map(place).collect()
}

impl Cells<'_> {
    fn cell(&self, column: &str) -> &str {
        let place = self.places.get(column);
        place.and_then(|place| self.line.cells.get(*place)).map_or("", String::as_str)
    }

    fn wrong(&mut self, column: &str, en: impl Into<String>, zh: impl Into<String>) {
        self.problems.push(self.line.row, column, en, zh);
    }

    fn gb_id(&mut self) -> Option<GbId> {
        let text = self.cell("gb_id").to_owned();
        if text.contains('E') {
            self.wrong(
                "gb_id",
                "the cell holds a number, of which digits were lost: format the column as text and fill it in again",
                "该单元格为数字格式, 末几位已丢失, 请设为文本格式后重新填写",
            );
            return None;
        }
        let read: Result<GbId, InvalidGbId> = text.parse();
        read.map_err(|error| self.wrong("gb_id", error.to_string(), error.message_zh())).ok()
    }

    fn details(&mut self) -> Option<CameraDetails> {
        let longitude = self.degrees("longitude");
        let latitude = self.degrees("latitude");
        let crs = self.crs();
        let place_kind = self.place_kind();
        let retention_days = self.days("retention_days");
        let secrecy_adjacent = self.yes_or_no("secrecy_adjacent");
        let signage = self.yes_or_no("signage");
        let text = |column| self.cell(column).to_owned();
        Some(CameraDetails {
            name: text("name"),
            address: text("address"),
            description: text("description"),
            position: Some(GeoPosition {
                longitude: longitude?,
                latitude: latitude?,
                crs: crs?.into(),
            }),
            division: text("division"),
            grid: text("grid"),
            place_kind: place_kind?.into(),
            operator_id: text("operator_id"),
            secrecy_adjacent: secrecy_adjacent?,
            consent_document: text("consent_document"),
            signage: signage?,
            retention_days: retention_days?,
            started_on: text("started_on"),
        })
    }

    fn degrees(&mut self, column: &str) -> Option<f64> {
        let degrees = self.cell(column).parse().ok();
        if degrees.is_none() {
            self.wrong(
                column,
                "this is no number: write degrees with a decimal point, such as 107.3652",
                "应为十进制度数, 如 107.3652",
            );
        }
        degrees
    }

    fn days(&mut self, column: &str) -> Option<u32> {
        let days = self.cell(column).parse().ok();
        if days.is_none() {
            self.wrong(column, "this is no number of days: write such as 30", "应为天数, 如 30");
        }
        days
    }

    fn crs(&mut self) -> Option<Crs> {
        let crs = match self.cell("crs").to_ascii_lowercase().as_str() {
            "wgs84" => Some(Crs::Wgs84),
            "gcj02" => Some(Crs::Gcj02),
            "cgcs2000" => Some(Crs::Cgcs2000),
            _ => None,
        };
        if crs.is_none() {
            self.wrong(
                "crs",
                "write one of cgcs2000, wgs84, gcj02",
                "坐标系应为 cgcs2000、wgs84 或 gcj02",
            );
        }
        crs
    }

    fn place_kind(&mut self) -> Option<PlaceKind> {
        let word = self.cell("place_kind").to_ascii_uppercase();
        let kind = PlaceKind::from_str_name(&format!("PLACE_KIND_{word}"))
            .filter(|kind| *kind != PlaceKind::Unspecified);
        if kind.is_none() {
            self.wrong(
                "place_kind",
                "write one of the kinds, such as road, village_entrance, school or market",
                "场所类型应为规定的词, 如 road、village_entrance、school、market",
            );
        }
        kind
    }

    fn yes_or_no(&mut self, column: &str) -> Option<bool> {
        let answer = match self.cell(column).to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "是" => Some(true),
            "" | "no" | "false" | "0" | "否" => Some(false),
            _ => None,
        };
        if answer.is_none() {
            self.wrong(column, "write yes or no", "应为 是 或 否");
        }
        answer
    }
}

#[cfg(test)]
mod tests;
