use serde_json::json;

use super::*;

const SQUARE: [[f64; 2]; 5] =
    [[107.36, 35.33], [107.37, 35.33], [107.37, 35.34], [107.36, 35.34], [107.36, 35.33]];

fn feature(code: &str, crs: &str, coordinates: &Value) -> Value {
    json!({
        "type": "Feature",
        "properties": { "code": code, "name": "一组", "kind": "rural", "crs": crs },
        "geometry": { "type": "Polygon", "coordinates": coordinates },
    })
}

fn square(code: &str) -> Value {
    feature(code, "cgcs2000", &json!([SQUARE]))
}

fn file(features: &[Value]) -> Vec<u8> {
    json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()
}

fn read_knowing(
    bytes: &[u8],
    existing: impl Fn(GridCode) -> Option<(GridKind, DeltaPolygon)>,
) -> (Vec<GridLine>, Vec<super::super::Problem>) {
    let known =
        Known { registered: |village: Division| village.to_string() == "620821101203", existing };
    let mut problems = Problems::default();
    let (_, lines) = read(bytes, "620821".parse().unwrap(), &known, &mut problems);
    (lines, problems.into_rows())
}

/// The only error of a file, which must say `word`.
fn error(bytes: &[u8], word: &str) -> (u32, &'static str) {
    let (_, found) = read_knowing(bytes, |_| None);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].en.contains(word) && !found[0].zh.is_empty(), "{found:?}");
    (found[0].row, found[0].column)
}

fn changed(path: &str, value: Value) -> Vec<u8> {
    let mut feature = square("620821101203001");
    *feature.pointer_mut(path).unwrap() = value;
    file(&[feature])
}

#[test]
fn a_clean_file_gives_its_grids_in_cgcs2000_and_its_names() {
    let bytes =
        file(&[square("620821101203001"), feature("620821101203002", "gcj02", &json!([SQUARE]))]);
    let (lines, problems) = read_knowing(&bytes, |_| None);
    assert_eq!(problems, []);
    assert_eq!(lines[0].boundary.rings[0][..4], [1_073_600_000, 353_300_000, 100_000, 0]);
    assert_eq!(lines[1].source_crs, Crs::Gcj02);
    assert_ne!(lines[1].boundary, lines[0].boundary, "what public maps show is shifted");
    assert_eq!(names(std::str::from_utf8(&bytes).unwrap()), ["一组", "一组"]);
    let alone = file_of_one("620821101203001".parse().unwrap(), "\"二\"组");
    assert_eq!(names(std::str::from_utf8(&alone).unwrap()), ["\"二\"组"]);
}

#[test]
fn every_wrong_property_is_named_with_its_row() {
    assert_eq!(error(&changed("/properties/code", json!("62082110120")), "15 digits"), (1, "code"));
    assert_eq!(error(&changed("/properties/code", json!(620_821)), "15 digits"), (1, "code"));
    assert_eq!(error(&file(&[square("620822101203001")]), "does not lie"), (1, "code"));
    assert_eq!(error(&file(&[square("620821101204001")]), "not registered"), (1, "code"));
    assert_eq!(error(&changed("/properties/name", json!("")), "missing"), (1, "name"));
    assert_eq!(error(&changed("/properties/kind", json!("village")), "urban"), (1, "kind"));
    assert_eq!(error(&changed("/properties/crs", json!("bd09")), "gcj02"), (1, "crs"));
    let twice = file(&[square("620821101203001"), square("620821101203001")]);
    assert_eq!(error(&twice, "feature 1"), (2, "code"));
}

#[test]
fn a_wrong_boundary_is_named_with_ring_and_vertex() {
    let drawn = |coordinates| changed("/geometry/coordinates", coordinates);
    let geometry = (1, "geometry");
    assert_eq!(error(&changed("/geometry/type", json!("Point")), "Polygon"), geometry);
    assert_eq!(error(&drawn(json!([[[107.36]]])), "[longitude, latitude]"), geometry);
    assert_eq!(error(&drawn(json!([])), "outer ring"), geometry);
    let exchanged = json!([[[107.36, 35.33], [35.33, 107.37], [107.37, 35.34]]]);
    assert_eq!(error(&drawn(exchanged), "vertex 1 of ring 0"), geometry);
    let bow = json!([[[107.36, 35.33], [107.37, 35.34], [107.37, 35.33], [107.36, 35.34]]]);
    assert_eq!(error(&drawn(bow), "meets the edge"), geometry);
    let hole = json!([SQUARE, [[107.40, 35.33], [107.41, 35.33], [107.41, 35.34]]]);
    assert_eq!(error(&drawn(hole), "hole 1"), geometry);
}

#[test]
fn a_boundary_that_no_event_can_hold_is_refused_before_it_is_tried() {
    let wave = |i: u32| {
        let angle = f64::from(i) / 9_000.0 * std::f64::consts::TAU;
        let radius = if i.is_multiple_of(2) { 0.5 } else { 0.4 };
        [107.0 + radius * angle.cos(), 35.0 + radius * angle.sin()]
    };
    let star: Vec<[f64; 2]> = (0..9_000).map(wave).collect();
    let bytes = changed("/geometry/coordinates", json!([star]));
    assert_eq!(error(&bytes, "too much detail"), (1, "geometry"));
}

#[test]
fn a_grid_that_exists_must_be_the_same() {
    let bytes = file(&[square("620821101203001")]);
    let (lines, _) = read_knowing(&bytes, |_| None);
    let same = (lines[0].kind, lines[0].boundary.clone());
    assert_eq!(read_knowing(&bytes, |_| Some(same.clone())).1, []);
    let other = (GridKind::Urban, same.1.clone());
    let (_, found) = read_knowing(&bytes, |_| Some(other.clone()));
    assert_eq!((found[0].row, found[0].column), (1, "code"));
}

#[test]
fn what_is_no_collection_is_refused_as_a_whole() {
    assert_eq!(error(b"{", "no GeoJSON").0, 0);
    assert_eq!(error(b"[]", "no GeoJSON").0, 0);
    assert_eq!(error(br#"{"type":"Feature","features":[]}"#, "no FeatureCollection"), (0, "type"));
    assert_eq!(error(&file(&[]), "no features"), (0, "features"));
    assert_eq!(error(b"\xff\xfe", "UTF-8").0, 0);
    let deep = "[".repeat(100_000);
    assert_eq!(error(deep.as_bytes(), "no GeoJSON").0, 0);
}
