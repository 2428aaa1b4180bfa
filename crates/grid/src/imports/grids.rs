//! Grids from GeoJSON: a FeatureCollection of Polygons with code, name, kind and crs.

use std::collections::BTreeMap;

use contracts::grid::GridKind;
use kernel::{
    Division, GridCode,
    geo::{Crs, DeltaPolygon},
};
use serde::Deserialize;
use serde_json::Value;

use super::{Problems, boundary, row_number, text_of};

/// A feature that can be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GridLine {
    /// From 1.
    pub(crate) row: u32,
    pub(crate) grid: GridCode,
    pub(crate) kind: GridKind,
    pub(crate) boundary: DeltaPolygon,
    pub(crate) source_crs: Crs,
}

/// What the register has already.
pub(crate) struct Known<D, G> {
    /// Whether a division is in force.
    pub(crate) registered: D,
    /// The kind and the boundary of a grid that exists.
    pub(crate) existing: G,
}

#[derive(Deserialize)]
struct Collection {
    r#type: String,
    features: Vec<Value>,
}

#[derive(Deserialize)]
struct Geometry {
    r#type: String,
    coordinates: Vec<Vec<Vec<f64>>>,
}

/// Reads the features for a county, and how many there are.
pub(crate) fn read<D, G>(
    geojson: &[u8],
    county: Division,
    known: &Known<D, G>,
    problems: &mut Problems,
) -> (u32, Vec<GridLine>)
where
    D: Fn(Division) -> bool,
    G: Fn(GridCode) -> Option<(GridKind, DeltaPolygon)>,
{
    let Some(text) = text_of(geojson, problems) else { return (0, Vec::new()) };
    let features = match serde_json::from_str::<Collection>(text) {
        Ok(collection) if collection.r#type == "FeatureCollection" => collection.features,
        Ok(_) => {
            problems.push(
                0,
                "type",
                "the file is no FeatureCollection: export one",
                "文件不是 FeatureCollection, 请重新导出",
            );
            return (0, Vec::new());
        }
        Err(error) => {
            let at = format!("line {}, column {}", error.line(), error.column());
            problems.push(
                0,
                "",
                format!("the file is no GeoJSON FeatureCollection ({at}): export it again"),
                format!("文件不是 GeoJSON FeatureCollection (第{}行), 请重新导出", error.line()),
            );
            return (0, Vec::new());
        }
    };
    if features.is_empty() {
        problems.push(0, "features", "the file has no features: add one", "文件中没有要素, 请补充");
    }
    let mut first_row: BTreeMap<GridCode, u32> = BTreeMap::new();
    let mut lines = Vec::with_capacity(features.len());
    for (place, feature) in features.iter().enumerate() {
        let row = row_number(place + 1);
        let properties = &feature["properties"];
        problems.check_name(row, properties["name"].as_str().unwrap_or_default());
        let code = code(row, properties, problems)
            .filter(|grid| is_free(row, *grid, county, &mut first_row, problems))
            .filter(|grid| is_placed(row, *grid, &known.registered, problems));
        let kind = one_of(row, "kind", properties, "urban, rural, dedicated, service", problems);
        let crs = one_of(row, "crs", properties, "cgcs2000, wgs84, gcj02", problems);
        let boundary = crs.and_then(|crs| drawn(row, &feature["geometry"], crs, problems));
        let Some((((grid, kind), crs), boundary)) = code.zip(kind).zip(crs).zip(boundary) else {
            continue;
        };
        if (known.existing)(grid).is_some_and(|other| other != (kind, boundary.clone())) {
            problems.push(
                row,
                "code",
                format!(
                    "the grid {grid} exists with another boundary or kind: choose another serial"
                ),
                format!("网格 {grid} 已存在且边界或类型不同, 请改用其他序号"),
            );
        }
        lines.push(GridLine { row, grid, kind, boundary, source_crs: crs });
    }
    (row_number(features.len()), lines)
}

/// The names of a file that was imported, in the order of its features.
pub(crate) fn names(text: &str) -> Vec<String> {
    let collection: Option<Collection> = serde_json::from_str(text).ok();
    let features = collection.map(|collection| collection.features).unwrap_or_default();
    let name =
        |feature: &Value| feature["properties"]["name"].as_str().unwrap_or_default().to_owned();
    features.iter().map(name).collect()
}

/// A file of one feature without geometry: what keeps the name of a grid that came alone.
pub(crate) fn file_of_one(grid: GridCode, name: &str) -> Vec<u8> {
    serde_json::json!({
        "type": "FeatureCollection",
        "features": [{
            "type": "Feature",
            "properties": { "code": grid, "name": name },
            "geometry": null,
        }],
    })
    .to_string()
    .into_bytes()
}

fn code(row: u32, properties: &Value, problems: &mut Problems) -> Option<GridCode> {
    let code = properties["code"].as_str().unwrap_or_default();
    match code.parse() {
        Ok(grid) => Some(grid),
        Err(error) => {
            let error: kernel::grid_code::InvalidGridCode = error;
            problems.push(row, "code", error.to_string(), "网格编码应为村12位加序号3位");
            None
        }
    }
}

fn is_free(
    row: u32,
    grid: GridCode,
    county: Division,
    first_row: &mut BTreeMap<GridCode, u32>,
    problems: &mut Problems,
) -> bool {
    if !county.contains(grid.village()) {
        problems.push(
            row,
            "code",
            format!("{grid} does not lie in {county}: leave it out"),
            format!("{grid} 不属于 {county}, 请删除"),
        );
        return false;
    }
    if let Some(before) = first_row.insert(grid, row) {
        problems.push(
            row,
            "code",
            format!("feature {before} has this code already: leave one out"),
            format!("与第{before}个要素编码重复, 请删除其一"),
        );
        return false;
    }
    true
}

fn is_placed(
    row: u32,
    grid: GridCode,
    registered: impl Fn(Division) -> bool,
    problems: &mut Problems,
) -> bool {
    let village = grid.village();
    if registered(village) {
        return true;
    }
    problems.push(
        row,
        "code",
        format!("the village {village} is not registered: import the divisions first"),
        format!("村 {village} 未登记, 请先导入区划"),
    );
    false
}

/// The word of a property that is one of a few.
fn one_of<T: for<'de> Deserialize<'de>>(
    row: u32,
    property: &'static str,
    properties: &Value,
    words: &str,
    problems: &mut Problems,
) -> Option<T> {
    let found = T::deserialize(&properties[property]).ok();
    if found.is_none() {
        problems.push(
            row,
            property,
            format!("{property} is one of {words}"),
            format!("{property} 应为 {words} 之一"),
        );
    }
    found
}

fn drawn(row: u32, geometry: &Value, crs: Crs, problems: &mut Problems) -> Option<DeltaPolygon> {
    let rings = Geometry::deserialize(geometry)
        .ok()
        .filter(|geometry| geometry.r#type == "Polygon")
        .and_then(|geometry| geometry.coordinates.iter().map(|ring| pairs(ring)).collect());
    let Some(rings) = rings else {
        problems.push(
            row,
            "geometry",
            "the geometry is no Polygon of rings of [longitude, latitude]: draw one",
            "几何应为 Polygon, 每点为 [经度, 纬度]",
        );
        return None;
    };
    let rings: Vec<Vec<(f64, f64)>> = rings;
    boundary::of_degrees(&rings, crs)
        .map_err(|invalid| {
            problems.push(row, "geometry", invalid.to_string(), invalid.message_zh());
        })
        .ok()
}

/// A position may carry a height, which a boundary does not ask for.
fn pairs(ring: &[Vec<f64>]) -> Option<Vec<(f64, f64)>> {
    ring.iter().map(|position| Some((*position.first()?, *position.get(1)?))).collect()
}

#[cfg(test)]
mod tests;
