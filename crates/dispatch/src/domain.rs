//! What dispatch decides, without input or output.

pub mod calendar;
pub mod caller;
pub mod mediation;
pub mod notification;
pub mod routing;
pub mod work_order;
