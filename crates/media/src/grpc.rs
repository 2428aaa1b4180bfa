//! The methods of `weft.media.v1.MediaService`, one file each.

mod download;
mod upload;

use std::{sync::Arc, time::Duration};

use api::media::v1::{self as proto, media_service_server::MediaService};
use platform::{
    auth::{Access, MethodRow, Role},
    service::Context,
};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming};

use crate::{cleaner::Cleaner, config::Config, projections::Tables, rate::Rate};

/// Whoever may report or handle: everybody but administrators, who handle no case.
const HANDLERS: Access = Access::Roles(&[
    Role::Resident,
    Role::GridMember,
    Role::DepartmentClerk,
    Role::Verifier,
    Role::Operator,
    Role::Supervisor,
    Role::Integrator,
]);

/// Who may call what; what they see is a matter of the case.
pub(crate) const METHODS: &[MethodRow] = &[
    ("/weft.media.v1.MediaService/Upload", HANDLERS),
    ("/weft.media.v1.MediaService/Download", HANDLERS),
];

/// What the methods stand on.
pub(crate) struct Server {
    context: Context,
    config: Arc<Config>,
    tables: Tables,
    receiving: Semaphore,
    cleaner: Cleaner,
    rate: Rate,
}

impl Server {
    pub(crate) fn new(context: &Context, config: Arc<Config>, tables: Tables) -> Self {
        let wait = Duration::from_secs(config.cleaning_wait_seconds);
        Self {
            context: context.clone(),
            receiving: Semaphore::new(config.receiving_at_once),
            cleaner: Cleaner::new(config.cleaning_at_once, wait),
            rate: Rate::new(config.uploads_per_person, config.uploads_window_ms()),
            config,
            tables,
        }
    }
}

#[tonic::async_trait]
impl MediaService for Server {
    async fn upload(
        &self,
        request: Request<Streaming<proto::UploadRequest>>,
    ) -> Result<Response<proto::UploadResponse>, Status> {
        Ok(Response::new(upload::upload(self, request).await?))
    }

    type DownloadStream = download::Download;

    async fn download(
        &self,
        request: Request<proto::DownloadRequest>,
    ) -> Result<Response<Self::DownloadStream>, Status> {
        Ok(Response::new(download::download(self, request).await?))
    }
}
