//! Why a projection cannot go on.

use kernel::DecodeError;

use crate::log::{LogError, feed::FeedError};

/// Why a projection cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database.
    #[error("the table {table} cannot be read or written")]
    Sql {
        /// The table.
        table: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// An event.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The log has another event where the table was last.
    #[error(
        "the log {log} has another event at {sequence} than the table {table} applied: it lost events \
         and wrote over them; restore it from a copy, or delete the database to go on with what it has"
    )]
    Rewritten {
        /// The log.
        log: String,
        /// The table.
        table: &'static str,
        /// The place.
        sequence: u64,
    },
    /// Another process applies events to the same table.
    #[error("another process is applying events to {0}")]
    Overtaken(&'static str),
}

impl ProjectionError {
    /// Whether it may be over in a moment: a server that does not answer now, or a lease that has gone
    /// to another process.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Sql { .. } | Self::Log(LogError::Stream(_)) | Self::Overtaken(_) => true,
            Self::Log(LogError::Malformed(_))
            | Self::Feed(_)
            | Self::Decode(_)
            | Self::Rewritten { .. } => false,
        }
    }
}
