//! `linli-relay`: the program in the community office.

mod command;
mod output;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use linli_relay::{
    NoRoom,
    config::{Config, Layer},
};
use output::Output;

/// Keeps and forwards sealed events between buildings. It can read none of them.
///
/// Start it with `linli-relay serve`. It prints a code: a coordinator scans it, or types `phone relay add CODE`, and
/// gets a code back for `linli-relay allow CODE`. From then on phones find the relay by themselves.
///
/// 在楼栋之间转存加密的事件，自己一条也读不了。用 `linli-relay serve` 启动。
///
/// Exit codes: 0 it is done, 1 it failed and said why, 2 the command line is not understood, 3 there is no room left on the disk,
/// or it can only be read.
#[derive(Parser)]
#[command(name = "linli-relay", version, max_term_width = 100)]
struct Cli {
    /// Print JSON: one document, or one line for each piece of news
    #[arg(long, global = true)]
    json: bool,
    /// The file with settings (TOML)
    #[arg(long, global = true, env = "LINLI_RELAY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Layer,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run until stopped: Ctrl-C or SIGTERM end all conversations first
    ///
    /// Prints the code by which a coordinator admits this relay, then logs to stderr. Phones come on UDP and TCP port
    /// 4433: open both in the firewall. The status page is on http://127.0.0.1:4480, for this machine alone; to see it
    /// from elsewhere, set --status 0.0.0.0:4480 and --status-token, and open http://…:4480/?token=WORD once.
    Serve,
    /// Show every setting, and where it comes from
    ///
    /// A flag beats the environment, the environment the file of --config, the file the default. In the file each
    /// setting has the name of its flag: `community-mb = 8000`.
    Config,
    /// Show the code by which a coordinator admits this relay
    Card,
    /// Allow a community, by the code that a coordinator's phone shows. A running relay takes it in by itself
    ///
    /// The code comes from `phone relay add CARD`, where CARD is what `linli-relay card` shows. It holds no secret: it
    /// says which community may keep its sealed events here.
    Allow {
        /// The code: LINLI-ALLOW:…
        code: String,
    },
    /// List the communities and how much each keeps
    Communities,
    /// Say how a running relay is doing
    ///
    /// Asks the status page at the address of --status, with the word of --status-token if one is set.
    Status,
    /// Say what a phone would find: ports, address, clock, disk
    ///
    /// Fails if something would keep phones away. Works beside a running relay too.
    Doctor,
    /// Give space of forgotten bodies back to the disk; not while it runs
    Compact,
    /// Copy everything into one directory, also while it runs; the copy holds the relay's keys
    Backup {
        /// The directory, which must not exist
        to: PathBuf,
    },
    /// Put a copy in the place of what is kept; not while it runs. Phones give back what the copy lacks
    Restore {
        /// The directory of the copy
        from: PathBuf,
    },
}

/// The exit code of [`NoRoom`].
const NO_ROOM: u8 = 3;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.json };
    let done = Config::load(cli.settings, cli.config.as_deref()).and_then(|config| match cli.command {
        Command::Serve => command::serve(&config, output),
        Command::Config => command::config(&config, output),
        Command::Card => command::card(&config, output),
        Command::Allow { code } => command::allow(&config, &code, output),
        Command::Communities => command::communities(&config, output),
        Command::Status => command::status(&config, output),
        Command::Doctor => command::doctor(&config, output),
        Command::Compact => command::compact(&config, output),
        Command::Backup { to } => command::backup(&config, &to, output),
        Command::Restore { from } => command::restore(&config, &from, output),
    });
    match done.map_err(NoRoom::or) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.fail(&error);
            if error.is::<NoRoom>() { ExitCode::from(NO_ROOM) } else { ExitCode::FAILURE }
        }
    }
}
