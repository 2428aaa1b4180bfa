//! What a polygon is, what it is not, and where a point lies.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn p(lon_e7: i64, lat_e7: i64) -> Point {
    Point { lon_e7, lat_e7 }
}

fn ring(points: &[(i64, i64)]) -> Vec<Point> {
    points.iter().map(|(x, y)| p(*x, *y)).collect()
}

fn square(from: i64, to: i64) -> Vec<Point> {
    ring(&[(from, from), (to, from), (to, to), (from, to)])
}

fn refused(outer: Vec<Point>, holes: Vec<Vec<Point>>) -> InvalidPolygon {
    Polygon::new(outer, holes).unwrap_err()
}

#[test]
fn a_ring_may_be_closed_or_open_and_turn_either_way() {
    let open = Polygon::new(square(0, 10), vec![]).unwrap();
    let mut closed = square(0, 10);
    closed.push(p(0, 0));
    assert_eq!(Polygon::new(closed, vec![]).unwrap(), open);
    assert_eq!(open.rings()[0].doubled_area(), 200);
    let mut turned = square(0, 10);
    turned.reverse();
    let turned = Polygon::new(turned, vec![]).unwrap();
    assert_eq!(turned.rings()[0].doubled_area(), -200);
    assert_eq!(turned.locate(p(5, 5)), Placement::Inside);
}

#[test]
fn what_is_no_polygon_is_refused_and_says_where() {
    use InvalidPolygon as I;
    let ten = || square(0, 10);
    let meets = |ring, vertex, other_ring, other_vertex| I::EdgesMeet {
        ring,
        vertex,
        other_ring,
        other_vertex,
    };
    let table = [
        ("nothing", refused(vec![], vec![]), I::TooFewVertices { ring: 0, found: 0 }),
        (
            "a line",
            refused(ring(&[(0, 0), (1, 1), (0, 0)]), vec![]),
            I::TooFewVertices { ring: 0, found: 2 },
        ),
        (
            "a short hole",
            refused(ten(), vec![ring(&[(1, 1)])]),
            I::TooFewVertices { ring: 1, found: 1 },
        ),
        (
            "beyond the pole",
            refused(ring(&[(0, 0), (1, 0), (0, 900_000_001)]), vec![]),
            I::OutOfRange { ring: 0, vertex: 2 },
        ),
        (
            "a vertex twice",
            refused(ring(&[(0, 0), (1, 0), (1, 0), (0, 1)]), vec![]),
            I::RepeatedVertex { ring: 0, vertex: 2 },
        ),
        ("three in a row", refused(ring(&[(0, 0), (1, 1), (3, 3)]), vec![]), I::NoArea { ring: 0 }),
        (
            "a bow tie",
            refused(ring(&[(0, 0), (10, 10), (10, 0), (0, 10)]), vec![]),
            meets(0, 0, 0, 2),
        ),
        ("a spike", refused(ring(&[(0, 0), (20, 0), (10, 0), (5, 9)]), vec![]), meets(0, 0, 0, 1)),
        (
            "a touch",
            refused(ring(&[(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)]), vec![]),
            meets(0, 0, 0, 2),
        ),
        (
            "an eight with equal lobes",
            refused(ring(&[(0, 0), (2, 2), (4, 0), (4, 4), (2, 2), (0, 4)]), vec![]),
            meets(0, 0, 0, 3),
        ),
        ("a hole over the edge", refused(ten(), vec![square(5, 15)]), meets(0, 1, 1, 0)),
        (
            "a hole on the edge",
            refused(ten(), vec![ring(&[(2, 0), (4, 2), (2, 4)])]),
            meets(0, 0, 1, 0),
        ),
        ("a hole elsewhere", refused(ten(), vec![square(20, 30)]), I::HoleOutside { ring: 1 }),
        ("a hole around all", refused(ten(), vec![square(-5, 15)]), I::HoleOutside { ring: 1 }),
        (
            "a hole in a hole",
            refused(ten(), vec![square(1, 9), square(3, 5)]),
            I::HoleInHole { ring: 2, other: 1 },
        ),
    ];
    for (case, found, expected) in table {
        assert_eq!(found, expected, "{case}");
    }
    let many: Vec<Point> = (0..10_001).map(|i| p(i, i * i)).collect();
    assert_eq!(refused(many, vec![]), I::TooManyVertices(10_001));
}

#[test]
fn a_point_is_inside_on_the_edge_or_outside_and_holes_count() {
    let polygon = Polygon::new(square(0, 10), vec![square(2, 4), square(6, 8)]).unwrap();
    let table = [
        ((1, 1), Placement::Inside),
        ((5, 5), Placement::Inside),
        ((0, 0), Placement::Edge),
        ((10, 3), Placement::Edge),
        ((3, 10), Placement::Edge),
        ((3, 3), Placement::Outside),
        ((2, 3), Placement::Edge),
        ((4, 4), Placement::Edge),
        ((7, 7), Placement::Outside),
        ((11, 3), Placement::Outside),
        ((-1, 0), Placement::Outside),
        ((-1, 10), Placement::Outside),
    ];
    for ((x, y), expected) in table {
        assert_eq!(polygon.locate(p(x, y)), expected, "{x} {y}");
    }
}

#[test]
fn one_unit_beside_a_long_slanting_edge_is_not_on_it() {
    let far = 1_700_000_001;
    let polygon = Polygon::new(
        ring(&[(-far, -800_000_000), (far, 800_000_000), (-far, 800_000_000)]),
        vec![],
    )
    .unwrap();
    assert_eq!(polygon.locate(p(0, 0)), Placement::Edge);
    assert_eq!(polygon.locate(p(0, 1)), Placement::Inside);
    assert_eq!(polygon.locate(p(0, -1)), Placement::Outside);
    assert_eq!(polygon.locate(p(i64::MAX, i64::MIN)), Placement::Outside);
}

/// A comb: as many long parallel edges as fit, the hardest drawing for buckets.
fn comb(teeth: i64) -> Vec<Point> {
    let mut points: Vec<Point> =
        (0..teeth).flat_map(|i| [p(20 * i, 1_000), p(20 * i + 5, 1_000_000)]).collect();
    points.extend([p(20 * teeth, 0), p(-20, 0)]);
    points
}

#[test]
fn ten_thousand_vertices_are_checked_in_time() {
    let started = Instant::now();
    assert!(Polygon::new(comb(4_999), vec![]).is_ok());
    let mut crossed = comb(4_999);
    crossed[2_000].lat_e7 = -1;
    assert!(matches!(refused(crossed, vec![]), InvalidPolygon::EdgesMeet { .. }));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

fn pairwise(points: &[Point]) -> bool {
    let on = |a: Point, b: Point, c: Point| turn(a, b, c) == 0 && Bounds::of_edge(a, b).holds(c);
    let n = points.len();
    let edge = |i: usize| (points[i % n], points[(i + 1) % n]);
    (0..n).all(|i| {
        let ((a, b), (_, c)) = (edge(i), edge(i + 1));
        let spike = on(a, b, c) || on(b, c, a);
        let others = (i + 2..n).filter(|j| (j + 1) % n != i);
        !spike
            && others.map(edge).all(|(c, d)| {
                let crosses = turn(a, b, c).signum() * turn(a, b, d).signum() < 0
                    && turn(c, d, a).signum() * turn(c, d, b).signum() < 0;
                !crosses && !on(a, b, c) && !on(a, b, d) && !on(c, d, a) && !on(c, d, b)
            })
    })
}

proptest! {
    #[test]
    fn the_buckets_find_what_comparing_all_pairs_finds(
        points in prop::collection::vec((0_i64..40, 0_i64..40), 3..9)
    ) {
        let points = ring(&points);
        let found = Polygon::new(points.clone(), vec![]);
        match found {
            Ok(polygon) => prop_assert!(pairwise(polygon.rings()[0].vertices())),
            Err(InvalidPolygon::EdgesMeet { .. }) => {
                let mut open = points;
                if open.first() == open.last() { open.pop(); }
                prop_assert!(!pairwise(&open));
            }
            Err(_) => {}
        }
    }
}
