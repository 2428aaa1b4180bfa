//! Six grids of 玉都镇 and 高平镇, drawn by hand around 107.36° east and 35.33° north.
//!
//! ```text
//! 35.36   ┌─────────┐
//!         │ 003     │       004 far in the east, 005 in the next township,
//! 35.34   ├────┬────┤ gap ┌────┐         006 given in GCJ-02
//!         │001 │002 │     │    │
//!         │ () │    │     │ 004│   001 has a hole
//! 35.33   └────┴────┘     └────┘
//!       .36  .37  .38    .39  .40
//! ```

use serde_json::{Value, json};

pub(crate) const HOLED: &str = "620821101203001";
pub(crate) const EAST: &str = "620821101203002";
pub(crate) const NORTH: &str = "620821101203003";
pub(crate) const ACROSS: &str = "620821101204001";
pub(crate) const NEXT_TOWN: &str = "620821102200001";
pub(crate) const SHIFTED: &str = "620821102200002";

/// The villages of the six, and what is above them.
pub(crate) const VILLAGES: &str = "code,name,level,parent\n\
    620821,泾川县,county,\n\
    620821101,玉都镇,township,620821\n\
    620821101203,官村村民委员会,village,620821101\n\
    620821101204,玉都村民委员会,village,620821101\n\
    620821102,高平镇,township,620821\n\
    620821102200,高平村民委员会,village,620821102\n";

pub(crate) fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Value {
    json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
}

pub(crate) fn feature(code: &str, name: &str, crs: &str, rings: &[Value]) -> Value {
    json!({
        "type": "Feature",
        "properties": { "code": code, "name": name, "kind": "rural", "crs": crs },
        "geometry": { "type": "Polygon", "coordinates": rings },
    })
}

pub(crate) fn collection(features: &[Value]) -> Vec<u8> {
    json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()
}

pub(crate) fn six() -> Vec<Value> {
    let square = |code, name, crs, west, south, east, north| {
        feature(code, name, crs, &[rectangle(west, south, east, north)])
    };
    let holed =
        [rectangle(107.36, 35.33, 107.37, 35.34), rectangle(107.364, 35.334, 107.366, 35.336)];
    vec![
        feature(HOLED, "官村一组", "cgcs2000", &holed),
        square(EAST, "官村二组", "cgcs2000", 107.37, 35.33, 107.38, 35.34),
        square(NORTH, "官村三组", "wgs84", 107.36, 35.34, 107.38, 35.36),
        square(ACROSS, "玉都村一组", "cgcs2000", 107.39, 35.33, 107.40, 35.34),
        square(NEXT_TOWN, "高平村一组", "cgcs2000", 107.50, 35.33, 107.51, 35.34),
        square(SHIFTED, "高平村二组", "gcj02", 107.60, 35.33, 107.61, 35.34),
    ]
}
