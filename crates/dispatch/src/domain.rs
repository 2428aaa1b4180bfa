//! What dispatch decides, without input or output.

pub mod calendar;
pub mod caller;
pub mod routing;
pub mod supervision;
pub mod work_order;
