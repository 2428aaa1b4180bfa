//! What dispatch decides, without input or output.

pub mod calendar;
pub mod calendar_register;
pub mod caller;
pub mod routing;
pub mod rule_register;
pub mod supervision;
pub mod work_order;
