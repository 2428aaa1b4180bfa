//! The stages of a case and of the work for it, as one line: what transitions are counted between.

/// Where a case stands, its order included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reported, and not decided on.
    Reported,
    /// Accepted, and not routed yet.
    Accepted,
    /// With an assignee who has not accepted.
    Routed,
    /// Accepted by its assignee.
    Handling,
    /// Given back, and not routed yet.
    Returned,
    /// Handled, to be verified.
    Handled,
    /// Verified, to be closed.
    Verified,
    /// Done.
    Closed,
    /// Taken up again, and not routed yet.
    Reopened,
    /// With its clock stopped.
    Suspended,
    /// Done, and archived.
    Archived,
    /// Refused.
    Refused,
    /// Answered at once.
    Answered,
    /// Settled on the spot.
    OnSite,
    /// Goes with another case.
    Merged,
    /// Goes on elsewhere.
    Transferred,
    /// Taken back by its reporter.
    Withdrawn,
    /// Ended for want of an answer.
    Lapsed,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 18] = [
        Self::Reported,
        Self::Accepted,
        Self::Routed,
        Self::Handling,
        Self::Returned,
        Self::Handled,
        Self::Verified,
        Self::Closed,
        Self::Reopened,
        Self::Suspended,
        Self::Archived,
        Self::Refused,
        Self::Answered,
        Self::OnSite,
        Self::Merged,
        Self::Transferred,
        Self::Withdrawn,
        Self::Lapsed,
    ];

    /// The stage as tables and the API have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Accepted => "accepted",
            Self::Routed => "routed",
            Self::Handling => "handling",
            Self::Returned => "returned",
            Self::Handled => "handled",
            Self::Verified => "verified",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Suspended => "suspended",
            Self::Archived => "archived",
            Self::Refused => "refused",
            Self::Answered => "answered",
            Self::OnSite => "on_site",
            Self::Merged => "merged",
            Self::Transferred => "transferred",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// The stage of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Reported
            | Self::Accepted
            | Self::Routed
            | Self::Handling
            | Self::Returned
            | Self::Handled
            | Self::Verified
            | Self::Reopened
            | Self::Suspended => true,
            Self::Closed
            | Self::Archived
            | Self::Refused
            | Self::Answered
            | Self::OnSite
            | Self::Merged
            | Self::Transferred
            | Self::Withdrawn
            | Self::Lapsed => false,
        }
    }
}
