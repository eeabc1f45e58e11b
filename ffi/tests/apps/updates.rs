//! Updates: pulled, cancelled, over a sleep, when too much happens.

use std::time::Duration;

use linli_core::{
    replica::{Update, WhoHas},
    roster::{Role, invite::Offer},
};
use tokio::time::{sleep, timeout};

use crate::scene::{Home, PATIENCE};

#[tokio::test]
async fn a_cancelled_wait_loses_no_update() {
    let home = Home::founded().await;
    let updates = home.phone.updates().unwrap();
    for _ in 0..3 {
        assert!(timeout(Duration::from_millis(5), updates.next_update()).await.is_err(), "nothing has happened");
    }

    let order = home.post("milk").await;

    let heard = timeout(PATIENCE, updates.next_update()).await.unwrap().unwrap();
    assert!(matches!(heard, Some(Update::Changed { aggregate, kind: "order", .. }) if aggregate == order));
    let known: WhoHas = home.phone.who_has(order).await.unwrap();
    assert!(known.devices.is_empty() && !known.relay, "it is on this phone alone");
}

#[tokio::test]
async fn who_waits_is_answered_when_the_subscription_or_the_phone_is_closed() {
    let home = Home::founded().await;
    let (one, other) = (home.phone.updates().unwrap(), home.phone.updates().unwrap());
    let waiting = [one.clone(), other.clone()].map(|updates| tokio::spawn(async move { updates.next_update().await }));
    sleep(Duration::from_millis(20)).await;

    one.close().unwrap();
    home.phone.close().await.unwrap();

    for wait in waiting {
        assert_eq!(timeout(PATIENCE, wait).await.unwrap().unwrap(), Ok(None));
    }
    assert_eq!(one.next_update().await, Ok(None));
}

#[tokio::test]
async fn a_subscription_sleeps_with_the_phone_and_then_says_that_it_missed_something() {
    let home = Home::founded().await;
    let updates = home.phone.updates().unwrap();
    assert!(home.phone.suspend(30_000).await.unwrap());
    let waiting = tokio::spawn({
        let updates = updates.clone();
        async move { updates.next_update().await }
    });
    sleep(Duration::from_millis(20)).await;
    assert!(!waiting.is_finished());

    home.phone.resume().await.unwrap();

    assert_eq!(timeout(PATIENCE, waiting).await.unwrap().unwrap(), Ok(Some(Update::Missed)));
    home.post("milk").await;
    let heard = timeout(PATIENCE, updates.next_updates(100)).await.unwrap().unwrap();
    assert!(heard.iter().any(|update| matches!(update, Update::Changed { .. })), "{heard:?}");
}

#[tokio::test]
async fn who_falls_far_behind_is_told_to_look_again() {
    let home = Home::founded().await;
    let updates = home.phone.updates().unwrap();
    let offer = Offer { role: Role::Volunteer, member: None, name: None };
    let inviting = home.phone.invite(offer, Vec::new()).await.unwrap();
    for _ in 0..4_200 {
        // Each time is news.
        inviting.cancel().await.unwrap();
    }

    assert_eq!(updates.next_update().await, Ok(Some(Update::Missed)));
    let rest = updates.next_updates(10).await.unwrap();
    assert_eq!(rest, vec![Update::Invitation; 10]);
}
