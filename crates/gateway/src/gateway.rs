//! What every page stands on.

use std::{future::ready, ops::Deref, sync::Arc};

use futures::{FutureExt as _, future::BoxFuture};
use kernel::{Timestamp, id::Key};
use platform::{
    auth::{AuthError, Principal},
    service::{Context, StartError},
};

use crate::{
    clients::Clients,
    config::Config,
    live::Live,
    names::Names,
    pages::resident::{Residents, limits::Limit},
};

/// The state of the router: cheap to clone.
#[derive(Clone)]
pub(crate) struct Gateway(Arc<Inner>);

/// What it holds.
pub(crate) struct Inner {
    /// The platform underneath.
    pub(crate) context: Context,
    /// The settings.
    pub(crate) config: Config,
    /// The services.
    pub(crate) clients: Clients,
    /// The names of places, categories and organisations.
    pub(crate) names: Names,
    /// What open pages are told.
    pub(crate) live: Live,
    /// What the residents' pages keep between requests.
    pub(crate) residents: Residents,
    /// How often one address may try to sign in.
    pub(crate) sign_ins: Limit,
}

impl Deref for Gateway {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Gateway {
    /// The state over this platform.
    pub(crate) fn new(context: &Context, config: Config, live: Live) -> Result<Self, StartError> {
        let clients = Clients::new(&config, context)?;
        let names = Names::new(config.names_seconds);
        let residents = Residents::new(&config);
        let sign_ins = Limit::new(config.sign_ins_per_minute, config.sign_ins_per_minute);
        Ok(Self(Arc::new(Inner {
            context: context.clone(),
            config,
            clients,
            names,
            live,
            residents,
            sign_ins,
        })))
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    /// Who bears this token, for what is shown. What they may do is for the services to say.
    pub(crate) fn read_token(&self, token: &str) -> Result<Principal, AuthError> {
        self.context.verifier.verify(token, self.now())
    }

    /// Returns once this token is over: what an open page was told ends with it.
    pub(crate) fn until_over(&self, token: &str) -> BoxFuture<'static, ()> {
        let (verifier, clock) = (Arc::clone(&self.context.verifier), &self.context.clock);
        match verifier.verify_held(token, self.now()) {
            Ok((_, held)) => verifier.until_over(Arc::clone(clock), held).boxed(),
            Err(_over) => ready(()).boxed(),
        }
    }
}

/// A new `request_id`. A form carries the one that was made when it was shown, so that a form sent
/// twice is one command.
pub(crate) fn request_id() -> String {
    let mut random = [0; 16];
    // Without random bytes the id is the same for all: the service then refuses the second use, which
    // is safe.
    let _none = aws_lc_rs::rand::fill(&mut random);
    Key::from_bits(u128::from_be_bytes(random)).to_string()
}
