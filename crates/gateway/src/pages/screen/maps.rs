//! What maps draw, as GeoJSON (RFC 7946): grids, cameras and open cases in the visitor's scope.

use std::collections::HashSet;

use api::{
    camera::v1::ListCamerasRequest,
    common::v1::GeoPosition,
    grid::v1::{Grid, ListGridsRequest},
};
use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::{Value, json};

use super::{answer, board, may_look};
use crate::{gateway::Gateway, problem::Problem, projections::figures, session::StaffSession};

const GEOJSON: &str = "application/geo+json";

/// How many things a call asks for.
const PAGE: i32 = 1_000;

/// Grids with their boundaries, the names of the townships above them, and how many members serve.
pub(super) async fn grids(
    State(gateway): State<Gateway>,
    session: StaffSession,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut client = gateway.clients.grid(session.token());
    let mut request =
        ListGridsRequest { page_size: PAGE, boundaries: true, ..ListGridsRequest::default() };
    let (mut features, mut members, mut townships) = (Vec::new(), HashSet::new(), HashSet::new());
    loop {
        let answer = client.list_grids(request.clone()).await?.into_inner();
        for grid in answer.grids {
            members.extend(grid.members.iter().map(|member| member.person_id.clone()));
            townships.extend(grid.grid.get(..9).map(str::to_owned));
            features.push(of_grid(&grid));
        }
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    let mut townships: Vec<String> = townships.into_iter().collect();
    townships.sort();
    let names: Vec<Value> = townships
        .iter()
        .map(|code| json!({ "code": code, "name": gateway.names.place(code) }))
        .collect();
    let body = json!({
        "type": "FeatureCollection",
        "features": features,
        "townships": names,
        "members": members.len(),
    });
    answer::json(&headers, GEOJSON, &body)
}

fn of_grid(grid: &Grid) -> Value {
    let rings: Vec<Vec<Value>> = grid
        .boundary
        .iter()
        .map(|ring| ring.points.iter().chain(ring.points.first()).map(at).collect())
        .collect();
    json!({
        "type": "Feature",
        "id": grid.grid,
        "geometry": { "type": "Polygon", "coordinates": rings },
        "properties": { "name": grid.name, "township": grid.grid.get(..9) },
    })
}

fn at(position: &GeoPosition) -> Value {
    let digits = |degrees: f64| (degrees * 1e6).round() / 1e6;
    json!([digits(position.longitude), digits(position.latitude)])
}

/// Cameras that are in use.
pub(super) async fn cameras(
    State(gateway): State<Gateway>,
    session: StaffSession,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut client = gateway.clients.camera(session.token());
    let mut request = ListCamerasRequest { page_size: PAGE, ..ListCamerasRequest::default() };
    let mut features = Vec::new();
    loop {
        let answer = client.list_cameras(request.clone()).await?.into_inner();
        for camera in answer.cameras.into_iter().filter(|camera| !camera.retired) {
            features.extend(camera.position.map(|position| {
                json!({
                    "type": "Feature",
                    "id": camera.camera_id,
                    "geometry": { "type": "Point", "coordinates": at(&position) },
                    "properties": { "name": camera.name },
                })
            }));
        }
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    answer::json(&headers, GEOJSON, &json!({ "type": "FeatureCollection", "features": features }))
}

/// Open cases, but for those of confidential categories.
pub(super) async fn cases(
    State(gateway): State<Gateway>,
    session: StaffSession,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    may_look(&session)?;
    let scope = session.who.principal.predicate(gateway.context.county);
    let (cases, orders) = (gateway.live.cases(), gateway.live.orders());
    let (open, late) = figures::open_cases(cases, orders, &scope).await.map_err(Problem::defect)?;
    let late: HashSet<String> = late.into_iter().collect();
    // Without the catalogue it is not known what is confidential: then nothing is shown.
    let hidden = board::hidden(&gateway);
    let shown = open
        .into_iter()
        .filter(|(_, row)| hidden.as_ref().is_some_and(|hidden| !hidden.contains(&row.category)));
    let features: Vec<Value> = shown
        .map(|(id, row)| {
            json!({
                "type": "Feature",
                "geometry": { "type": "Point", "coordinates": [
                    row.lon_e7.map(degrees), row.lat_e7.map(degrees),
                ] },
                "properties": {
                    "overdue": late.contains(&id),
                    "status": row.status,
                    "category": row.category,
                    "township": row.township,
                    "grid": row.grid,
                },
                "id": id,
            })
        })
        .collect();
    answer::json(&headers, GEOJSON, &json!({ "type": "FeatureCollection", "features": features }))
}

#[expect(clippy::cast_precision_loss, reason = "1.8e9 is far below 2^53")]
fn degrees(e7: i64) -> f64 {
    e7 as f64 / 1e7
}
