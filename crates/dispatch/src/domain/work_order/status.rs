//! Where an order stands.

use super::Rejection;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// With its assignee, not accepted yet.
    Routed,
    /// Accepted, and being handled.
    Accepted,
    /// The handler is on site.
    Arrived,
    /// Given back: the desk decides.
    Returned,
    /// Handled, to be verified.
    Handled,
    /// Verified, to be closed.
    Verified,
    /// Closed.
    Closed,
    /// The clock stands still.
    Suspended,
    /// Its parts are under way, and it closes with them.
    Split,
    /// Ended without being done.
    Withdrawn,
}

impl Status {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 10] = [
        Self::Routed,
        Self::Accepted,
        Self::Arrived,
        Self::Returned,
        Self::Handled,
        Self::Verified,
        Self::Closed,
        Self::Suspended,
        Self::Split,
        Self::Withdrawn,
    ];

    /// The status as tables and the API's words have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::Accepted => "accepted",
            Self::Arrived => "arrived",
            Self::Returned => "returned",
            Self::Handled => "handled",
            Self::Verified => "verified",
            Self::Closed => "closed",
            Self::Suspended => "suspended",
            Self::Split => "split",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Routed
            | Self::Accepted
            | Self::Arrived
            | Self::Returned
            | Self::Handled
            | Self::Verified
            | Self::Suspended
            | Self::Split => true,
            Self::Closed | Self::Withdrawn => false,
        }
    }

    /// The refusal that says where an order stands, for what is not possible there.
    pub const fn refuses(self) -> Rejection {
        match self {
            Self::Routed => Rejection::NotAccepted,
            Self::Accepted | Self::Arrived => Rejection::NotHandled,
            Self::Returned => Rejection::Returned,
            Self::Handled => Rejection::AlreadyHandled,
            Self::Verified => Rejection::AlreadyVerified,
            Self::Closed => Rejection::Closed,
            Self::Suspended => Rejection::Suspended,
            Self::Split => Rejection::Split,
            Self::Withdrawn => Rejection::Withdrawn,
        }
    }
}
