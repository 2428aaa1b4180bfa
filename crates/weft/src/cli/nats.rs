//! The words of `weft nats`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Settings;

#[derive(Subcommand, Debug)]
pub(crate) enum Nats {
    /// Make all keys that are missing in the data folder, and write nats-server.conf with their
    /// public halves; run again, it changes no key
    Init {
        /// The folder of nats-server.conf
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Where clients will connect
        #[arg(long, default_value = "0.0.0.0:4222", value_name = "ADDR")]
        listen: String,
        /// Where the server will tell about itself
        #[arg(long, default_value = "0.0.0.0:8222", value_name = "ADDR")]
        monitor: String,
        /// Where the server will keep its store
        #[arg(long, default_value = "/data", value_name = "DIR")]
        store: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
    /// The users of the public stream
    Users {
        #[command(subcommand)]
        what: Users,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum Users {
    /// Make a user who may read the events of one division, and print where the seed is
    Add {
        /// The user's name: a-z, 0-9 and _
        name: String,
        /// The county, a township or a village of it
        #[arg(long)]
        division: String,
        /// The folder that `weft nats init` wrote, where nats-server is not weft's child
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Give a user another key, and print where its seed is
    Rotate {
        /// The user's name
        name: String,
        /// For how long the key before lets in too, such as 24h; at most 30d
        #[arg(long, value_name = "TIME")]
        overlap: Option<String>,
        /// The folder that `weft nats init` wrote, where nats-server is not weft's child
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Take a user out for good: the connections are closed, and the name is not given again
    Revoke {
        /// The user's name
        name: String,
        /// The folder that `weft nats init` wrote, where nats-server is not weft's child
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// End the keys whose overlap is over; a suite whose child nats-server is does this by itself
    Lapse {
        /// The folder that `weft nats init` wrote, where nats-server is not weft's child
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Print every user with the division, the subjects and what became of the key
    List {
        /// The folder that `weft nats init` wrote, where nats-server is not weft's child
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
}
