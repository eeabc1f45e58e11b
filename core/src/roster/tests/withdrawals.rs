use std::{collections::BTreeSet, sync::Arc};

use super::*;
use crate::{event::Compartment, limits, roster::Keyring};

#[test]
fn a_revoked_device_opens_nothing_that_is_sealed_after_it_r8() {
    let mut world = World::seeded(1);
    let founder = twin(&world.founder);
    let volunteer = world.admitted(founder.device(), Role::Volunteer);
    world.command(&founder, RosterCommand::WrapLacking).expect("wrapped");
    world.command(&founder, RosterCommand::Grant { device: volunteer.device(), grant: Grant::Care }).expect("granted");
    let opens = |world: &World, compartment| {
        let roster = world.fold();
        let writes = roster.writing_epoch(compartment, &Keyring::open(&founder, &roster)).expect("held");
        Keyring::open(&volunteer, &roster).key(writes).is_some()
    };
    assert!(opens(&world, Compartment::Community) && opens(&world, Compartment::Care));

    carry_out(&mut world, &founder, Withdrawal::Revoke(revoke(volunteer.device()))).expect("revoked");

    assert!(!opens(&world, Compartment::Community) && !opens(&world, Compartment::Care));
    assert!(!world.fold().may_connect(volunteer.device()));
}

#[test]
fn what_falls_is_shown_and_admitted_again_but_for_whom_is_named() {
    let mut world = World::seeded(2);
    let founder = twin(&world.founder);
    let thief = world.admitted(founder.device(), Role::Coordinator);
    let cut = world.cut_now(thief.device(), ROSTER);
    let heir = world.admitted(thief.device(), Role::Coordinator).device();
    let friend = world.admitted(heir, Role::Volunteer).device();
    let accomplice = world.admitted(thief.device(), Role::Volunteer).device();
    let victim = world.admitted(founder.device(), Role::Volunteer).device();
    let care = Granted { device: friend, grant: Grant::Care, after: Vec::new(), act: None };
    world.write(thief.device(), RosterEvent::Granted(care));
    let robbed = world.revoke(thief.device(), victim, Vec::new());
    let except = BTreeSet::from([accomplice]);
    let command = Revocation { heads: Some(vec![cut]), except, ..revoke(thief.device()) };
    let held = everything(&world, founder.device(), 0);
    let shown = would_fall(&world.fold(), founder.device(), &command, &held).expect("allowed");

    carry_out(&mut world, &founder, Withdrawal::Revoke(command)).expect("revoked");

    let lost: BTreeSet<_> = shown.admissions.iter().map(|lost| lost.device).collect();
    assert_eq!(lost, BTreeSet::from([heir, friend, accomplice]));
    assert_eq!(shown.withdrawals.iter().map(|fallen| fallen.event).collect::<Vec<_>>(), [robbed]);
    assert_eq!(shown.grants, [(friend, Right::Care)]);
    let roster = world.fold();
    assert!([heir, friend, victim].iter().all(|device| roster.may_connect(*device)));
    assert!(roster.device(accomplice).is_none());
    assert!(roster.rights_of(friend).any(|right| *right == Right::Care));
    assert_eq!(roster.device(friend).and_then(|friend| friend.admitted_by), Some(heir), "comes back with the heir");
    assert!(roster.epochs(Compartment::Community).any(|epoch| epoch.recipients.contains(&heir)));
}

#[test]
fn a_withdrawal_that_falls_is_made_again_where_it_is_named() {
    let mut world = World::seeded(3);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator);
    let cut = world.cut_now(coordinator.device(), ROSTER);
    let rogue = world.admitted(founder.device(), Role::Volunteer).device();
    let act = world.act(&world.header(rogue, COMMON));
    let cuts = vec![world.cut_now(rogue, COMMON)];
    let rightly = world.revoke(coordinator.device(), rogue, cuts);
    let command = |restate| Revocation { heads: Some(vec![cut.clone()]), restate, ..revoke(coordinator.device()) };
    let foreign = Reference::from_bytes([9; 40]);
    let refused = decided(&mut world, &founder, Withdrawal::Revoke(command(BTreeSet::from([foreign]))));
    assert_eq!(refused, Err(RosterRefusal::NotFallen { event: foreign }));

    carry_out(&mut world, &founder, Withdrawal::Revoke(command(BTreeSet::from([rightly])))).expect("revoked");

    let roster = world.fold();
    assert!(!roster.may_connect(rogue) && !roster.may_connect(coordinator.device()));
    assert_eq!(world.verdict(&world.header(rogue, COMMON), act), Verdict::Counts, "with the cut it had");
}

#[test]
fn from_below_a_withdrawal_is_refused_or_asked_for() {
    let mut world = World::seeded(4);
    let (founder, above) = (twin(&world.founder), world.founder.device());
    let coordinator = world.admitted(above, Role::Coordinator);
    let volunteer = world.admitted(above, Role::Volunteer);

    let refused = decided(&mut world, &coordinator, Withdrawal::Revoke(revoke(above)));
    assert_eq!(refused, Err(RosterRefusal::Rank { device: above }));
    let asked = Revocation { request: true, ..revoke(above) };
    let asked = carry_out(&mut world, &coordinator, Withdrawal::Revoke(asked)).expect("asked for");

    let roster = world.fold();
    assert!(roster.may_connect(founder.device()));
    assert_eq!(asked.len(), 1, "a request replaces no keys");
    assert_eq!(roster.requests().map(|request| request.event).collect::<Vec<_>>(), asked);
    let refused = decided(&mut world, &volunteer, Withdrawal::Revoke(revoke(coordinator.device())));
    assert!(matches!(refused, Err(RosterRefusal::Rank { .. } | RosterRefusal::NotAllowed { .. })), "{refused:?}");
}

#[test]
fn a_cut_is_raised_and_lowered_by_whom_it_does_not_outrank() {
    let mut world = World::seeded(5);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator);
    let volunteer = world.admitted(founder.device(), Role::Volunteer).device();
    let common = world.header(volunteer, COMMON);
    let recut =
        |heads| Withdrawal::Recut { device: volunteer, heads, except: BTreeSet::new(), restate: BTreeSet::new() };
    let refused = decided(&mut world, &founder, recut(None));
    assert_eq!(refused, Err(RosterRefusal::NotRevoked { device: volunteer }));
    let first = world.act(&common);
    carry_out(&mut world, &coordinator, Withdrawal::Revoke(revoke(volunteer))).expect("revoked");
    let second = world.act(&common);
    let verdicts = |world: &World| [first, second].map(|at| world.verdict(&common, at));
    assert_eq!(verdicts(&world), [Verdict::Counts, Verdict::Cut]);

    carry_out(&mut world, &founder, recut(None)).expect("raised");
    assert_eq!(verdicts(&world), [Verdict::Counts, Verdict::Counts]);
    let refused = decided(&mut world, &coordinator, recut(None));
    assert_eq!(refused, Err(RosterRefusal::Rank { device: founder.device() }));
    carry_out(&mut world, &founder, recut(Some(Vec::new()))).expect("lowered");
    assert_eq!(verdicts(&world), [Verdict::Cut, Verdict::Cut]);
}

#[test]
fn a_person_goes_with_all_their_devices_and_leaving_needs_no_right() {
    let mut world = World::seeded(6);
    let founder = twin(&world.founder);
    let (first, second) = (world.device(), world.device());
    let member = MemberId::first_device(first.device());
    for record in [first.record(), second.record()] {
        let member = (record.device == second.device()).then_some(member);
        let command = RosterCommand::Admit { record, role: Role::Volunteer, member, name: None };
        world.command(&founder, command).expect("admitted");
    }
    let leaver = world.admitted(founder.device(), Role::Volunteer);

    carry_out(&mut world, &founder, Withdrawal::Revoke(Revocation::of(Who::Member(member)))).expect("revoked");
    carry_out(&mut world, &leaver, Withdrawal::Leave { kit_at_hand: false }).expect("gone");

    let roster = world.fold();
    assert!([first.device(), second.device(), leaver.device()].iter().all(|device| !roster.may_connect(*device)));
    let again = decided(&mut world, &founder, Withdrawal::Revoke(Revocation::of(Who::Member(member))));
    assert!(matches!(again, Err(RosterRefusal::Withdrawn { .. })), "{again:?}");
    let gone = decided(&mut world, &leaver, Withdrawal::Leave { kit_at_hand: false });
    assert_eq!(gone, Err(RosterRefusal::NotAdmitted { device: leaver.device() }));
}

#[test]
fn losing_care_loses_its_key() {
    let mut world = World::seeded(7);
    let founder = twin(&world.founder);
    let carer = world.admitted(founder.device(), Role::Volunteer);
    let device = carer.device();
    world.command(&founder, RosterCommand::Grant { device, grant: Grant::Care }).expect("granted");

    carry_out(&mut world, &founder, Withdrawal::RemoveGrant { device, grant: Grant::Care }).expect("removed");

    let roster = world.fold();
    let writes = roster.writing_epoch(Compartment::Care, &Keyring::open(&founder, &roster)).expect("held");
    assert!(Keyring::open(&carer, &roster).key(writes).is_none());
    assert!(roster.may_connect(device));
}

#[test]
fn a_device_that_revokes_itself_writes_nothing_that_would_fall() {
    let mut world = World::seeded(8);
    let coordinator = world.admitted(world.founder.device(), Role::Coordinator);
    let kept = world.admitted(coordinator.device(), Role::Volunteer).device();

    let written = carry_out(&mut world, &coordinator, Withdrawal::Revoke(revoke(coordinator.device())));

    assert_eq!(written.expect("revoked").len(), 1);
    let roster = world.fold();
    assert!(!roster.may_connect(coordinator.device()) && roster.may_connect(kept));
}

#[test]
fn the_kit_answers_a_stolen_founders_phone_t3() {
    let mut world = World::seeded(10);
    let (founder, kit) = (twin(&world.founder), twin(&world.kit));
    let (honest, victim) = (
        world.admitted(founder.device(), Role::Coordinator),
        world.admitted(founder.device(), Role::Volunteer).device(),
    );
    world.command(&founder, RosterCommand::WrapLacking).expect("wrapped");
    let cut = world.cut_now(founder.device(), ROSTER);
    // The thief.
    carry_out(&mut world, &founder, Withdrawal::Revoke(revoke(honest.device()))).expect("the founder is above");
    carry_out(&mut world, &founder, Withdrawal::Revoke(revoke(victim))).expect("the founder is above");
    let accomplice = world.admitted(founder.device(), Role::Coordinator).device();
    let above = kit.device();
    let refused = decided(&mut world, &founder, Withdrawal::Revoke(revoke(above)));
    assert_eq!(refused, Err(RosterRefusal::Rank { device: above }));

    let except = BTreeSet::from([accomplice]);
    let command = Revocation { heads: Some(vec![cut]), except, ..revoke(founder.device()) };
    carry_out(&mut world, &kit, Withdrawal::Revoke(command)).expect("the kit is above all");

    let roster = world.fold();
    assert!(!roster.may_connect(founder.device()) && roster.device(accomplice).is_none());
    assert!([honest.device(), victim].iter().all(|device| roster.may_connect(*device)));
    for (keys, compartment) in [(&honest, Compartment::Community), (&kit, Compartment::Care)] {
        let writes = roster.writing_epoch(compartment, &Keyring::open(keys, &roster)).expect("held");
        assert!(Keyring::open(&founder, &roster).key(writes).is_none(), "{compartment:?}");
    }
}

#[test]
fn a_device_that_missed_ten_rotations_opens_them_all() {
    let mut world = World::seeded(9);
    let founder = twin(&world.founder);
    let sleeper = world.admitted(founder.device(), Role::Volunteer);
    world.command(&founder, RosterCommand::WrapLacking).expect("wrapped");
    for _ in 0..10 {
        world.command(&founder, RosterCommand::Rotate { compartment: Compartment::Community }).expect("rotated");
    }

    let roster = world.fold();

    let all: Vec<_> = roster.epochs(Compartment::Community).map(|epoch| epoch.id).collect();
    let ring = Keyring::open(&sleeper, &roster);
    assert_eq!(all.len(), 11);
    assert!(all.iter().all(|epoch| ring.key(*epoch).is_some()));
}

#[test]
fn a_person_who_has_a_device_above_goes_with_all_others() {
    let mut world = World::seeded(20);
    let founder = twin(&world.founder);
    // A liar in office calls a phone that ranks above the next coordinator another's.
    let liar = world.admitted(founder.device(), Role::Coordinator);
    let office = world.admitted(founder.device(), Role::Coordinator);
    let friend = world.admitted(founder.device(), Role::Volunteer).device();
    let member = MemberId::first_device(friend);
    let above = world.device().record();
    let (role, label, addresses) = (Role::Coordinator, None, Vec::new());
    let admitted = Admitted { record: above, role, member: Some(member), label, addresses };
    world.write(liar.device(), RosterEvent::Admitted(admitted));

    carry_out(&mut world, &office, Withdrawal::Revoke(Revocation::of(Who::Member(member)))).expect("revoked");

    let roster = world.fold();
    assert!(!roster.may_connect(friend) && roster.may_connect(above.device));
    let asked: Vec<_> = roster.requests().map(|request| request.device).collect();
    assert_eq!(asked, [above.device], "what only somebody above may do is asked for");
    let only_above = Withdrawal::Revoke(Revocation::of(Who::Member(member)));
    assert_eq!(decided(&mut world, &office, only_above), Err(RosterRefusal::Rank { device: above.device }));
}

/// The bytes of room that events give their author.
fn given(events: &[RosterEvent], by: DeviceId) -> u64 {
    let given = |event: &RosterEvent| match event {
        RosterEvent::RoomGiven(given) if given.device == by => given.rooms * limits::ROSTER_ROOM,
        _ => 0,
    };
    events.iter().map(given).sum()
}

/// What a cut names is bounded, whatever the withdrawn heaped up: what came first is named, the rest falls. So is what
/// follows the cut, and keys are replaced all the same. All of it has room.
#[test]
fn a_cut_is_no_larger_for_what_was_heaped_up_t4() {
    let mut world = World::seeded(31);
    let founder = twin(&world.founder);
    let liar = world.admitted(founder.device(), Role::Coordinator);
    let crowd: Vec<DeviceKeys> = (0..6_000).map(|_| world.admitted(liar.device(), Role::Coordinator)).collect();
    world.command(&founder, RosterCommand::WrapLacking).expect("wrapped");
    let roster = world.fold();
    let ring = Keyring::open(&founder, &roster);
    let mut dice = world.dice.clone();
    let held = everything(&world, founder.device(), 100_000);
    let low = Revocation { heads: Some(Vec::new()), ..revoke(liar.device()) };

    let here = withdraw(&roster, &ring, founder.device(), Withdrawal::Revoke(revoke(liar.device())), &held, &mut dice);
    let here = here.expect("it is written");
    let again = withdraw(&roster, &ring, founder.device(), Withdrawal::Revoke(low), &held, &mut dice);
    let again = again.expect("it is written");

    let own = world.header(liar.device(), ROSTER).id();
    let named = |events: &[RosterEvent]| -> BTreeSet<LogId> {
        let cuts = events.iter().filter_map(|event| match event {
            RosterEvent::Revoked(revoked) => Some(&revoked.cuts),
            _ => None,
        });
        cuts.flatten().map(|cut| cut.log).collect()
    };
    assert!(named(&here).contains(&own), "what came first is named");
    assert!((1_000..100_000).contains(&named(&here).len()), "{} logs", named(&here).len());
    let admitted = again.iter().filter(|event| matches!(event, RosterEvent::Admitted(_))).count();
    assert!((100..crowd.len()).contains(&admitted), "{admitted} of {}", crowd.len());
    for events in [here, again] {
        let weight: u64 = events.iter().map(RosterEvent::weight).sum();
        assert!(weight < 3 * limits::ROSTER_ROOM, "{weight}");
        assert!(weight < roster.room_left(founder.device()) + given(&events, founder.device()), "{weight}");
        assert!(events.iter().any(|event| matches!(event, RosterEvent::KeysSealed(_))), "keys are replaced");
    }
}

/// Of one author's acts beside each other the 17th says nothing, be it of the author itself: own cuts are read before all else,
/// and once. Read again in its turn it would find the others replaced.
#[test]
fn an_own_cut_that_said_nothing_says_nothing_when_it_is_read_again() {
    let mut world = World::seeded(34);
    let founder = world.founder.device();
    let office = world.admitted(founder, Role::Coordinator).device();
    let common = world.header(office, COMMON);
    let act = world.act(&common);
    let mut replaces = Vec::new();
    for _ in 0..16 {
        let cuts = vec![world.cut_now(office, COMMON), world.cut_now(office, ROSTER)];
        let own = Revoked { device: office, cuts, replaces: Vec::new(), act: None };
        replaces.push(world.write(office, RosterEvent::Revoked(own)));
    }
    let mute = Revoked { device: office, cuts: Vec::new(), replaces: Vec::new(), act: None };
    world.write(office, RosterEvent::Revoked(mute));
    let cuts = vec![world.cut_now(office, COMMON), world.cut_now(office, ROSTER)];
    world.write(office, RosterEvent::Revoked(Revoked { device: office, cuts, replaces, act: None }));

    assert_eq!(world.verdict(&common, act), Verdict::Counts);
}

/// The kit can always cut. A thief of the founder's phone withdraws that phone by one act of so many events that a cut in
/// its place, which names them all, has no room; rooms that it gave itself made room for them.
#[test]
fn a_cut_in_place_of_an_act_of_many_events_has_room_t3() {
    let mut world = World::seeded(32);
    let (founder, kit) = (world.founder.device(), twin(&world.kit));
    let friend = world.admitted(founder, Role::Volunteer).device();
    let honest = world.cut_now(founder, ROSTER);
    for _ in 0..2 {
        world.write(founder, RosterEvent::RoomGiven(RoomGiven { device: founder, rooms: limits::ROOMS_GIVEN }));
    }
    for _ in 0..100_000 {
        let own = Revoked { device: founder, cuts: Vec::new(), replaces: Vec::new(), act: Some(7) };
        world.write(founder, RosterEvent::Revoked(own));
    }
    let roster = world.fold();
    assert!(roster.is_revoked(founder) && !roster.may_connect(friend), "nothing of the founder's stands");

    // What `Recovery::withdraw_founder` commands.
    let (heads, except, restate) = (Some(vec![honest]), BTreeSet::new(), BTreeSet::new());
    let events = decided(&mut world, &kit, Withdrawal::Recut { device: founder, heads, except, restate });

    let events = events.expect("the kit can always cut");
    let weight: u64 = events.iter().map(RosterEvent::weight).sum();
    assert!(weight > limits::ROSTER_ROOM, "{weight}: it names them all");
    assert!(weight < roster.room_left(kit.device()) + given(&events, kit.device()), "{weight}");
}

/// Whoever has little room left cuts no deeper than whoever has much: what is held of an honest phone is named.
#[test]
fn a_cut_names_what_is_held_of_an_honest_phone_however_little_room_is_left_r8() {
    let mut world = World::seeded(33);
    let founder = twin(&world.founder);
    let lost = world.admitted(founder.device(), Role::Volunteer).device();
    // A junk cut weighs 356 here.
    while world.fold().room_left(founder.device()) > 4 * 1_024 {
        let left = world.fold().room_left(founder.device());
        for _ in 0..(left - 3 * 1_024) / 356 {
            let nobody = world.device().device();
            let (cuts, replaces) = (Vec::new(), Vec::new());
            world.write(founder.device(), RosterEvent::Revoked(Revoked { device: nobody, cuts, replaces, act: None }));
        }
    }
    let roster = world.fold();
    let ring = Keyring::open(&founder, &roster);
    let mut dice = world.dice.clone();
    // A hundred logs: of as many sessions that were killed.
    let held = everything(&world, founder.device(), 100);

    let command = Withdrawal::Revoke(revoke(lost));
    let events = withdraw(&roster, &ring, founder.device(), command, &held, &mut dice).expect("it is written");

    let named: usize =
        events.iter().map(|event| if let RosterEvent::Revoked(revoked) = event { revoked.cuts.len() } else { 0 }).sum();
    assert!(named >= 100, "{named} of a hundred logs stand, the rest fell unasked")
}

/// What one device holds of the world: everything.
struct EverythingHeld<'a> {
    world: &'a World,
    by: DeviceId,
    /// Logs that a liar heaped up beside those that say something.
    heap: u64,
    said: Said<RosterFact>,
    erased: Said<ErasureFact>,
}

fn everything(world: &World, by: DeviceId, heap: u64) -> EverythingHeld<'_> {
    let mut said = Said::default();
    world.facts.iter().for_each(|fact| _ = said.add(Arc::new(fact.clone())));
    EverythingHeld { world, by, heap, said, erased: Said::default() }
}

impl WithdrawalContext for EverythingHeld<'_> {
    fn logs(&self, device: DeviceId) -> Vec<(LogHeader, Vec<CutHead>)> {
        let logs = [ROSTER, COMMON, CARE].into_iter().map(|topic| (self.world.header(device, topic), topic));
        let own = logs.filter_map(|(log, topic)| Some((log, vec![self.world.head(device, topic)?])));
        let heaped = (0..self.heap).map(|nth| {
            let incarnation = Incarnation::from_bytes((nth + 1).to_be_bytes());
            let head = CutHead { seq: 0, id: EventId::from_bytes([3; 32]) };
            (LogHeader { incarnation, ..self.world.header(device, COMMON) }, vec![head])
        });
        own.chain(heaped).collect()
    }

    fn said(&self) -> &Said<RosterFact> {
        &self.said
    }

    fn erased(&self) -> &Said<ErasureFact> {
        &self.erased
    }

    fn after(&self, events: &[RosterEvent]) -> Roster {
        let log = self.world.header(self.by, ROSTER);
        let first = self.world.head(self.by, ROSTER).map_or(0, |head| head.seq + 1);
        let mut facts = self.world.facts.clone();
        facts.extend((first..).zip(events).map(|(seq, event)| {
            let id = EventId::from_bytes([seq as u8; 32]);
            RosterFact { log, seq, id, wall: WallMs(0), event: event.clone(), size: event.size() }
        }));
        Roster::fold(self.world.community, &facts, self.world)
    }
}

fn decided(world: &mut World, by: &DeviceKeys, command: Withdrawal) -> Result<Vec<RosterEvent>, RosterRefusal> {
    let roster = world.fold();
    let ring = Keyring::open(by, &roster);
    let mut dice = world.dice.clone();
    let held = everything(world, by.device(), 0);
    let decided = withdraw(&roster, &ring, by.device(), command, &held, &mut dice);
    world.dice = dice;
    decided
}

fn carry_out(world: &mut World, by: &DeviceKeys, command: Withdrawal) -> Result<Vec<Reference>, RosterRefusal> {
    let events = decided(world, by, command)?;
    Ok(events.into_iter().map(|event| world.write(by.device(), event)).collect())
}

fn twin(keys: &DeviceKeys) -> DeviceKeys {
    DeviceKeys::from_slice(&keys.to_secret()).expect("just stored")
}

fn revoke(device: DeviceId) -> Revocation {
    Revocation::of(Who::Device(device))
}
