//! `RotateVault`: every person's key sealed under the newest master key, with how far it is.

use api::admin::v1::{RotateVaultResponse, VaultKeys};
use futures::{FutureExt as _, StreamExt as _, stream, stream::BoxStream};
use platform::{
    grpc::ServiceError,
    vault::{Rotation, Vault},
};
use tokio::sync::mpsc;
use tonic::Status;

/// How the keys stand, as it is answered.
pub(super) fn keys(rotation: Rotation) -> VaultKeys {
    let Rotation { generation, current, left, replaced, restricted, erased } = rotation;
    VaultKeys { generation, current, left, replaced, restricted, erased }
}

/// Rotates for as long as somebody listens.
pub(super) fn rotate(vault: Vault) -> BoxStream<'static, Result<RotateVaultResponse, Status>> {
    let (tell, mut told) = mpsc::channel(1);
    let work = async move {
        let progress = |rotation| {
            let far = RotateVaultResponse { keys: Some(keys(rotation)), done: false };
            // A slow listener misses a step, and sees a later one.
            let _missed = tell.try_send(Ok(far));
        };
        let end = vault.rotate(&progress).await.map_err(ServiceError::from)?;
        Ok(RotateVaultResponse { keys: Some(keys(end)), done: true })
    };
    let told = stream::poll_fn(move |context| told.poll_recv(context));
    stream::select(told, work.into_stream()).boxed()
}
