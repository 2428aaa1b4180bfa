//! One grid: created, looked at, found by a place.

use api::{
    common::v1::{Crs as GivenCrs, GeoPosition},
    grid::v1,
};
use contracts::{grid::GridKind, subject};
use kernel::{
    ErrorCode, GridCode,
    geo::{Crs, DeltaPolygon, Polygon},
    grid_index::Location,
    id::RecordId,
};
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};

use super::{Server, checked, members::local_grid, reader_of_grids};
use crate::{
    domain::grid::Command,
    imports::{NAME_CHARS, boundary, grids::file_of_one},
    projections::{divisions, grid_boundaries, grids::placement},
};

pub(super) async fn create_grid(
    server: &Server,
    request: tonic::Request<v1::CreateGridRequest>,
) -> Result<v1::CreateGridResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let grid = local_grid(&mut v, county, &message.grid);
    let name = v.required_text("name", &message.name, NAME_CHARS);
    let kind: Option<GridKind> = v1::GridKind::try_from(message.kind)
        .ok()
        .and_then(|kind| api::word(kind.as_str_name(), "GRID_KIND_"));
    if kind.is_none() {
        v.push("kind", "name one of the kinds", "请选择一种网格类型");
    }
    let drawn = drawn(&mut v, &message.boundary);
    let given = request_id.zip(grid).zip(name.zip(kind)).zip(drawn);
    let (((request_id, grid), (name, kind)), (boundary, source_crs)) = checked(v, given)?;
    call.principal.require(&placement(grid))?;

    let request = call.request(request_id, "CreateGrid", &message);
    let document = RecordId::new(county, request.record("name"));
    server.documents.keep(&document, &file_of_one(grid, &name)).await?;
    server.caught_up(&server.divisions).await?;
    let village_registered = divisions::registered(&server.divisions, grid.village());

    let id = subject::grid_id(grid);
    let target = Target { subject: subject::grid(&id), id: id.to_string(), creates: true };
    let outcome = server
        .grid
        .execute(target, request, move |at| Command::CreateGrid {
            grid,
            village_registered,
            kind,
            boundary: boundary.clone(),
            source_crs,
            document: document.clone(),
            row: 1,
            at,
        })
        .await?;
    Ok(v1::CreateGridResponse { version: outcome.version, position: Some(outcome.position.into()) })
}

pub(super) async fn get_grid(
    server: &Server,
    request: tonic::Request<v1::GetGridRequest>,
) -> Result<v1::GetGridResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let grid = local_grid(&mut v, server.context.county, &message.grid);
    let grid = checked(v, grid)?;
    reader_of_grids(&call.principal).require(&placement(grid))?;
    let context = &server.context;
    let wanted: Option<kernel::LogPosition> = message.min_position.map(Into::into);
    context.wait(&server.grids, wanted.clone()).await?;
    context.wait(&server.boundaries, wanted.clone()).await?;
    context.wait(&server.members, wanted).await?;

    let position = context.position(&server.grids);
    let row = server.grids.get(&grid.to_string()).await?.ok_or_else(|| unknown(grid))?;
    let shown = server.shown(vec![(grid.to_string(), row)]).await?.pop();
    let (_, delta) =
        grid_boundaries::existing(&server.boundaries, grid).ok_or_else(|| unknown(grid))?;
    let polygon = Polygon::try_from(delta).map_err(ServiceError::corrupt)?;
    Ok(v1::GetGridResponse {
        grid: shown,
        boundary: rings(&polygon),
        position: Some(position.into()),
    })
}

pub(super) async fn locate_grid(
    server: &Server,
    request: tonic::Request<v1::LocateGridRequest>,
) -> Result<v1::LocateGridResponse, ServiceError> {
    let message = request.into_inner();
    let mut v = Violations::new();
    let place = v.required("position", message.position).and_then(|place| {
        place.to_kernel().map_err(|error| position_violation(&mut v, "position", &error)).ok()
    });
    let place = checked(v, place)?;
    let context = &server.context;
    context.wait(&server.boundaries, message.min_position.map(Into::into)).await?;

    let position = Some(context.position(&server.boundaries).into());
    let county = context.county;
    Ok(match server.locator.locate(place) {
        Location::InGrid { grid, on_edge } => v1::LocateGridResponse {
            location: v1::Location::InGrid.into(),
            grid: grid.to_string(),
            on_edge,
            distance_m: 0,
            division: grid.village().to_string(),
            position,
        },
        Location::InGap { nearest, distance_m } => v1::LocateGridResponse {
            location: v1::Location::InGap.into(),
            grid: nearest.to_string(),
            on_edge: false,
            distance_m,
            division: nearest.village().township().unwrap_or(county).to_string(),
            position,
        },
        Location::Outside => v1::LocateGridResponse {
            location: v1::Location::Outside.into(),
            grid: String::new(),
            on_edge: false,
            distance_m: 0,
            division: county.to_string(),
            position,
        },
    })
}

/// The boundary that rings of positions in one coordinate system draw.
fn drawn(v: &mut Violations, rings: &[v1::Ring]) -> Option<(DeltaPolygon, Crs)> {
    let mut points = rings.iter().flat_map(|ring| &ring.points);
    let crs = v.required("boundary", points.next())?.crs;
    if points.any(|point| point.crs != crs) {
        v.push(
            "boundary",
            "all points of a boundary are in one coordinate system: convert them",
            "边界各点须使用同一坐标系, 请转换",
        );
        return None;
    }
    let crs = match GivenCrs::try_from(crs) {
        Ok(GivenCrs::Unspecified | GivenCrs::Wgs84) => Crs::Wgs84,
        Ok(GivenCrs::Gcj02) => Crs::Gcj02,
        Ok(GivenCrs::Cgcs2000) => Crs::Cgcs2000,
        Err(_unknown) => {
            v.push("boundary", "name one of the coordinate systems", "请选择一种坐标系");
            return None;
        }
    };
    let degrees = |ring: &v1::Ring| {
        ring.points.iter().map(|point| (point.longitude, point.latitude)).collect()
    };
    let rings: Vec<Vec<(f64, f64)>> = rings.iter().map(degrees).collect();
    match boundary::of_degrees(&rings, crs) {
        Ok(boundary) => Some((boundary, crs)),
        Err(invalid) => {
            v.push("boundary", invalid.to_string(), invalid.message_zh());
            None
        }
    }
}

fn position_violation(v: &mut Violations, field: &str, error: &kernel::geo::InvalidPosition) {
    v.push(field, error.to_string(), "经纬度不正确, 请核对是否写反");
}

pub(super) fn rings(polygon: &Polygon) -> Vec<v1::Ring> {
    let shown = |point: &kernel::geo::Point| {
        let (longitude, latitude) = point.to_degrees();
        GeoPosition { longitude, latitude, crs: GivenCrs::Cgcs2000.into() }
    };
    polygon
        .rings()
        .iter()
        .map(|ring| v1::Ring { points: ring.vertices().iter().map(shown).collect() })
        .collect()
}

fn unknown(grid: GridCode) -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "UNKNOWN_GRID",
        format!("no grid {grid} exists: look at the list of grids"),
        format!("网格 {grid} 不存在, 请核对网格列表"),
    )
}
