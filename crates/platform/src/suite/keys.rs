//! The secrets of a data folder. Processes that share a log share them; where these are made before
//! any process starts, none of them needs to write there.

use kernel::Timestamp;

use super::SuiteError;
use crate::{auth::Issuer, config::Config, grpc::GrpcFront, http, secret, vault::Keyring};

/// From which tracking codes are derived.
pub(super) const TRACKING: &str = "tracking.key";
/// Under which page tokens are signed.
pub(super) const PAGES: &str = "pages.key";
/// Under which requests are hashed.
pub(super) const REQUESTS: &str = "requests.key";

/// Makes what is missing in `<data_dir>/keys`: the issuer's key, every secret, and a certificate where
/// HTTP would be served with one of Weft's own, each in a file that only its owner may read. What is
/// there stays; only a certificate that lacks a name of `http.names` is made anew.
pub fn make_keys(config: &Config, now: Timestamp) -> Result<(), SuiteError> {
    let keys = config.data_dir.join("keys");
    Issuer::load_or_create(&keys)?;
    Keyring::load_or_create(&keys)?;
    for name in [TRACKING, PAGES, REQUESTS] {
        secret::load_or_create(&keys.join(name))?;
    }
    if config.http.certificate.is_none() {
        http::Front::of(&config.http, &keys, now).map_err(http::Error::from)?;
    }
    if config.grpc.certificate.is_none() {
        GrpcFront::of(&config.grpc, &keys, now).map_err(http::Error::from)?;
    }
    Ok(())
}
