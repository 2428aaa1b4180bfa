//! Plays the county at a human pace. The player is reactive: it looks at what awaits each role, as the
//! lists of the services show it, and acts where somebody's time has come. So it goes on after a
//! restart, and beside a visitor who acts at the same time.
//!
//! | file | what |
//! |---|---|
//! | `play/reports.rs` | residents and members report |
//! | `play/orders.rs` | members, clerks, verifiers and desks see to orders |
//! | `play/cases.rs` | desks accept what is asked; residents rate and reopen |

mod cases;
mod orders;
mod reports;

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use kernel::{Clock as _, GridCode};
use platform::grpc::Bearer;
use tonic::{Response, Status};

use super::{
    lots,
    people::People,
    photo::{self, Scene},
    texts::{Matter, matters},
};
use crate::{
    cli::Pace,
    client::refusal,
    clock::SystemClock,
    output,
    simulate::{random::Chance, retry::may_work_later},
};

struct Player<'a> {
    people: &'a People,
    pace: Pace,
    matters: Vec<Matter>,
    /// The names of the requests that are answered, whatever the answer was.
    answered: Mutex<HashSet<String>>,
    /// Why somebody was refused so far.
    refusals: Mutex<HashSet<String>>,
}

/// Plays without an end. On a new county the scenes that are told come first.
pub(super) async fn run(people: &People, pace: Pace, is_new: bool) -> anyhow::Result<()> {
    let player = Player {
        people,
        pace,
        matters: matters()?,
        answered: Mutex::default(),
        refusals: Mutex::default(),
    };
    let asked = player.enquiries().await?;
    tokio::join!(
        player.report_on_and_on(is_new),
        player.see_to_orders(),
        player.see_to_enquiries(&asked),
        player.hear_residents(),
    );
    Ok(())
}

fn now() -> i64 {
    SystemClock.now().0
}

impl Player<'_> {
    fn seed(&self) -> u64 {
        self.people.world.seed
    }

    fn yours(&self) -> GridCode {
        self.people.world.yours
    }

    /// Rests until the next look.
    async fn rest(&self) {
        tokio::time::sleep(lots::between_looks(self.pace)).await;
    }

    /// Whether the time has come for what follows on a change, and this was not done yet.
    fn is_time(&self, request_id: &str, since: i64, chance: &mut Chance) -> bool {
        let wait = i64::try_from(lots::step(self.pace, chance).as_millis()).unwrap_or_default();
        now() >= since + wait && !self.is_answered(request_id)
    }

    fn is_answered(&self, request_id: &str) -> bool {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).contains(request_id)
    }

    fn settle(&self, request_id: &str) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.insert(request_id.to_owned());
    }

    /// Notes how a request was answered. A refusal is an answer too: somebody was faster, as a rule.
    fn heard<T>(&self, request_id: &str, answer: Result<Response<T>, Status>) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.settle(request_id);
                Some(answer.into_inner())
            }
            Err(status) => {
                if !may_work_later(&status) {
                    self.settle(request_id);
                    self.mention(&refusal(&status));
                }
                None
            }
        }
    }

    /// Says why somebody was refused, once for each reason.
    fn mention(&self, why: &str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.insert(why.to_owned()) {
            output::note(&format!("demo: somebody was refused: {why}"));
        }
    }

    /// What a list answers; nothing while it is away.
    fn listed<T: Default>(&self, answer: Result<Response<T>, Status>) -> T {
        match answer {
            Ok(answer) => answer.into_inner(),
            Err(status) => {
                if !may_work_later(&status) {
                    self.mention(&refusal(&status));
                }
                T::default()
            }
        }
    }

    /// Draws a photo and uploads it; none where there is nothing to photograph, or no upload now.
    async fn photo(
        &self,
        bearer: Bearer,
        request_id: String,
        (scene, after): (Scene, bool),
    ) -> Vec<String> {
        let chance = lots::of(self.seed(), &request_id);
        let drawing = tokio::task::spawn_blocking(move || photo::jpeg(scene, after, chance));
        let Ok(Ok(Some(file))) = drawing.await else { return Vec::new() };
        match self.people.upload(bearer, request_id, &file).await {
            Ok(id) => vec![id],
            Err(status) => {
                if !may_work_later(&status) {
                    self.mention(&refusal(&status));
                }
                Vec::new()
            }
        }
    }
}
