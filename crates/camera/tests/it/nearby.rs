//! What is near a place.

use api::{
    camera::v1::{ListNearbyCamerasRequest, RetireCameraRequest, RetireReason},
    common::v1::{Crs, GeoPosition},
};
use kernel::Role;

use crate::world::{Client, NEXT_TOWN, WEST, World, at, details, fields, registered};

/// The names and distances of what a caller sees around a place.
async fn near(client: &mut Client, ask: ListNearbyCamerasRequest) -> Vec<(String, u32)> {
    let answer = client.list_nearby_cameras(ask).await.unwrap().into_inner();
    let seen = answer.cameras.into_iter();
    seen.map(|near| (near.camera.unwrap().name, near.distance_m)).collect()
}

pub(crate) async fn the_nearest_come_first(world: World) {
    let mut admin = world.administrator();
    // 0.001 degree of longitude is 91 m here.
    for (serial, name, longitude) in [
        (1, "91米", 107.366),
        (2, "原地", 107.365),
        (3, "272米", 107.368),
        (4, "318米", 107.3685),
        (5, "邻镇", 107.505),
        (6, "拆除", 107.3655),
    ] {
        registered(&mut admin, serial, details(name, longitude)).await;
    }
    let retire = RetireCameraRequest {
        request_id: "gone".into(),
        camera_id: "620821000000-62082101001320000006".into(),
        reason: RetireReason::Removed.into(),
    };
    admin.retire_camera(retire).await.unwrap();
    let min_position = world.head().await;
    let ask = ListNearbyCamerasRequest {
        center: Some(at(107.365, 35.335)),
        min_position,
        ..Default::default()
    };
    let found = near(&mut admin, ask.clone()).await;
    assert_eq!(found, [("原地".into(), 0), ("91米".into(), 91), ("272米".into(), 273)]);
    let wider = ListNearbyCamerasRequest { radius_m: 2_000, limit: 2, ..ask.clone() };
    let answer = admin.list_nearby_cameras(wider).await.unwrap().into_inner();
    assert_eq!((answer.cameras.len(), answer.left_out), (2, 2));

    // The middle of the grid is where the second camera stands; a grid's own are always near.
    let grid =
        ListNearbyCamerasRequest { center: None, grid: WEST.into(), radius_m: 1, ..ask.clone() };
    assert_eq!(near(&mut admin, grid.clone()).await.len(), 4);
    let mut next_town = world.caller(Role::Operator, "620821102");
    assert!(near(&mut next_town, ask.clone()).await.is_empty(), "others' cameras are not near");
    assert!(near(&mut next_town, grid.clone()).await.is_empty());
    let own = ListNearbyCamerasRequest { grid: NEXT_TOWN.into(), ..grid.clone() };
    assert_eq!(near(&mut next_town, own).await, [("邻镇".into(), 0)]);
    // A map for the public shows the same place some 500 m away.
    let gcj02 = GeoPosition { crs: Crs::Gcj02.into(), ..at(107.365, 35.335) };
    let shifted = ListNearbyCamerasRequest { center: Some(gcj02), ..ask.clone() };
    assert!(near(&mut admin, shifted).await.is_empty());

    let both = ListNearbyCamerasRequest { grid: WEST.into(), ..ask.clone() };
    assert_eq!(fields(admin.list_nearby_cameras(both).await), ["center"]);
    let neither = ListNearbyCamerasRequest { center: None, ..ask.clone() };
    assert_eq!(fields(admin.list_nearby_cameras(neither).await), ["center"]);
    let unknown = ListNearbyCamerasRequest { grid: "620821101203999".into(), ..grid };
    assert_eq!(fields(admin.list_nearby_cameras(unknown).await), ["grid"]);
    let far = ListNearbyCamerasRequest { radius_m: 2_001, limit: 201, ..ask };
    assert_eq!(fields(admin.list_nearby_cameras(far).await), ["radius_m", "limit"]);
}
