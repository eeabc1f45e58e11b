//! What counts in the roster hangs on what counts: neither on what lies beyond a cut or in a silenced log, of which each phone
//! holds another part, nor on what came first (R7, R8).

use linli_core::{
    event::Topic,
    id::{DeviceId, EventId, LogId, MemberId},
    key::DeviceKeys,
    limits,
    roster::{Admitted, Cut, CutHead, Resumed, Revocation, Role, RosterEvent, Who},
    sync::Outgoing,
};
use linli_tests::{Break, Forger, World, hand_over, made::revoked};
use rand::RngExt;

const FOUNDER: usize = 0;
const LIAR: usize = 1;
const ONE: usize = 2;
const OTHER: usize = 3;

/// T3: the liar's friends withdrew each other, and what ranks them hangs on a life of the liar's which it holds back, is cut
/// without, and gives to one phone alone: to the other it came after all that is kept beyond the cut.
#[test]
fn a_life_beyond_a_cut_ranks_nobody_anew_r8() {
    let mut world = town(801);
    let [low, high] = [(); 2].map(|()| DeviceKeys::generate(&mut world.dice));
    let Ok([mut held_back, mut first, mut last]) = <[Forger; 3]>::try_from(lives(&mut world, None, 3)) else {
        panic!()
    };
    last.roster(&RosterEvent::Resumed(Resumed { after: held_back.place().0 }));
    last.roster(&admits(&low));
    first.roster(&admits(&high));
    let (admitted, quarrel) = ([first.runs(), last.runs()].concat(), quarrel(&mut world, [&low, &high]));
    for phone in [FOUNDER, ONE, OTHER] {
        bring_all(&world, phone, &[&admitted, &quarrel]);
    }
    let (id, liar) = (world.command(), world.device(LIAR));
    world.at(FOUNDER).revoke(id, Revocation::of(Who::Device(liar))).unwrap();
    world.meet(FOUNDER, ONE, Break::Never);
    world.meet(FOUNDER, OTHER, Break::Never);
    let stands = |world: &World, keys: &DeviceKeys| {
        [FOUNDER, ONE, OTHER].map(|phone| world.at(phone).roster().may_connect(keys.device()))
    };
    assert_eq!((stands(&world, &high), stands(&world, &low)), ([true; 3], [false; 3]));

    held_back.roster(&of_nobody(&mut world));
    let (log, runs) = (held_back.place().0, held_back.runs());
    let junk = junk(&mut world, None);
    bring_all(&world, ONE, &[&runs]);
    bring_all(&world, OTHER, &[&junk, &runs]);

    assert_eq!([ONE, OTHER].map(|phone| holds(&world, phone, log)), [true, false], "of what is beyond few are kept");
    assert_eq!(
        (stands(&world, &high), stands(&world, &low)),
        ([true; 3], [false; 3]),
        "nobody stands elsewhere for it"
    );
    agree(&mut world);
}

/// Of a silenced log each phone keeps the branches that it met first; what one of them says that the log goes on from ranks
/// nobody. No cut is needed for that.
#[test]
fn the_branches_of_a_silenced_log_rank_nobody_r7() {
    let mut world = town(802);
    let [before, behind] = [(); 2].map(|()| DeviceKeys::generate(&mut world.dice));
    let Ok([mut low, mut middle, mut high, silent, mut on]) = <[Forger; 5]>::try_from(lives(&mut world, None, 5))
    else {
        panic!()
    };
    on.roster(&RosterEvent::Resumed(Resumed { after: silent.place().0 }));
    on.roster(&admits(&before));
    middle.roster(&admits(&behind));
    let mut runs = [on.runs(), middle.runs()].concat();
    for life in [&mut low, &mut high] {
        life.roster(&of_nobody(&mut world));
        runs.extend(life.runs());
    }
    let quarrel = quarrel(&mut world, [&before, &behind]);
    for (phone, after) in [(ONE, low.place().0), (OTHER, high.place().0)] {
        let mut branch = silent.twin();
        branch.roster(&RosterEvent::Resumed(Resumed { after }));
        let mut branches = branch.runs();
        for _ in 0..limits::BRANCHES {
            let mut branch = silent.twin();
            branch.roster(&of_nobody(&mut world));
            branches.extend(branch.runs());
        }
        bring_all(&world, phone, &[&branches, &runs, &quarrel]);
    }

    agree(&mut world);
    let roster = world.at(ONE).roster();
    assert!(roster.may_connect(behind.device()) && !roster.may_connect(before.device()), "each by the name of its log");
}

/// A coordinator cuts itself in one log and fills its room in one that is read before: it is withdrawn all the same, whatever of
/// this came first, though the cut leaves nothing of that log.
#[test]
fn a_coordinators_cut_of_itself_stands_whatever_came_first_r8() {
    let mut world = town(803);
    let Ok([mut full, mut cutting]) = <[Forger; 2]>::try_from(lives(&mut world, None, 2)) else { panic!() };
    let mut room = 0;
    while room <= limits::ROSTER_ROOM {
        let head = CutHead { seq: 0, id: EventId::from_bytes([3; 32]) };
        let named = (0..300).map(|_| Cut { log: LogId::from_bytes(world.dice.random()), heads: vec![head] }).collect();
        let event = revoked(DeviceId::from_bytes(world.dice.random()), named);
        room += event.weight();
        full.roster(&event);
    }
    cutting.roster(&of_nobody(&mut world));
    let (log, heads, liar) = (cutting.place().0, cutting.head().into_iter().collect(), world.device(LIAR));
    cutting.roster(&revoked(liar, vec![Cut { log, heads }]));
    let (full, cutting, junk) = (full.runs(), cutting.runs(), junk(&mut world, None));

    bring_all(&world, ONE, &[&full, &cutting, &junk]);
    bring_all(&world, OTHER, &[&cutting, &junk, &full]);

    agree(&mut world);
    assert!([ONE, OTHER].iter().all(|phone| world.at(*phone).roster().is_revoked(liar)));
}

/// Two of a coordinator's cuts of itself each leave out the log in which the other stands: both have an effect, whichever came
/// first.
#[test]
fn a_coordinators_cuts_of_itself_leave_each_other_out_and_both_stand_r8() {
    let mut world = town(804);
    let liar = world.device(LIAR);
    let friends = [(); 2].map(|()| DeviceKeys::generate(&mut world.dice));
    let lives = lives(&mut world, None, 2).into_iter().zip(&friends);
    let cuts = lives.map(|(mut life, friend)| {
        life.roster(&admits(friend));
        let (log, heads) = (life.place().0, life.head().into_iter().collect());
        life.roster(&revoked(liar, vec![Cut { log, heads }]));
        life.runs()
    });
    let cuts: Vec<Vec<Outgoing>> = cuts.collect();
    let junk = junk(&mut world, None);

    bring_all(&world, ONE, &[&cuts[0], &junk, &cuts[1]]);
    bring_all(&world, OTHER, &[&cuts[1], &junk, &cuts[0]]);

    agree(&mut world);
    let roster = world.at(OTHER).roster();
    assert!(
        friends.iter().all(|friend| roster.device(friend.device()).is_none()),
        "nothing stands that one leaves out"
    );
}

/// A cut says which branches of a log count, be it of ever so many heads: else who held all branches of it would call silent what
/// counts where the cut came first.
#[test]
fn a_cut_of_more_heads_than_count_leaves_no_log_silent_to_some_r7_r8() {
    let mut world = town(805);
    let [forked, friend] = [(); 2].map(|()| DeviceKeys::generate(&mut world.dice));
    let [mut liar] = <[Forger; 1]>::try_from(lives(&mut world, None, 1)).unwrap_or_else(|_| panic!());
    liar.roster(&admits(&forked));
    let admitted = liar.runs();
    let mut stem = lives(&mut world, Some(&forked), 1).remove(0);
    stem.roster(&of_nobody(&mut world));
    let mut branches = stem.runs();
    let mut named = stem.twin();
    named.roster(&admits(&friend));
    let head = named.head().unwrap();
    branches.extend(named.runs());
    for _ in 0..2 * limits::BRANCHES {
        let mut branch = stem.twin();
        branch.roster(&of_nobody(&mut world));
        branches.extend(branch.runs());
    }
    let nowhere = (0..4 * limits::BRANCHES).map(|_| CutHead { seq: 0, id: EventId::from_bytes(world.dice.random()) });
    let heads = nowhere.chain([head]).collect();
    liar.roster(&revoked(forked.device(), vec![Cut { log: stem.place().0, heads }]));
    let (cut, junk) = (liar.runs(), junk(&mut world, Some(&forked)));

    bring_all(&world, ONE, &[&admitted, &branches, &cut]);
    bring_all(&world, OTHER, &[&admitted, &cut, &junk, &branches]);

    agree(&mut world);
    assert!(world.at(ONE).roster().may_connect(friend.device()), "what the cut names counts");
}

/// A founder, a coordinator who lies, and two volunteers.
fn town(seed: u64) -> World {
    World::of_roles(seed, &[Role::Coordinator, Role::Volunteer, Role::Volunteer])
}

/// So many lives of whoever has these keys, by the names of their logs in the roster.
fn lives(world: &mut World, keys: Option<&DeviceKeys>, count: usize) -> Vec<Forger> {
    let life = |world: &mut World| match keys {
        Some(keys) => Forger::with_keys(world, FOUNDER, keys),
        None => Forger::with_keys_of(world, LIAR),
    };
    let lives = (0..count).map(|_| life(world).in_topic(world, FOUNDER, Topic::Roster));
    let mut lives: Vec<Forger> = lives.collect();
    lives.sort_by_key(|life| life.place().0);
    lives
}

/// As many events as are kept beyond a cut, each in a life of its own.
fn junk(world: &mut World, keys: Option<&DeviceKeys>) -> Vec<Outgoing> {
    let mut runs = Vec::new();
    for mut life in lives(world, keys, limits::BEYOND_CUT as usize) {
        life.roster(&of_nobody(world));
        runs.extend(life.runs());
    }
    runs
}

fn admits(keys: &DeviceKeys) -> RosterEvent {
    let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
    RosterEvent::Admitted(Admitted { record, role: Role::Coordinator, member, label: None, addresses: Vec::new() })
}

fn of_nobody(world: &mut World) -> RosterEvent {
    revoked(DeviceId::from_bytes(world.dice.random()), Vec::new())
}

/// Each withdraws the other: whoever stands higher stays.
fn quarrel(world: &mut World, [one, other]: [&DeviceKeys; 2]) -> Vec<Outgoing> {
    let mut runs = Vec::new();
    for (by, of) in [(one, other), (other, one)] {
        let mut forger = Forger::with_keys(world, FOUNDER, by).in_topic(world, FOUNDER, Topic::Roster);
        forger.roster(&revoked(of.device(), Vec::new()));
        runs.extend(forger.runs());
    }
    runs
}

/// Somebody who belongs passes on what others wrote in the roster, in one meeting after another.
fn bring_all(world: &World, to: usize, meetings: &[&[Outgoing]]) {
    let from = world.device(if to == ONE { OTHER } else { ONE });
    for runs in meetings {
        hand_over(world, to, from, world.tag(to, Topic::Roster), runs).expect("the session goes on");
    }
}

fn holds(world: &World, phone: usize, log: LogId) -> bool {
    !world.at(phone).look(|reader| reader.heads(log)).expect("the store answers").is_empty()
}

/// All but the liar meet. Then they are of one mind, as each would be that reads all again.
fn agree(world: &mut World) {
    for _ in 0..2 {
        for (one, other) in [(FOUNDER, ONE), (FOUNDER, OTHER), (ONE, OTHER)] {
            world.meet(one, other, Break::Never);
        }
    }
    for phone in [FOUNDER, ONE, OTHER] {
        world.assert_one_truth(phone);
        assert_eq!(world.at(phone).roster().digest(), world.at(FOUNDER).roster().digest(), "phone {phone}");
        assert_eq!(world.at(phone).state_hash().unwrap(), world.at(FOUNDER).state_hash().unwrap(), "phone {phone}");
    }
}
