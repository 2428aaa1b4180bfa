//! What intake does by itself: events in, commands out, and two timers.

pub mod accept_reported_cases;
pub mod archive_rated_cases;
pub mod case_timers;
pub mod follow_primaries;
pub mod report_successors;
pub mod resolve_closed_cases;
