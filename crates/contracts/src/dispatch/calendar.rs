//! The working calendar of a county: which days are worked, and when. A version holds from a day on;
//! what came before that day stays as the versions before it say.

use kernel::id::{CalendarId, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{event_set, payloads};

/// A span of a working day, in minutes after midnight at +08:00: from 0, to at most 1,440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkingHours {
    /// The first minute worked.
    pub from_minute: u32,
    /// The minute after the last one worked.
    pub to_minute: u32,
}

payloads! {
    /// A version of the calendar is in force. Days are numbers such as 20261001.
    pub struct CalendarPut {
        /// The calendar.
        pub calendar: CalendarId,
        /// The number that decisions made by this version carry.
        pub version: u32,
        /// The first day that it says something about.
        pub effective_from: u32,
        /// Days off beside the weekends.
        pub holidays: Vec<u32>,
        /// Days worked beside Monday to Friday (调休).
        pub make_up_days: Vec<u32>,
        /// When people work on a working day, in order and apart from each other.
        pub hours: Vec<WorkingHours>,
        /// Who put it.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to a working calendar.
    "dispatch" "calendar"
    pub enum CalendarEvent {
        /// A version put.
        CalendarPut "calendar_put" 1 [];
    }
}
