//! Whether the edges of a polygon keep clear of one another.
//!
//! The bounds are cut into about as many square buckets as there are edges. An edge goes into each
//! bucket that it passes through, and only edges of one bucket are compared. A drawn boundary has a
//! few edges a bucket, so that the whole costs about n; a worst case (all edges in one bucket) is
//! held by the limit of 10,000 vertices to some tens of millions of cheap comparisons.

use super::{Bounds, InvalidPolygon, Point, Ring, polygon::turn};

struct Edge {
    ring: usize,
    vertex: usize,
    from: Point,
    to: Point,
    bounds: Bounds,
}

impl Edge {
    /// The latitudes that the edge takes between two longitudes that it reaches, rounded outwards.
    fn latitudes_between(&self, west: i64, east: i64) -> (i64, i64) {
        let run = i128::from(self.to.lon_e7 - self.from.lon_e7);
        if run == 0 {
            return (self.bounds.min.lat_e7, self.bounds.max.lat_e7);
        }
        let rise = i128::from(self.to.lat_e7 - self.from.lat_e7);
        let at = |lon: i64| {
            let step = (rise * i128::from(lon - self.from.lon_e7)).div_euclid(run);
            self.from.lat_e7 + i64::try_from(step).unwrap_or_default()
        };
        let (one, other) =
            (at(west.max(self.bounds.min.lon_e7)), at(east.min(self.bounds.max.lon_e7)));
        (one.min(other) - 1, one.max(other) + 1)
    }
}

/// Refuses edges that cross, touch or lie on each other, beyond the vertex that neighbours share.
pub(super) fn none_between(rings: &[Ring], bounds: Bounds) -> Result<(), InvalidPolygon> {
    let edges: Vec<Edge> = rings
        .iter()
        .enumerate()
        .flat_map(|(ring, line)| {
            line.edges().enumerate().map(move |(vertex, (from, to))| Edge {
                ring,
                vertex,
                from,
                to,
                bounds: Bounds::of_edge(from, to),
            })
        })
        .collect();
    let side = edges.len().isqrt().max(1);
    let last = i64::try_from(side).unwrap_or(i64::MAX) - 1;
    let width = (bounds.max.lon_e7 - bounds.min.lon_e7) / (last + 1) + 1;
    let height = (bounds.max.lat_e7 - bounds.min.lat_e7) / (last + 1) + 1;
    let column = |lon: i64| ((lon - bounds.min.lon_e7) / width).clamp(0, last);
    let row = |lat: i64| ((lat - bounds.min.lat_e7) / height).clamp(0, last);
    let mut buckets: Vec<Vec<usize>> = vec![Vec::new(); side * side];
    for (number, edge) in edges.iter().enumerate() {
        for x in column(edge.bounds.min.lon_e7)..=column(edge.bounds.max.lon_e7) {
            let west = bounds.min.lon_e7 + x * width;
            let (south, north) = edge.latitudes_between(west, west + width);
            for y in row(south)..=row(north) {
                let bucket = &mut buckets[usize::try_from(x * (last + 1) + y).unwrap_or_default()];
                if let Some(other) = bucket.iter().find(|other| meet(&edges[**other], edge, rings))
                {
                    let other = &edges[*other];
                    return Err(InvalidPolygon::EdgesMeet {
                        ring: other.ring,
                        vertex: other.vertex,
                        other_ring: edge.ring,
                        other_vertex: edge.vertex,
                    });
                }
                bucket.push(number);
            }
        }
    }
    Ok(())
}

fn meet(a: &Edge, b: &Edge, rings: &[Ring]) -> bool {
    let apart = a.bounds.max.lon_e7 < b.bounds.min.lon_e7
        || b.bounds.max.lon_e7 < a.bounds.min.lon_e7
        || a.bounds.max.lat_e7 < b.bounds.min.lat_e7
        || b.bounds.max.lat_e7 < a.bounds.min.lat_e7;
    if apart {
        return false;
    }
    if a.ring == b.ring {
        let count = rings[a.ring].vertices().len();
        if (a.vertex + 1) % count == b.vertex {
            return folds_back(a, b);
        }
        if (b.vertex + 1) % count == a.vertex {
            return folds_back(b, a);
        }
    }
    let sides = |line: &Edge, p: Point, q: Point| {
        (turn(line.from, line.to, p).signum(), turn(line.from, line.to, q).signum())
    };
    let (b_from, b_to) = sides(a, b.from, b.to);
    let (a_from, a_to) = sides(b, a.from, a.to);
    (b_from * b_to < 0 && a_from * a_to < 0)
        || (b_from == 0 && a.bounds.holds(b.from))
        || (b_to == 0 && a.bounds.holds(b.to))
        || (a_from == 0 && b.bounds.holds(a.from))
        || (a_to == 0 && b.bounds.holds(a.to))
}

/// Whether an edge runs back over the one before it.
fn folds_back(before: &Edge, after: &Edge) -> bool {
    let along = |edge: &Edge| {
        (
            i128::from(edge.to.lon_e7 - edge.from.lon_e7),
            i128::from(edge.to.lat_e7 - edge.from.lat_e7),
        )
    };
    let ((x, y), (next_x, next_y)) = (along(before), along(after));
    turn(before.from, before.to, after.to) == 0 && x * next_x + y * next_y < 0
}
