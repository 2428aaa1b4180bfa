//! What media does by itself.

pub mod erase_unattached_photos;
