//! Who calls, in which role and for which part of the county; and what that role may call.
//!
//! A call passes one layer ([`layer::AuthLayer`]): it verifies the bearer token
//! ([`verifier::Verifier`]), looks the method up in the table ([`policy::Policy`]) and hands the
//! service a [`principal::Principal`], whose [`scope::Scope`] the service applies to what it reads
//! and writes.

pub mod called;
mod guarded;
pub mod issuer;
pub mod key;
pub mod layer;
mod limiter;
pub mod policy;
pub mod principal;
pub mod revocations;
pub mod role;
pub mod scope;
pub mod verifier;

pub use called::Called;
pub use issuer::{Claims, Issuer};
pub use layer::{AuthLayer, RequestSecret, caller_of};
pub use limiter::CallLimits;
pub use policy::{Access, MethodRow, Policy};
pub use principal::{Basis, Principal};
pub use revocations::{RevocationError, Revocations};
pub use role::Role;
pub use scope::{Placement, Scope, ScopeColumn, ScopePredicate};
pub use verifier::{AuthError, Held, Verifier};
