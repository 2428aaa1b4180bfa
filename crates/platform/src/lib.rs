//! Everything of Weft that touches the outside: configuration, telemetry, lifecycle, the gRPC server,
//! who may call what, the event log and what stands on it. Generic over events: it knows no
//! contract and no service.
//!
//! | module | what |
//! |---|---|
//! | [`log`] | the event log of a county on JetStream |
//! | [`executor`] | load, decide, append, answer |
//! | [`projection`], [`database`] | the log folded into rows |
//! | [`process`], [`lease`] | events that lead to commands |
//! | [`publication`] | the public stream and its mirror for integrators |
//! | [`service`] | what a service is, and what it stands on |
//! | [`invariant`] | what a service says must hold at every position of the log |
//! | [`vault`] | what persons typed and what names them, sealed |
//! | [`media`] | photos, sealed |
//! | [`auth`], [`grpc`] | who calls, what they may, and the server |
//! | [`audit`] | who read what, and who was refused what: chained, and never changed |
//! | [`wires`] | encryption between machines |
//! | [`nats_server`], [`config`], [`lifecycle`], [`telemetry`], [`http`] | the process itself |

pub mod audit;
pub mod auth;
pub mod config;
pub mod database;
pub mod executor;
pub mod grpc;
pub mod http;
pub mod invariant;
pub mod lease;
pub mod lifecycle;
pub mod log;
pub mod media;
pub mod nats_server;
pub mod process;
pub mod projection;
pub mod publication;
pub mod secret;
pub mod service;
pub mod suite;
pub mod telemetry;
pub mod vault;
pub mod wires;
