//! Pipes whose other side says nothing or takes nothing: whoever waits for one is answered, and by whom.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use linli_core::limits;
use linli_ffi::{
    LinliError,
    net::{peer::Peer, pipe::Pipe},
};
use tokio::time::{sleep, timeout};

use crate::scene::{Home, PATIENCE};

/// Much sooner than a pipe is taken for stalled, on a busy machine too.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn time_passes_though_every_loop_of_the_app_is_stuck() {
    let home = Home::founded().await;
    let pipe = stuck(&home).await;
    let (began, hello) = (Instant::now(), Duration::from_millis(limits::HELLO_MS));
    assert!(pipe.deadline_ms().unwrap().is_some_and(|due| due <= limits::HELLO_MS));

    let said = end(&pipe, hello + PATIENCE).await;

    assert!(is_silent(&said), "{said:?}");
    assert!(began.elapsed() + Duration::from_secs(5) > hello, "no sooner: {:?}", began.elapsed());
    assert!(pipe.state().unwrap().closed);
    let told = pipe.outgoing(16).await;
    assert!(is_silent(&told.map(drop)), "who writes is told as well, and once");
    assert_eq!(pipe.outgoing(16).await, Ok(Vec::new()));
}

#[cfg(feature = "hooks")]
#[tokio::test]
async fn a_pipe_that_takes_nothing_has_stalled() {
    let home = Home::founded().await;
    let pipe = stuck(&home).await;

    pipe.provoke_stall(200).unwrap();

    let said = end(&pipe, SOON).await;
    assert!(is_silent(&said), "{said:?}");
    assert!(pipe.state().unwrap().closed, "how it stood can still be asked");
    assert_eq!(pipe.receive(vec![1]).await, Ok(()), "what comes behind the end is nothing to anybody");
    assert!(home.phone.suspend(60_000).await.unwrap(), "nothing is held");
}

#[cfg(feature = "hooks")]
#[tokio::test]
async fn a_pipe_that_is_slow_or_has_nothing_to_take_has_not_stalled() {
    let home = Home::founded().await;
    let pipe = stuck(&home).await;
    pipe.provoke_stall(1_500).unwrap();

    let piece = u32::try_from(pipe.state().unwrap().unsent / 6).unwrap();
    while pipe.state().unwrap().unsent > 0 {
        assert!(!pipe.outgoing(piece).await.unwrap().is_empty());
        sleep(Duration::from_millis(500)).await;
    }
    sleep(Duration::from_secs(2)).await;

    assert!(!pipe.state().unwrap().closed);
    assert!(timeout(Duration::from_millis(50), pipe.ended()).await.is_err(), "it goes on");
}

#[tokio::test]
async fn sleep_and_letting_go_answer_at_once_whoever_waits_for_the_end() {
    let home = Home::founded().await;
    let (asleep, abandoned, dropped) = (stuck(&home).await, stuck(&home).await, stuck(&home).await);
    let waits = [asleep, abandoned.clone()].map(|pipe| tokio::spawn(async move { end(&pipe, SOON).await }));
    drop(dropped);
    sleep(Duration::from_millis(50)).await;

    abandoned.abandon().unwrap();
    assert!(home.phone.suspend(60_000).await.unwrap());

    let mut ends = Vec::new();
    for wait in waits {
        ends.push(wait.await.unwrap());
    }
    assert_eq!(ends, [Err(LinliError::Suspended), Err(LinliError::Closed)]);
}

#[tokio::test]
async fn a_goodbye_is_over_once_it_is_said_or_nobody_takes_it() {
    let home = Home::founded().await;
    let (said, unsaid, noise) = (dialling(&home).await, stuck(&home).await, home.phone.accept_pipe().await.unwrap());

    said.close().await.unwrap();
    while !said.outgoing(64).await.unwrap().is_empty() {}
    let began = Instant::now();
    assert_eq!(end(&said, SOON).await, Ok(()));
    let taken = began.elapsed();

    unsaid.close().await.unwrap();
    let began = Instant::now();
    assert_eq!(end(&unsaid, SOON).await, Ok(()));
    assert!(taken < began.elapsed(), "last words that were taken are not waited for");

    let refused = noise.receive(vec![0xff; 64]).await;
    assert!(matches!(refused, Err(LinliError::Connection { .. })), "{refused:?}");
    assert_eq!(end(&noise, SOON).await, refused);
}

#[tokio::test]
async fn a_goodbye_to_what_is_over_does_nothing_however_it_ended() {
    let home = Home::founded().await;
    let (said, abandoned, noise, asleep) =
        (dialling(&home).await, stuck(&home).await, home.phone.accept_pipe().await.unwrap(), stuck(&home).await);
    said.close().await.unwrap();
    while !said.outgoing(64).await.unwrap().is_empty() {}
    end(&said, SOON).await.unwrap();
    said.abandon().unwrap();
    abandoned.abandon().unwrap();
    noise.receive(vec![0xff; 64]).await.unwrap_err();
    end(&noise, SOON).await.unwrap_err();

    assert!(home.phone.suspend(60_000).await.unwrap());

    for pipe in [said, abandoned, noise, asleep] {
        assert_eq!(pipe.close().await, Ok(()));
        assert_eq!(pipe.abandon(), Ok(()));
    }
}

async fn dialling(home: &Home) -> Arc<Pipe> {
    home.phone.dial_pipe(Peer::Member).await.unwrap()
}

/// A pipe whose app is stuck writing the first bytes of many.
async fn stuck(home: &Home) -> Arc<Pipe> {
    let pipe = dialling(home).await;
    assert_eq!(pipe.outgoing(16).await.unwrap().len(), 16);
    assert!(pipe.state().unwrap().unsent > 0);
    pipe
}

async fn end(pipe: &Pipe, within: Duration) -> Result<(), LinliError> {
    timeout(within, pipe.ended()).await.expect("it ends")
}

fn is_silent(end: &Result<(), LinliError>) -> bool {
    matches!(end, Err(LinliError::Connection { code, .. }) if code == "silent")
}
