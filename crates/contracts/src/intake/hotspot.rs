//! Hot spots (高发预警): a category that comes up often in one place. Of places and categories, never of
//! people: no event of these names a case or a person who reported.

use kernel::{
    Division, GridCode, Timestamp,
    id::{CategoryCode, HotspotId, PersonId, RecordId},
};

use crate::codec::{event_set, payloads};

payloads! {
    /// A category came up often in one place.
    pub struct HotspotRaised {
        /// The hot spot.
        pub hotspot: HotspotId,
        /// Where: the narrowest division.
        pub division: Division,
        /// The grid, where there is one.
        pub grid: Option<GridCode>,
        /// What comes up.
        pub category: CategoryCode,
        /// How many cases there were within the window; merged ones are one.
        pub count: u32,
        /// How long the window is, in days of 24 hours.
        pub window_days: u32,
        /// The version of the rule.
        pub rule_version: u32,
    }

    /// Somebody has seen it and sees to it: it is not warned of again until it is cleared.
    pub struct HotspotAcknowledged {
        /// The hot spot.
        pub hotspot: HotspotId,
        /// Who.
        pub by: PersonId,
        /// What is to be done, in their words.
        pub measure: Option<RecordId>,
    }

    /// What was to be done is done; from here on it must stay quiet.
    pub struct HotspotConcluded {
        /// The hot spot.
        pub hotspot: HotspotId,
        /// Who says so.
        pub by: PersonId,
        /// What was done, in their words.
        pub measure: Option<RecordId>,
    }

    /// It has been quiet for long enough.
    pub struct HotspotCleared {
        /// The hot spot.
        pub hotspot: HotspotId,
        /// How many days of 24 hours it was quiet.
        pub quiet_days: u32,
        /// When the last case was reported, or the hot spot concluded.
        pub quiet_since: Timestamp,
        /// The version of the rule.
        pub rule_version: u32,
    }
}

event_set! {
    /// What may happen to a category in a place.
    "intake" "hotspot"
    pub enum HotspotEvent {
        /// Raised.
        HotspotRaised "hotspot_raised" 1 [];
        /// Acknowledged.
        HotspotAcknowledged "hotspot_acknowledged" 1 [];
        /// Concluded.
        HotspotConcluded "hotspot_concluded" 1 [];
        /// Cleared.
        HotspotCleared "hotspot_cleared" 1 [];
    }
}
