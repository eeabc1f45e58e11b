//! Clocks that are wrong: the same state on every phone, and alerts that escalate all the same (T7).

use std::{sync::Arc, time::Duration};

use linli_core::{
    aggregate::{
        alert::{self, Alert, AlertCommand, Escalation},
        medicine_box::{Command as BoxCommand, Portion, Refusal, Room, What, When},
        order::Status,
    },
    event::{Body, Compartment, Topic},
    id::Reference,
    limits,
    qty::Qty,
    replica::{OrderFilter, SubmitError},
    roster::{
        Role,
        invite::{Ended, Inviting, Offer},
    },
    time::{ManualClock, WallMs},
};
use linli_tests::{
    Forger, MORNING, World, hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

const Y2099: WallMs = WallMs(4_070_908_800_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn an_alert_escalates_on_every_phone_whatever_its_clock_says_t7() {
    let (mut world, clocks) = scene(1);
    raise(&mut world, MEI);

    for clock in &clocks {
        clock.advance(Duration::from_secs(200));
    }
    world.clock.advance(Duration::from_secs(200));
    clocks[0].set_wall(WallMs(i64::MIN));
    clocks[1].set_wall(WallMs(-1));

    for phone in 0..3 {
        let alerts = world.at(phone).alerts(true).unwrap();
        assert!(alerts[0].escalation >= Escalation::TellCoordinators, "phone {phone}: {:?}", alerts[0].escalation);
    }
    world.assert_equal();
}

#[test]
fn raising_again_what_nobody_answered_does_not_quiet_it_on_any_phone_t7() {
    let (mut world, clocks) = scene(8);
    raise(&mut world, LAN);
    let alert = world.at(LAN).alerts(true).unwrap()[0].card.alert;

    for _ in 0..12 {
        let later = Duration::from_secs(59);
        clocks.iter().for_each(|clock| clock.advance(later));
        world.clock.advance(later);
        let id = world.command();
        world.at(MEI).submit::<Alert>(id, Some(alert), AlertCommand::RaiseAgain { why: None }).unwrap();
        world.settle();
    }

    for phone in 0..3 {
        let alerts = world.at(phone).alerts(true).unwrap();
        assert_eq!(alerts[0].escalation, Escalation::CallEmergencyNumber, "phone {phone}");
        assert_eq!(alerts[0].card.times_raised, 13);
    }
    world.assert_equal();
}

/// T4.
#[test]
fn alerts_that_one_member_heaps_up_and_dates_in_2099_hide_nobody_elses_t7() {
    const MANY: usize = 501;
    let (mut world, clocks) = scene(9);
    let heap = |forger: &mut Forger, resolved: bool| {
        for _ in 0..MANY {
            let raised = Body { kind: alert::kind::RAISED, payload: b"\xa1\x00\x64fall".to_vec(), ..said(None) };
            let alert = forger.write(&raised);
            if resolved {
                let payload = b"\xa1\x00\x66helped".to_vec();
                forger.write(&Body { kind: alert::kind::RESOLVED, payload, ..said(Some(alert)) });
            }
        }
    };
    let mut forger = Forger::with_keys_of(&mut world, MEI).in_topic(&world, MEI, Topic::Urgent);
    heap(&mut forger, false);
    hand_over(&world, WU, forger.device(), world.tag(WU, Topic::Urgent), &forger.runs()).unwrap();
    raise(&mut world, LAN);
    let honest = |world: &World, open: bool| {
        let lines = world.at(WU).alerts(open).unwrap();
        let of = lines.iter().filter(|line| line.card.raised_by == world.member(MEI)).count();
        assert!(of <= limits::ALERTS_OF_ONE, "{of} of one");
        assert!(lines.iter().all(|line| line.more == 0 || line.more as usize + of >= MANY));
        lines.into_iter().find(|line| line.card.raised_by == world.member(LAN))
    };

    // No wall clock tells anything to the phone in 1970, and it was restarted.
    clocks[0].advance(Duration::from_secs(11 * 60));
    world.close(WU);
    world.open(WU);
    let line = honest(&world, true).expect("it is in the list");
    assert_eq!(line.escalation, Escalation::CallEmergencyNumber);

    let id = world.command();
    let over = AlertCommand::Resolve { how: "helped".to_owned(), note: None, already_happened: false };
    world.at(LAN).submit::<Alert>(id, Some(line.card.alert), over).unwrap();
    world.settle();
    heap(&mut forger, true);
    hand_over(&world, WU, forger.device(), world.tag(WU, Topic::Urgent), &forger.runs()).unwrap();
    assert!(honest(&world, true).is_none());
    assert!(honest(&world, false).is_some(), "who disagrees that it is over finds it");
}

/// Something said of an alert in 2099.
fn said(aggregate: Option<Reference>) -> Body {
    Body {
        aggregate,
        deps: Vec::new(),
        wall: Y2099,
        kind: 0,
        version: 1,
        payload: Vec::new(),
        edits: Vec::new(),
        salt: None,
    }
}

#[test]
fn the_first_claim_is_the_first_by_what_people_knew_r9() {
    let (mut world, _) = scene(2);
    let order = say::post(&mut world, LAN);
    world.settle();

    // 2099 claims first, 1970 has heard of it and takes over.
    say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    world.settle();
    say::submit(&mut world, WU, Some(order), Command::TakeOver { anyway: true }).unwrap();
    world.settle();

    for phone in 0..3 {
        assert_eq!(world.at(phone).order(order).unwrap().view.card.holder, Some(world.member(WU)));
    }
    world.assert_equal();
}

fn raise(world: &mut World, phone: usize) {
    say::raise(world, phone, None);
    world.settle();
}

/// In which way a clock is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    In1970,
    In2099,
    /// To and fro, each time that time passes.
    Jumping,
}

const KINDS: [Wrong; 3] = [Wrong::In1970, Wrong::In2099, Wrong::Jumping];

/// Three phones, each with a clock of its own, some of which are wrong: two coordinators' and a volunteer's.
struct Street {
    world: World,
    clocks: [ManualClock; 3],
    wrong: [Option<Wrong>; 3],
    passed: usize,
}

impl Street {
    /// The phones whose bit is set in `subset` are wrong.
    fn new(subset: usize, kind: Wrong) -> Self {
        let mut world = World::seeded(21);
        let wrong = [LAN, WU, MEI].map(|phone| (subset >> phone & 1 == 1).then_some(kind));
        let begin = |wrong: Option<Wrong>| match wrong {
            Some(Wrong::In1970 | Wrong::Jumping) => WallMs(0),
            Some(Wrong::In2099) => Y2099,
            None => MORNING,
        };
        let clocks = wrong.map(|wrong| ManualClock::at(begin(wrong)));
        for clock in &clocks {
            world.phone_with_clock(Arc::new(clock.clone()));
        }
        world.at(LAN).found(None).unwrap();
        for (phone, role) in [(1, Role::Coordinator), (2, Role::Volunteer)] {
            let (record, id) = (world.at(phone).record(), world.command());
            world.at(LAN).admit(id, record, role, None, None).unwrap();
            let welcome = world.at(LAN).welcome().unwrap();
            world.at(phone).join(&welcome).unwrap();
        }
        world.settle();
        Self { world, clocks, wrong, passed: 0 }
    }

    fn pass(&mut self, time: Duration) {
        self.passed += 1;
        for (clock, wrong) in self.clocks.iter().zip(self.wrong) {
            clock.advance(time);
            if wrong == Some(Wrong::Jumping) {
                clock.set_wall([WallMs(0), Y2099, MORNING, WallMs(i64::MIN)][self.passed % 4]);
            }
        }
    }

    /// Time passes, and all hear of all.
    fn settle(&mut self) {
        self.pass(Duration::from_secs(60));
        self.world.settle();
    }
}

/// What is decided, without the times shown.
#[derive(Debug, PartialEq, Eq)]
struct Decided {
    /// How each order stands, and on whose phone it is.
    orders: Vec<(Status, Option<usize>)>,
    left: Vec<Qty>,
    alerts: usize,
    escalated: bool,
}

/// Neighbours act one after another, each knowing what the one before did.
fn decided(street: &mut Street) -> Decided {
    let world = &mut street.world;
    let orders = [LAN, WU, MEI].map(|phone| say::post(world, phone));
    let [product, medicine_box, lot] = say::stocked(world, LAN, "布洛芬", "大厅");
    street.settle();
    let acts = [
        (2, orders[0], Command::Claim),
        (1, orders[0], Command::TakeOver { anyway: true }),
        (1, orders[1], Command::Claim),
        (1, orders[1], Command::Release { why: None }),
        (0, orders[1], Command::Claim),
        (2, orders[2], Command::Cancel { why: None }),
    ];
    for (phone, order, command) in acts {
        say::submit(&mut street.world, phone, Some(order), command).unwrap();
        street.settle();
    }
    let take = |qty: i64| BoxCommand::Take {
        what: What::Product { product, qty: qty.into(), unit: None },
        room: None,
        order: None,
        override_reason: None,
        when: When { already_happened: true, happened_at: None },
    };
    let count = BoxCommand::Count { parts: vec![Portion { lot, qty: 8.into() }], blind: false, when: When::default() };
    for (phone, command) in [(1, take(1)), (2, count), (0, take(3))] {
        say::in_box(&mut street.world, phone, Some(medicine_box), command).unwrap();
        street.settle();
    }
    raise(&mut street.world, MEI);
    for _ in 0..4 {
        street.pass(Duration::from_secs(50));
    }
    let world = &street.world;
    world.assert_equal();
    let phone_of = |member| (0..3).find(|phone| world.member(*phone) == member);
    let mut pictures = (0..3).map(|phone| {
        let replica = world.at(phone);
        let card = |order| replica.order(order).unwrap().view.card;
        let lots = replica.box_detail(medicine_box).unwrap().lots;
        let alerts = replica.alerts(true).unwrap();
        Decided {
            orders: orders.map(card).map(|card| (card.status, card.holder.and_then(phone_of))).to_vec(),
            left: lots.iter().map(|lot| lot.qty).collect(),
            alerts: alerts.len(),
            escalated: alerts.iter().all(|alert| alert.escalation >= Escalation::TellCoordinators),
        }
    });
    let first = pictures.next().unwrap();
    assert!(pictures.all(|other| other == first), "every phone decides the same");
    first
}

#[test]
fn whichever_of_three_clocks_are_wrong_the_same_is_decided_and_alerts_escalate_t7_r9() {
    let right = decided(&mut Street::new(0, Wrong::In1970));
    assert!(right.escalated && right.alerts == 1);
    assert_eq!(right.left, [5], "eight were counted, three taken since");

    for kind in KINDS {
        for subset in 1..8 {
            assert_eq!(decided(&mut Street::new(subset, kind)), right, "{kind:?}, phones {subset:03b}");
        }
    }
}

#[test]
fn keys_are_replaced_when_they_are_old_neither_never_nor_all_the_time_under_wrong_clocks_t7() {
    for kind in KINDS {
        for subset in [0b001, 0b010, 0b011] {
            let mut street = Street::new(subset, kind);
            let days = 95;
            for _day in 0..days {
                for phone in [LAN, WU] {
                    street.world.at(phone).tend().unwrap();
                }
                street.pass(DAY);
                street.world.settle();
            }
            let replaced = street.world.at(MEI).roster().epochs(Compartment::Community).count() - 1;
            let most = if kind == Wrong::Jumping { days } else { 2 };
            assert!((1..=most).contains(&replaced), "{kind:?}, phones {subset:03b}: {replaced} times in {days} days");
            street.world.assert_equal();
        }
    }
}

#[test]
fn an_invitation_is_good_for_ten_minutes_under_any_clock_t7() {
    for kind in KINDS {
        let mut street = Street::new(0b001, kind);
        let offer = || Offer { role: Role::Volunteer, member: None, name: None };
        street.world.at(LAN).invite(offer(), Vec::new()).unwrap();
        for _ in 0..9 {
            street.pass(Duration::from_secs(60));
            assert!(matches!(street.world.at(LAN).inviting(), Inviting::Open { .. }), "{kind:?}");
        }
        street.pass(Duration::from_secs(60));
        assert_eq!(street.world.at(LAN).inviting(), Inviting::Over(Ended::Expired), "{kind:?}");
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);

/// What a phone's board says of every order: lapsed, stale.
fn aged(world: &World, phone: usize) -> Vec<(bool, bool)> {
    let lines = world.at(phone).board(&OrderFilter::default()).unwrap().items;
    lines.iter().map(|line| (line.lapsed, line.stale)).collect()
}

/// The orders that a filter finds on a phone's board.
fn found(world: &World, phone: usize, filter: OrderFilter) -> usize {
    world.at(phone).board(&filter).unwrap().items.len()
}

#[test]
fn a_claim_lapses_and_a_need_gets_stale_on_every_phone_whatever_any_clock_says_t7_r9() {
    for kind in KINDS {
        for subset in 0..8 {
            let mut street = Street::new(subset, kind);
            let orders = [LAN, WU, MEI].map(|phone| say::post(&mut street.world, phone));
            street.settle();
            for (phone, order) in orders.into_iter().enumerate() {
                say::submit(&mut street.world, phone, Some(order), Command::Claim).unwrap();
            }
            street.settle();
            if subset == 0 {
                assert!(aged(&street.world, LAN).iter().all(|line| *line == (false, false)));
            }

            for _ in 0..7 {
                street.pass(HOUR);
            }
            for phone in 0..3 {
                let lapsed = OrderFilter { lapsed: true, ..OrderFilter::default() };
                assert_eq!(found(&street.world, phone, lapsed), 3, "{kind:?}, phones {subset:03b}: on {phone}");
            }
            // So whoever takes one over is asked nothing.
            say::submit(&mut street.world, LAN, Some(orders[1]), Command::TakeOver { anyway: false }).unwrap();
            street.settle();

            for _ in 0..45 {
                street.pass(HOUR);
            }
            for phone in 0..3 {
                street.world.close(phone);
                street.world.open(phone);
                let stale = OrderFilter { stale: true, ..OrderFilter::default() };
                assert_eq!(found(&street.world, phone, stale), 3, "{kind:?}, phones {subset:03b}: on {phone}");
            }
            street.world.assert_equal();
        }
    }
}

#[test]
fn what_a_phone_holds_ages_over_restarts_r9() {
    let (mut world, clocks) = scene(5);
    let order = say::post(&mut world, MEI);
    say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    world.settle();
    world.clock.set_wall(WallMs(0));

    // 1970 here, 2099 there: no wall clock tells anything.
    for _ in 0..10 {
        world.clock.advance(HOUR);
        clocks[0].advance(HOUR);
        for phone in [LAN, WU] {
            world.close(phone);
            world.open(phone);
        }
    }

    for phone in [LAN, WU] {
        assert_eq!(aged(&world, phone), [(true, false)], "on {phone}");
    }
}

#[test]
fn an_order_of_a_clock_in_2099_is_found_to_be_asked_for_twice_r9() {
    let (mut world, _) = scene(6);
    let one = say::post(&mut world, MEI);
    world.settle();
    let other = say::post(&mut world, LAN);
    world.settle();
    world.pass(60);

    let like = |order: Reference| -> Vec<Reference> {
        world.at(LAN).likely_duplicates(order).unwrap().into_iter().map(|like| like.line.order).collect()
    };
    assert_eq!((like(one), like(other)), (vec![other], vec![one]));
}

#[test]
fn a_take_of_a_clock_in_2099_leaves_the_limit_when_its_days_have_passed_here_r9() {
    let (mut world, _) = scene(7);
    let [product, medicine_box, _] = say::stocked(&mut world, LAN, "布洛芬", "大厅");
    let limit = BoxCommand::SetLimit { product: Some(product), qty: Some(2.into()), days: 7 };
    say::in_box(&mut world, LAN, Some(medicine_box), limit).unwrap();
    world.settle();
    let take = || BoxCommand::Take {
        what: What::Product { product, qty: 2.into(), unit: None },
        room: Some(Room { building: "3".into(), unit: "2".into(), room: "1804".into() }),
        order: None,
        override_reason: None,
        when: When::default(),
    };
    say::in_box(&mut world, MEI, Some(medicine_box), take()).unwrap();
    world.settle();

    world.pass(6 * 24 * 60);
    let refused = say::in_box(&mut world, LAN, Some(medicine_box), take());
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::OverLimit { .. }))), "{refused:?}");
    world.pass(2 * 24 * 60);
    say::in_box(&mut world, LAN, Some(medicine_box), take()).unwrap();
}

/// The founder, and phones whose clocks say 1970 and 2099.
fn scene(seed: u64) -> (World, [ManualClock; 2]) {
    let mut world = World::community(seed, 0);
    let clocks = [WallMs(0), Y2099].map(ManualClock::at);
    for clock in &clocks {
        let phone = world.phone_with_clock(Arc::new(clock.clone()));
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
        let welcome = world.at(LAN).welcome().unwrap();
        world.at(phone).join(&welcome).unwrap();
    }
    world.settle();
    (world, clocks)
}
