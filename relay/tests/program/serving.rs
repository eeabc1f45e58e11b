//! A relay at work, and what it shows of itself.

use linli_tests::people::{LAN, WU};
use std::{
    fs,
    io::Write,
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::tempdir;

use crate::kit::{Running, connect, fails, json, ok, pass, post, run, street, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_phones_bring_is_shown_as_page_data_and_figures() {
    let dir = tempdir().expect("a directory");
    let data = dir.path().join("data");
    let relay = Running::start(&data, &[]);
    let mut world = street(1, &relay.card());
    ok(&data, &["allow", &pass(&world).to_string()]);
    until("the community is taken in", || relay.report()["communities"].as_array().is_some_and(|all| all.len() == 1));
    for _ in 0..30 {
        post(&mut world, LAN, "milk");
    }

    let founder = connect(&world, LAN, &relay);
    until("the founder is in step", || {
        community(&relay.report())["devices"][0]["in_step"] == true
            || community(&relay.report())["devices"][1]["in_step"] == true
    });
    let volunteer = connect(&world, WU, &relay);
    until("both are connected", || community(&relay.report())["connected"] == 2);
    until("the volunteer has all", || world.at(WU).state_hash().ok() == world.at(LAN).state_hash().ok());

    let report = relay.report();
    let of = community(&report);
    let held = of["events"].as_u64().expect("a number");
    assert!(held >= 30, "{report}");
    assert_eq!(of["stored"], held);
    assert_eq!((&of["well"], &of["checked"], &of["to_send"]), (&true.into(), &false.into(), &0.into()));
    assert_eq!(of["hours"].as_array().map(Vec::len), Some(168));
    assert_eq!(of["hours"].as_array().expect("hours").iter().filter_map(Value::as_u64).sum::<u64>(), held);
    let roles: Vec<&str> =
        of["devices"].as_array().expect("devices").iter().filter_map(|d| d["role"].as_str()).collect();
    assert_eq!(roles.len(), 2, "the relay does not list itself: {roles:?}");
    assert_eq!(relay.get("/healthz", ""), (200, relay.get("/healthz", "").1, "ok\n".to_owned()));
    let figures = relay.get("/metrics", "").2;
    let id = of["id"].as_str().expect("an id");
    assert!(figures.contains(&format!("linli_relay_events_stored_total{{community=\"{id}\"}} {held}")), "{figures}");
    assert!(figures.contains(&format!("linli_relay_phones_connected{{community=\"{id}\"}} 2")), "{figures}");
    let page = relay.page();
    let said = ok(&data, &["status", "--status", &page]);
    assert!(said.contains("2 of 2 devices connected"), "{said}");
    assert_eq!(json(&data, &["status", "--status", &page])["communities"][0]["id"], id);

    drop((founder, volunteer));
    until("both are gone", || community(&relay.report())["connected"] == 0);
    let seen = community(&relay.report())["devices"][0]["seen"].as_i64().expect("it was here");
    let (ended, log) = relay.stop();
    assert!(ended.success(), "{log}");

    let again = Running::start(&data, &[]);
    let seen_now = community(&again.report())["devices"][0]["seen"].as_i64();
    assert_eq!(seen_now, Some(seen), "last contacts are kept");
}

#[test]
fn the_page_is_for_this_machine_unless_the_word_is_given() {
    let dir = tempdir().expect("a directory");
    let relay = Running::start(dir.path(), &[]);

    let (code, head, body) = relay.get("/", "");
    assert_eq!(code, 200);
    assert!(head.contains("default-src 'none'") && head.contains("nosniff"), "{head}");
    assert!(body.contains("邻里中继") && body.contains("Linli relay") && !body.contains("NONCE"));
    assert!(!body.contains("http://") || body.matches("http://").count() == 1, "it loads nothing from elsewhere");
    assert_eq!(relay.get("/", "Host: evil.example\r\n").0, 421);
    assert_eq!(relay.get("/nothing", "").0, 404);
    drop(relay);

    let relay = Running::start(dir.path(), &["--status-token", "plum-blossom-7"]);
    assert_eq!(relay.get("/status.json", "").0, 401);
    assert_eq!(relay.get("/metrics", "Authorization: Bearer wrong\r\n").0, 401);
    assert_eq!(relay.get("/metrics", "Authorization: Bearer plum-blossom-7\r\n").0, 200);
    assert_eq!(relay.get("/healthz", "").0, 200);
    let (code, head, _) = relay.get("/?token=plum-blossom-7", "");
    assert_eq!(code, 303);
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a value");
    assert_eq!(relay.get("/status.json", &format!("Cookie: {cookie}\r\n")).0, 200);
    let page = relay.page();
    assert!(fails(dir.path(), &["status", "--status", &page], 1).contains("--status-token"));
    ok(dir.path(), &["status", "--status", &page, "--status-token", "plum-blossom-7"]);
}

#[test]
fn a_second_relay_on_the_same_data_is_told_who_holds_it() {
    let dir = tempdir().expect("a directory");
    let data = dir.path().join("data");
    let relay = Running::start(&data, &[]);
    let pid = relay.pid().to_string();

    for args in [&["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0"][..], &["compact"]] {
        let said = fails(&data, args, 1);
        assert!(said.contains(&pid) && said.contains("stop it first"), "{args:?}: {said}");
    }
    let copy = dir.path().join("copy");
    let copy = copy.to_str().expect("text");
    ok(&data, &["backup", copy]);
    assert!(fails(&data, &["restore", copy], 1).contains(&pid));
    assert!(relay.stop().0.success());
    ok(&data, &["restore", copy]);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let dir = tempdir().expect("a directory");
    let relay = Running::start(&dir.path().join("one"), &[]);
    let (two, port, page) = (dir.path().join("two"), relay.port(), relay.page());

    let listen = format!("127.0.0.1:{port}");
    let said = fails(&two, &["serve", "--listen", &listen, "--status", "127.0.0.1:0"], 1);
    assert!(said.contains(&listen), "{said}");
    let said = fails(&two, &["serve", "--listen", "127.0.0.1:0", "--status", &page], 1);
    assert!(said.contains(&page) && said.contains("--status"), "{said}");
    assert!(run(&two, &["doctor", "--listen", &listen]).status.success(), "beside a running relay too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_community_does_not_take_the_others_down() {
    let dir = tempdir().expect("a directory");
    let data = dir.path().join("data");
    let relay = Running::start(&data, &[]);
    let world = street(0, &relay.card());
    ok(&data, &["allow", &pass(&world).to_string()]);
    until("it is taken in", || relay.report()["communities"].as_array().is_some_and(|all| all.len() == 1));
    assert!(relay.stop().0.success());
    let broken = data.join("communities").join("ab".repeat(32));
    fs::create_dir(&broken).expect("a directory");
    let mut other = pass(&world);
    other.community = "ab".repeat(32).parse().expect("an id");
    fs::write(broken.join("pass"), other.to_string()).expect("a pass");
    fs::write(broken.join("linli.db"), "no database at all").expect("a file");

    let relay = Running::start(&data, &[]);

    let report = relay.report();
    assert_eq!(report["communities"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["shut"][0]["id"], "abababababab");
    assert_eq!(relay.get("/healthz", "").0, 503);
    let page = relay.page();
    assert!(ok(&data, &["status", "--status", &page]).contains("CANNOT BE OPENED"));
}

/// T1.
#[test]
fn requests_that_are_never_whole_keep_nobody_from_the_page() {
    let dir = tempdir().expect("a directory");
    let relay = Running::start(&dir.path().join("data"), &[]);
    let page = relay.page();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut held = std::collections::VecDeque::new();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                if let Ok(mut stream) = TcpStream::connect(&page) {
                    let _closed = stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
                    held.push_back(stream);
                }
                if held.len() > 400 {
                    held.pop_front();
                }
                sleep(Duration::from_millis(5));
            }
        });
        sleep(Duration::from_secs(2));

        let began = Instant::now();
        // Else the first would be shut out by requests that never end, or wait for them.
        let codes: Vec<u16> = (0..5).map(|_| relay.get("/healthz", "").0).collect();
        println!("answered within {:?}", began.elapsed());
        stop.store(true, std::sync::atomic::Ordering::Relaxed);

        assert_eq!(codes, [200; 5]);
    });
}

/// T1.
#[test]
fn whoever_tries_words_keeps_nobody_from_the_page() {
    let dir = tempdir().expect("a directory");
    let relay = Running::start(&dir.path().join("data"), &["--status-token", "plum-blossom-7"]);
    let page = relay.page();
    // As many as there are places; each waits half a second for its answer.
    let tries: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(&page).expect("the page listens");
            stream.write_all(b"GET /?token=apple-blossom HTTP/1.0\r\nHost: x\r\n\r\n").expect("it listens");
            stream
        })
        .collect();
    // Behind the quarter of a second for which a place is never taken back.
    sleep(Duration::from_millis(300));

    let began = Instant::now();
    assert_eq!(relay.get("/healthz", "").0, 200);
    println!("answered within {:?} beside {} wrong words", began.elapsed(), tries.len());
}

fn community(report: &Value) -> &Value {
    &report["communities"][0]
}
