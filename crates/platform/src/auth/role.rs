//! The roles that a person can hold are the kernel's; what each may call is the method table's.

pub use kernel::role::{Role, UnknownRole};
