//! What dispatch decides, without input or output.

pub mod calendar;
pub mod calendar_register;
pub mod caller;
pub mod campaign;
pub mod campaign_task;
pub mod convocation;
pub mod incident;
pub mod instruction;
pub mod mediation;
pub mod notification;
pub mod refusal;
pub mod routing;
pub mod rule_register;
pub mod supervision;
pub mod team;
pub mod work_order;
