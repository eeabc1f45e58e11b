//! Invitations: who is let in by a code on a screen, and who is not.

use std::time::Duration;

use linli_core::{
    id::DeviceId,
    net::{Conversation, ConversationError, Expected, NetError, PipeSession},
    replica::{AskError, Asked, Asking, InviteError, MembersError},
    roster::{
        Role, RosterRefusal,
        invite::{Digits, Ended, Invitation, Inviting, Offer, Turned},
    },
    time::WallMs,
};
use linli_tests::{
    MORNING, World, carry,
    people::{LAN, WU},
};

use crate::say;

#[test]
fn two_phones_meet_over_a_pipe_and_the_newcomer_is_let_in() {
    let mut world = World::community(1, 0);
    let order = say::post(&mut world, LAN);
    let new = world.phone();
    let mut knock = ask(&world, new, &invite(&world, volunteer()));

    let (digits, device) = compared(&world);
    assert_eq!((knock.digits(), device), (Some(digits), world.device(new)));
    assert!(!is_admitted(&world, new), "nobody is before the person confirms");
    assert_eq!(world.at(LAN).confirm(digits), Ok(device));
    knock.carry().unwrap();

    assert_eq!(knock.asking.state(), Asked::Joined(world.at(LAN).community().unwrap()));
    assert_eq!(world.at(LAN).inviting(), Inviting::Admitted { device });
    assert!(knock.ends[0].closed().is_some());
    first_sync(&world, &knock, new);
    assert!(world.at(new).is_ready() && world.at(new).order(order).is_ok());
    let roster = world.at(new).roster();
    let own = roster.device(device).unwrap();
    assert_eq!((own.role, world.at(new).name_of(own)), (Role::Volunteer, Some("Wu".into())));
    world.assert_equal();
}

#[test]
fn a_second_phone_of_the_same_person_is_the_same_member() {
    let mut world = World::community(2, 1);
    let member = world.member(WU);
    let second = world.phone();
    let mut knock = ask(&world, second, &invite(&world, Offer { member: Some(member), ..volunteer() }));

    world.at(LAN).confirm(compared(&world).0).unwrap();
    knock.carry().unwrap();
    first_sync(&world, &knock, second);

    assert_eq!(world.at(second).member(), Some(member));
}

#[test]
fn only_a_coordinator_invites_and_only_to_what_can_be() {
    let mut world = World::community(3, 1);
    let (stranger, somebody) = (world.phone(), world.member(WU));
    let refused = |phone: usize, offer| match world.at(phone).invite(offer, Vec::new()) {
        Err(MembersError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };

    assert!(matches!(refused(WU, volunteer()), RosterRefusal::NotAllowed { event: "admitted", .. }));
    assert!(matches!(refused(stranger, volunteer()), RosterRefusal::NotAdmitted { .. }));
    let relay = Offer { role: Role::Relay, ..volunteer() };
    assert_eq!(refused(LAN, relay), RosterRefusal::Role { role: Role::Relay });
    let nobody = linli_core::id::MemberId::first_device(world.device(stranger));
    let unknown = refused(LAN, Offer { member: Some(nobody), ..volunteer() });
    assert_eq!(unknown, RosterRefusal::UnknownMember { member: nobody });
    assert!(world.at(LAN).invite(Offer { member: Some(somebody), ..volunteer() }, Vec::new()).is_ok());
    let member = invite(&world, volunteer());
    assert!(matches!(world.at(WU).ask(member), Err(MembersError::AlreadyAMember)));
}

/// T1: a code that lies about is of no use.
#[test]
fn a_used_invitation_lets_nobody_else_in() {
    let mut world = World::community(4, 0);
    let (new, late) = (world.phone(), world.phone());
    let invitation = invite(&world, volunteer());
    let mut knock = ask(&world, new, &invitation);
    world.at(LAN).confirm(compared(&world).0).unwrap();

    let mut during = Knock::new(&world, late, &invitation);
    assert!(matches!(during.carry(), Err((1, NetError::Stranger))), "used up as soon as it was confirmed");
    knock.carry().unwrap();
    let mut after = Knock::new(&world, late, &invitation);
    assert!(matches!(after.carry(), Err((1, NetError::Stranger))));
    let told = after.ends[1].send(1_000).unwrap();
    assert!(matches!(after.ends[0].receive(&told), Err(NetError::Refused)), "and is told so");

    let _another = invite(&world, volunteer());
    let mut replay = Knock::new(&world, late, &invitation);
    assert!(matches!(replay.carry(), Err((0, NetError::Conversation(ConversationError::TurnedAway(_))))));
    assert_eq!(replay.asking.state(), Asked::Failed(AskError::Turned(Turned::WrongProof)));
    assert!(is_admitted(&world, new) && !is_admitted(&world, late));
}

#[test]
fn an_invitation_is_good_for_ten_minutes_whatever_the_clock_on_the_wall_says() {
    let mut world = World::community(5, 0);
    let (new, late) = (world.phone(), world.phone());
    let invitation = invite(&world, volunteer());

    world.clock.set_wall(WallMs(0));
    world.pass(9);
    let mut knock = ask(&world, new, &invitation);
    world.clock.set_wall(MORNING);
    let (digits, _) = compared(&world);
    world.pass(1);

    assert_eq!(world.at(LAN).confirm(digits), Err(InviteError::Ended(Ended::Expired)), "too late");
    knock.ends[1].tick().unwrap();
    assert!(matches!(knock.carry(), Err((0, NetError::Conversation(_)))));
    assert_eq!(knock.asking.state(), Asked::Failed(AskError::Turned(Turned::NotOpen)));
    assert!(matches!(Knock::new(&world, late, &invitation).carry(), Err((1, NetError::Stranger))));
    assert!(!is_admitted(&world, new));
}

/// T1: an outsider who guesses.
#[test]
fn five_wrong_proofs_end_an_invitation_and_four_do_not() {
    let mut world = World::community(6, 0);
    let (new, guesser) = (world.phone(), world.phone());
    let guess = invite(&world, volunteer());
    let invitation = invite(&world, volunteer());
    let wrong = |world: &World| {
        let mut knock = Knock::new(world, guesser, &guess);
        assert!(matches!(knock.carry(), Err((0, NetError::Conversation(ConversationError::TurnedAway(_))))));
        assert_eq!(knock.asking.state(), Asked::Failed(AskError::Turned(Turned::WrongProof)));
    };

    (0..4).for_each(|_| wrong(&world));
    assert!(matches!(world.at(LAN).inviting(), Inviting::Open { wrong: 4, .. }));
    let knock = ask(&world, new, &invitation);
    assert!(knock.digits().is_some(), "the right one is heard still");
    wrong(&world);

    assert_eq!(world.at(LAN).inviting(), Inviting::Over(Ended::Guessed));
    assert_eq!(world.at(LAN).confirm(knock.digits().unwrap()), Err(InviteError::Ended(Ended::Guessed)));
    assert!(!is_admitted(&world, new) && !is_admitted(&world, guesser));
}

/// T1: a code on a screen is assumed to be seen by others.
#[test]
fn a_bystander_who_connects_first_gains_nothing() {
    let mut world = World::community(7, 0);
    let (honest, bystander) = (world.phone(), world.phone());
    let invitation = invite(&world, volunteer());
    let mut first = ask(&world, bystander, &invitation);
    let (digits, device) = compared(&world);
    assert_eq!(device, world.device(bystander));

    let mut second = Knock::new(&world, honest, &invitation);
    let told = second.carry();

    assert!(matches!(told, Err((0, NetError::Conversation(_)))), "{told:?}");
    let shown_to_two = Asked::Failed(AskError::Turned(Turned::ShownToTwo));
    assert_eq!(second.asking.state(), shown_to_two);
    assert!(matches!(first.carry(), Err((0, NetError::Conversation(_)))));
    assert_eq!(first.asking.state(), shown_to_two);
    assert_eq!(world.at(LAN).inviting(), Inviting::Over(Ended::ShownToTwo));
    assert_eq!(world.at(LAN).confirm(digits), Err(InviteError::Ended(Ended::ShownToTwo)), "not even by mistake");
    assert!(!is_admitted(&world, honest) && !is_admitted(&world, bystander));
}

#[test]
fn digits_that_differ_are_not_confirmed_and_a_no_is_told() {
    let mut world = World::community(8, 0);
    let bystander = world.phone();
    let mut first = ask(&world, bystander, &invite(&world, volunteer()));
    let other: Vec<Digits> = ["000 000", "000001"].map(|text| text.parse().unwrap()).to_vec();
    let wrong = *other.iter().find(|digits| Some(**digits) != first.digits()).unwrap();

    assert_eq!(world.at(LAN).confirm(wrong), Err(InviteError::NobodyAsks));
    assert_eq!(compared(&world).1, world.device(bystander), "nothing is changed by it");
    world.at(LAN).refuse_invited();
    assert!(matches!(first.carry(), Err((0, NetError::Conversation(_)))));

    assert_eq!(first.asking.state(), Asked::Failed(AskError::Turned(Turned::Refused)));
    assert_eq!(world.at(LAN).inviting(), Inviting::Over(Ended::Refused));
    assert!(!is_admitted(&world, bystander));
}

#[test]
fn a_connection_that_breaks_while_people_compare_ends_the_invitation() {
    let mut world = World::community(9, 0);
    let new = world.phone();
    let invitation = invite(&world, volunteer());
    let knock = ask(&world, new, &invitation);
    let (asking, digits) = (knock.asking.clone(), knock.digits().unwrap());

    drop(knock.ends);

    assert_eq!(asking.state(), Asked::Failed(AskError::Broken));
    assert_eq!(world.at(LAN).confirm(digits), Err(InviteError::Ended(Ended::Broken)));
    assert!(!is_admitted(&world, new));
}

#[test]
fn whoever_missed_the_welcome_gets_it_by_the_next_invitation() {
    let mut world = World::community(10, 0);
    let new = world.phone();
    let lost = ask(&world, new, &invite(&world, volunteer()));
    world.at(LAN).confirm(compared(&world).0).unwrap();
    drop(lost);
    assert!(is_admitted(&world, new) && world.at(new).community().is_none());
    let events = world.at(LAN).roster();

    let mut again = ask(&world, new, &invite(&world, volunteer()));
    world.at(LAN).confirm(compared(&world).0).unwrap();
    again.carry().unwrap();
    first_sync(&world, &again, new);

    assert_eq!(world.at(LAN).roster(), events, "it is admitted once");
    assert!(world.at(new).is_ready());
    world.assert_equal();
}

/// T1: an open invitation opens nothing else.
#[test]
fn while_an_invitation_is_open_an_unknown_key_may_ask_and_nothing_more() {
    let mut world = World::community(11, 0);
    let (stranger, greedy) = (world.phone(), world.phone());
    world.at(stranger).join(&world.at(LAN).welcome().unwrap()).unwrap();
    let record = world.at(LAN).record();
    let expected = Expected::Unlisted(record.device);
    let invitation = invite(&world, volunteer());

    let mut ends = [world.at(stranger).dial_pipe(expected).unwrap(), world.at(LAN).accept_pipe().unwrap()];
    let refused = carry(&mut ends, 1_000, &mut |_, bytes| bytes);
    assert!(matches!(refused, Err((1, NetError::Stranger))), "{refused:?}");

    let mut silent: Vec<Knock> = (0..4).map(|_| Knock::new(&world, greedy, &invitation)).collect();
    for knock in &mut silent {
        let mut flights = 0;
        // They come in and do not ask: what they would say is the last record of their second flight.
        let mute = &mut |from: usize, mut bytes: Vec<u8>| {
            flights += usize::from(from == 0 && !bytes.is_empty());
            bytes.truncate(bytes.len() - if from == 0 && flights == 2 { 5 + 129 + 17 } else { 0 });
            flights += usize::from(flights == 2);
            bytes
        };
        carry(&mut knock.ends, 100_000, mute).unwrap();
    }
    assert!(ask(&world, greedy, &invitation).digits().is_some(), "whoever says nothing holds up nobody");

    world.clock.advance(Duration::from_secs(21));
    assert!(silent.iter_mut().all(|knock| knock.ends[1].tick().is_err()), "and is sent away");
}

/// Lets people do what they do: confirm what they see to be equal. Whether they did.
fn people(world: &World, asking: &Asking) -> bool {
    match (world.at(LAN).inviting(), asking.state()) {
        (Inviting::Comparing { digits, .. }, Asked::Comparing(shown)) if digits == shown => {
            world.at(LAN).confirm(digits).is_ok()
        }
        _ => false,
    }
}

/// What befalls a byte.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    Cut,
    Flipped,
}

/// One try at an invitation in which one byte, of all that both ends send, meets its fate. What was sent, and whether
/// the person confirmed.
fn attempt(world: &World, phone: usize, fault: Fault, at: usize) -> (usize, bool) {
    let mut knock = Knock::new(world, phone, &invite(world, volunteer()));
    let mut passed = 0;
    let mut tamper = |_: usize, mut bytes: Vec<u8>| {
        let here = at.checked_sub(passed).filter(|here| *here < bytes.len());
        passed += bytes.len();
        match (fault, here) {
            (Fault::Flipped, Some(here)) => bytes[here] ^= 1 << (at % 8),
            (Fault::Cut, Some(here)) => bytes.truncate(here),
            (Fault::Cut, None) if passed > at => bytes.clear(),
            _ => {}
        }
        bytes
    };
    let mut confirmed = false;
    for _ in 0..2 {
        if carry(&mut knock.ends, 1_000, &mut tamper).is_err() {
            break;
        }
        confirmed |= people(world, &knock.asking);
    }
    let asking = knock.asking.clone();
    drop(knock);
    assert!(!matches!(asking.state(), Asked::Comparing(_)), "{fault:?} at {at}: it waits for ever");
    assert!(!matches!(world.at(LAN).inviting(), Inviting::Comparing { .. }), "{fault:?} at {at}: it waits for ever");
    assert_eq!(is_admitted(world, phone), confirmed, "{fault:?} at {at}: admitted by nobody");
    let joined = matches!(asking.state(), Asked::Joined(_));
    assert_eq!(joined, world.at(phone).community().is_some(), "{fault:?} at {at}");
    assert!(confirmed || !joined, "{fault:?} at {at}");
    (passed, confirmed)
}

#[test]
fn cut_or_damaged_at_any_byte_an_invitation_admits_nobody_whom_nobody_confirmed() {
    let mut world = World::community(12, 0);
    let mut new = world.phone();
    let (length, confirmed) = attempt(&world, new, Fault::None, 0);
    assert!(confirmed && world.at(new).community().is_some());

    let mut admitted = [0, 0];
    new = world.phone();
    for (nth, fault) in [Fault::Cut, Fault::Flipped].into_iter().enumerate() {
        for at in 0..length {
            if attempt(&world, new, fault, at).1 {
                admitted[nth] += 1;
                world.close(new);
                new = world.phone();
            }
        }
    }

    assert!(length > 1_000, "{length}");
    // Behind the digits there is the welcome alone, and it may break.
    assert!(admitted.iter().all(|count| (50..200).contains(count)), "{admitted:?} of {length}");
}

fn volunteer() -> Offer {
    Offer { role: Role::Volunteer, member: None, name: Some("Wu".into()) }
}

/// What phone 0 shows, as another phone reads it off the screen.
fn invite(world: &World, offer: Offer) -> Invitation {
    let shown = world.at(LAN).invite(offer, Vec::new()).unwrap().to_string();
    shown.parse().unwrap()
}

/// A phone that asks, and both ends of the pipe to phone 0.
struct Knock {
    asking: Asking,
    ends: [PipeSession; 2],
}

impl Knock {
    fn new(world: &World, phone: usize, invitation: &Invitation) -> Self {
        let asking = world.at(phone).ask(invitation.clone()).unwrap();
        let ends = [asking.pipe().unwrap(), world.at(LAN).accept_pipe().unwrap()];
        Self { asking, ends }
    }

    fn carry(&mut self) -> Result<(), (usize, NetError)> {
        carry(&mut self.ends, 1_000, &mut |_, bytes| bytes)
    }

    /// The digits on the asking phone's screen.
    fn digits(&self) -> Option<Digits> {
        match self.asking.state() {
            Asked::Comparing(digits) => Some(digits),
            _ => None,
        }
    }
}

fn ask(world: &World, phone: usize, invitation: &Invitation) -> Knock {
    let mut knock = Knock::new(world, phone, invitation);
    knock.carry().unwrap();
    knock
}

/// The digits on the inviting phone's screen, and who asks.
fn compared(world: &World) -> (Digits, DeviceId) {
    match world.at(LAN).inviting() {
        Inviting::Comparing { digits, device, .. } => (digits, device),
        other => panic!("nobody asks: {other:?}"),
    }
}

/// An ordinary sync after the admission.
fn first_sync(world: &World, knock: &Knock, phone: usize) {
    let mut ends = [world.at(phone).dial_pipe(knock.asking.peer()).unwrap(), world.at(LAN).accept_pipe().unwrap()];
    carry(&mut ends, 1_000, &mut |_, bytes| bytes).unwrap();
    assert!(ends.iter().all(PipeSession::is_in_step));
}

fn is_admitted(world: &World, phone: usize) -> bool {
    world.at(LAN).roster().device(world.device(phone)).is_some()
}
