//! Simple polygons with holes, and the exact answer to where a point lies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DeltaPolygon, Point, contact};

/// How many vertices a polygon may have, all rings together.
pub const MAX_VERTICES: usize = 10_000;

/// A closed line of at least three vertices; the last is joined to the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring(Vec<Point>);

/// An area on the ground in CGCS2000: one outer ring and holes, none touching itself or another.
///
/// As JSON it has the form of [`DeltaPolygon`] and is checked when read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "DeltaPolygon", into = "DeltaPolygon")]
pub struct Polygon {
    rings: Vec<Ring>,
    bounds: Bounds,
}

/// The smallest upright rectangle around something, edges included, in 1e-7 degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The corner in the south-west.
    pub min: Point,
    /// The corner in the north-east.
    pub max: Point,
}

/// Where a point lies, seen from a polygon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In the area and on no edge.
    Inside,
    /// Exactly on the outer ring or on the ring of a hole.
    Edge,
    /// Outside the outer ring, or in a hole.
    Outside,
}

/// Why rings make no polygon. Ring 0 is the outer one, holes count from 1, vertices from 0; an edge
/// is named by the vertex at which it starts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolygon {
    /// No ring at all.
    #[error("a polygon needs an outer ring")]
    NoRing,
    /// More than [`MAX_VERTICES`].
    #[error("a polygon has at most {MAX_VERTICES} vertices, found {0}; simplify it")]
    TooManyVertices(usize),
    /// Fewer than three vertices.
    #[error("ring {ring} needs 3 distinct vertices, found {found}")]
    TooFewVertices {
        /// The ring.
        ring: usize,
        /// How many it has, a repeated last one not counted.
        found: usize,
    },
    /// A delta-coded ring with a coordinate too few.
    #[error("ring {ring} has an odd number of values; it needs longitude and latitude in turn")]
    OddLength {
        /// The ring.
        ring: usize,
    },
    /// A vertex beyond ±180 or ±90 degrees.
    #[error("vertex {vertex} of ring {ring} lies outside ±180 and ±90 degrees")]
    OutOfRange {
        /// The ring.
        ring: usize,
        /// The vertex.
        vertex: usize,
    },
    /// A vertex equal to the one before it.
    #[error("vertex {vertex} of ring {ring} repeats the one before; leave it out")]
    RepeatedVertex {
        /// The ring.
        ring: usize,
        /// The second of the two.
        vertex: usize,
    },
    /// All vertices on one line.
    #[error("ring {ring} encloses no area")]
    NoArea {
        /// The ring.
        ring: usize,
    },
    /// Two edges that cross, touch or lie on each other, beyond sharing their common vertex.
    #[error(
        "the edge from vertex {vertex} of ring {ring} meets the edge from vertex {other_vertex} of ring {other_ring}"
    )]
    EdgesMeet {
        /// The ring of the first edge.
        ring: usize,
        /// The vertex at which the first edge starts.
        vertex: usize,
        /// The ring of the second edge.
        other_ring: usize,
        /// The vertex at which the second edge starts.
        other_vertex: usize,
    },
    /// A hole outside the outer ring.
    #[error("hole {ring} lies outside the outer ring")]
    HoleOutside {
        /// The ring of the hole.
        ring: usize,
    },
    /// A hole in a hole.
    #[error("hole {ring} lies in hole {other}; draw what is in there as a polygon of its own")]
    HoleInHole {
        /// The ring of the inner hole.
        ring: usize,
        /// The ring of the hole around it.
        other: usize,
    },
}

/// Twice the signed area of the triangle abc: positive if c lies to the left of a→b. Exact.
pub(super) fn turn(a: Point, b: Point, c: Point) -> i128 {
    let product = |x: i64, y: i64| i128::from(x) * i128::from(y);
    product(b.lon_e7 - a.lon_e7, c.lat_e7 - a.lat_e7)
        - product(b.lat_e7 - a.lat_e7, c.lon_e7 - a.lon_e7)
}

impl Bounds {
    /// The rectangle around some points; none around nothing.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        points.into_iter().map(|point| Self { min: point, max: point }).reduce(Self::with)
    }

    /// The rectangle around one edge.
    pub fn of_edge(from: Point, to: Point) -> Self {
        Self { min: from, max: from }.with(Self { min: to, max: to })
    }

    /// The rectangle around both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let lower = |a: Point, b: Point| Point {
            lon_e7: a.lon_e7.min(b.lon_e7),
            lat_e7: a.lat_e7.min(b.lat_e7),
        };
        let upper = |a: Point, b: Point| Point {
            lon_e7: a.lon_e7.max(b.lon_e7),
            lat_e7: a.lat_e7.max(b.lat_e7),
        };
        Self { min: lower(self.min, other.min), max: upper(self.max, other.max) }
    }

    /// Whether the point lies within or on an edge.
    pub fn holds(self, point: Point) -> bool {
        (self.min.lon_e7..=self.max.lon_e7).contains(&point.lon_e7)
            && (self.min.lat_e7..=self.max.lat_e7).contains(&point.lat_e7)
    }
}

impl Ring {
    /// The vertices in the order given, the first not repeated at the end.
    pub fn vertices(&self) -> &[Point] {
        &self.0
    }

    /// The edges: each vertex with the next, the last with the first.
    pub fn edges(&self) -> impl Iterator<Item = (Point, Point)> + '_ {
        self.0.iter().copied().zip(self.0.iter().copied().cycle().skip(1))
    }

    /// Twice the signed area in squares of 1e-7 degree; positive if counter-clockwise.
    pub fn doubled_area(&self) -> i128 {
        self.0.first().map_or(0, |origin| self.edges().map(|(a, b)| turn(*origin, a, b)).sum())
    }

    fn checked(ring: usize, mut vertices: Vec<Point>) -> Result<Self, InvalidPolygon> {
        if vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3 {
            return Err(InvalidPolygon::TooFewVertices { ring, found: vertices.len() });
        }
        if let Some(vertex) = vertices.iter().position(|point| !point.in_range()) {
            return Err(InvalidPolygon::OutOfRange { ring, vertex });
        }
        if let Some(before) = vertices.array_windows().position(|[a, b]| a == b) {
            return Err(InvalidPolygon::RepeatedVertex { ring, vertex: before + 1 });
        }
        let ring_of = Self(vertices);
        let origin = ring_of.0[0];
        if ring_of.edges().all(|(a, b)| turn(origin, a, b) == 0) {
            return Err(InvalidPolygon::NoArea { ring });
        }
        Ok(ring_of)
    }

    /// Counts how often a ray to the east crosses the ring; the sign of `turn` decides each crossing
    /// exactly, and an edge counts its lower end only, so that a vertex is never counted twice.
    fn locate(&self, point: Point) -> Placement {
        let mut inside = false;
        for (a, b) in self.edges() {
            let rises = a.lat_e7 <= point.lat_e7 && point.lat_e7 < b.lat_e7;
            let falls = b.lat_e7 <= point.lat_e7 && point.lat_e7 < a.lat_e7;
            let level = a.lat_e7 == point.lat_e7 || b.lat_e7 == point.lat_e7;
            if !rises && !falls && !level {
                continue;
            }
            let side = turn(a, b, point);
            if side == 0 && Bounds::of_edge(a, b).holds(point) {
                return Placement::Edge;
            }
            inside ^= (rises && side > 0) || (falls && side < 0);
        }
        if inside { Placement::Inside } else { Placement::Outside }
    }
}

impl Polygon {
    /// The polygon with this outer ring and these holes, in either direction of turning.
    ///
    /// A ring may repeat its first vertex at the end, as GeoJSON does; the repetition is dropped.
    /// No two rings may touch, not even in a point. The check of the edges against one another
    /// sorts them into buckets and takes some milliseconds for [`MAX_VERTICES`].
    pub fn new(outer: Vec<Point>, holes: Vec<Vec<Point>>) -> Result<Self, InvalidPolygon> {
        let total = outer.len() + holes.iter().map(Vec::len).sum::<usize>();
        if total > MAX_VERTICES {
            return Err(InvalidPolygon::TooManyVertices(total));
        }
        let rings = std::iter::once(outer)
            .chain(holes)
            .enumerate()
            .map(|(ring, vertices)| Ring::checked(ring, vertices))
            .collect::<Result<Vec<_>, _>>()?;
        let bounds = Bounds::around(rings.iter().flat_map(|ring| ring.0.iter().copied()))
            .ok_or(InvalidPolygon::NoRing)?;
        contact::none_between(&rings, bounds)?;
        holes_in_place(&rings)?;
        Ok(Self { rings, bounds })
    }

    /// The outer ring, then the holes; never empty.
    pub fn rings(&self) -> &[Ring] {
        &self.rings
    }

    /// The rectangle around it.
    pub const fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Where the point lies. Exact: integers only.
    pub fn locate(&self, point: Point) -> Placement {
        if !self.bounds.holds(point) {
            return Placement::Outside;
        }
        let mut placed = Placement::Outside;
        for (number, ring) in self.rings.iter().enumerate() {
            placed = match (ring.locate(point), number) {
                (Placement::Edge, _) => return Placement::Edge,
                (Placement::Outside, 0) => return Placement::Outside,
                (Placement::Inside, 0) => Placement::Inside,
                (Placement::Inside, _) => return Placement::Outside,
                (Placement::Outside, _) => placed,
            };
        }
        placed
    }
}

/// As no two rings touch, one vertex of a hole speaks for the whole hole.
fn holes_in_place(rings: &[Ring]) -> Result<(), InvalidPolygon> {
    let bounds: Vec<_> = rings.iter().map(|ring| Bounds::around(ring.0.iter().copied())).collect();
    let around = |other: usize, point: Point| {
        bounds[other].is_some_and(|bounds| bounds.holds(point))
            && rings[other].locate(point) == Placement::Inside
    };
    for (ring, hole) in rings.iter().enumerate().skip(1) {
        let vertex = hole.0[0];
        if !around(0, vertex) {
            return Err(InvalidPolygon::HoleOutside { ring });
        }
        if let Some(other) = (1..rings.len()).find(|other| *other != ring && around(*other, vertex))
        {
            return Err(InvalidPolygon::HoleInHole { ring, other });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
