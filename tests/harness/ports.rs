//! Ports that stay a test's own, also while nobody listens there.
//!
//! A port that the system hands out is handed out again as soon as it is closed: to any socket of the tests beside this
//! one. A relay that is started again would find somebody else in its place now and then.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    sync::Mutex,
};

use rand::RngExt;

/// Below this are ports of well-known services.
const LOWEST: u16 = 10_000;
/// Where the ports that the system hands out begin, on machines that do not say so.
const HANDED_OUT: u16 = 32_768;

/// An address of this machine that no socket is given by chance and no other test takes, until this process ends.
///
/// # Panics
/// When no port is free.
pub fn own_port() -> SocketAddr {
    static OWN: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let highest = first_handed_out().max(LOWEST + 1_000);
    let places = std::env::temp_dir().join("linli-ports");
    std::fs::create_dir_all(&places).expect("a directory");
    for _ in 0..1_000 {
        let port = rand::rng().random_range(LOWEST..highest);
        let Ok(place) = File::create(places.join(port.to_string())) else { continue };
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if place.try_lock().is_ok() && TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok() {
            OWN.lock().expect("nobody panics here").push(place);
            return at;
        }
    }
    panic!("no port is free")
}

fn first_handed_out() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(HANDED_OUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stays_its_tests_own_while_nobody_listens_there() {
        let own: Vec<_> = (0..50).map(|_| own_port()).collect();

        let handed_out: Vec<_> = (0..500).map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")).collect();

        let taken =
            |at: &SocketAddr| handed_out.iter().any(|socket| socket.local_addr().is_ok_and(|other| other == *at));
        assert!(!own.iter().any(taken));
        assert!((1..own.len()).all(|nth| !own[..nth].contains(&own[nth])), "each is given once: {own:?}");
        assert!(own.iter().all(|at| TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok()));
    }
}
