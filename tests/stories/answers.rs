//! A disk that breaks at the n-th question, for every n: whoever asked is told that the store failed, and nothing is
//! written, least of all a withdrawal that cuts deeper because something could not be read (R6, R8, T8).

use linli_core::{
    aggregate::{
        Held, Select,
        medicine_box::{Command as BoxCommand, Goods, MedicineBox},
        order::{ORDER_CARD, Order},
        product::{Class, Command as ProductCommand, Details, Product},
        recall::{Command as RecallCommand, Recall, Scope},
    },
    event::{Body, Topic},
    id::{CommandId, Reference},
    replica::{
        EraseError, HouseholdFilter, LinkError, MembersError, OrderFilter, QueryError, Replica, ReviewFilter,
        SubmitError,
    },
    roster::{Erased, ErasedAggregate, ErasedSpan, Grant, Revocation, Role, Who},
    store::StoreError,
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

/// More answers than anything here asks for.
const HEALTHY: i64 = i64::MAX;
/// Questions, at most, that one thing asks.
const MOST: i64 = 5_000;

macro_rules! of_store {
    ($($error:ty),*) => {$(
        impl OfStore for $error {
            fn of_store(self) -> Result<StoreError, String> {
                match self {
                    Self::Store(error) => Ok(error),
                    other => Err(format!("{other:?}")),
                }
            }
        }
    )*};
}

of_store!(QueryError, MembersError, EraseError, LinkError);

#[test]
fn every_question_that_is_not_answered_is_told_as_such() {
    let Scene { world, order, medicine_box, recall, .. } = scene(1);
    let phone = world.at(LAN);
    let mut asked = 0;
    macro_rules! each {
        ($($what:expr),* $(,)?) => {$(
            let (shown, failed) = until_done(stringify!($what), phone, || $what);
            assert_eq!(format!("{shown:?}"), format!("{:?}", $what.unwrap()), "the same as ever");
            asked += failed;
        )*};
    }

    each!(
        phone.board(&OrderFilter::default()),
        phone.order(order),
        phone.contact(order),
        phone.history(order),
        phone.likely_duplicates(order),
        phone.permissions(order),
        phone.my_round(),
        phone.review_queue(&ReviewFilter::default()),
        phone.search("布洛芬", None, 10),
        phone.boxes(None),
        phone.box_detail(medicine_box),
        phone.recalls(),
        phone.recall_detail(recall),
        phone.ledger_totals(),
        phone.log(None, 50),
        phone.stats(),
        phone.beyond_cuts(),
        phone.select(&Select::from(ORDER_CARD.name)),
        phone.buildings(),
        phone.settings(),
        phone.alerts(true),
        phone.households(&HouseholdFilter::default()),
        phone.due_visits(None),
        phone.sync_state(),
        phone.about("3", None, "1804"),
        phone.forks(),
        phone.unsent(),
        phone.state_hash(),
        phone.verify(),
        phone.would_fall(&Revocation::of(Who::Device(world.device(WU)))),
        phone.cut_at(world.device(WU), &[order]),
    );

    assert!(asked > 300, "{asked} failures");
}

#[test]
fn a_command_that_cannot_ask_writes_nothing_and_is_not_refused() {
    let Scene { mut world, order, medicine_box, product, .. } = scene(2);
    let mut failed = 0;

    let ids: Vec<CommandId> = (0..6).map(|_| world.command()).collect();
    let founder = world.at(LAN);
    let posting = || founder.submit::<Order>(ids[0], None, Command::Post(Box::new(say::order())));
    failed += until_done("post", founder, posting).1;
    let comment = || founder.submit::<Order>(ids[1], Some(order), Command::Comment { text: "x".into() });
    failed += until_done("comment", founder, comment).1;
    let donate = || founder.submit::<MedicineBox>(ids[2], Some(medicine_box), donation(product));
    failed += until_done("donate", founder, donate).1;
    let granting = || founder.grant(ids[3], world.device(WU), Grant::Care);
    failed += until_done("grant", founder, granting).1;
    failed += until_done("rebuild", founder, || founder.rebuild()).1;
    let erase = || founder.erase_about(ids[4], "3", None, "1804");
    failed += until_done("erase", founder, erase).1;

    assert!(failed > 60, "{failed} failures");
    assert_eq!(founder.verify().unwrap().faults, []);
    world.settle();
    world.assert_equal();
}

#[test]
fn a_withdrawal_that_cannot_read_does_nothing_r8() {
    let Scene { mut world, order, .. } = scene(3);
    let helper = world.join(LAN, Role::Coordinator);
    world.settle();
    let thief = world.device(WU);
    let id = world.command();

    let founder = world.at(LAN);
    let (_, failed) = until_done("revoke", founder, || founder.revoke(id, Revocation::of(Who::Device(thief))));

    assert!(failed > 5, "{failed} failures");
    for phone in [LAN, helper] {
        if phone != LAN {
            assert_eq!(world.meet(LAN, phone, Break::Never).ended, Ended::InStep);
        }
        assert!(world.at(phone).order(order).is_ok(), "the cut stands where it would have stood");
        assert!(!world.at(phone).roster().may_connect(thief));
    }
}

#[test]
fn what_comes_while_the_disk_breaks_is_taken_in_later() {
    let Scene { mut world, order, .. } = scene(4);
    for _ in 0..3 {
        say::submit(&mut world, WU, Some(order), Command::Comment { text: "on my way".into() }).unwrap();
    }
    let id = world.command();
    world.at(LAN).grant(id, world.device(WU), Grant::Care).unwrap();
    let mut failed = 0;

    for answers in (0..MOST).step_by(3) {
        world.at(MEI).fail_after(answers);
        let meeting = world.meet(MEI, LAN, Break::Never);
        world.at(MEI).fail_after(HEALTHY);
        match meeting.ended {
            Ended::InStep => break,
            Ended::Failed(LinkError::Store(StoreError::Sqlite { code: 266, .. })) => failed += 1,
            other => panic!("after {answers} answers: {other:?}"),
        }
        assert_eq!(world.at(MEI).verify().unwrap().faults, [], "after {answers} answers");
    }

    assert!(failed > 5, "{failed} meetings failed");
    world.settle();
    world.assert_equal();
}

/// A thief of a coordinator's phone erased things by themselves, places of others, and an order with all that is said in it.
fn robbed(seed: u64) -> (World, usize, Reference) {
    let mut world = World::community(seed, 1);
    let thief = world.join(LAN, Role::Coordinator);
    let orders: Vec<Reference> = (0..20).map(|_| say::post(&mut world, WU)).collect();
    world.settle();
    let mut honest = Forger::with_keys_of(&mut world, WU);
    let mut other = Forger::with_keys_of(&mut world, WU);
    let mut wrong = Forger::with_keys_of(&mut world, thief).in_topic(&world, thief, Topic::Erasure);
    let mut erase = |creating: Reference, spans: Vec<ErasedSpan>| {
        let aggregates = vec![ErasedAggregate { creating, spans }];
        wrong.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    };
    let span = |event: Reference| ErasedSpan {
        log: event.log,
        first: event.seq,
        last: event.seq,
        check: event.check,
        gaps: None,
    };
    for nth in 0..400 {
        // Each of one log is named by one of another, which came before it.
        let said = honest.write(&say::comment(orders[nth % 20]));
        let built = Body { deps: vec![said], ..say::comment(orders[nth % 20]) };
        other.write(&built);
        erase(Reference { seq: 70_000 + said.seq, ..said }, vec![span(said)]);
    }
    erase(orders[0], vec![span(orders[0])]);
    for (forger, topic) in [(&mut other, Topic::Common), (&mut honest, Topic::Common), (&mut wrong, Topic::Erasure)] {
        let (device, tag, runs) = (forger.device(), world.tag(LAN, topic), forger.runs());
        hand_over(&world, LAN, device, tag, &runs).unwrap();
    }
    world.catch_up(LAN);
    (world, thief, orders[0])
}

fn erased(world: &World) -> usize {
    world.held(LAN).iter().filter(|(_, held)| *held == Held::Erased).count()
}

/// What a thief erased comes back in parts once the thief is cut. Between two of them the disk breaks, or has no room, or the
/// phone is killed: each part is done or is not, what is left comes later, and in the end all is as if it had come at once.
#[test]
fn what_comes_back_in_parts_comes_back_whatever_happens_between_them_t8() {
    for killed in [false, true] {
        let (mut world, thief, order) = robbed(9);
        let all = erased(&world);
        assert!(all > 400, "{all} are erased");
        let (id, device) = (world.command(), world.device(thief));
        let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
        // The disk breaks once the cut is made.
        for answers in (0..).step_by(50) {
            world.at(LAN).fail_after(answers);
            let made = world.at(LAN).revoke(id, low.clone());
            world.at(LAN).fail_after(HEALTHY);
            if made.is_ok() {
                break;
            }
        }
        let (mut left, mut broken) = (erased(&world), 0);
        assert!((1..=all).contains(&left), "{left} of {all} are left");

        for answers in (0..).map(|nth| nth * 211 % 4_001) {
            world.at(LAN).fail_after(answers);
            let went = world.at(LAN).go_on();
            world.at(LAN).fail_after(HEALTHY);
            broken += usize::from(went.is_err());
            if killed {
                world.close(LAN);
                world.open(LAN);
            }
            let now = erased(&world);
            assert!(now <= left, "nothing goes that came back");
            left = now;
            if went == Ok(false) {
                break;
            }
            // Whoever acts in between acts on what is there.
            say::submit(&mut world, LAN, None, Command::Post(Box::new(say::order()))).unwrap();
        }

        assert!(broken > 1, "it broke {broken} times");
        assert_eq!((erased(&world), world.at(LAN).verify().unwrap().faults), (0, Vec::new()), "killed: {killed}");
        assert!(world.at(LAN).order(order).is_ok(), "the order is back");
        world.assert_one_truth(LAN);
    }
}

/// What the store said, if an error is nothing but that.
trait OfStore {
    fn of_store(self) -> Result<StoreError, String>;
}

impl<R: std::error::Error> OfStore for SubmitError<R> {
    fn of_store(self) -> Result<StoreError, String> {
        match self {
            Self::Store(error) => Ok(error),
            other => Err(format!("{other:?}")),
        }
    }
}

impl OfStore for StoreError {
    fn of_store(self) -> Result<StoreError, String> {
        Ok(self)
    }
}

/// Does something over and over, with one answer more each time, until it is done. How often it was not.
#[track_caller]
fn until_done<T, E: OfStore>(what: &str, replica: &Replica, act: impl Fn() -> Result<T, E>) -> (T, i64) {
    let written = |replica: &Replica| replica.stats().unwrap().events;
    let before = written(replica);
    for answers in 0..MOST {
        replica.fail_after(answers);
        let done = act();
        replica.fail_after(HEALTHY);
        match done.map_err(OfStore::of_store) {
            Ok(done) => return (done, answers),
            Err(Ok(StoreError::Sqlite { code: 266, .. })) => {}
            Err(Ok(other)) => panic!("{what}, after {answers} answers: {other:?}"),
            Err(Err(other)) => panic!("{what}, after {answers} answers: {other}"),
        }
        assert_eq!(written(replica), before, "{what}, after {answers} answers: nothing is written");
    }
    panic!("{what} is never done");
}

/// A phone with something of everything, and a second coordinator's, a keeper's and a volunteer's beside it.
struct Scene {
    world: World,
    order: Reference,
    medicine_box: Reference,
    product: Reference,
    recall: Reference,
}

fn scene(seed: u64) -> Scene {
    let mut world = World::community(seed, 2);
    let id = world.command();
    let details = Details { name: "布洛芬".into(), ..Details::default() };
    let listed = ProductCommand::List { details, class: Class::OverTheCounter };
    let product = world.at(LAN).submit::<Product>(id, None, listed).unwrap().aggregate;
    let id = world.command();
    let open = BoxCommand::Open { building: Some("3".into()), place: "大厅".into(), note: String::new() };
    let medicine_box = world.at(LAN).submit::<MedicineBox>(id, None, open).unwrap().aggregate;
    let id = world.command();
    world.at(LAN).submit::<MedicineBox>(id, Some(medicine_box), donation(product)).unwrap();
    let id = world.command();
    let raised = RecallCommand::Raise { product, scope: Scope::All, reason: "x".into(), issuer: String::new() };
    let recall = world.at(LAN).submit::<Recall>(id, None, raised).unwrap().aggregate;
    let order = say::post(&mut world, WU);
    world.settle();
    say::submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    world.settle();
    Scene { world, order, medicine_box, product, recall }
}

fn donation(product: Reference) -> BoxCommand {
    BoxCommand::Donate {
        goods: Goods { product, batch: Some("a".into()), expiry: None, unit: "tablet".into() },
        qty: 10.into(),
        origin: None,
        opened: false,
        blister_intact: true,
        when: Default::default(),
    }
}
