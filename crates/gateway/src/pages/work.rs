//! The pages of the room `work`: what grid members, departments' clerks and verifiers carry about.
//!
//! | file | what |
//! |---|---|
//! | `tasks` | today: what is mine, or awaits verification, by tabs |
//! | `task` | an order as lists and heads show it |
//! | `order` | one order: the report, the history, what may be done now |
//! | `history` | one history of a case and its order |
//! | `offers` | what a page offers to whom |
//! | `simple` | accept and close: a press of a button |
//! | `give_back`, `feedback`, `verify` | a form each |
//! | `report` | a report from patrol, and its receipt |
//! | `me` | who is signed in, and what they handled of late |
//! | `sent` | what a form sent, and what a refusal becomes |

mod feedback;
mod give_back;
mod history;
mod me;
mod offers;
mod order;
mod report;
mod sent;
mod simple;
mod task;
mod tasks;
mod verify;

use axum::{
    Router,
    routing::{get, post},
};

use crate::gateway::Gateway;

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/work", get(tasks::show))
        .route("/work/me", get(me::show))
        .route("/work/done", get(me::done))
        .route("/work/report", get(report::show).post(report::send))
        .route("/work/reported/{case}", get(report::receipt))
        .route("/work/{order}", get(order::show))
        .route("/work/{order}/accept", post(simple::accept))
        .route("/work/{order}/close", post(simple::close))
        .route("/work/{order}/return", get(give_back::show).post(give_back::send))
        .route("/work/{order}/feedback", get(feedback::show).post(feedback::send))
        .route("/work/{order}/verify", get(verify::show).post(verify::send))
}
