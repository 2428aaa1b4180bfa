//! The thread that owns the child: it starts it, waits for it, and starts it again.
//!
//! One thread for the whole life, because the signal at the parent's death comes when the thread
//! that started the child ends.

use std::{
    ffi::OsString,
    fs::File,
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{self, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use serde::Deserialize;
use tokio::sync::{oneshot, watch};

use super::{Error, Options, START_LIMIT, binary::Program, conf::Layout, monitor};

const POLL: Duration = Duration::from_millis(5);
const TERM_LIMIT: Duration = Duration::from_secs(10);
const FIRST_DELAY: Duration = Duration::from_millis(50);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// A child that has lived this long has started well: what comes next is a new crash.
const SETTLED: Duration = Duration::from_secs(30);

/// The ports on 127.0.0.1; 0 for any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) client: u16,
    pub(super) monitor: u16,
}

/// Shared by the thread and the handle.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    /// The first start has reached its end: a later death is a crash to recover from.
    settled: bool,
    /// Not yet reaped, so that the number is surely this child's.
    pid: Option<Pid>,
}

/// The handle of the thread.
#[derive(Debug)]
pub(super) struct Child {
    shared: Arc<Shared>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

/// How to start the child, as often as it takes.
struct Recipe {
    program: PathBuf,
    /// Of the first child, which may take any port.
    args: Vec<OsString>,
    /// Of those after it, which take the same. A file of its own: a running server reads its file
    /// again when a user is added, and refuses one with another port for monitoring than it was
    /// started with.
    args_again: Vec<OsString>,
    gomemlimit: String,
    output: PathBuf,
    lock: File,
}

impl Recipe {
    fn first(&self) -> io::Result<process::Child> {
        self.spawn(&self.args)
    }

    fn again(&self) -> io::Result<process::Child> {
        self.spawn(&self.args_again)
    }

    fn spawn(&self, args: &[OsString]) -> io::Result<process::Child> {
        let output = File::create(&self.output)?;
        Command::new(&self.program)
            .args(args)
            .env("GOMEMLIMIT", &self.gomemlimit)
            // Holds the folder as long as the child lives, see `files::own`.
            .stdin(self.lock.try_clone()?)
            .stdout(output.try_clone()?)
            .stderr(Stdio::from(output))
            // Ctrl-C at a terminal is for the suite, which ends nats-server last.
            .process_group(0)
            .spawn()
    }
}

/// Starts the thread and with it the child.
pub(super) async fn start(
    layout: &Layout,
    program: &Program,
    options: &Options,
    lock: File,
) -> Result<Child, Error> {
    let exe = options.supervisor.as_ref().map_or(&program.path, |supervisor| &supervisor.exe);
    let exe = exe.clone();
    let args = |config: PathBuf| {
        let mut args = Vec::new();
        if let Some(supervisor) = &options.supervisor {
            args.extend(supervisor.args.iter().map(OsString::from));
            args.push(std::process::id().to_string().into());
            args.push(program.path.clone().into_os_string());
        }
        args.extend(["-c".into(), config.into_os_string()]);
        args
    };
    let recipe = Recipe {
        program: exe.clone(),
        args: args(layout.config_file()),
        args_again: args(layout.config_again_file()),
        gomemlimit: format!("{}MiB", options.gomemlimit_mib),
        output: layout.output_file(),
        lock,
    };
    let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
    let (tell, ended) = watch::channel(None);
    let (started, first) = oneshot::channel();
    let theirs = shared.clone();
    thread::Builder::new()
        .name("nats-server".to_owned())
        .spawn(move || match recipe.first() {
            Err(error) => started.send(Err(error)).unwrap_or_default(),
            Ok(child) => {
                theirs.lock().pid = pid_of(&child);
                started.send(Ok(())).unwrap_or_default();
                let last = keep_alive(&recipe, &theirs, child);
                // Before anybody hears of the end, the folder is free for another owner.
                drop(recipe);
                tell.send_replace(last);
            }
        })
        .map_err(Error::Thread)?;
    match first.await {
        Ok(Ok(())) => Ok(Child { shared, ended }),
        Ok(Err(source)) => Err(Error::NotRunnable { path: exe, source }),
        Err(_) => Err(Error::NotReady { log: layout.output_file() }),
    }
}

/// Waits for the child and starts it again until a stop is asked for, or until it dies before it
/// was ever ready. Gives how it ended last.
fn keep_alive(recipe: &Recipe, shared: &Shared, first: process::Child) -> Option<ExitStatus> {
    let mut child = first;
    let mut delay = FIRST_DELAY;
    loop {
        let begun = Instant::now();
        let status = reap(shared, &mut child);
        if shared.is_over() {
            return status;
        }
        if begun.elapsed() >= SETTLED {
            delay = FIRST_DELAY;
        }
        let how = status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
        if delay == FIRST_DELAY {
            tracing::error!(how, "nats-server died, starting it again on the same port");
        } else {
            tracing::debug!(how, ?delay, "nats-server died again");
        }
        child = loop {
            if shared.wait_unless_over(delay) {
                return status;
            }
            delay = (delay * 2).min(LONGEST_DELAY);
            match recipe.again() {
                Ok(child) => break child,
                Err(error) => tracing::error!(%error, "nats-server can't be started"),
            }
        };
        shared.adopt(&child);
    }
}

/// Waits for the end without reaping, so that the number stays the child's until it is forgotten.
fn reap(shared: &Shared, child: &mut process::Child) -> Option<ExitStatus> {
    if let Some(pid) = pid_of(child) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(pid), options).err() == Some(rustix::io::Errno::INTR) {}
    }
    let mut state = shared.lock();
    state.pid = None;
    child.wait().ok()
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a dead child stays dead.
    fn is_over(&self) -> bool {
        let state = self.lock();
        state.stopping || !state.settled
    }

    /// True at once when a stop is asked for, false after `delay`.
    fn wait_unless_over(&self, delay: Duration) -> bool {
        let wait = self.changed.wait_timeout_while(self.lock(), delay, |state| !state.stopping);
        wait.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// A stop that came while the child was being started did not know it.
    fn adopt(&self, child: &process::Child) {
        let mut state = self.lock();
        state.pid = pid_of(child);
        if state.stopping {
            signal(&state, Signal::KILL);
        }
    }
}

impl Child {
    /// Waits until the first child is ready, and gives its ports. From then on it is kept alive.
    pub(super) async fn ready(&self, layout: &Layout) -> Result<Ports, Error> {
        let wait = async {
            loop {
                if let Some(ports) = self.pid().and_then(|pid| read_ports(layout, pid))
                    && monitor::is_healthy(&format!("127.0.0.1:{}", ports.monitor)).await
                {
                    return ports;
                }
                tokio::time::sleep(POLL).await;
            }
        };
        let mut ended = self.ended.clone();
        let log = layout.log_file();
        let ready = tokio::select! {
            biased;
            ports = wait => Ok(ports),
            ended = ended.wait_for(Option::is_some) => Err(match ended.ok().and_then(|s| *s) {
                Some(status) => Error::Died { status, reason: last_words(layout), log },
                None => Error::NotReady { log },
            }),
            () = tokio::time::sleep(START_LIMIT) => Err(Error::NotReady { log }),
        };
        match &ready {
            Ok(_) => self.shared.lock().settled = true,
            Err(_) => self.kill(),
        }
        ready
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.shared.lock().pid.map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// SIGTERM, and SIGKILL when that does not help. Gives how the child ended.
    pub(super) async fn stop(&self) -> Option<ExitStatus> {
        self.end(Signal::TERM);
        let mut ended = self.ended.clone();
        if tokio::time::timeout(TERM_LIMIT, closed(&mut ended)).await.is_err() {
            tracing::error!("nats-server did not end in time and is killed");
            self.end(Signal::KILL);
            closed(&mut ended).await;
        }
        *self.ended.borrow()
    }

    pub(super) fn kill(&self) {
        self.end(Signal::KILL);
    }

    fn end(&self, with: Signal) {
        let mut state = self.shared.lock();
        state.stopping = true;
        signal(&state, with);
        self.shared.changed.notify_all();
    }
}

/// Dropped in the middle of a start, too, nothing is left running.
impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn closed(ended: &mut watch::Receiver<Option<ExitStatus>>) {
    while ended.changed().await.is_ok() {}
}

fn signal(state: &State, with: Signal) {
    if let Some(pid) = state.pid
        && let Err(error) = kill_process(pid, with)
    {
        tracing::warn!(%error, "nats-server can't be signalled");
    }
}

fn pid_of(child: &process::Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}

/// The file that the server writes when it listens.
fn read_ports(layout: &Layout, pid: u32) -> Option<Ports> {
    #[derive(Deserialize)]
    struct Listening {
        nats: Vec<String>,
        monitoring: Vec<String>,
    }
    let port = |urls: &[String]| urls.first()?.rsplit(':').next()?.parse().ok();
    let mut files = std::fs::read_dir(layout.ports_dir()).ok()?.flatten();
    let file = files
        .find(|file| file.file_name().to_string_lossy().ends_with(&format!("_{pid}.ports")))?;
    let listening: Listening =
        serde_json::from_str(&std::fs::read_to_string(file.path()).ok()?).ok()?;
    Some(Ports { client: port(&listening.nats)?, monitor: port(&listening.monitoring)? })
}

/// What the server said last, in its log or before it had one.
fn last_words(layout: &Layout) -> String {
    let last = |path: &Path| {
        let text = std::fs::read_to_string(path).ok()?;
        text.lines().rfind(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
    };
    last(&layout.output_file())
        .or_else(|| last(&layout.log_file()))
        .unwrap_or_else(|| "it said nothing".to_owned())
}
