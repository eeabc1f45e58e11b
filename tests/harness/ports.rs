//! Ports that stay a test's own, also while nobody listens there.
//!
//! A port that the system hands out is handed out again as soon as it is closed: to any socket of the tests beside this
//! one. A relay that is started again would find somebody else in its place now and then. Nor is a port tried by listening
//! there: a program that another test starts at that moment holds a copy of the socket for a while.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr},
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
        if place.try_lock().is_ok() && !is_taken(port) {
            OWN.lock().expect("nobody panics here").push(place);
            return SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        }
    }
    panic!("no port is free")
}

/// Whether a socket has that port, as the system says where it says so.
fn is_taken(port: u16) -> bool {
    let end = format!(":{port:04X}");
    ["tcp", "tcp6", "udp", "udp6"].iter().any(|table| {
        let sockets = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        sockets.lines().filter_map(|line| line.split_whitespace().nth(1)).any(|own| own.ends_with(&end))
    })
}

fn first_handed_out() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(HANDED_OUT)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn a_port_that_somebody_has_is_seen() {
        let (line, packets) =
            (TcpListener::bind("127.0.0.1:0").expect("a port"), UdpSocket::bind("[::]:0").expect("a port"));

        assert!(is_taken(line.local_addr().expect("an address").port()));
        assert!(is_taken(packets.local_addr().expect("an address").port()));
    }

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
