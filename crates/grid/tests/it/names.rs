//! What places are called.

use api::grid::v1::{DescribePlacesRequest, Place, grid_service_client::GridServiceClient};

use crate::{
    drawing::{self, HOLED},
    world::{World, fields, import_divisions, import_grids},
};

pub(crate) async fn places_are_called_by_their_names(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let done = import_grids(&mut admin, drawing::collection(&drawing::six()), false).await;
    let mut anybody = GridServiceClient::new(world.suite.channel());
    let ask = |codes: &[&str]| DescribePlacesRequest {
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        min_position: done.position.clone(),
    };
    let place = |code: &str, level: &str, name: &str, full_name: &str| Place {
        code: code.into(),
        name: name.into(),
        full_name: full_name.into(),
        level: level.into(),
        found: !name.is_empty(),
    };
    let all = ask(&[HOLED, "620821101203", "620821", "620821101", "620821103", "620822", HOLED]);
    let grid = place(HOLED, "grid", "官村一组", "泾川县 玉都镇 官村 官村一组");
    let expected = [
        grid.clone(),
        place("620821101203", "village", "官村村民委员会", "泾川县 玉都镇 官村"),
        place("620821", "county", "泾川县", "泾川县"),
        place("620821101", "township", "玉都镇", "泾川县 玉都镇"),
        place("620821103", "township", "", ""),
        place("620822", "county", "", ""),
        grid.clone(),
    ];
    assert_eq!(anybody.describe_places(all).await.unwrap().into_inner().places, expected);
    let strange = ask(&["620821101203099"]);
    let strange = anybody.describe_places(strange).await.unwrap().into_inner().places;
    assert_eq!(strange, [place("620821101203099", "grid", "", "")]);

    let wrong = ask(&["'; DROP TABLE grids__v1; --", "62082110120300", HOLED, "", "六二零八二一"]);
    assert_eq!(fields(anybody.describe_places(wrong).await), ["codes"; 4]);
    assert_eq!(fields(anybody.describe_places(ask(&[HOLED; 201])).await), ["codes"]);

    drop((admin, anybody));
    let world = World { suite: world.suite.restart_without_databases().await };
    let mut anybody = GridServiceClient::new(world.suite.channel());
    let again = anybody.describe_places(ask(&[HOLED])).await.unwrap().into_inner().places;
    assert_eq!(again, [grid], "a table that is built again calls it the same");
}
