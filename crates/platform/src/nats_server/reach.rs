//! How a service that needs an account of its own reaches the server.

use std::{path::PathBuf, sync::Arc};

use async_nats::Client;
use kernel::Division;

use super::{Account, ConnectError, Error, Integrator, connect_with, read_register, read_seed};

/// The server's address and the folder of the seeds.
#[derive(Clone, Debug)]
pub struct Reach {
    url: Arc<str>,
    credentials: Arc<PathBuf>,
    ca: Option<Arc<PathBuf>>,
    pub(crate) county: Division,
}

/// Why an account cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// Its seed.
    #[error(transparent)]
    Seed(#[from] Error),
    /// The connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl Reach {
    /// The server at `url`, whose users' seeds are in `credentials`.
    pub fn new(url: &str, credentials: PathBuf, county: Division) -> Self {
        Self { url: url.into(), credentials: Arc::new(credentials), ca: None, county }
    }

    /// The same, with TLS, and only if this authority signed the server's certificate.
    #[must_use]
    pub fn trusting(self, ca: Option<PathBuf>) -> Self {
        Self { ca: ca.map(Arc::new), ..self }
    }

    /// The integrators, as the register beside the seeds has them.
    pub fn integrators(&self) -> Result<Vec<Integrator>, Error> {
        read_register(&self.credentials)
    }

    /// A connection as the user of an account; `name` shows in the server's list of connections.
    pub async fn connect(&self, account: Account, name: &str) -> Result<Client, ReachError> {
        let seed = read_seed(&self.credentials, account)?;
        let ca = self.ca.as_ref().map(|ca| ca.as_path());
        Ok(connect_with(&self.url, ca, &seed, name).await?)
    }
}
