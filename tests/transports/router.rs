//! A router between a phone and the world: counts packets, and now and then gives the phone another address.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{net::UdpSocket, sync::watch};

/// Forwards UDP between one phone and one other.
pub(crate) struct Router {
    /// Where the phone sends to.
    pub(crate) inside: SocketAddr,
    packets: Arc<AtomicUsize>,
    outside: watch::Sender<Arc<UdpSocket>>,
}

async fn socket() -> Arc<UdpSocket> {
    Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
}

impl Router {
    pub(crate) async fn before(other: SocketAddr) -> Self {
        let inner = socket().await;
        let outside = watch::Sender::new(socket().await);
        let packets = Arc::new(AtomicUsize::new(0));
        let router = Self { inside: inner.local_addr().unwrap(), packets: packets.clone(), outside: outside.clone() };
        tokio::spawn(async move {
            let mut phone = other;
            let (mut out, mut back) = (vec![0; 2048], vec![0; 2048]);
            let mut changed = outside.subscribe();
            loop {
                let outer = outside.borrow().clone();
                tokio::select! {
                    Ok((count, from)) = inner.recv_from(&mut out) => {
                        phone = from;
                        drop(outer.send_to(&out[..count], other).await);
                    }
                    Ok(count) = outer.recv(&mut back) => drop(inner.send_to(&back[..count], phone).await),
                    _ = changed.changed() => continue,
                }
                packets.fetch_add(1, Ordering::Relaxed);
            }
        });
        router
    }

    /// The phone is seen under another address from now on.
    pub(crate) async fn readdress(&self) {
        self.outside.send_replace(socket().await);
    }

    /// Packets forwarded so far, both ways.
    pub(crate) fn packets(&self) -> usize {
        self.packets.load(Ordering::Relaxed)
    }
}
