//! `weft completions SHELL`: what a shell needs to complete the words of `weft`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::{cli::Cli, output};

pub(super) fn run(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "weft", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end());
}
