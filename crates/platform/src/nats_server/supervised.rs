//! The body of the hidden command `weft nats-child`: make a program die with its parent.

use std::{
    ffi::{OsStr, OsString},
    io,
    os::unix::process::CommandExt as _,
    process::Command,
};

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

/// Becomes the program of `args` — the process id of the parent, the program, its arguments — which
/// then gets SIGTERM when the parent's starting thread ends. Comes back only with an error.
///
/// The request outlives `exec` (unless the program is set-user-id), so that no code has to run
/// between `fork` and `exec`, which would be unsafe.
pub fn exec_supervised(args: impl IntoIterator<Item = OsString>) -> io::Error {
    let mut args = args.into_iter();
    let (Some(parent), Some(program)) = (args.next().as_deref().and_then(pid), args.next()) else {
        return io::Error::new(
            io::ErrorKind::InvalidInput,
            "give the parent's process id and a program; this command is for weft itself",
        );
    };
    if let Err(error) = set_parent_process_death_signal(Some(Signal::TERM)) {
        return error.into();
    }
    // The parent may have died before the request.
    if getppid() != Some(parent) {
        return io::Error::other("the parent has ended; there is nothing to do");
    }
    Command::new(program).args(args).exec()
}

fn pid(text: &OsStr) -> Option<Pid> {
    Pid::from_raw(text.to_str()?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> String {
        exec_supervised(args.iter().map(OsString::from)).to_string()
    }

    #[test]
    fn without_a_parent_and_a_program_nothing_is_run() {
        assert!(run(&[]).contains("this command is for weft itself"));
        assert!(run(&["me", "/bin/true"]).contains("this command is for weft itself"));
    }
}
