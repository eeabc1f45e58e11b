//! Communities that one relay keeps, when something is wrong with one of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    sync::Arc,
    thread,
    time::Duration,
};

use linli_core::{
    id::CommunityId,
    roster::RelayPass,
    time::{Clock, ManualClock, SystemClock, WallMs},
};
use linli_relay::{
    Communities, Home, Quota, Speed, WhyShut,
    config::{Config, Layer},
    copies,
    status::Page,
};
use linli_tests::World;

#[test]
fn a_pass_that_is_damaged_keeps_no_other_community_away_and_can_be_given_again() {
    let dir = linli_tests::somewhere();
    let home = Home::new(dir.path());
    let passes = [31, 32].map(|seed| {
        let mut world = World::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).unwrap();
        let pass = world.at(founder).relay_pass().unwrap();
        home.allow(&pass).unwrap();
        pass
    });
    fs::write(home.community(passes[0].community).join("pass"), [0xff; 40]).unwrap();

    let communities = open(&home);

    assert_eq!(communities.stores().len(), 1);
    assert_eq!(communities.shut(), [(passes[0].community, WhyShut::PassDamaged)]);
    drop(communities);
    assert!(home.allow(&passes[0]).unwrap(), "it is new again");
    assert_eq!(open(&home).stores().len(), 2);
}

/// A relay that served two communities, and their passes.
fn served(dir: &Path) -> (Home, [RelayPass; 2]) {
    let home = Home::new(dir);
    let passes = [41, 42].map(|seed| {
        let mut world = World::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).unwrap();
        world.at(founder).relay_pass().unwrap()
    });
    for pass in &passes {
        assert!(home.allow(pass).unwrap());
    }
    assert_eq!(open(&home).stores().len(), 2);
    (home, passes)
}

/// What may be missing or unreadable of a community: how it comes about, what is said of it, and what brings it back.
#[test]
fn whatever_is_lost_of_a_community_is_said_has_a_way_out_and_keeps_no_other_away_t8() {
    type Harm = fn(&Path);
    type WayOut = fn(&Home, &RelayPass);
    let again: WayOut = |home, pass| assert!(home.allow(pass).unwrap(), "it is new again");
    let by_hand: WayOut = |home, pass| {
        let dir = home.community(pass.community);
        if dir.is_file() {
            fs::remove_file(&dir).unwrap();
        } else {
            fs::remove_dir(dir.join("pass")).unwrap();
        }
        assert!(home.allow(pass).unwrap());
    };
    let gone = |dir: &Path| {
        for suffix in ["", "-wal", "-shm"] {
            let _absent = fs::remove_file(dir.join(format!("linli.db{suffix}")));
        }
    };
    let cases: [(&str, Harm, WhyShut, WayOut); 7] = [
        ("no database", gone, WhyShut::DatabaseLost, again),
        ("an empty database", |dir| fs::write(dir.join("linli.db"), b"").unwrap(), WhyShut::DatabaseLost, again),
        ("no pass", |dir| fs::remove_file(dir.join("pass")).unwrap(), WhyShut::PassLost, again),
        (
            "neither",
            |dir| {
                fs::remove_file(dir.join("linli.db")).unwrap();
                fs::remove_file(dir.join("pass")).unwrap();
            },
            WhyShut::PassLost,
            again,
        ),
        ("a damaged pass", |dir| fs::write(dir.join("pass"), [0xff; 40]).unwrap(), WhyShut::PassDamaged, again),
        (
            "a pass that cannot be read",
            |dir| {
                fs::remove_file(dir.join("pass")).unwrap();
                fs::create_dir(dir.join("pass")).unwrap();
            },
            WhyShut::Unreadable(ErrorKind::IsADirectory),
            by_hand,
        ),
        (
            "no directory",
            |dir| {
                fs::remove_dir_all(dir).unwrap();
                fs::write(dir, b"").unwrap();
            },
            WhyShut::Unreadable(ErrorKind::NotADirectory),
            by_hand,
        ),
    ];
    for (case, harm, why, way_out) in cases {
        let dir = linli_tests::somewhere();
        let (home, [lost, other]) = served(&dir.path().join("office"));
        harm(&home.community(lost.community));

        for _ in 0..2 {
            let communities = open(&home);
            assert_eq!(communities.shut(), [(lost.community, why.clone())], "{case}");
            assert_eq!(ids(&communities), [other.community], "{case}");
        }
        let copied = copies::backup(&home, &dir.path().join("copy")).unwrap();
        assert_eq!(copied.communities, 1, "{case}: it keeps no other from being copied");
        let lacks: Vec<_> = copied.left_out.iter().map(|(community, _)| *community).collect();
        assert_eq!(lacks, [lost.community], "{case}: no copy lacks it silently");
        assert!(!Home::new(dir.path().join("copy")).community(lost.community).exists(), "{case}");

        way_out(&home, &lost);
        let communities = open(&home);
        assert_eq!((communities.stores().len(), communities.shut()), (2, vec![]), "{case}");
    }
}

fn ids(communities: &Communities) -> Vec<CommunityId> {
    communities.stores().iter().map(|store| store.community()).collect()
}

#[test]
fn a_lost_database_that_is_put_back_or_allowed_anew_is_taken_in_by_a_running_relay() {
    let dir = linli_tests::somewhere();
    let (home, [lost, _]) = served(dir.path());
    let copy = home.community(lost.community).join("linli.db");
    let kept = fs::read(&copy).unwrap();
    fs::remove_file(&copy).unwrap();
    let clock = ManualClock::at(linli_tests::MORNING);
    let quota = Quota { community: 1 << 30, device: 1 << 30 };
    let communities =
        Communities::open(home, quota, Speed::default(), Arc::new(clock.clone()) as Arc<dyn Clock>).unwrap();
    assert_eq!(communities.shut().len(), 1);

    fs::write(&copy, kept).unwrap();
    clock.advance(Duration::from_secs(60));
    communities.look_for_new().unwrap();

    assert_eq!((communities.stores().len(), communities.shut()), (2, vec![]));
}

#[cfg(unix)]
#[test]
fn while_a_copy_is_put_back_nobody_else_holds_what_it_replaces() {
    let dir = linli_tests::somewhere();
    let (home, _) = served(&dir.path().join("office"));
    let copy = dir.path().join("copy");
    copies::backup(&home, &copy).unwrap();
    // The copying waits for whoever writes into this.
    let pipe = copy.join("keys").join("ab");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());

    let restored = thread::scope(|scope| {
        let restoring = scope.spawn(|| copies::restore(&home, &copy));
        while !dir.path().join("office.unfinished").exists() {
            thread::sleep(Duration::from_millis(1));
        }
        let begun = Communities::open(
            home.clone(),
            Quota { community: 1 << 30, device: 1 << 30 },
            Speed::default(),
            Arc::new(SystemClock),
        );
        let refused = begun.err().map(|error| error.to_string()).unwrap_or_default();
        drop(fs::File::options().write(true).open(&pipe).unwrap());
        (refused, restoring.join().unwrap())
    });

    assert!(restored.0.contains("stop it first"), "{restored:?}");
    assert!(restored.1.is_err(), "that is no file to be copied");
    assert_eq!(open(&home).stores().len(), 2, "it is as it was");
    fs::remove_file(pipe).unwrap();
    assert_eq!(copies::restore(&home, &copy).unwrap(), 2);
    assert_eq!(open(&home).stores().len(), 2);
}

/// What a watchdog asks for every second costs the same however many communities there are: what was found last is told, and no
/// report is made for it. That is believed for a while only.
#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_without_asking_any_store_and_not_for_long() {
    let dir = linli_tests::somewhere();
    let (home, _) = served(dir.path());
    let clock = ManualClock::at(WallMs(0));
    let speed = Speed::default();
    let communities = Arc::new(Communities::open(home, Quota::default(), speed, Arc::new(clock.clone())).unwrap());
    let mut config = Config::load(Layer::default(), None).unwrap();
    config.status.value.set_port(0);
    let page = Page::start(communities.clone(), &config).await.unwrap();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(page.address()).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", page.address()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let code = || get("/healthz").split(' ').nth(1).unwrap().to_owned();

    assert_eq!(code(), "200");
    clock.advance(Duration::from_secs(1));
    assert!(get("/status.json").contains("\"now\":1000"), "no report was made before, to be told again");
    clock.advance(Duration::from_secs(600));
    assert_eq!(code(), "503", "nobody has looked");
    communities.note_health();
    assert_eq!(code(), "200");
    page.stop().await;
}

fn open(home: &Home) -> Communities {
    let quota = Quota { community: 1 << 30, device: 1 << 30 };
    Communities::open(home.clone(), quota, Speed::default(), Arc::new(SystemClock)).unwrap()
}
