//! `weft.camera.v1.CameraService`: calls in, commands and queries out.

mod details;
mod imports;
mod lists;
mod registers;

use std::sync::Arc;

use api::camera::v1::{self, camera_service_server::CameraService};
use kernel::{
    ErrorCode, LogPosition,
    Role::{Administrator, DepartmentClerk, GridMember, Operator, Supervisor, Verifier},
    id::CameraId,
};
use platform::{
    auth::{Access, MethodRow},
    database::table::Row,
    executor::Executor,
    grpc::{ServiceError, Violations},
    projection::View,
    service::{Context, StartError},
};
use tonic::{Request, Response, Status};

use crate::{
    config::Config,
    documents::Documents,
    domain::{camera::Camera, import::Import},
    places::Places,
    projections::{
        cameras::{CameraRow, Cameras},
        place_divisions::{PlaceDivision, PlaceDivisions},
        place_grids::{PlaceGrid, PlaceGrids},
    },
};

const WRITE: Access = Access::Roles(&[Administrator]);
// Where cameras stand is no business of residents and portals.
const READ: Access =
    Access::Roles(&[Operator, Supervisor, Administrator, GridMember, DepartmentClerk, Verifier]);

/// Who may call what.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.camera.v1.CameraService/RegisterCamera", WRITE),
    ("/weft.camera.v1.CameraService/UpdateCamera", WRITE),
    ("/weft.camera.v1.CameraService/RetireCamera", WRITE),
    ("/weft.camera.v1.CameraService/ImportCameras", WRITE),
    ("/weft.camera.v1.CameraService/GetCamera", READ),
    ("/weft.camera.v1.CameraService/ListNearbyCameras", READ),
    (lists::CAMERAS, READ),
];

/// What the handlers stand on.
pub(crate) struct Server {
    context: Context,
    camera: Executor<Camera>,
    import: Executor<Import>,
    cameras: View<CameraRow>,
    grids: View<PlaceGrid>,
    divisions: View<PlaceDivision>,
    places: Arc<Places>,
    documents: Documents,
}

impl Server {
    /// Opens the tables.
    pub(crate) async fn open(context: &Context) -> Result<Self, StartError> {
        let config: Config = context.section(crate::NAME)?;
        let database = context.database(crate::NAME).await?;
        let grids = context.projection(crate::NAME, &database, PlaceGrids).await?;
        let divisions = context.projection(crate::NAME, &database, PlaceDivisions).await?;
        let places =
            Places::new(context.county, grids.clone(), divisions.clone(), config.gap_limit_m);
        Ok(Self {
            camera: context.executor(),
            import: context.executor(),
            cameras: context.projection(crate::NAME, &database, Cameras).await?,
            grids,
            divisions,
            places: Arc::new(places),
            documents: Documents::new(context.vault.clone()),
            context: context.clone(),
        })
    }

    /// Waits until the tables have all that the log has now: what is looked up for a command must not
    /// miss what the caller did a moment ago.
    async fn caught_up(&self) -> Result<(), ServiceError> {
        let sequence = self.context.log.stream().state().await?.last;
        self.reach(&self.grids, sequence).await?;
        self.reach(&self.divisions, sequence).await?;
        self.reach(&self.cameras, sequence).await
    }

    async fn reach<R: Row>(&self, view: &View<R>, sequence: u64) -> Result<(), ServiceError> {
        let log = self.context.log.name().to_owned();
        self.context.wait(view, Some(LogPosition { log, sequence })).await
    }
}

/// An id of a camera of this county.
fn camera_id(v: &mut Violations, server: &Server, text: &str) -> Option<CameraId> {
    let id: CameraId = v.parse("camera_id", text)?;
    if id.division() == server.context.county {
        return Some(id);
    }
    v.push(
        "camera_id",
        "this is no camera of this county: mend it",
        "不是本县的摄像头编号, 请核对",
    );
    None
}

/// There is no such camera, as far as the caller may know.
fn not_found() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "CAMERA_NOT_FOUND",
        "no camera of this id is registered where you may look: check the id",
        "您可查看的范围内没有该编号的摄像头, 请核对",
    )
}

/// What the violations speak for: all fields are there, or the call ends here.
fn checked<T>(v: Violations, fields: Option<T>) -> Result<T, ServiceError> {
    v.finish()?;
    fields.ok_or_else(|| ServiceError::internal(Unnoted))
}

#[derive(Debug, thiserror::Error)]
#[error("a field was refused without a violation")]
struct Unnoted;

/// Each method of the service is one function of the same name below.
macro_rules! answered_by {
    ($($method:ident in $room:ident: $request:ident -> $response:ident;)*) => {
        #[tonic::async_trait]
        impl CameraService for Server {
            $(async fn $method(
                &self,
                request: Request<v1::$request>,
            ) -> Result<Response<v1::$response>, Status> {
                Ok(Response::new($room::$method(self, request).await?))
            })*
        }
    };
}

answered_by! {
    register_camera in registers: RegisterCameraRequest -> RegisterCameraResponse;
    update_camera in registers: UpdateCameraRequest -> UpdateCameraResponse;
    retire_camera in registers: RetireCameraRequest -> RetireCameraResponse;
    get_camera in lists: GetCameraRequest -> GetCameraResponse;
    list_cameras in lists: ListCamerasRequest -> ListCamerasResponse;
    list_nearby_cameras in lists: ListNearbyCamerasRequest -> ListNearbyCamerasResponse;
    import_cameras in imports: ImportCamerasRequest -> ImportCamerasResponse;
}
