//! Joining over a pipe that the app carries, withdrawal, the kit, relays.

use std::time::Duration;

use linli_core::roster::{Grant, Right, Role, invite::Offer};
use linli_ffi::{
    LinliError,
    ids::new_command_id,
    net::peer::Peer,
    roster::{
        inviting::{InvitingState, read_invitation},
        joining::JoiningState,
        withdrawal::{Revocation, Who},
    },
};
use tokio::time::timeout;

use crate::scene::{Home, PATIENCE, board, carry, join, meet, post};

#[tokio::test]
async fn two_phones_come_together_over_a_pipe() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    host.post("milk").await;

    let (inviting, _) = join(&host.phone, &guest.phone, "Li").await;

    assert!(guest.phone.is_ready().await.unwrap());
    assert_eq!(board(&guest.phone).await, 1);
    post(&guest.phone, "bread").await.unwrap();
    meet(&host.phone, &guest.phone, Peer::Member).await;
    assert_eq!(board(&host.phone).await, 2);
    assert_eq!(host.phone.state_hash().await, guest.phone.state_hash().await);
    let device = guest.phone.device().await.unwrap();
    assert_eq!(inviting.state().await, Ok(InvitingState::Admitted { device }));
    let (member, names) = (guest.phone.member().await.unwrap().unwrap(), host.phone.names().await.unwrap());
    assert_eq!(names.get(&member).map(String::as_str), Some("Li"));
    assert_eq!(guest.phone.ask(inviting.text().unwrap()).await.err(), Some(LinliError::AlreadyAMember));
}

#[tokio::test]
async fn wrong_digits_change_nothing_and_a_no_is_told() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    let inviting = host.phone.invite(volunteer(), vec!["192.0.2.1:4711".to_owned()]).await.unwrap();
    let card = read_invitation(inviting.text().unwrap()).unwrap();
    assert_eq!(card.addresses, ["192.0.2.1:4711"]);
    assert_eq!(Some(card.community), host.phone.community().await.unwrap());
    let joining = guest.phone.ask(inviting.text().unwrap()).await.unwrap();
    let (one, other) = (joining.pipe().await.unwrap(), host.phone.accept_pipe().await.unwrap());
    let _carried = carry(&one, &other);

    let shown = timeout(PATIENCE, joining.next_state(JoiningState::Reaching, None)).await.unwrap().unwrap();
    let JoiningState::Comparing { digits } = &shown else { panic!("{shown:?}") };
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    assert_eq!(inviting.confirm(wrong.to_owned()).await, Err(LinliError::WrongDigits));
    assert!(matches!(inviting.confirm("six".to_owned()).await, Err(LinliError::InvalidInput { .. })));
    inviting.refuse().await.unwrap();

    let told = timeout(PATIENCE, joining.next_state(shown.clone(), None)).await.unwrap().unwrap();
    assert!(matches!(&told, JoiningState::Failed { code, .. } if code == "refused"), "{told:?}");
    assert_eq!(inviting.state().await, Ok(InvitingState::Over { code: "refused".to_owned() }));
    let late = inviting.confirm(wrong.to_owned()).await;
    assert_eq!(late, Err(LinliError::InvitationOver { code: "refused".to_owned() }));
    assert_eq!(guest.phone.community().await, Ok(None));
}

#[tokio::test]
async fn a_stranger_is_let_in_over_no_pipe() {
    let (host, stranger) = (Home::founded().await, Home::founded().await);
    let peer = Peer::Device { device: host.phone.device().await.unwrap() };
    let (one, other) = (stranger.phone.dial_pipe(peer).await.unwrap(), host.phone.accept_pipe().await.unwrap());
    let carried = carry(&one, &other);

    let mut said = Vec::new();
    for way in carried {
        said.push(timeout(PATIENCE, way).await.expect("it ends").unwrap());
    }
    assert!(said.iter().any(|end| matches!(end, Err(LinliError::PeerNotWelcome { .. }))), "{said:?}");
    assert!(!one.state().unwrap().met && !other.state().unwrap().met);
}

#[tokio::test]
async fn an_abandoned_pipe_answers_who_waits() {
    let home = Home::founded().await;
    let pipe = home.phone.accept_pipe().await.unwrap();
    let waiting = tokio::spawn({
        let pipe = pipe.clone();
        async move { pipe.outgoing(4096).await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;

    pipe.abandon().unwrap();

    assert_eq!(timeout(PATIENCE, waiting).await.unwrap().unwrap(), Err(LinliError::Closed));
}

#[tokio::test]
async fn a_withdrawn_phone_writes_no_more() {
    let (host, guest) = (Home::founded().await, Home::new().await);
    join(&host.phone, &guest.phone, "Li").await;
    let device = guest.phone.device().await.unwrap();
    let grant = Grant::Leader { buildings: vec!["3".to_owned()] };
    host.phone.grant(new_command_id().unwrap(), device, grant).await.unwrap();
    let line = host.phone.members().await.unwrap().into_iter().find(|line| line.device == device).unwrap();
    assert_eq!(line.rights, [Right::Leader { building: "3".to_owned() }]);

    let who = Who::Device { device };
    let revocation =
        Revocation { who, up_to: vec![], except: vec![], restate: vec![], request: false, kit_at_hand: false };
    let refused = guest.phone.revoke(new_command_id().unwrap(), revocation.clone()).await;
    assert!(matches!(refused, Err(LinliError::Refused { ref by, .. }) if by == "roster"), "{refused:?}");
    let fall = host.phone.would_fall(revocation.clone()).await.unwrap();
    assert!(fall.admissions.is_empty() && fall.grants.is_empty());
    host.phone.revoke(new_command_id().unwrap(), revocation).await.unwrap();

    assert!(host.phone.members().await.unwrap().iter().any(|line| line.device == device && line.withdrawn));
    let (one, other) = (guest.phone.dial_pipe(Peer::Member).await.unwrap(), host.phone.accept_pipe().await.unwrap());
    for way in carry(&one, &other) {
        let _ended = timeout(PATIENCE, way).await.expect("it ends").unwrap();
    }
    assert!(!other.state().unwrap().met);
}

#[tokio::test]
async fn a_coordinators_phone_comes_back_out_of_the_kit() {
    let host = Home::new().await;
    let founded = host.phone.found_with_kit(None).await.unwrap();
    assert_eq!((founded.kit.english.len(), founded.kit.chinese.len()), (24, 24));
    assert_eq!(format!("{:?}", founded.kit), "Kit(…)");
    host.post("milk").await;
    let (bundle, fresh) = (host.path().join("carried.linli"), Home::new().await);
    let path = bundle.to_str().unwrap().to_owned();
    host.phone.export_bundle(path.clone(), linli_core::replica::What::All, None).await.unwrap();

    let welcome = host.phone.welcome().await.unwrap();
    let recovery = fresh.phone.recover_with_kit(founded.kit.chinese.join(""), welcome).await.unwrap();
    assert_eq!(recovery.finish(None, None).await, Err(LinliError::NotHeard));
    recovery.import_bundle(path.clone()).await.unwrap();
    recovery.finish(None, Some("Wang".to_owned())).await.unwrap();
    assert_eq!(recovery.finish(None, None).await, Err(LinliError::Closed));

    fresh.phone.import_bundle(path, None).await.unwrap();
    assert_eq!(board(&fresh.phone).await, 1);
    let me = fresh.phone.members().await.unwrap().into_iter().find(|line| line.me).unwrap();
    assert_eq!(me.role, Role::Coordinator);
}

#[tokio::test]
async fn a_kits_use_that_was_cancelled_in_the_middle_goes_on() {
    let host = Home::new().await;
    let founded = host.phone.found_with_kit(None).await.unwrap();
    let (bundle, fresh) = (host.path().join("carried.linli"), Home::new().await);
    let path = bundle.to_str().unwrap().to_owned();
    host.phone.export_bundle(path.clone(), linli_core::replica::What::All, None).await.unwrap();
    let welcome = host.phone.welcome().await.unwrap();
    let recovery = fresh.phone.recover_with_kit(founded.kit.english.join(" "), welcome).await.unwrap();

    begun_and_left(recovery.founder_above()).await;
    begun_and_left(recovery.finish(None, None)).await;
    assert_eq!(recovery.founder_above().await, Err(LinliError::NotHeard));
    recovery.import_bundle(path).await.unwrap();
    begun_and_left(recovery.finish(None, None)).await;

    // Nobody waited for it, and it is done, before this or by this.
    let again = recovery.finish(None, None).await;
    assert!(matches!(again, Ok(()) | Err(LinliError::Closed)), "{again:?}");
    let me = fresh.phone.members().await.unwrap().into_iter().find(|line| line.me).unwrap();
    assert_eq!(me.role, Role::Coordinator);
}

/// Asks for something as far as it goes at once, and waits for it no more.
async fn begun_and_left<T>(work: impl Future<Output = T>) {
    tokio::select! {
        biased;
        _ = work => {}
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn a_pass_for_a_relay_is_text_and_a_wrong_card_is_told() {
    let host = Home::founded().await;

    assert!(!host.phone.relay_pass().await.unwrap().is_empty());
    let wrong = host.phone.admit_relay(new_command_id().unwrap(), "nonsense".to_owned(), None).await;
    assert!(matches!(wrong, Err(LinliError::InvalidInput { ref field, .. }) if field == "card"), "{wrong:?}");
    assert!(host.phone.relays().await.unwrap().is_empty());
}

fn volunteer() -> Offer {
    Offer { role: Role::Volunteer, member: None, name: None }
}
