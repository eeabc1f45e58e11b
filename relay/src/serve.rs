//! A relay at work: it listens, looks for communities that were allowed since, and does what is due.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use linli_core::{
    key::DeviceRecord,
    net::{Connected, ConnectionLimits, Node, NodeOptions},
    roster::RelayCard,
    time::SystemClock,
};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use crate::{Communities, Home, config::Config, status::Page};

/// How often communities that were allowed are looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How often what is due is done, in looks.
const TEND: u32 = 60;

/// A relay that runs, until it is stopped.
#[derive(Debug)]
pub struct Relay {
    communities: Arc<Communities>,
    node: Node,
    record: DeviceRecord,
    announce: Vec<String>,
    page: Page,
}

impl Relay {
    /// Opens everything and begins to listen. Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    /// What cannot be opened, or listened on.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        Page::may_be_shown(config)?;
        let home = Home::new(&config.data.value);
        let (quota, speed) = (config.quota(), config.speed());
        let open = move || {
            let communities = Communities::open(home.clone(), quota, speed, Arc::new(SystemClock))?;
            anyhow::Ok((Arc::new(communities), home.keys()?.record()))
        };
        let (communities, record) = spawn_blocking(open).await??;
        let at_most = ConnectionLimits {
            connections: config.connections.value,
            per_address: config.per_address.value,
            handshakes: config.handshakes.value,
            handshakes_per_address: config.handshakes_per_address.value,
            handshake: Duration::from_secs(config.handshake_seconds.value),
            ..ConnectionLimits::default()
        };
        let options =
            NodeOptions { listen: Some(config.listen.value), nearby: false, at_most, ..NodeOptions::default() };
        let node = Node::start(communities.clone(), options)?;
        let page = Page::start(communities.clone(), config).await?;
        Ok(Self { communities, node, record, announce: config.announce.value.clone(), page })
    }

    /// The communities it serves.
    pub fn communities(&self) -> &Arc<Communities> {
        &self.communities
    }

    /// Who is connected.
    pub fn connected(&self) -> Vec<Connected> {
        self.node.connected()
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.node.port()
    }

    /// What a coordinator's phone is shown to admit this relay.
    pub fn card(&self) -> RelayCard {
        card(self.record, &self.announce, &self.node.local_addresses())
    }

    /// Where the status page is.
    pub fn page(&self) -> SocketAddr {
        self.page.address()
    }

    /// Does what is due from time to time, until what it is in is dropped.
    pub async fn run(&self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count = 0_u32;
        loop {
            looks.tick().await;
            let (communities, due) = (self.communities.clone(), count.is_multiple_of(TEND));
            count = count.wrapping_add(1);
            let done = spawn_blocking(move || look(&communities, due)).await;
            if let Err(error) = done {
                tracing::error!(%error, "upkeep broke off");
            }
        }
    }

    /// Ends all conversations; what was acknowledged is durable. Notes who was here, and closes the stores.
    pub async fn stop(self) {
        self.node.shutdown().await;
        self.page.stop().await;
        let communities = self.communities;
        let done = spawn_blocking(move || communities.tend()).await;
        if !matches!(done, Ok(Ok(_))) {
            tracing::error!("upkeep failed at the end");
        }
    }
}

fn look(communities: &Communities, due: bool) {
    match communities.look_for_new() {
        Ok(0) => {}
        Ok(new) => tracing::info!(new, "communities were allowed"),
        Err(error) => tracing::error!(%error, "a community cannot be opened"),
    }
    if due {
        match communities.tend() {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "erased bodies are gone"),
            Err(error) => tracing::error!(%error, "upkeep failed"),
        }
    }
    communities.note_health();
}

/// What a relay shows: its keys, and where it is reached.
pub fn card(record: DeviceRecord, announce: &[String], local: &[SocketAddr]) -> RelayCard {
    let local = local.iter().map(ToString::to_string);
    RelayCard { record, addresses: if announce.is_empty() { local.collect() } else { announce.to_vec() } }
}
