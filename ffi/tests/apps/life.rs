//! Sleep, faults, cancelled calls, many calls at once.

use std::time::Duration;

use linli_core::{
    replica::OrderFilter,
    store::{Store, StoreError},
};
use linli_ffi::{
    LinliError,
    home::bundle::Work,
    ids::new_command_id,
    net::{node::NodeOptions, peer::Peer},
    roster::{joining::JoiningState, withdrawal::wipe_home},
};
use tokio::time::{sleep, timeout};

use crate::scene::{Home, PATIENCE, board, join, post};

/// Milliseconds that are enough on a busy machine too.
const LONG: u64 = 60_000;

#[tokio::test]
async fn a_sleeping_phone_holds_no_file() {
    let home = Home::founded().await;
    home.post("milk").await;
    let node = home.phone.start_node(quiet()).await.unwrap();
    let pipe = home.phone.accept_pipe().await.unwrap();
    assert!(matches!(Store::hold(&home.path()), Err(StoreError::InUse)));

    assert!(home.phone.suspend(LONG).await.unwrap());

    assert!(Store::hold(&home.path()).is_ok(), "nobody holds the home");
    assert_eq!(home.phone.board(OrderFilter::default()).await, Err(LinliError::Suspended));
    assert_eq!(node.connected().err(), Some(LinliError::Suspended));
    assert_eq!(pipe.state(), Err(LinliError::Suspended));
    assert_eq!(pipe.outgoing(100).await, Err(LinliError::Suspended));
    assert!(home.phone.suspend(LONG).await.unwrap(), "to sleep while asleep is no error");

    home.phone.resume().await.unwrap();
    home.phone.resume().await.unwrap();
    assert_eq!(board(&home.phone).await, 1);
    home.phone.close().await.unwrap();
}

#[tokio::test]
async fn who_lets_a_waking_phone_sleep_has_the_last_word() {
    let home = Home::founded().await;
    assert!(home.phone.suspend(LONG).await.unwrap());
    let wake = || {
        let phone = home.phone.clone();
        tokio::spawn(async move { phone.resume().await })
    };
    let waking = [wake(), wake(), wake()];
    tokio::task::yield_now().await;

    assert!(home.phone.suspend(LONG).await.unwrap());

    for woken in waking {
        let woken = woken.await.unwrap();
        assert!(matches!(woken, Ok(()) | Err(LinliError::Suspended)), "{woken:?}");
    }
    assert_eq!(home.phone.device().await, Err(LinliError::Suspended));
    assert!(Store::hold(&home.path()).is_ok());
    home.phone.resume().await.unwrap();
    assert!(home.phone.device().await.is_ok());
}

#[tokio::test]
async fn a_closed_phone_opens_at_once() {
    let home = Home::founded().await;
    assert_eq!(home.open().await.err(), Some(LinliError::HomeInUse), "one phone for each home");

    home.phone.close().await.unwrap();
    home.phone.close().await.unwrap();
    assert_eq!(home.phone.resume().await, Err(LinliError::Closed));
    assert_eq!(home.phone.device().await, Err(LinliError::Closed));

    assert_eq!(board(&home.open().await.unwrap()).await, 0);
}

/// A call under way, and what ends it.
#[cfg(feature = "hooks")]
fn dawdle(home: &Home) -> (tokio::task::JoinHandle<Result<(), LinliError>>, std::sync::mpsc::Sender<()>) {
    let ((begun, begins), (end, ends)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let phone = home.phone.clone();
    let slow = tokio::spawn(async move { phone.dawdle(begun, ends).await });
    begins.recv_timeout(PATIENCE).expect("it begins");
    (slow, end)
}

#[cfg(feature = "hooks")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_under_way_is_waited_for_until_the_deadline_and_no_longer() {
    let home = Home::founded().await;
    let (slow, end) = dawdle(&home);

    assert!(!home.phone.suspend(100).await.unwrap(), "it takes longer");
    assert!(!slow.is_finished(), "nobody waited for it to end");
    end.send(()).unwrap();
    assert_eq!(slow.await.unwrap(), Ok(()), "and ends all the same");

    assert!(home.phone.suspend(LONG).await.unwrap());
    assert!(Store::hold(&home.path()).is_ok());
}

#[cfg(feature = "hooks")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_ends_before_the_deadline_is_waited_for() {
    let home = Home::founded().await;
    let (slow, end) = dawdle(&home);
    let phone = home.phone.clone();
    let asleep = tokio::spawn(async move { phone.suspend(LONG).await });
    while home.phone.device().await != Err(LinliError::Suspended) {
        sleep(Duration::from_millis(5)).await;
    }
    assert!(!asleep.is_finished(), "a call is under way");

    end.send(()).unwrap();

    assert_eq!(timeout(PATIENCE, asleep).await.expect("in time").unwrap(), Ok(true));
    assert_eq!(slow.await.unwrap(), Ok(()));
}

#[cfg(feature = "hooks")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_closes_is_told_that_files_are_still_held() {
    let home = Home::founded().await;
    let (slow, end) = dawdle(&home);

    assert_eq!(home.phone.close().await, Err(LinliError::HomeInUse));

    assert!(matches!(Store::hold(&home.path()), Err(StoreError::InUse)), "as it said");
    assert_eq!(home.phone.device().await, Err(LinliError::Closed), "it is closed all the same");
    end.send(()).unwrap();
    assert_eq!(home.phone.close().await, Ok(()), "and to close once more is to wait on");
    assert!(Store::hold(&home.path()).is_ok());
    assert_eq!(slow.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn who_closes_twice_does_not_wait_for_who_has_the_home_now() {
    let home = Home::founded().await;
    home.phone.close().await.unwrap();
    let other = home.open().await.expect("it is free");

    let again = timeout(Duration::from_secs(5), home.phone.close()).await;

    assert_eq!(again.expect("at once"), Ok(()));
    assert!(other.device().await.is_ok());
}

#[tokio::test]
async fn a_wait_ends_with_the_work_it_was_given() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    let offer =
        linli_core::roster::invite::Offer { role: linli_core::roster::Role::Volunteer, member: None, name: None };
    let inviting = host.phone.invite(offer, Vec::new()).await.unwrap();
    let joining = guest.phone.ask(inviting.text().unwrap()).await.unwrap();
    let node = host.phone.start_node(quiet()).await.unwrap();
    let (shown, change, work) = (inviting.state().await.unwrap(), node.change().unwrap(), Work::new());
    let waits = async {
        tokio::join!(
            inviting.next_state(shown, Some(work.clone())),
            joining.next_state(JoiningState::Reaching, Some(work.clone())),
            node.next_change(change, Some(work.clone())),
        )
    };
    let ends = async {
        sleep(Duration::from_millis(50)).await;
        work.cancel().unwrap();
    };

    let ((inviting, joining, node), ()) =
        timeout(Duration::from_secs(10), async { tokio::join!(waits, ends) }).await.expect("they end");

    assert_eq!((inviting, joining), (Err(LinliError::Cancelled), Err(LinliError::Cancelled)));
    assert_eq!(node, Err(LinliError::Cancelled));
}

#[cfg(feature = "hooks")]
#[tokio::test]
async fn a_panic_breaks_one_phone_and_no_more() {
    let home = Home::founded().await;
    home.post("milk").await;
    let node = home.phone.start_node(quiet()).await.unwrap();
    let updates = home.phone.updates().unwrap();

    assert_eq!(home.phone.provoke_panic().await, Err(LinliError::Broken));

    assert_eq!(home.phone.device().await, Err(LinliError::Broken));
    assert_eq!(node.port(), Err(LinliError::Broken));
    assert_eq!(updates.next_update().await, Err(LinliError::Broken));
    assert_eq!(home.phone.resume().await, Err(LinliError::Broken), "a broken phone stays broken");
    let again = home.open().await.expect("the same home opens again");
    assert_eq!(board(&again).await, 1);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_done_or_not_done() {
    let home = Home::founded().await;
    for _ in 0..20 {
        let call = post(&home.phone, "milk");
        // Dropped, as a cancelled coroutine does, after it has begun.
        let _given_up = timeout(Duration::from_micros(200), call).await;
    }
    let id = new_command_id().unwrap();
    let milk = || linli_core::aggregate::order::NewOrder {
        building: "3".to_owned(),
        kind: "grocery".to_owned(),
        note: Some("milk".to_owned()),
        ..Default::default()
    };
    let command = || linli_core::aggregate::order::Command::Post(Box::new(milk()));
    let _given_up = timeout(Duration::from_micros(1), home.phone.submit_order(id, command(), None)).await;
    let first = home.phone.submit_order(id, command(), None).await.unwrap();
    let second = home.phone.submit_order(id, command(), None).await.unwrap();

    assert_eq!(first, second);
    assert!(home.phone.verify().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn fifty_calls_at_once_are_all_answered() {
    let home = Home::founded().await;
    let calls: Vec<_> = (0..50)
        .map(|number| {
            let phone = home.phone.clone();
            tokio::spawn(async move {
                match number % 3 {
                    0 => post(&phone, "milk").await.map(|_| 1),
                    1 => phone.board(OrderFilter::default()).await.map(|_| 0),
                    _ => phone.sync_state().await.map(|_| 0),
                }
            })
        })
        .collect();
    let mut posted = 0;
    for call in calls {
        posted += timeout(PATIENCE, call).await.expect("in time").unwrap().expect("each is answered");
    }

    assert_eq!(board(&home.phone).await, posted);
    assert_eq!(posted, 17);
}

#[tokio::test]
async fn who_sleeps_while_inviting_or_joining_is_told_so() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    let offer =
        linli_core::roster::invite::Offer { role: linli_core::roster::Role::Volunteer, member: None, name: None };
    let inviting = host.phone.invite(offer, Vec::new()).await.unwrap();
    let joining = guest.phone.ask(inviting.text().unwrap()).await.unwrap();
    let waiting = tokio::spawn({
        let joining = joining.clone();
        async move { joining.next_state(JoiningState::Reaching, None).await }
    });
    sleep(Duration::from_millis(50)).await;

    assert!(guest.phone.suspend(LONG).await.unwrap());
    assert!(host.phone.suspend(LONG).await.unwrap());

    assert_eq!(timeout(PATIENCE, waiting).await.unwrap().unwrap(), Err(LinliError::Suspended));
    assert_eq!(inviting.state().await, Err(LinliError::Suspended));
}

#[tokio::test]
async fn a_home_is_wiped_once_it_is_closed() {
    let home = Home::founded().await;
    let path = home.path().to_str().unwrap().to_owned();
    assert_eq!(wipe_home(path.clone(), home.secrets.clone()).await, Err(LinliError::HomeInUse));

    home.phone.close().await.unwrap();
    wipe_home(path, home.secrets.clone()).await.unwrap();

    let fresh = home.open().await.unwrap();
    assert_eq!(fresh.community().await, Ok(None));
}

#[tokio::test]
async fn a_node_meets_another_and_is_told_of_changes() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    join(&host.phone, &guest.phone, "Li").await;
    host.post("milk").await;
    let listening = host.phone.start_node(quiet()).await.unwrap();
    let dialling = guest.phone.start_node(NodeOptions { listen: None, nearby: false }).await.unwrap();

    let address = format!("127.0.0.1:{}", listening.port().unwrap());
    let number = dialling.dial(vec![address], Peer::Member).unwrap();
    let mut change = dialling.change().unwrap();
    while !dialling.connected().unwrap().iter().any(|one| one.in_step) {
        change = timeout(PATIENCE, dialling.next_change(change, None)).await.expect("they meet").unwrap();
    }

    assert_eq!(board(&guest.phone).await, 1);
    dialling.hang_up(number).unwrap();
    assert!(matches!(dialling.hang_up(99), Err(LinliError::NotFound { .. })));
    dialling.stop().await.unwrap();
    dialling.stop().await.unwrap();
    assert_eq!(dialling.hang_up(number), Ok(()), "nobody is dialled any more");
    assert_eq!(dialling.connected().err(), Some(LinliError::Closed));
}

fn quiet() -> NodeOptions {
    NodeOptions { listen: Some("127.0.0.1:0".to_owned()), nearby: false }
}
