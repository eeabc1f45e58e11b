//! The relay between buildings: a real one, as a process of its own. Phones of different buildings sync with it and
//! never with each other.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use linli_core::{id::CommandId, key::DeviceRecord, net::Conversation, net::Expected, replica::Replica};
use linli_tests::{Break, office::Office};

/// How long the relay may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes given to the pipe at once.
const PIECE: usize = 16 * 1024;

/// The relay, until it is dropped.
pub(crate) struct Exchange {
    office: Office,
    record: DeviceRecord,
}

/// What came of a sync.
#[derive(Default)]
pub(crate) struct Synced {
    /// Bytes to the relay and back.
    pub bytes: u64,
    /// Events that somebody lacked.
    pub news: u64,
    /// Whether the pipe broke, as it was told to.
    pub cut: bool,
}

impl Exchange {
    /// Starts a relay and has the founder admit it.
    pub(crate) fn begin(founder: &Replica, id: CommandId, dir: &Path) -> Result<Self> {
        let office = Office::open(&dir.join("relay"));
        let card = office.card();
        let record = card.record;
        founder.admit_relay(id, card, None)?;
        office.allow(&founder.relay_pass()?);
        let exchange = Self { office, record };
        exchange.until_known(founder)?;
        Ok(exchange)
    }

    /// A running relay looks for what it was allowed once a second.
    fn until_known(&self, founder: &Replica) -> Result<()> {
        for _ in 0..50 {
            if self.sync(founder, Break::Never).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        self.sync(founder, Break::Never).map(drop).context("the relay does not take the community in")
    }

    /// A phone syncs with the relay until both are in step, or the pipe breaks.
    pub(crate) fn sync(&self, phone: &Replica, end: Break) -> Result<Synced> {
        let expected = Expected::Unlisted(self.record.device);
        let mut session = phone.dial_pipe(expected)?;
        let mut stream = TcpStream::connect(self.office.address())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut left = match end {
            Break::Never => usize::MAX,
            Break::After(bytes) => bytes,
        };
        let mut synced = Synced::default();
        let mut heard = vec![0; PIECE];
        loop {
            loop {
                let said = session.send(PIECE)?;
                if said.is_empty() {
                    break;
                }
                let passes = said.len().min(left);
                stream.write_all(&said[..passes])?;
                (left, synced.bytes) = (left - passes, synced.bytes + passes as u64);
                if passes < said.len() {
                    return Ok(Synced { cut: true, ..synced });
                }
            }
            if session.is_in_step() {
                session.close();
                let _gone = session.send(PIECE).map(|said| stream.write_all(&said));
                let progress = session.progress();
                synced.news = progress.sent.events + progress.received.events;
                return Ok(synced);
            }
            let count = match stream.read(&mut heard) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    bail!("the relay is silent")
                }
                read => read?,
            };
            ensure!(count > 0, "the relay hung up");
            synced.bytes += count as u64;
            session.receive(&heard[..count])?;
        }
    }
}
