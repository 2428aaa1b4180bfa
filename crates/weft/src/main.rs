//! Weft: the one binary. `weft up` runs everything; `weft serve` runs chosen services; the other
//! commands talk to a running suite over gRPC and never open its databases.

mod admin;
mod cli;
mod client;
mod clock;
mod commands;
mod demo;
mod first;
mod generate;
mod output;
mod services;
mod simulate;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // Not for people: how nats-server is made to die with `weft`.
    let mut arguments = std::env::args_os();
    if arguments.nth(1).is_some_and(|first| first == "nats-child") {
        let error = platform::nats_server::exec_supervised(arguments);
        output::error(&format!("nats-server cannot be run: {error}"));
        return ExitCode::FAILURE;
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which stream each belongs to.
            let _unprintable = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(commands::run(cli)),
        Err(error) => {
            output::error(&format!("the runtime cannot start: {error}"));
            ExitCode::FAILURE
        }
    }
}
