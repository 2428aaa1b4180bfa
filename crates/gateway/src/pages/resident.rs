//! The pages of the room `resident`: what anybody in the county sees. Nobody signs in here: a browser
//! that reports gets an id of its own, by which it is known again.
//!
//! | file | what |
//! |---|---|
//! | `home` | the first page |
//! | `report` | the form, and what is sent with it |
//! | `progress` | the receipt and the steps of a case |
//! | `answers` | what a reporter adds, rates, opens again |
//! | `points` | what one's reports have earned |
//! | `places` | what a QR code leads to, and the poster that carries it |
//! | `photos` | photos in and out, for all rooms |
//! | `known` | who visits: known already, or new |
//! | `choices` | the categories and the places to choose from |
//! | `limits` | how often one address may do what costs something |
//! | `sent` | a form with files |
//! | `qr` | codes as they are drawn |

mod answers;
mod choices;
mod home;
mod known;
pub(crate) mod limits;
mod photos;
mod places;
mod points;
mod progress;
pub(crate) mod qr;
mod report;
mod sent;
mod steps;

use std::time::Duration;

use axum::{Router, http::StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{config::Config, gateway::Gateway, problem::Problem};

/// Forms of at most 40 MiB that are read at once.
const RECEIVING: usize = 4;

/// How long a form waits for its turn.
const WAITING: Duration = Duration::from_secs(10);

/// How long a form may take to come in.
const COMING: Duration = Duration::from_mins(2);

/// What these pages keep between requests.
pub(crate) struct Residents {
    known: known::Known,
    choices: choices::Kept,
    reports: limits::Limit,
    photos: limits::Limit,
    lookups: limits::Limit,
    /// Forms with photos that are read into memory at once.
    receiving: Semaphore,
}

impl Residents {
    /// Nothing yet.
    pub(crate) fn new(config: &Config) -> Self {
        let (photos, lookups) = (config.photos_per_minute, config.lookups_per_minute);
        Self {
            known: known::Known::default(),
            choices: choices::Kept::default(),
            reports: limits::Limit::new(config.reports_per_minute, config.reports_at_once),
            photos: limits::Limit::new(photos, photos),
            lookups: limits::Limit::new(lookups, lookups),
            receiving: Semaphore::new(RECEIVING),
        }
    }

    /// A place to read a form into memory; without one in time, the visitor comes back.
    async fn place(&self) -> Result<SemaphorePermit<'_>, Problem> {
        match tokio::time::timeout(WAITING, self.receiving.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE.into()),
        }
    }
}

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .merge(home::routes())
        .merge(report::routes())
        .merge(progress::routes())
        .merge(answers::routes())
        .merge(points::routes())
        .merge(places::routes())
        .merge(photos::routes())
}
