//! Two phones as two processes: one invites, the other joins; and a phone that is restored from paper.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    hand::{Homes, program},
    network::Live,
};

#[test]
fn a_code_and_six_digits_let_a_neighbour_in() {
    let homes = Homes::community(&[]);
    homes.did("lan", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒");
    let mut inviting = Live::begin(&homes, "lan", ["invite", "--at", "127.0.0.1:0", "--name", "Wu"]);
    let invitation = text(&inviting.until("invitation"));

    let mut joining = Live::begin(&homes, "Wu", ["join", &invitation]);
    let shown = text(&joining.until("compare")["digits"]);
    assert_eq!(text(&inviting.until("compare")["digits"]), shown);
    inviting.type_line("what?");
    assert_eq!(inviting.until("not_understood"), "what?");
    inviting.type_line(&shown);

    assert_eq!((joining.until("in_step"), inviting.until("in_step")), (true.into(), true.into()));
    drop((joining, inviting));
    assert_eq!(homes.did("Wu", "board")["items"].as_array().map(Vec::len), Some(1));
    let members = homes.did("Wu", "members");
    assert!(members.as_array().expect("a list").iter().any(|one| one["name"] == "Wu" && one["role"] == "volunteer"));
}

#[test]
fn a_no_is_told_on_both_sides() {
    let homes = Homes::community(&[]);
    let mut inviting = Live::begin(&homes, "lan", ["invite", "--at", "127.0.0.1:0"]);
    let invitation = text(&inviting.until("invitation"));
    let joining = std::thread::scope(|both| {
        let joining = both.spawn(|| homes.type_in("Wu", ["--json", "join", &invitation]));
        inviting.until("compare");
        inviting.type_line("n");
        joining.join().expect("it ends")
    });

    assert_ne!(joining.code, 0);
    assert!(joining.err.contains("ask_refused"), "{}", joining.err);
    drop(inviting);
    let members = homes.did("lan", "members");
    let people = members.as_array().expect("a list").iter().filter(|one| one["kit"] == false);
    assert_eq!(people.count(), 1);
    assert_eq!(homes.json("Wu", &format!("join {}", &invitation[..40])).error(), "damaged_invitation");
    assert_eq!(homes.json("Wu", &format!("join {invitation} --patience 3")).error(), "nobody_there");
}

#[test]
fn twenty_four_words_restore_a_phone() {
    let homes = Homes::new();
    let kit = homes.did("lan", "found --name Lan")["kit"].as_array().expect("words").clone();
    let words = kit.iter().map(|word| word.as_str().expect("a word")).collect::<Vec<_>>().join(" ");
    homes.join("Wu");
    let welcome = text(&homes.did("Wu", "welcome")["welcome"]);
    let restore = |home: &str, words: &str, more: &[&str]| {
        let mut command = Command::new(program());
        command.env_remove("LINLI_HOME").env("LANG", "C").arg("--home").arg(homes.path(home)).arg("--json");
        command.args(["kit", "restore", &welcome, "--name", "Mei", "--with-home"]).arg(homes.path("Wu")).args(more);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
        child.stdin.take().expect("a pipe").write_all(words.as_bytes()).expect("it listens");
        child.wait_with_output().expect("it ends")
    };

    let wrong = restore("new", "abandon abandon", &[]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("kit_count"));
    std::fs::write(homes.path("noise"), "no bundle").expect("a file");
    homes.did("elsewhere", "found --name Ben");
    homes.did("elsewhere", "bundle export other --all");
    for (file, code) in [("absent", "unreadable_file"), ("noise", "not_a_bundle"), ("other", "foreign_bundle")] {
        let heard = restore("new", &words, &["--bundle", homes.path(file).to_str().expect("a text")]);
        let said: Value = serde_json::from_slice(&heard.stderr).expect("JSON");
        assert_eq!(said["error"]["code"], code, "what is wrong with the file is said as bundles say it");
    }
    homes.did("Wu", "bundle export news --all");
    let whole = std::fs::read(homes.path("news")).expect("a file");
    std::fs::write(homes.path("half"), &whole[..whole.len() - 5]).expect("a file");
    let restored = restore("new", &words, &["--bundle", homes.path("half").to_str().expect("a text")]);

    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let members = homes.did("new", "members");
    let mei = members.as_array().expect("a list").iter().find(|one| one["name"] == "Mei").expect("she is in");
    assert_eq!((&mei["role"], &mei["this_device"]), (&"coordinator".into(), &true.into()));
    let rank = |name: &str| {
        let members = homes.did("new", "members");
        let of = |one: &Value| one["name"] == name && one["kit"] == false;
        members.as_array().and_then(|all| all.iter().position(of)).expect("listed by rank")
    };
    let said: Value = serde_json::from_slice(&restored.stdout).expect("JSON");
    assert_eq!(said["bundle"]["ending"], "truncated", "a part is better than nothing, and told");
    assert!(said["founder_above"].is_string() && rank("Lan") < rank("Mei"), "{said}");
    let again = restore("new", &words, &["--withdraw-founder"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let said: Value = serde_json::from_slice(&again.stdout).expect("JSON");
    assert!(said["founder_above"].is_null(), "{said}");
    assert!(homes.did("new", "members").as_array().expect("a list").iter().any(|one| one["withdrawn"] == true));
    homes.meet("new", "Wu");
    assert_eq!(homes.did("Wu", "members"), {
        let mut members = homes.did("new", "members");
        for one in members.as_array_mut().expect("a list") {
            one["this_device"] = (one["name"] == "Wu").into();
        }
        members
    });
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
