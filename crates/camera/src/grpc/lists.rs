//! Cameras looked at: one, a page, those near a place.

use api::camera::v1::{self, Camera, NearbyCamera, PlaceKind};
use kernel::{
    Division, GbId, GridCode,
    geo::{Bounds, Crs, Position, box_around, distance_m},
};
use platform::{
    auth::{Placement, Scope, ScopePredicate},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{
    Server, camera_id, checked,
    details::{day_of, shown_position},
    not_found,
};
use crate::projections::cameras::{self, CameraRow};

pub(super) const CAMERAS: &str = "/weft.camera.v1.CameraService/ListCameras";

const DEFAULT_RADIUS_M: u32 = 300;
const MAX_RADIUS_M: u32 = 2_000;
const DEFAULT_NEARBY: u32 = 50;
const MAX_NEARBY: u32 = 200;

pub(super) async fn get_camera(
    server: &Server,
    request: tonic::Request<v1::GetCameraRequest>,
) -> Result<v1::GetCameraResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let id = camera_id(&mut v, server, &message.camera_id);
    let id = checked(v, id)?.to_string();
    server.context.wait(&server.cameras, message.min_position.map(Into::into)).await?;

    let position = server.context.position(&server.cameras);
    let row = server.cameras.get(&id).await?.ok_or_else(not_found)?;
    if !row.is_within(&call.principal.predicate(server.context.county)) {
        return Err(not_found());
    }
    let camera = Some(server.shown(id, row).await?);
    Ok(v1::GetCameraResponse { camera, position: Some(position.into()) })
}

pub(super) async fn list_cameras(
    server: &Server,
    request: tonic::Request<v1::ListCamerasRequest>,
) -> Result<v1::ListCamerasResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let asked = [&*message.division, &*message.grid, &*format!("{scope:?}")];
    let list = ListKey::new(CAMERAS, &asked);
    let mut v = Violations::new();
    let division: Option<Division> = v.parse_optional("division", &message.division);
    let grid: Option<GridCode> = v.parse_optional("grid", &message.grid);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    // Other scopes than divisions cross a division, and see their part of it.
    if let (Some(division), Scope::Division(_)) = (division, &call.principal.scope) {
        call.principal.require(&Placement::of_division(division))?;
    }
    context.wait(&server.cameras, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.cameras);
    let grid = grid.map(|grid| grid.to_string()).unwrap_or_default();
    let listed = cameras::list(&server.cameras, &scope, division, grid, &page).await?;
    let mut shown = Vec::with_capacity(listed.rows.len());
    for (id, row) in listed.rows {
        shown.push(server.shown(id, row).await?);
    }
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListCamerasResponse {
        cameras: shown,
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

pub(super) async fn list_nearby_cameras(
    server: &Server,
    request: tonic::Request<v1::ListNearbyCamerasRequest>,
) -> Result<v1::ListNearbyCamerasResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    context.wait(&server.cameras, message.min_position.clone().map(Into::into)).await?;
    context.wait(&server.grids, message.min_position.clone().map(Into::into)).await?;
    let mut v = Violations::new();
    let radius_m = up_to(&mut v, "radius_m", message.radius_m, (DEFAULT_RADIUS_M, MAX_RADIUS_M));
    let limit = up_to(&mut v, "limit", message.limit, (DEFAULT_NEARBY, MAX_NEARBY));
    let middle = middle(&mut v, server, &message);
    let (middle, (radius_m, limit)) = checked(v, middle.zip(radius_m.zip(limit)))?;

    let position = context.position(&server.cameras);
    let around = Around {
        middle,
        radius_m,
        within: box_around(middle, radius_m),
        grid: message.grid,
        scope: call.principal.predicate(context.county),
    };
    let (near, left_out) = server.cameras.cached(|rows| {
        let mut near: Vec<_> = rows.iter().filter_map(|(id, row)| around.sees(id, row)).collect();
        near.sort_unstable_by_key(|near| (near.distance_m, near.id));
        let left_out = near.len().saturating_sub(limit as usize);
        near.truncate(limit as usize);
        // Only what is answered is copied out of the table.
        let kept =
            near.into_iter().map(|near| (near.distance_m, near.id.clone(), near.row.clone()));
        (kept.collect::<Vec<_>>(), left_out)
    });
    let mut shown = Vec::with_capacity(near.len());
    for (distance_m, id, row) in near {
        shown.push(NearbyCamera { camera: Some(server.shown(id, row).await?), distance_m });
    }
    Ok(v1::ListNearbyCamerasResponse {
        cameras: shown,
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        position: Some(position.into()),
    })
}

/// A camera that was found.
struct Near<'a> {
    distance_m: u32,
    id: &'a String,
    row: &'a CameraRow,
}

/// Where cameras are looked for, and by whom.
struct Around {
    middle: Position,
    radius_m: u32,
    /// Nothing outside of this is within the radius.
    within: Bounds,
    /// All of this grid's are near.
    grid: String,
    scope: ScopePredicate,
}

impl Around {
    /// The camera, if it is near and in scope. All 6,000 of a county are passed over, which takes
    /// less time than asking a database for one: nearly all end at the box.
    fn sees<'a>(&self, id: &'a String, row: &'a CameraRow) -> Option<Near<'a>> {
        let position = row.position()?;
        let of_grid = !self.grid.is_empty() && row.grid == self.grid;
        if !of_grid && !self.within.holds(position.point()) {
            return None;
        }
        if row.is_retired() || !row.is_within(&self.scope) {
            return None;
        }
        let distance_m = metres(distance_m(self.middle, position));
        (of_grid || distance_m <= self.radius_m).then_some(Near { distance_m, id, row })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on the earth is at most 20,000 km"
)]
fn metres(distance: f64) -> u32 {
    distance.round() as u32
}

/// The middle of what is asked for: a position, or a grid's.
fn middle(
    v: &mut Violations,
    server: &Server,
    message: &v1::ListNearbyCamerasRequest,
) -> Option<Position> {
    if message.center.is_some() != message.grid.is_empty() {
        v.push("center", "name either a position or a grid", "请填写位置或网格之一");
        return None;
    }
    if let Some(center) = &message.center {
        let center = center.to_kernel().map_err(|error| {
            v.push("center", error.to_string(), "经纬度不正确, 请核对是否写反");
        });
        return Some(center.ok()?.to_cgcs2000());
    }
    let grid: GridCode = v.parse("grid", &message.grid)?;
    let middle = server.places.middle_of(grid);
    if middle.is_none() {
        v.push("grid", "no such grid is registered: check its code", "网格未登记, 请核对");
    }
    let middle = middle?;
    Position::new(middle.lon_e7, middle.lat_e7, Crs::Cgcs2000).ok()
}

/// A number from 1 to the most, or what stands for 0.
fn up_to(v: &mut Violations, field: &str, asked: u32, (default, most): (u32, u32)) -> Option<u32> {
    if asked > most {
        v.push(field, format!("this is at most {most}"), format!("不能超过{most}"));
        return None;
    }
    Some(if asked == 0 { default } else { asked })
}

impl Server {
    /// A camera with its texts.
    async fn shown(&self, id: String, row: CameraRow) -> Result<Camera, ServiceError> {
        let texts = self.documents.texts(&row.document, row.document_row).await?;
        let kind = PlaceKind::from_str_name(&api::name(&row.place_kind, "PLACE_KIND_"));
        let gb_id: Option<GbId> = row.gb_id.parse().ok();
        Ok(Camera {
            camera_id: id,
            device_type: gb_id.map_or("", |id| id.device_type().word()).to_owned(),
            name: texts.name,
            address: texts.address,
            description: texts.description,
            position: row.position().map(shown_position),
            place_kind: kind.unwrap_or_default().into(),
            secrecy_adjacent: row.secrecy_adjacent != 0,
            signage: row.signage != 0,
            retention_days: u32::try_from(row.retention_days).unwrap_or_default(),
            started_on: day_of(row.started_on),
            retired: row.is_retired(),
            version: u64::try_from(row.version).unwrap_or_default(),
            gb_id: row.gb_id,
            division: row.division,
            grid: row.grid,
            operator_id: row.org,
        })
    }
}
