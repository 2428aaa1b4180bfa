//! Encryption between machines: certificates that are loaded and loaded anew, who is at the other end,
//! and how many connections one address may hold.
//!
//! | file | what |
//! |---|---|
//! | `certificate` | a certificate with its key, read again when its file changes |
//! | `der` | what of a certificate is looked at: until when it is good, and whose it is |
//! | `crowd` | how many connections an address holds |
//! | `trust` | the client's side: whom it believes, and what it shows |

pub(crate) mod certificate;
pub(crate) mod crowd;
mod der;
pub(crate) mod trust;

pub use certificate::{TlsError, expires};
pub use trust::{Trust, TrustError};
