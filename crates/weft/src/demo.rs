//! `weft demo`: a synthetic county that lives. The suite runs in this process as with `weft up`; what
//! fills and plays it are clients, which know nothing but the public gRPC interface and hold tokens as
//! people do.
//!
//! | file | what |
//! |---|---|
//! | `demo/kept.rs` | what a folder keeps of its demo |
//! | `demo/world.rs` | the county as the seed draws it: grids, bodies, staff |
//! | `demo/prepare.rs` | entering it |
//! | `demo/table.rs` | what is printed: addresses, sign-in links |
//! | `demo/play.rs` | playing: looks at what awaits each role, and acts |
//! | `demo/texts.rs`, `names.rs`, `photo.rs` | what people write, are called, photograph |
//! | `demo/lots.rs` | chance and delays |

mod kept;
mod lots;
mod names;
mod people;
mod photo;
mod play;
mod prepare;
mod table;
mod texts;
mod world;

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use platform::{lifecycle::Lifecycle, nats_server::ManagedNats};

use crate::{
    cli::{Demo, DemoCommand, Pace, Settings},
    client::{Signer, configuration, connect},
    commands::{serve, token::duration},
    output,
};
use kept::{Asked, Kept};
use people::People;
use world::World;

/// Where a demo is kept where nothing is said.
const FOLDER: &str = "data/demo";

/// What the log says beside the table. That NATS goes away at each stop is no news.
const LOG_FILTER: &str = "warn,platform::nats_server::connect=error";

pub(crate) async fn run(options: Demo) -> anyhow::Result<ExitCode> {
    if let Some(DemoCommand::Links { data }) = &options.what {
        let mut settings = options.run.settings.clone();
        settings.data = data.clone().or(settings.data);
        return links(settings).await;
    }
    Box::pin(start(options)).await
}

/// Fresh links for the demo that runs on a folder.
async fn links(mut settings: Settings) -> anyhow::Result<ExitCode> {
    let data = settle(&mut settings)?;
    let kept = Kept::of(&data)?;
    anyhow::ensure!(kept.prepared, "the demo is not ready yet: wait until it says so");
    let signer = Signer::of(&settings)?;
    let world = Arc::new(World::of(&signer, &kept)?);
    let people = People::new(connect(&kept.grpc, &settings).await?, signer, world);
    output::line(&table::links(&people, &kept.url).await?);
    Ok(ExitCode::SUCCESS)
}

async fn start(mut options: Demo) -> anyhow::Result<ExitCode> {
    let lasting = options.lasting.as_deref().map(|text| duration("--for", text)).transpose()?;
    let data = settle(&mut options.run.settings)?;
    // People read the table, not the log; --set still has the last word.
    options.run.settings.set.insert(0, format!("telemetry.log_filter={LOG_FILTER:?}"));
    let asked = Asked { seed: options.seed, grids: options.grids, cameras: options.cameras };
    let mut kept = Kept::open(&data, asked)?;
    let serve::Started { suite, guard } = Box::pin(serve::start(&[], &options.run)).await?;
    kept.url = suite.url();
    suite.grpc_url().trim_start_matches("http://").clone_into(&mut kept.grpc);
    kept.write(&data)?;
    let show = Show {
        settings: options.run.settings.clone(),
        data,
        kept,
        pace: options.pace,
        lasting,
        nats: suite.nats().map(ManagedNats::client_url),
    };
    let life = suite.context().lifecycle.clone();
    let (outcome, ()) = tokio::join!(suite.run_until_stopped(), show.until_stopped(life));
    guard.shutdown().await;
    output::note("the demo is stopped; start it again and it goes on where it was");
    Ok(ExitCode::from(outcome.code()))
}

/// The folder of the demo, named in the settings from then on.
fn settle(settings: &mut Settings) -> anyhow::Result<PathBuf> {
    if settings.data.is_none() && settings.config.is_none() {
        settings.data = Some(PathBuf::from(FOLDER));
    }
    Ok(configuration(settings, &[])?.0.data_dir)
}

/// What is shown, beside the suite.
struct Show {
    settings: Settings,
    data: PathBuf,
    kept: Kept,
    pace: Pace,
    lasting: Option<Duration>,
    nats: Option<String>,
}

impl Show {
    /// Plays until the stop, which ends it at any point: what was answered is on the log, and what was
    /// not is asked again under the same name at the next start.
    async fn until_stopped(self, life: Lifecycle) {
        let stop = life.soft_token();
        let shown = async { if life.ready().await { self.run().await } else { Ok(()) } };
        tokio::select! {
            () = stop.cancelled() => {}
            ended = shown => match ended {
                Ok(()) => life.stop(),
                Err(error) => {
                    output::error(&output::chain(&error));
                    life.crashed("demo", error.as_ref());
                }
            },
        }
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let signer = Signer::of(&self.settings)?;
        let world = Arc::new(World::of(&signer, &self.kept)?);
        let channel = connect(&self.kept.grpc, &self.settings).await?;
        let people = Arc::new(People::new(channel, signer, world));
        let is_new = !self.kept.prepared;
        if is_new {
            prepare::run(&people, self.kept.cameras).await?;
            self.kept.prepared = true;
            self.kept.write(&self.data)?;
        }
        let places = table::Places {
            url: &self.kept.url,
            grpc: &self.kept.grpc,
            nats: self.nats.as_deref(),
            data: self.data.display().to_string(),
        };
        output::line(&table::whole(&people, &places).await?);
        let playing = play::run(&people, self.pace, is_new);
        match self.lasting {
            // Time is up: what is under way is dropped, and taken up at the next start.
            Some(lasting) => tokio::time::timeout(lasting, playing).await.unwrap_or(Ok(())),
            None => playing.await,
        }
    }
}
