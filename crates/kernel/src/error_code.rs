//! The closed set of what can go wrong, as a caller needs to tell it apart. `platform` maps it to
//! gRPC and HTTP, exhaustively and in one place.

/// What kind of failure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request itself is wrong, whatever the state: mend it.
    InvalidArgument,
    /// No valid identity came with the call.
    Unauthenticated,
    /// The caller may not do this, or not here.
    PermissionDenied,
    /// What the call names does not exist, as far as the caller may know.
    NotFound,
    /// The rules refuse the command in the present state.
    Refused,
    /// The same `request_id` came with another body.
    AlreadyExists,
    /// Others wrote at the same time, again and again: try again.
    Conflict,
    /// Too much at once, or storage is full: wait, then try again.
    Exhausted,
    /// Not reachable or not ready now: try again with the same `request_id`.
    Unavailable,
    /// Whether it happened is not known: try again with the same `request_id`.
    OutcomeUnknown,
    /// Stored data contradicts itself: an operator must look.
    Corrupt,
    /// A defect of ours.
    Internal,
}
