//! From a place to its grid.

use api::{
    common::v1::{Crs, GeoPosition, Position},
    grid::v1::{LocateGridRequest, LocateGridResponse, Location},
};
use kernel::Role;
use platform::auth::scope::ScopeParts;

use crate::{
    drawing::{self, ACROSS, EAST, HOLED, NORTH, SHIFTED},
    world::{Client, World, fields, import_divisions, import_grids},
};

async fn locate(
    client: &mut Client,
    (longitude, latitude): (f64, f64),
    crs: Crs,
    min_position: Option<Position>,
) -> LocateGridResponse {
    let position = Some(GeoPosition { longitude, latitude, crs: crs.into() });
    client.locate_grid(LocateGridRequest { position, min_position }).await.unwrap().into_inner()
}

pub(crate) async fn a_place_finds_its_grid(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let done = import_grids(&mut admin, drawing::collection(&drawing::six()), false).await;
    let mut resident = world.scoped(Role::Resident, ScopeParts::default());
    let inside = |grid: &str, on_edge| (Location::InGrid, grid.to_owned(), on_edge);
    for (place, expected) in [
        ((107.362, 35.332), inside(HOLED, false)),
        ((107.375, 35.335), inside(EAST, false)),
        ((107.37, 35.335), inside(HOLED, true)),
        ((107.375, 35.34), inside(EAST, true)),
        ((107.37, 35.34), inside(HOLED, true)),
        ((107.361, 35.35), inside(NORTH, false)),
        ((107.365, 35.335), (Location::InGap, HOLED.to_owned(), false)),
        ((107.3801, 35.335), (Location::InGap, EAST.to_owned(), false)),
        ((107.3899, 35.335), (Location::InGap, ACROSS.to_owned(), false)),
        ((108.5, 36.5), (Location::Outside, String::new(), false)),
    ] {
        let found = locate(&mut resident, place, Crs::Cgcs2000, done.position.clone()).await;
        assert_eq!((found.location(), found.grid.clone(), found.on_edge), expected, "{place:?}");
        let (division, distant) = match found.location() {
            Location::InGrid => (&found.grid[..12], false),
            Location::InGap => ("620821101", true),
            Location::Outside | Location::Unspecified => ("620821", false),
        };
        assert_eq!((found.division.as_str(), found.distance_m > 0), (division, distant));
    }
    let shown = (107.605, 35.335);
    let mapped = locate(&mut resident, shown, Crs::Gcj02, None).await;
    assert_eq!(
        mapped.grid, SHIFTED,
        "what a public map shows is brought to CGCS2000 on both sides"
    );
    let edge = (107.6001, 35.3301);
    let mapped = locate(&mut resident, edge, Crs::Gcj02, None).await;
    assert_eq!(mapped.location(), Location::InGrid);
    let unshifted = locate(&mut resident, (107.609_9, 35.335), Crs::Cgcs2000, None).await;
    assert_eq!(unshifted.location(), Location::InGap, "the same numbers elsewhere are elsewhere");

    let nowhere = LocateGridRequest { position: None, min_position: None };
    assert_eq!(fields(resident.locate_grid(nowhere).await), ["position"]);
    let position = Some(GeoPosition { longitude: 35.33, latitude: 107.36, crs: 0 });
    let exchanged = LocateGridRequest { position, min_position: None };
    assert_eq!(fields(resident.locate_grid(exchanged).await), ["position"]);
}

pub(crate) async fn a_new_grid_is_found_at_once(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let place = (107.375, 35.335);
    let before = locate(&mut admin, place, Crs::Wgs84, world.head().await).await;
    assert_eq!(before.location(), Location::Outside);
    for feature in &drawing::six()[..2] {
        let one = drawing::collection(std::slice::from_ref(feature));
        let done = import_grids(&mut admin, one, false).await;
        let code = feature["properties"]["code"].as_str().unwrap();
        let found = locate(&mut admin, place, Crs::Wgs84, done.position).await;
        assert_eq!(found.grid, code, "the nearest, then its own");
    }
    drop(admin);
    let world = World { suite: world.suite.restart().await };
    let after = locate(&mut world.administrator(), place, Crs::Wgs84, world.head().await).await;
    assert_eq!((after.location(), after.grid.as_str()), (Location::InGrid, EAST));
    let world = World { suite: world.suite.restart_without_databases().await };
    let after = locate(&mut world.administrator(), place, Crs::Wgs84, world.head().await).await;
    assert_eq!((after.location(), after.grid.as_str()), (Location::InGrid, EAST));
}
