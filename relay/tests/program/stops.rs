//! How a relay ends, and how it begins again.

use linli_tests::people::LAN;
use std::fs;

use tempfile::tempdir;

use crate::kit::{Running, connect, ok, pass, post, street, until};

const SECRET: &str = "insulin-for-room-1204";

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_clean_and_a_kill_is_found_out_and_all_is_there_after_both() {
    let dir = tempdir().expect("a directory");
    let data = dir.path().join("data");
    let relay = Running::start(&data, &["--log", "debug"]);
    let mut world = street(0, &relay.card());
    ok(&data, &["allow", &pass(&world).to_string()]);
    for _ in 0..20 {
        post(&mut world, LAN, SECRET);
    }
    let node = connect(&world, LAN, &relay);
    let of = |relay: &Running, what: &str| relay.report()["communities"][0][what].clone();
    until("the phone is in step", || of(&relay, "devices")[0]["in_step"] == true);
    let held = of(&relay, "events");

    // With a phone connected.
    let (ended, log) = relay.stop();

    assert!(ended.success(), "{log}");
    assert!(log.contains("\"stopping\"") && log.contains("\"stopped\""), "{log}");
    assert_eq!(log.matches("a conversation ended").count(), 1, "one line for each connection: {log}");
    let store = data.join("communities").join(world.at(LAN).community().expect("one").to_string());
    assert!(store.join("linli.clean").exists(), "the store was closed");
    drop(node);

    let relay = Running::start(&data, &[]);
    assert_eq!((of(&relay, "checked"), of(&relay, "events")), (false.into(), held.clone()));
    let log = relay.kill();
    assert!(!log.contains("not stopped cleanly"), "{log}");

    let relay = Running::start(&data, &[]);
    assert_eq!((of(&relay, "checked"), of(&relay, "events")), (true.into(), held));
    assert!(relay.get("/healthz", "").0 == 200);
    let page = relay.page();
    assert!(ok(&data, &["status", "--status", &page]).contains("not clean: whole"));
    assert!(relay.stop().1.contains("every page was checked and is whole"));
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_hold_no_address_and_nothing_of_what_people_write() {
    let dir = tempdir().expect("a directory");
    let data = dir.path().join("data");
    for (level, addresses) in [("info", false), ("debug", true)] {
        let relay = Running::start(&data, &["--log", level]);
        let mut world = street(0, &relay.card());
        ok(&data, &["allow", &pass(&world).to_string()]);
        post(&mut world, LAN, SECRET);
        let node = connect(&world, LAN, &relay);
        let device = world.at(LAN).device();
        until("the phone is in step", || {
            let communities = relay.report()["communities"].as_array().cloned().unwrap_or_default();
            communities.iter().any(|of| of["devices"][0]["in_step"] == true)
        });
        drop(node);

        let log = relay.stop().1;

        assert!(log.lines().count() > 1 && log.lines().all(|line| line.starts_with('{')), "one object a line: {log}");
        assert!(!log.contains(SECRET) && !log.contains(&device.to_string()), "{log}");
        if !addresses {
            assert!(!log.contains("127.0.0.1") && !log.contains("[::1]"), "{log}");
        }
    }
    let all = fs::read_dir(&data).expect("a directory").count();
    assert!(all > 0);
}
