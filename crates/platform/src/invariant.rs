//! What must hold at every position of the log, beyond the log's own form: a service says it once, and
//! `weft verify` walks the log with it.

use std::sync::Arc;

use crate::log::Recorded;

/// A check on its way through the log: is given every event in order, and says what is wrong with it.
pub type Check = Box<dyn FnMut(&Recorded) -> Vec<String> + Send>;

/// Something that must hold at every position.
#[derive(Clone)]
pub struct Invariant {
    /// Which service says so.
    pub service: &'static str,
    /// What must hold, in a few words.
    pub name: &'static str,
    begin: Arc<dyn Fn() -> Check + Send + Sync>,
}

impl Invariant {
    /// `begin` makes a check that has seen nothing yet.
    pub fn new(
        service: &'static str,
        name: &'static str,
        begin: impl Fn() -> Check + Send + Sync + 'static,
    ) -> Self {
        Self { service, name, begin: Arc::new(begin) }
    }

    /// A check that begins at the first event of the log.
    pub fn begin(&self) -> Check {
        (self.begin)()
    }
}
