//! TCP, for networks that block UDP: the same TLS, as a [`PipeSession`] over the stream.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Expected, NetError, PipeSession,
    calls::{Call, Via},
    drive::Driver,
    room::Seat,
    shared::{Ended, Shared, ask},
};
use crate::{id::DeviceId, limits};

const HELLO: Duration = Duration::from_millis(limits::HELLO_MS);
/// How long to wait when the machine gives no more sockets.
const BREATH: Duration = Duration::from_millis(100);

/// A stream through its handshake.
pub(super) struct TcpConnection {
    driver: Driver<PipeSession, OwnedReadHalf, OwnedWriteHalf>,
    /// Who syncs; nobody where somebody asks to be admitted.
    device: Option<DeviceId>,
    address: SocketAddr,
}

/// Dials one address, up to the end of the handshake.
pub(super) async fn dial(shared: &Shared, address: SocketAddr, expected: Expected) -> Result<TcpConnection, NetError> {
    let stream = timeout(HELLO, TcpStream::connect(address)).await.map_err(|_| NetError::Silent)??;
    let session = PipeSession::dial_with(shared.tls.clone(), expected)?;
    shake(shared, session, stream, address).await
}

/// Takes in who dials, until told to stop.
pub(super) async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                if let Some(seat) = shared.tcp_room.take(address, shared.met.standing(address)) {
                    shared.tasks.spawn(greet(shared.clone(), stream, address, seat));
                }
            }
            Err(error) => {
                tracing::debug!(%error, "no connection could be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn greet(shared: Arc<Shared>, stream: TcpStream, address: SocketAddr, seat: Seat) {
    let shake = async {
        let session = PipeSession::accept_with(shared.tls.clone())?;
        shake(&shared, session, stream, address).await
    };
    let shaken = tokio::select! {
        () = seat.lost() => Err(if seat.is_lost() { NetError::Crowded } else { NetError::Stopped }),
        shaken = timeout(shared.options.at_most.handshake, shake) => shaken.unwrap_or(Err(NetError::Silent)),
    };
    match shaken {
        Ok(connection) => drop(carry(&shared, connection, Some(seat), &shared.stop).await),
        Err(error) => tracing::debug!(%error, "a handshake failed"),
    }
}

async fn shake(
    shared: &Shared,
    mut session: PipeSession,
    stream: TcpStream,
    address: SocketAddr,
) -> Result<TcpConnection, NetError> {
    stream.set_nodelay(true)?;
    session.keep_alive(shared.options.keep_alive);
    let (reader, writer) = stream.into_split();
    let mut driver = Driver::new(session, reader, writer, shared.host().clone());
    let shaken = driver.until(&shared.stop, &mut |session| session.is_begun()).await;
    if let Err(why) = shaken {
        driver.end().await;
        return Err(why);
    }
    let device = driver.conversation().and_then(PipeSession::peer);
    Ok(TcpConnection { driver, device, address })
}

/// Carries a conversation until it is over; with a seat where the other side dialled.
pub(super) async fn carry(
    shared: &Arc<Shared>,
    connection: TcpConnection,
    seat: Option<Seat>,
    stop: &CancellationToken,
) -> Ended {
    let TcpConnection { driver, device, address } = connection;
    let stop = seat.as_ref().map_or(stop, Seat::ends).clone();
    let Some(device) = device else { return ask(&stop, driver, seat.as_ref()).await };
    let call = Call::new(device, address, Via::Tcp, seat.is_none(), stop.child_token());
    match shared.open(call, seat) {
        Ok(open) => Ended { why: open.run(driver).await, device: Some(device), met: open.is_met() },
        Err(why) => {
            driver.end().await;
            Ended { why, device: Some(device), met: false }
        }
    }
}
