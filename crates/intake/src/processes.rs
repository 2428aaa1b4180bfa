//! What intake does by itself: events in, commands out, and one timer.

pub mod accept_reported_cases;
pub mod archive_rated_cases;
pub mod archive_unrated_cases;
pub mod report_urgent_disputes;
pub mod resolve_closed_cases;
