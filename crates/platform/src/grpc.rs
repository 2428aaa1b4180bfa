//! gRPC at the edge: errors with details, validation of requests, pages of lists, the server and
//! the client's channel.

pub mod call;
pub mod client;
pub mod incoming;
pub mod observe;
pub mod page;
pub mod server;
pub mod status;
pub mod validate;

pub use client::{Bearer, connect, connect_with};
pub use incoming::{GrpcFront, GrpcPeer};
pub use observe::RequestObserver;
pub use page::{ListKey, Page, PageTokens, SortValue};
pub use server::{GrpcServer, Health, ServerLimits};
pub use status::{FieldViolation, ServiceError};
pub use validate::Violations;
