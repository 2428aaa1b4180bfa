//! What happens by itself.

pub mod carry_out_data_requests;
pub mod erase_old_texts;
