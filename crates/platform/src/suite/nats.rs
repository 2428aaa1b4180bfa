//! The suite's connections to nats-server: its own child, or one that others start.

use super::SuiteError;
use crate::{
    config::Config,
    nats_server::{self, Account, ManagedNats, Reach, Supervisor},
};

/// The connections to nats-server.
pub(super) struct Nats {
    pub(super) managed: Option<ManagedNats>,
    pub(super) core: async_nats::Client,
    pub(super) vault: async_nats::Client,
    pub(super) monitor: Option<String>,
    pub(super) reach: Reach,
}

impl Nats {
    /// Starts the child, or connects to the server that is given.
    pub(super) async fn reach(
        config: &Config,
        supervisor: Option<Supervisor>,
    ) -> Result<Self, SuiteError> {
        if let Some(url) = &config.nats.url {
            let folder = config.nats_credentials();
            let core = nats_server::read_seed(&folder, Account::Core)?;
            let vault = nats_server::read_seed(&folder, Account::Vault)?;
            let ca = config.nats_ca();
            if config.nats_is_plain() && !config.nats.plaintext {
                return Err(nats_server::Error::Plain(url.clone()).into());
            }
            let trusted = ca.as_deref();
            return Ok(Self {
                managed: None,
                core: nats_server::connect_with(url, trusted, &core, "weft").await?,
                vault: nats_server::connect_with(url, trusted, &vault, "weft-vault").await?,
                monitor: config.nats.monitor_url.clone(),
                reach: Reach::new(url, folder, config.county).trusting(ca),
            });
        }
        let options = nats_server::Options::from_config(config, supervisor);
        let managed = ManagedNats::start(options).await?;
        let url = managed.client_url();
        let core = managed.credentials(Account::Core);
        let vault = managed.credentials(Account::Vault);
        Ok(Self {
            core: nats_server::connect(&url, core, "weft").await?,
            vault: nats_server::connect(&url, vault, "weft-vault").await?,
            monitor: Some(managed.monitor_url()),
            reach: Reach::new(&url, config.nats_credentials(), config.county),
            managed: Some(managed),
        })
    }
}
