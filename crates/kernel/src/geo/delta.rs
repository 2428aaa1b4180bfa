//! The stored form of a polygon: small numbers, as neighbouring vertices are close.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InvalidPolygon, MAX_VERTICES, Point, Polygon};

/// A polygon as events carry it: rings of integers in 1e-7 degree, CGCS2000.
///
/// Each ring is `[lon, lat, dlon, dlat, …]`: its first vertex, then each vertex as the difference
/// from the one before. The outer ring comes first, then the holes; the first vertex is not repeated
/// at the end. Unchecked until it is made a [`Polygon`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeltaPolygon {
    /// The rings, the outer one first.
    pub rings: Vec<Vec<i64>>,
}

fn decoded(ring: usize, values: &[i64]) -> Result<Vec<Point>, InvalidPolygon> {
    let (pairs, rest) = values.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(InvalidPolygon::OddLength { ring });
    }
    let mut at = Point { lon_e7: 0, lat_e7: 0 };
    pairs
        .iter()
        .enumerate()
        .map(|(vertex, [lon, lat])| {
            // Saturated sums are out of range, and refused as such.
            at = Point {
                lon_e7: at.lon_e7.saturating_add(*lon),
                lat_e7: at.lat_e7.saturating_add(*lat),
            };
            if at.in_range() { Ok(at) } else { Err(InvalidPolygon::OutOfRange { ring, vertex }) }
        })
        .collect()
}

impl TryFrom<&DeltaPolygon> for Polygon {
    type Error = InvalidPolygon;

    fn try_from(delta: &DeltaPolygon) -> Result<Self, InvalidPolygon> {
        let vertices = delta.rings.iter().map(Vec::len).sum::<usize>() / 2;
        if vertices > MAX_VERTICES {
            return Err(InvalidPolygon::TooManyVertices(vertices));
        }
        let mut rings = delta.rings.iter().enumerate().map(|(ring, values)| decoded(ring, values));
        let outer = rings.next().ok_or(InvalidPolygon::NoRing)??;
        Self::new(outer, rings.collect::<Result<_, _>>()?)
    }
}

impl TryFrom<DeltaPolygon> for Polygon {
    type Error = InvalidPolygon;

    fn try_from(delta: DeltaPolygon) -> Result<Self, InvalidPolygon> {
        Self::try_from(&delta)
    }
}

impl From<&Polygon> for DeltaPolygon {
    fn from(polygon: &Polygon) -> Self {
        let encoded = |vertices: &[Point]| {
            let mut before = Point { lon_e7: 0, lat_e7: 0 };
            let mut values = Vec::with_capacity(2 * vertices.len());
            for vertex in vertices {
                values.push(vertex.lon_e7 - before.lon_e7);
                values.push(vertex.lat_e7 - before.lat_e7);
                before = *vertex;
            }
            values
        };
        Self { rings: polygon.rings().iter().map(|ring| encoded(ring.vertices())).collect() }
    }
}

impl From<Polygon> for DeltaPolygon {
    fn from(polygon: Polygon) -> Self {
        Self::from(&polygon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(rings: &[&[i64]]) -> DeltaPolygon {
        DeltaPolygon { rings: rings.iter().map(|ring| ring.to_vec()).collect() }
    }

    const SQUARE: &[i64] = &[1_073_600_000, 353_300_000, 1_000, 0, 0, 1_000, -1_000, 0];
    const HOLE: &[i64] = &[1_073_600_200, 353_300_200, 100, 0, 0, 100];

    #[test]
    fn a_polygon_is_stored_as_differences_and_comes_back() {
        let stored = delta(&[SQUARE, HOLE]);
        let polygon = Polygon::try_from(&stored).unwrap();
        assert_eq!(polygon.rings()[0].vertices()[2].lon_e7, 1_073_601_000);
        assert_eq!(DeltaPolygon::from(&polygon), stored);
        let json = serde_json::to_string(&polygon).unwrap();
        assert_eq!(json, serde_json::to_string(&stored).unwrap());
        assert_eq!(serde_json::from_str::<Polygon>(&json).unwrap(), polygon);
    }

    #[test]
    fn what_is_no_polygon_is_refused_when_read() {
        let refused = |rings: &[&[i64]]| Polygon::try_from(delta(rings)).unwrap_err();
        assert_eq!(refused(&[]), InvalidPolygon::NoRing);
        assert_eq!(refused(&[SQUARE, &HOLE[..5]]), InvalidPolygon::OddLength { ring: 1 });
        let overflow = [i64::MAX, 0, i64::MAX, 0, 1, 1];
        assert_eq!(refused(&[&overflow]), InvalidPolygon::OutOfRange { ring: 0, vertex: 0 });
        let far = [0, 0, 1_800_000_000, 0, 1, 1];
        assert_eq!(refused(&[&far]), InvalidPolygon::OutOfRange { ring: 0, vertex: 2 });
        assert_eq!(refused(&[&vec![0; 20_002]]), InvalidPolygon::TooManyVertices(10_001));
        let error = serde_json::from_str::<Polygon>(r#"{"rings":[[0,0,1,1]]}"#).unwrap_err();
        assert!(error.to_string().contains("ring 0 needs 3"), "{error}");
    }
}
