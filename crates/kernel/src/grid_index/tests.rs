//! Which grid answers for a place, against asking every grid.

use std::{hint::black_box, time::Instant};

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;
use crate::geo::Crs;

fn code(number: u32) -> GridCode {
    let (village, serial) = (number / 999 + 200, number % 999 + 1);
    format!("620821101{village}{serial:03}").parse().unwrap()
}

const ORIGIN: (i64, i64) = (1_073_000_000, 353_000_000);

fn point(x: i64, y: i64) -> Point {
    Point { lon_e7: ORIGIN.0 + x, lat_e7: ORIGIN.1 + y }
}

fn position(x: i64, y: i64) -> Position {
    Position::new(ORIGIN.0 + x, ORIGIN.1 + y, Crs::Cgcs2000).unwrap()
}

fn square(x: i64, y: i64, side: i64) -> Vec<Point> {
    vec![point(x, y), point(x + side, y), point(x + side, y + side), point(x, y + side)]
}

fn block(x: i64, y: i64) -> Polygon {
    Polygon::new(square(x, y, 50_000), vec![]).unwrap()
}

fn in_grid(number: u32, on_edge: bool) -> Location {
    Location::InGrid { grid: code(number), on_edge }
}

#[test]
fn a_shared_edge_belongs_to_the_lowest_code_whatever_the_order_of_insertion() {
    let four = [
        (1, block(0, 0)),
        (2, block(50_000, 0)),
        (3, block(0, 50_000)),
        (4, block(50_000, 50_000)),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let grids = order.map(|i: usize| (code(four[i].0), four[i].1.clone()));
        let index = GridIndex::of(grids, DEFAULT_GAP_LIMIT_M);
        assert_eq!(index.locate(position(10, 10)), in_grid(1, false));
        assert_eq!(index.locate(position(50_000, 10)), in_grid(1, true));
        assert_eq!(index.locate(position(50_000, 50_000)), in_grid(1, true));
        assert_eq!(index.locate(position(50_001, 50_000)), in_grid(2, true));
        assert_eq!(index.locate(position(50_001, 50_001)), in_grid(4, false));
    }
}

#[test]
fn a_gap_names_the_nearest_grid_and_far_away_is_outside() {
    let ring = Polygon::new(square(0, 0, 50_000), vec![square(10_000, 10_000, 30_000)]).unwrap();
    let index = GridIndex::of([(code(1), ring), (code(2), block(52_000, 0))], 500);
    let gap = |number, distance_m| Location::InGap { nearest: code(number), distance_m };
    // 1,000 units of latitude are 11.1 m, of longitude at 35.3° 9.1 m.
    assert_eq!(index.locate(position(50_500, 100)), gap(1, 5));
    assert_eq!(index.locate(position(51_500, 100)), gap(2, 5));
    assert_eq!(index.locate(position(51_000, 100)), gap(1, 9));
    assert_eq!(index.locate(position(20_000, 11_000)), gap(1, 11));
    assert_eq!(index.locate(position(20_000, -44_000)), gap(1, 488));
    assert_eq!(index.locate(position(20_000, -46_000)), Location::Outside);
    assert_eq!(GridIndex::default().locate(position(0, 0)), Location::Outside);
    let nowhere = Position { lon_e7: i64::MIN, lat_e7: i64::MAX, crs: Crs::Cgcs2000 };
    assert_eq!(index.locate(nowhere), Location::Outside);
}

#[test]
fn a_removed_grid_is_gone_and_a_replaced_one_has_moved() {
    let mut index = GridIndex::default();
    assert_eq!(index.insert(code(1), block(0, 0)), None);
    assert_eq!(index.insert(code(1), block(100_000, 0)), Some(block(0, 0)));
    assert_eq!(index.len(), 1);
    assert_eq!(index.locate(position(100_010, 10)), in_grid(1, false));
    assert!(matches!(index.locate(position(10, 10)), Location::InGap { .. }));
    assert_eq!(index.remove(code(1)), Some(block(100_000, 0)));
    assert_eq!(index.remove(code(1)), None);
    assert!(index.is_empty() && index.cells.is_empty() && index.levels.is_empty());
}

#[test]
fn a_grid_as_large_as_the_world_takes_few_cells() {
    let corners = [(-180, -90), (180, -90), (180, 90), (-180, 90)];
    let world =
        corners.map(|(lon, lat)| Point { lon_e7: lon * 10_000_000, lat_e7: lat * 10_000_000 });
    let mut index = GridIndex::default();
    index.insert(code(2), Polygon::new(world.to_vec(), vec![]).unwrap());
    index.insert(code(1), block(0, 0));
    assert!(index.cells.len() <= 50, "{}", index.cells.len());
    assert_eq!(index.locate(position(10, 10)), in_grid(1, false));
    assert_eq!(index.locate(position(-10, 10)), in_grid(2, false));
}

#[test]
fn six_thousand_grids_answer_in_microseconds() {
    let grids = (0..6_000_u32).map(|i| {
        let (x, y) = (i64::from(i % 80), i64::from(i / 80));
        (code(i), block(x * 50_000, y * 50_000))
    });
    let index = GridIndex::of(grids, DEFAULT_GAP_LIMIT_M);
    let started = Instant::now();
    for i in 0..10_000_i64 {
        let place = position(i * 7_919 % 4_000_000, i * 104_729 % 3_750_000);
        assert_ne!(black_box(index.locate(place)), Location::Outside);
    }
    // About 0.5 µs each when optimised; the limit leaves room for a debug build on a busy machine.
    let each = started.elapsed() / 10_000;
    assert!(each.as_micros() < 200, "{each:?}");
}

/// A star around a centre, radius by angle, with a smaller star as its hole.
fn star() -> impl Strategy<Value = Option<Polygon>> {
    let radii = prop::collection::vec(0.5_f64..1.0, 3..12);
    (-60_000_i64..60_000, -60_000_i64..60_000, 500.0_f64..40_000.0, radii, any::<bool>()).prop_map(
        |(x, y, size, radii, hollow)| {
            let line = |scale: f64| -> Vec<Point> {
                let angles = (0_u32..).map(|i| f64::from(i) * std::f64::consts::TAU);
                let count = f64::from(u32::try_from(radii.len()).unwrap());
                angles
                    .zip(&radii)
                    .map(|(angle, radius)| {
                        let (sin, cos) = (angle / count).sin_cos();
                        let long = radius * size * scale;
                        point(x + whole(cos * long), y + whole(sin * long))
                    })
                    .collect()
            };
            let holes = if hollow { vec![line(0.4)] } else { vec![] };
            Polygon::new(line(1.0), holes).ok()
        },
    )
}

#[expect(clippy::cast_possible_truncation, reason = "drawn from a small range")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Every grid asked, every edge measured.
fn brute_force(grids: &BTreeMap<GridCode, Polygon>, at: Position, limit: u32) -> Location {
    for (grid, polygon) in grids {
        match polygon.locate(at.point()) {
            Placement::Inside => return Location::InGrid { grid: *grid, on_edge: false },
            Placement::Edge => return Location::InGrid { grid: *grid, on_edge: true },
            Placement::Outside => {}
        }
    }
    let plane = Plane::at(at.point());
    let distances = grids.iter().map(|(grid, polygon)| (plane.distance_to_edges(polygon), *grid));
    distances
        .filter(|(distance, _)| *distance <= f64::from(limit))
        .min_by(|a, b| a.partial_cmp(b).unwrap())
        .map_or(Location::Outside, |(distance, nearest)| Location::InGap {
            nearest,
            distance_m: rounded(distance),
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(620_821),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_index_answers_what_asking_every_grid_answers(
        stars in prop::collection::vec(star(), 1..40),
        places in prop::collection::vec((-100_000_i64..100_000, -100_000_i64..100_000), 40),
        removed in 0_u32..5,
        limit in 0_u32..400,
    ) {
        let mut grids: BTreeMap<GridCode, Polygon> = (0..)
            .zip(stars)
            .filter_map(|(number, star)| star.map(|polygon| (code(number), polygon)))
            .collect();
        let mut index = GridIndex::of(grids.clone(), limit);
        for number in 0..removed {
            prop_assert_eq!(index.remove(code(number)), grids.remove(&code(number)));
        }
        let vertices = grids.values().flat_map(|grid| grid.rings()[0].vertices()[0..2].to_vec());
        let on_edges = vertices.map(|p| Position::new(p.lon_e7, p.lat_e7, Crs::Cgcs2000).unwrap());
        for place in places.iter().map(|(x, y)| position(*x, *y)).chain(on_edges) {
            prop_assert_eq!(index.locate(place), brute_force(&grids, place, limit));
        }
    }

    #[test]
    fn in_the_gaps_between_many_grids_the_nearest_is_found(
        sides in prop::collection::vec(20_000_i64..49_000, 400),
        places in prop::collection::vec((0_i64..1_000_000, 0_i64..1_000_000), 20),
    ) {
        let grids: BTreeMap<GridCode, Polygon> = (0_u32..)
            .zip(sides)
            .map(|(i, side)| {
                let (x, y) = (i64::from(i % 20) * 50_000, i64::from(i / 20) * 50_000);
                (code(i), Polygon::new(square(x, y, side), vec![]).unwrap())
            })
            .collect();
        let index = GridIndex::of(grids.clone(), DEFAULT_GAP_LIMIT_M);
        for (x, y) in places {
            let place = position(x, y);
            prop_assert_eq!(index.locate(place), brute_force(&grids, place, DEFAULT_GAP_LIMIT_M));
        }
    }
}
