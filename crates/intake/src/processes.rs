//! What intake does by itself: events in, commands out, and timers.

pub mod accept_reported_cases;
pub mod archive_rated_cases;
pub mod case_timers;
pub mod clear_quiet_hotspots;
pub mod due;
pub mod end_admissions;
pub mod follow_primaries;
pub mod raise_hotspots;
pub mod report_findings;
pub mod report_successors;
pub mod report_urgent_disputes;
pub mod resolve_closed_cases;
pub mod turn_catalogue;
