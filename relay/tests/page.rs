//! The status page in a real browser: Debian's chromium, without a screen. Skipped where there is none.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

mod kit;

use linli_tests::people::LAN;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kit::{Running, connect, ok, pass, post, street, until};
use tempfile::tempdir;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_its_numbers_in_two_languages_in_a_browser() {
    let Some(browser) = chromium() else {
        linli_tests::skipped("no chromium here; `tests/run page` installs it");
        return;
    };
    let dir = tempdir().expect("a directory");
    let (data, profile) = (dir.path().join("data"), dir.path().join("profile"));
    let relay = Running::start(&data, &[]);
    let mut world = street(2, &relay.card());
    ok(&data, &["allow", &pass(&world).to_string()]);
    for _ in 0..40 {
        post(&mut world, LAN, "milk");
    }
    let nodes = [0, 1].map(|phone| connect(&world, phone, &relay));
    until("both phones are connected", || relay.report()["communities"][0]["connected"] == 2);
    until("both are in step", || {
        let report = relay.report();
        let devices = report["communities"][0]["devices"].as_array().cloned().unwrap_or_default();
        devices.iter().filter(|device| device["in_step"] == true).count() == 2
    });
    let report = relay.report();
    let (events, id) = (report["communities"][0]["events"].clone(), report["communities"][0]["id"].clone());
    let page = |language: &str| format!("http://{}/#{language}", relay.page());

    let dom = |language: &str| look(browser, &profile, &["--dump-dom".into()], &page(language));
    let (chinese, english) = (dom("zh"), dom("en"));

    for (dom, words) in [
        (&chinese, ["手机在线", "保存的记录", "待交换的记录", "未见过", "志愿者", "网格员"]),
        (
            &english,
            ["phones connected", "events kept", "events to exchange", "not seen yet", "volunteer", "coordinator"],
        ),
    ] {
        let body = dom.split("id=\"body\"").nth(1).and_then(|rest| rest.split("<script").next()).unwrap_or_default();
        for word in words {
            assert!(body.contains(word), "{word} is missing: {body}");
        }
        assert!(body.contains("<b>2，共 3</b>") || body.contains("<b>2 of 3</b>"), "two of three phones: {body}");
        assert!(body.contains(&format!("<b>{events}</b>")), "{events} events: {body}");
        assert!(body.contains(id.as_str().expect("an id")), "the community: {body}");
        assert!(body.contains("<rect"), "the plot has a bar: {body}");
        assert!(!dom.contains("class=\"trouble\""), "no trouble: {dom}");
    }
    for (name, size) in [("page.png", "1100,900"), ("page-phone.png", "390,844")] {
        let to = picture(name);
        let args = [format!("--screenshot={}", to.display()), format!("--window-size={size}")];
        look(browser, &profile, &args, &page("zh"));
        let drawn = fs::metadata(&to).expect("a picture").len();
        assert!(drawn > 10_000, "{drawn} bytes are no page");
    }
    drop(nodes);
}

fn chromium() -> Option<&'static str> {
    let runs = |name: &&str| {
        let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs)
}

/// Lets the browser look at the page for some seconds of its own time.
fn look(browser: &str, profile: &Path, args: &[String], url: &str) -> String {
    let mut look = Command::new(browser);
    look.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"]);
    look.args(["--no-first-run", "--disable-background-networking", "--virtual-time-budget=4000"]);
    look.arg(format!("--user-data-dir={}", profile.display())).args(args).arg(url);
    let seen = look.stdin(Stdio::null()).stderr(Stdio::null()).output().expect("the browser starts");
    assert!(seen.status.success(), "the browser ended with {}", seen.status);
    String::from_utf8_lossy(&seen.stdout).into_owned()
}

/// Where a picture is put for people to look at.
fn picture(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_linli-relay"));
    program.ancestors().nth(2).expect("target/PROFILE/program").join(name)
}
