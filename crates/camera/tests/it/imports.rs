//! Whole files.

use std::{fmt::Write as _, time::Duration};

use api::camera::v1::{ListCamerasRequest, ListNearbyCamerasRequest};
use kernel::Role;

use crate::world::{WEST, World, all, at, details, gb_id, got, import, reason, registered};

const HEAD: &str = "gb_id,name,longitude,latitude,crs,place_kind,retention_days,signage,started_on,\
    secrecy_adjacent,consent_document,grid,rtsp\n";

/// A table of so many cameras in the four grids.
fn table(count: usize) -> String {
    let mut table = HEAD.to_owned();
    for serial in 1..=count {
        let west = [107.36, 107.37, 107.39, 107.50][serial % 4];
        let longitude = west + 0.000_001 * f64::from(u16::try_from(serial).unwrap());
        let name = format!("第{serial}号");
        let id = gb_id(serial);
        writeln!(
            table,
            "{id},{name},{longitude:.6},35.335,wgs84,road,90,是,2026-06-01,,,,rtsp://admin:secret@h/"
        )
        .unwrap();
    }
    table
}

pub(crate) async fn cameras_are_imported_once(world: World) {
    let mut admin = world.administrator();
    let before = world.suite.head().await.sequence;
    let checked = import(&mut admin, table(9), true).await;
    assert_eq!((checked.rows, checked.written, checked.errors), (9, 0, vec![]));
    assert_eq!(world.suite.head().await.sequence, before, "a dry run writes nothing");
    let first = import(&mut admin, table(9), false).await;
    assert_eq!((first.rows, first.written, first.errors, first.warnings), (9, 9, vec![], vec![]));
    assert_eq!(world.suite.head().await.sequence, before + 10, "a row is an event, one ends it");
    for who in [&mut admin, &mut world.administrator()] {
        let again = import(who, table(9), false).await;
        assert_eq!((again.rows, again.written, again.errors), (9, 0, vec![]));
    }
    let marked = format!("\u{feff}{}", table(9));
    assert_eq!(import(&mut admin, marked, false).await.written, 0, "the same cameras elsewhere");

    let ask = ListCamerasRequest { min_position: first.position, ..Default::default() };
    let listed = all(&mut admin, ask).await;
    let names: Vec<&str> = listed.iter().map(|camera| camera.name.as_str()).collect();
    assert_eq!(names[..3], ["第1号", "第2号", "第3号"]);
    assert_eq!((listed.len(), listed[3].grid.as_str()), (9, WEST));
    assert!(listed.iter().all(|camera| camera.started_on == "2026-06-01"));

    let mut town = world.caller(Role::Administrator, "620821101");
    let ask = api::camera::v1::ImportCamerasRequest {
        request_id: "town".into(),
        file: table(1).into(),
        dry_run: true,
    };
    assert_eq!(reason(town.import_cameras(ask).await), "OUT_OF_SCOPE");
}

pub(crate) async fn an_import_that_broke_off_goes_on(world: World) {
    let before = world.suite.head().await.sequence;
    let file = table(400);
    let mut admin = world.administrator();
    let some_are_in = || async { world.suite.head().await.sequence > before + 10 };
    // Whoever ends first ends both: the call is given up while its rows are being written.
    tokio::select! {
        _ = import(&mut admin, file.clone(), false) => {}
        () = testkit::until("some rows are in", some_are_in) => {}
    }
    drop(admin);
    let world = World { suite: world.suite.restart_without_databases().await };
    let mut admin = world.administrator();
    let had = world.suite.head().await.sequence - before;
    let rest = import(&mut admin, file.clone(), false).await;
    assert_eq!((rest.rows, rest.errors), (400, vec![]));
    let events = world.suite.head().await.sequence - before;
    assert_eq!(events, 401, "each row once, and one that ends it; {had} were in before");
    assert_eq!(import(&mut admin, file, false).await.written, 0);
    let ask =
        ListCamerasRequest { min_position: rest.position, page_size: 1_000, ..Default::default() };
    let listed = all(&mut admin, ask).await;
    assert_eq!(listed.len(), 400);
    assert!(listed.iter().all(|camera| camera.name.starts_with('第')));
}

pub(crate) async fn a_dirty_table_writes_nothing(world: World) {
    let mut admin = world.administrator();
    registered(&mut admin, 20, details("已有", 107.365)).await;
    let before = world.suite.head().await.sequence;
    let dirty = format!(
        "{HEAD}\
         {},甲,107.365,35.335,wgs84,road,30,是,,,,,\n\
         62082101001330000001,乙,107.365,35.335,wgs84,road,30,是,,,,,\n\
         62082101001180000001,丙,107.365,35.335,wgs84,road,30,是,,,,,\n\
         {},丁,107.365,35.335,wgs84,toilet,30,是,,,,,\n\
         {},戊,107.365,35.335,wgs84,road,29,是,,,,,\n\
         {},己,107.365,35.335,wgs84,road,30,是,,是,,,\n\
         {},,107.365,35.335,wgs84,road,30,是,soon,,,,\n\
         {},庚,35.335,107.365,wgs84,road,30,是,,,,,\n\
         {},辛,107.365,35.335,wgs84,road,30,是,,,,620821101203009,\n\
         {},rtsp://admin:secret@10.0.0.1/1,107.365,35.335,wgs84,road,30,是,,,,,\n\
         {},已有,107.375,35.335,wgs84,road,30,是,,,,,\n\
         {},壬,106,35.335,wgs84,road,30,是,,,,,\n",
        gb_id(1),
        gb_id(2),
        gb_id(3),
        gb_id(4),
        gb_id(5),
        gb_id(6),
        gb_id(7),
        gb_id(8),
        gb_id(20),
        gb_id(9),
    );
    for dry_run in [true, false] {
        let answer = import(&mut admin, dirty.clone(), dry_run).await;
        let found: Vec<_> = answer.errors.iter().map(|e| (e.row, e.column.as_str())).collect();
        let expected = [
            (2, "gb_id"),
            (3, "gb_id"),
            (4, "place_kind"),
            (5, "retention_days"),
            (6, "consent_document"),
            (7, "name"),
            (7, "started_on"),
            (8, "longitude"),
            (9, "grid"),
            (10, "name"),
            (11, "gb_id"),
            (12, "longitude"),
        ];
        assert_eq!(found, expected);
        assert!(answer.errors.iter().all(|e| !e.reason_en.is_empty() && !e.reason_zh.is_empty()));
        assert_eq!((answer.rows, answer.written), (12, 0));
    }
    for whole in [&b"gb_id,name\n1,2\n"[..], b"\xff\xfe", b"PK\x03\x04zip", HEAD.as_bytes()] {
        let answer = import(&mut admin, whole, false).await;
        assert_eq!(answer.errors[0].row, 0, "{whole:?}");
    }
    let large = import(&mut admin, vec![b'a'; 20 * 1024 * 1024 + 1], false).await;
    assert!(large.errors[0].reason_en.contains("20 MB"), "{:?}", large.errors);
    assert_eq!(world.suite.head().await.sequence, before);
}

pub(crate) async fn a_workbook_is_a_table(world: World) {
    let mut admin = world.administrator();
    let file = include_bytes!("cameras.xlsx");
    let done = import(&mut admin, &file[..], false).await;
    assert_eq!((done.rows, done.written, done.errors), (3, 3, vec![]));
    let seen = got(&mut admin, "620821000000-62082101001320000003", done.position).await;
    assert_eq!((seen.name.as_str(), seen.started_on.as_str()), ("表格三号", "2026-06-01"));
    assert_eq!((seen.retention_days, seen.signage), (90, true));
}

/// 6,020 channels, as 泾川县 reports. The limits are wide, for machines that are busy; what is
/// measured is printed.
pub(crate) async fn a_county_of_cameras(world: World) {
    let mut admin = world.administrator();
    let begun = std::time::Instant::now();
    let done = import(&mut admin, table(6_020), false).await;
    let imported = begun.elapsed();
    assert_eq!((done.rows, done.written), (6_020, 6_020));
    let ask = ListNearbyCamerasRequest {
        center: Some(at(107.363, 35.335)),
        limit: 1,
        min_position: done.position,
        ..Default::default()
    };
    admin.list_nearby_cameras(ask.clone()).await.unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        let answer = admin.list_nearby_cameras(ask.clone()).await.unwrap().into_inner();
        assert!(answer.left_out > 1_000);
    }
    let looked_up = begun.elapsed() / 100;
    println!("6,020 cameras imported in {imported:?}; one look around in {looked_up:?}");
    assert!(imported < Duration::from_mins(1), "{imported:?}");
    assert!(looked_up < Duration::from_millis(500), "{looked_up:?}");
}
