//! Tasks beside a node: others use the node for as long as it runs, without keeping it running.

use std::{future::Future, net::SocketAddr, sync::Arc};

use tokio::sync::watch;

use super::{Expected, NetError, TargetId, dial, node::Node, shared::Shared};
use crate::id::DeviceId;

/// A hand on a node that ends with the node, not the other way round.
#[derive(Clone, Debug)]
pub struct Dialler {
    shared: Arc<Shared>,
}

impl Node {
    /// Runs something until it is done or the node ends.
    pub fn beside<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Dialler) -> F) {
        let (running, stop) = (task(Dialler { shared: self.shared.clone() }), self.shared.stop.clone());
        self.shared.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = running => {}
            }
        });
    }
}

impl Dialler {
    /// As [`Node::dial`], and so that these are the only addresses tried from the next attempt on.
    ///
    /// # Errors
    /// [`NetError::Crowded`] when too many peers are dialled.
    pub fn dial(&self, addresses: &[SocketAddr], expected: Expected) -> Result<TargetId, NetError> {
        let target = dial::aim(&self.shared, addresses, expected, None)?;
        self.shared.redirect(target, addresses);
        Ok(TargetId(target))
    }

    /// Ends a target, as [`Node::hang_up`] does.
    pub fn hang_up(&self, target: TargetId) {
        if let Some(target) = self.shared.target(target.0) {
            target.stop.cancel();
        }
    }

    /// Whether a device is connected.
    pub fn is_connected(&self, device: DeviceId) -> bool {
        self.shared.is_connected(device)
    }

    /// Changes whenever the network does.
    pub fn network(&self) -> watch::Receiver<u64> {
        self.shared.network.subscribe()
    }
}
