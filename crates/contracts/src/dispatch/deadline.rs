//! What the clocks of a work order do beside running out.

use kernel::{Timestamp, id::WorkOrderId, limit::Limit};
use serde::{Deserialize as _, Serialize as _};

use crate::codec::{payloads, words};

words! {
    /// Why deadlines moved.
    pub enum ReplanReason {
        /// Another version of the working calendar.
        CalendarChanged,
        /// Another limit of the category.
        LimitChanged,
    }
}

payloads! {
    /// Little of the time for handling is left (临期). Once for each order.
    pub struct WorkOrderAtRisk {
        /// The order.
        pub work_order: WorkOrderId,
        /// By when it must be handled.
        pub due: Timestamp,
    }

    /// The clocks that still run were planned anew, as if the order had been created under what holds
    /// now; what was added by pauses and extensions stays added. A clock that has rung stays as it was.
    pub struct DeadlineReplanned {
        /// The order.
        pub work_order: WorkOrderId,
        /// Why.
        pub reason: ReplanReason,
        /// How long handling may take.
        pub limit: Limit,
        /// By when it must be accepted.
        pub accept_due: Timestamp,
        /// By when it must be handled.
        pub due: Timestamp,
        /// When little of the limit is left.
        pub at_risk: Timestamp,
        /// When three times the limit is over.
        pub threefold_due: Timestamp,
        /// The version of the working calendar that gave the deadlines.
        pub calendar_version: u32,
        /// The version of the catalogue that the limit comes from.
        pub catalogue_version: u32,
    }
}
