//! The command line's words. They are a contract: see `weft help`.

mod nats;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use nats::{Nats, Users};

/// A county, its townships and its villages on one log.
#[derive(Parser, Debug)]
#[command(name = "weft", version, about, disable_help_subcommand = false)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run everything in one process, with nats-server as a child
    Up(RunArgs),
    /// Run chosen services against a given NATS and database
    Serve {
        /// The services, such as intake,dispatch; all where none is named
        #[arg(long, value_delimiter = ',')]
        service: Vec<String>,
        #[command(flatten)]
        options: RunArgs,
    },
    /// A synthetic county that lives: filled from a seed, and played
    Demo(Demo),
    /// Fill a register from a file
    Import {
        #[command(subcommand)]
        what: Import,
    },
    /// Sign tokens, make sign-in links, keep the tokens of portals
    Token {
        #[command(subcommand)]
        what: Token,
    },
    /// Who read what, and who was refused what
    Audit {
        #[command(subcommand)]
        what: Audit,
    },
    /// A nats-server that others start, and who may read the public stream
    Nats {
        #[command(subcommand)]
        what: Nats,
    },
    /// The keys of the vault: how they stand, a new master key
    Vault {
        #[command(subcommand)]
        what: Vault,
    },
    /// Play whole cases through gRPC, as clients do
    Simulate(Simulate),
    /// Is all well; services, tables, processes, the log, how full it is
    Status {
        #[command(flatten)]
        suite: SuiteArgs,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// The log is gapless, its chains hold, every table equals the fold of the log
    Verify {
        #[command(flatten)]
        suite: SuiteArgs,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What is wrong and what to do, whether the suite runs or not; exits 1 if anything failed
    Doctor {
        #[command(flatten)]
        suite: SuiteArgs,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Build a table anew from the log; reads go on from the old one until it is swapped in
    Rebuild {
        /// The table, as `weft status` names it, such as intake.cases
        #[arg(value_name = "SERVICE.TABLE")]
        table: String,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// A shell's completions of these words, on standard output
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// The configuration as it comes out
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Exit 0 if the suite serves: for container health checks
    Healthcheck {
        /// Where gRPC is served
        #[arg(long, default_value = "127.0.0.1:7600")]
        grpc: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Make synthetic data, from a seed
    Generate {
        #[command(subcommand)]
        what: Generate,
    },
}

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Settings {
    /// A configuration file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One setting, such as grpc.listen=127.0.0.1:7601; repeat for more
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Where everything that lasts is kept
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Where HTTP is served
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<String>,
    /// Where gRPC is served
    #[arg(long, value_name = "ADDR")]
    pub(crate) grpc: Option<String>,
    /// A nats-server to use instead of a child
    #[arg(long, value_name = "URL")]
    pub(crate) nats: Option<String>,
    /// Serve plain HTTP to a proxy that does TLS, at these addresses; repeat for more
    #[arg(long, value_name = "CIDR")]
    pub(crate) behind_proxy: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    #[command(subcommand)]
    pub(crate) what: Option<DemoCommand>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// The same seed makes the same county; a folder keeps the seed of its first start
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// How fast it is played
    #[arg(long, value_enum, default_value_t = Pace::Human)]
    pub(crate) pace: Pace,
    /// Stop by itself after so long: 90s, 10m, 8h
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) lasting: Option<String>,
    /// How many grids
    #[arg(long, hide = true)]
    pub(crate) grids: Option<usize>,
    /// How many cameras
    #[arg(long, hide = true)]
    pub(crate) cameras: Option<usize>,
}

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum DemoCommand {
    /// Print fresh sign-in links for the demo that runs
    Links {
        /// The folder of the demo
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// How fast the demo is played.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As people work: a report each 6 to 15 seconds, a step after up to a minute
    Human,
    /// Fifty times as fast
    Brisk,
}

/// How a command reaches a running suite.
#[derive(Args, Debug)]
pub(crate) struct SuiteArgs {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Where the suite serves gRPC
    #[arg(long, default_value = "127.0.0.1:7600", value_name = "ADDR")]
    pub(crate) grpc: String,
    /// A token to use instead of one signed with the keys of --data
    #[arg(long)]
    pub(crate) token: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ImportFile {
    /// The file
    pub(crate) file: PathBuf,
    /// Only check it
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) suite: SuiteArgs,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Import {
    /// Divisions, from CSV: code,name,level,parent
    Divisions(ImportFile),
    /// Grids, from GeoJSON
    Grids(ImportFile),
    /// The category catalogue, from CSV, XLSX or JSON with the columns in the README of the service intake
    Categories(ImportFile),
    /// Cameras, from XLSX or CSV with the columns in the README of the service camera
    Cameras(ImportFile),
}

#[derive(Subcommand, Debug)]
pub(crate) enum Token {
    /// Sign a token and print it
    Issue {
        #[command(flatten)]
        duty: Duty,
        /// How long it holds: 90s, 30m, 8h, 7d
        #[arg(long, default_value = "8h")]
        ttl: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Have the suite make a link that signs one person in, once, and print it
    Link {
        #[command(flatten)]
        duty: Duty,
        /// The name of the new person, where none is named with --person
        #[arg(long, default_value = "weft token link")]
        name: String,
        /// How long it can be used: at most 24h
        #[arg(long, default_value = "1h")]
        ttl: String,
        /// How long the session lasts: at most 12h, for members, clerks and residents 30d
        #[arg(long, default_value = "8h")]
        session: String,
        /// Where browsers find the suite
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: String,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Have the suite make a link by which a person sets up an account, once, and print it
    Enrol {
        /// Whose account: the id of somebody who is registered
        #[arg(long)]
        person: String,
        /// How long it can be used: at most 24h
        #[arg(long, default_value = "1h")]
        ttl: String,
        /// Where browsers find the suite
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: String,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Tokens of portals and other services
    Service {
        #[command(subcommand)]
        what: ServiceTokens,
    },
}

/// Tokens of portals and other services.
#[derive(Subcommand, Debug)]
pub(crate) enum ServiceTokens {
    /// Make a token for named methods of one division, and print it: it is shown once
    Create {
        /// Its name: a-z, 0-9 and _
        name: String,
        /// The division that its bearer may act for
        #[arg(long)]
        division: String,
        /// A method, such as /weft.intake.v1.IntakeService/ReportCase; repeat for more
        #[arg(long = "method", value_name = "PATH", required = true)]
        methods: Vec<String>,
        /// How long it is valid: at most 400d
        #[arg(long, default_value = "90d")]
        ttl: String,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Print a new token; the one before is taken for a while beside it
    Rotate {
        /// The token's id, as the list has it
        id: String,
        /// How long the one before is taken: at most 30d
        #[arg(long, default_value = "1h")]
        overlap: String,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Take a token back, with those before it
    Revoke {
        /// The token's id, as the list has it
        id: String,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Print every token with its division, its end and its methods
    List {
        #[command(flatten)]
        suite: SuiteArgs,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum Audit {
    /// Write the audit trail with the changes of the log as lines of JSON that anybody can check
    Export {
        /// From when on: RFC 3339, such as 2026-11-01T00:00:00Z
        #[arg(long)]
        from: Option<String>,
        /// Until when
        #[arg(long)]
        until: Option<String>,
        /// The file; standard output where none is named
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Check such a file by itself; exits 1 if it was changed
    Verify {
        /// The file
        file: PathBuf,
    },
}

/// A role with its scope, and who holds it.
#[derive(Args, Debug)]
pub(crate) struct Duty {
    /// resident, grid_member, department_clerk, verifier, operator, supervisor, administrator,
    /// security_administrator, audit_administrator or integrator
    #[arg(long)]
    pub(crate) role: String,
    /// The division of the scope
    #[arg(long)]
    pub(crate) division: Option<String>,
    /// The grid of the scope
    #[arg(long)]
    pub(crate) grid: Option<String>,
    /// The organisation of the scope
    #[arg(long)]
    pub(crate) org: Option<String>,
    /// Whose it is; a new person where none is named
    #[arg(long)]
    pub(crate) person: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Vault {
    /// Under which generation of the master key the persons' keys are sealed, and what is left under an
    /// older one
    Status {
        #[command(flatten)]
        suite: SuiteArgs,
    },
    /// Make a new master key and seal every person's key under it, while the suite runs; run again, it
    /// ends what was cut short
    Rotate {
        #[command(flatten)]
        suite: SuiteArgs,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum ConfigCommand {
    /// Print every setting with where it comes from; secrets are not shown
    Print(Settings),
    /// Exit 0 if the configuration is good
    Check(Settings),
}

#[derive(Subcommand, Debug)]
pub(crate) enum Generate {
    /// Grids over the villages of a county, as GeoJSON on standard output: synthetic, and says so
    Grids {
        /// The divisions, as CSV
        #[arg(long)]
        divisions: PathBuf,
        /// How many grids
        #[arg(long, default_value_t = 317)]
        count: usize,
        /// The seed
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Cameras in the grids of a county, as CSV on standard output: synthetic, and says so
    Cameras {
        /// The divisions, as CSV
        #[arg(long)]
        divisions: PathBuf,
        /// The grids, as GeoJSON
        #[arg(long)]
        grids: PathBuf,
        /// How many cameras
        #[arg(long, default_value_t = 6020)]
        count: usize,
        /// The seed
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// How many cases
    #[arg(long, default_value_t = 100)]
    pub(crate) cases: usize,
    /// How many at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) concurrency: usize,
    /// The same seed plays the same cases
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Append what was acknowledged to this file, a line each: case, step, sequence
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// How long a step is tried again while the suite is away, in seconds
    #[arg(long, default_value_t = 60)]
    pub(crate) patience: u64,
    #[command(flatten)]
    pub(crate) suite: SuiteArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_can_be_parsed() {
        Cli::command().debug_assert();
    }
}
