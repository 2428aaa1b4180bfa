//! The people of the demo at their devices: each call with a token of its own.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use api::{
    access::v1::access_service_client::AccessServiceClient,
    camera::v1::camera_service_client::CameraServiceClient,
    dispatch::v1::dispatch_service_client::DispatchServiceClient,
    grid::v1::grid_service_client::GridServiceClient,
    intake::v1::intake_service_client::IntakeServiceClient,
    media::v1::{
        UploadHeader, UploadRequest, media_service_client::MediaServiceClient, upload_request::Part,
    },
    points::v1::points_service_client::PointsServiceClient,
};
use kernel::{GridCode, Role};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use tonic::transport::Channel;

use super::world::{Job, Staff, World};
use crate::client::{Authorised, Signer, refusal};

/// How long a call is sent again while there is no answer.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How many residents report.
pub(super) const RESIDENTS: usize = 60;

/// The largest file that is imported.
const MAX_FILE: usize = 20 * 1024 * 1024;

/// How large the pieces of an upload are, in bytes.
const PIECE: usize = 64 * 1024;

pub(super) struct People {
    channel: Channel,
    signer: Signer,
    pub(super) world: Arc<World>,
}

impl People {
    pub(super) fn new(channel: Channel, signer: Signer, world: Arc<World>) -> Self {
        Self { channel, signer, world }
    }

    /// Who enters the county.
    pub(super) fn administrator(&self) -> anyhow::Result<Bearer> {
        let world = &self.world;
        self.signer.bearer(&world.administrator, Role::Administrator, world.in_county())
    }

    /// Who gives the others their roles, and their links.
    pub(super) fn security(&self) -> anyhow::Result<Bearer> {
        let person = self.signer.person("demo security administrator");
        self.signer.bearer(&person, Role::SecurityAdministrator, self.world.in_county())
    }

    /// A resident: the same number is the same person.
    pub(super) fn resident(&self, number: usize) -> anyhow::Result<Bearer> {
        let name = format!("demo resident {} {number}", self.world.seed);
        self.signer.bearer(&self.signer.person(&name), Role::Resident, ScopeParts::default())
    }

    /// Somebody of the staff, acting in a grid where the job is in grids.
    pub(super) fn staff(&self, staff: &Staff, grid: Option<GridCode>) -> anyhow::Result<Bearer> {
        self.signer.bearer(&staff.person, staff.job.role(), staff.scope(grid))
    }

    /// The desk of the county.
    pub(super) fn desk(&self) -> anyhow::Result<Bearer> {
        let county = self.world.county.to_string();
        let operator = self.world.at(Job::Operator, &county).context("the county has a desk")?;
        self.staff(operator, None)
    }

    pub(super) fn access(&self, bearer: Bearer) -> AccessServiceClient<Authorised> {
        AccessServiceClient::with_interceptor(self.channel.clone(), bearer)
    }

    pub(super) fn grid(&self, bearer: Bearer) -> GridServiceClient<Authorised> {
        GridServiceClient::with_interceptor(self.channel.clone(), bearer)
            .max_encoding_message_size(MAX_FILE)
    }

    pub(super) fn camera(&self, bearer: Bearer) -> CameraServiceClient<Authorised> {
        CameraServiceClient::with_interceptor(self.channel.clone(), bearer)
            .max_encoding_message_size(MAX_FILE)
            .max_decoding_message_size(MAX_FILE)
    }

    pub(super) fn points(&self, bearer: Bearer) -> PointsServiceClient<Authorised> {
        PointsServiceClient::with_interceptor(self.channel.clone(), bearer)
    }

    pub(super) fn intake(&self, bearer: Bearer) -> IntakeServiceClient<Authorised> {
        IntakeServiceClient::with_interceptor(self.channel.clone(), bearer)
    }

    pub(super) fn dispatch(&self, bearer: Bearer) -> DispatchServiceClient<Authorised> {
        DispatchServiceClient::with_interceptor(self.channel.clone(), bearer)
    }

    /// Uploads a photo and answers with its id. The same request again meets the same photo.
    pub(super) async fn upload(
        &self,
        bearer: Bearer,
        request_id: String,
        file: &[u8],
    ) -> Result<String, tonic::Status> {
        let header = UploadRequest { part: Some(Part::Header(UploadHeader { request_id })) };
        let pieces = file
            .chunks(PIECE)
            .map(|piece| UploadRequest { part: Some(Part::Chunk(piece.to_vec())) });
        let parts: Vec<UploadRequest> = std::iter::once(header).chain(pieces).collect();
        let mut media = MediaServiceClient::with_interceptor(self.channel.clone(), bearer);
        let stored = media.upload(futures::stream::iter(parts)).await?;
        Ok(stored.into_inner().media_id)
    }
}

/// A refusal as an error.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(super) fn refused(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!(refusal(&status))
}
