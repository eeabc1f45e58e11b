//! Everything typed wrongly: a code, an exit code, never a panic, and nothing written.

use std::{ffi::OsString, process::Command};

use super::hand::{Homes, program, short};

/// A command line, its exit code, the code of its error.
const TABLE: &[(&str, i32, &str)] = &[
    ("", 2, "usage"),
    ("nonsense", 2, "usage"),
    ("order", 2, "usage"),
    ("order claim", 2, "usage"),
    ("order claim ffff", 1, "unknown"),
    ("order claim ff", 1, "not_an_id"),
    ("order claim 张阿姨", 1, "not_an_id"),
    ("order claim 00000000000000000000000000000000-0-00000000000000000000000000000000", 1, "unknown"),
    ("order claim 0000000000000000-99999999999999999999-0000000000000000", 1, "not_an_id"),
    ("order show ffff", 1, "unknown"),
    ("order post gate --kind medicine --item x", 1, "no_number"),
    ("order post - --kind medicine --item x", 1, "no_number"),
    ("order post 1-2-3-4 --kind medicine --item x", 1, "too_many_parts"),
    ("order post 3-2-1804 --kind nonsense --item x", 1, "unknown_kind"),
    ("order post 3-2-1804 --kind medicine", 1, "nothing_asked"),
    ("order post 3-2-1804 --kind medicine --item 药+0+盒", 1, "quantity"),
    ("order post 3-2-1804 --kind medicine --item 药 --urgency soon", 2, "usage"),
    ("order post 3-2-1804 --kind medicine --item 药 --needed-by yesterday", 1, "not_a_time"),
    ("order post 3-2-1804 --kind medicine --item 药 --needed-by 99999-99-99", 1, "not_a_time"),
    ("order claim ORDER --command-id xyz", 2, "usage"),
    ("order edit ORDER", 1, "nothing_changes"),
    ("order edit ORDER --set note", 2, "not_an_assignment"),
    ("order edit ORDER --set nonsense=1", 1, "unknown_field"),
    ("order edit ORDER --set-item 7.qty=1", 1, "no_item"),
    ("order edit ORDER --set-item 0.qty=1", 1, "no_item"),
    ("order edit ORDER --set-item 1.qty=many", 1, "not_a_quantity"),
    ("order edit ORDER --set-item 1.qty=99999999999999999999", 1, "not_a_quantity"),
    ("order purchase ORDER --cost -1", 1, "out_of_bounds"),
    ("order purchase ORDER --cost 0", 1, "out_of_bounds"),
    ("order purchase ORDER --cost 1.234", 1, "not_an_amount"),
    ("order purchase ORDER --cost 99999999999999999999", 1, "not_an_amount"),
    ("order purchase ORDER --cost .", 1, "not_an_amount"),
    ("order reimburse ORDER 1", 1, "warn_overpaid"),
    ("order confirm ORDER", 1, "not_delivered"),
    ("order release ORDER", 1, "not_yours"),
    ("order reopen ORDER", 1, "not_ended"),
    ("order accept ORDER", 1, "no_offer"),
    ("order assign ORDER nobody", 1, "unknown"),
    ("order assign ORDER ffffffff", 1, "unknown"),
    ("order entrust ORDER cash", 1, "amount"),
    ("order duplicate ORDER ORDER", 1, "same_order"),
    ("order move ORDER 3-1-1", 1, "same_building"),
    ("order comment ORDER +", 1, "missing"),
    ("order correct ORDER ffff --why x --withdrawn", 1, "unknown"),
    ("order correct ORDER ORDER --why x --withdrawn", 1, "unknown_event"),
    ("order correct ORDER ORDER --why x", 2, "one_correction"),
    ("order deliver ORDER --happened-at 25:61", 1, "not_a_time"),
    ("choose ORDER note x", 1, "no_conflict"),
    ("choose ORDER note @9", 1, "no_value"),
    ("choose ORDER note @0", 1, "no_value"),
    ("choose ORDER 1 maybe", 2, "keep_or_remove"),
    ("resolve ORDER --to me", 1, "not_contested"),
    ("board --status nonsense", 2, "usage"),
    ("board --next zz", 2, "not_a_position"),
    ("board --next 7b7d", 2, "not_a_position"),
    ("board --kind nonsense", 1, "unknown_kind"),
    ("box show ffff", 1, "unknown"),
    ("box show ORDER", 1, "unknown"),
    ("box donate BOX nothing 1 盒", 1, "unknown"),
    ("box donate BOX 口罩 0 只", 1, "quantity"),
    ("box donate BOX 口罩 -5 只", 1, "quantity"),
    ("box donate BOX 口罩 1.5 粒", 1, "not_cut"),
    ("box donate BOX 口罩 1.2345 只", 2, "usage"),
    ("box count BOX ffff=many", 1, "not_a_quantity"),
    ("box donate BOX 口罩 99999999999999999999 只", 2, "usage"),
    ("box donate BOX 口罩 1 只 --expiry 2024-13", 1, "not_a_day"),
    ("box donate BOX 口罩 1 只 --expiry 2001-01", 1, "expired"),
    ("box take BOX 1", 2, "usage"),
    ("box take BOX 1 口罩", 1, "not_enough"),
    ("box take BOX 1 口罩 --for 3-2", 1, "room_needed"),
    ("box take BOX 1 --lot ffff", 1, "unknown"),
    ("box count BOX", 2, "usage"),
    ("box count BOX ffff", 2, "not_an_assignment"),
    ("box send BOX ffff 1 --to BOX", 1, "unknown"),
    ("box receive BOX ffff 1", 1, "unknown"),
    ("box limit BOX --qty 1 --days 0", 1, "period"),
    ("box correct BOX ffff --why x --undone", 1, "unknown"),
    ("product add +", 1, "no_name"),
    ("product add 药 --barcode !!", 1, "barcode"),
    ("product add 药 --unit 盒", 2, "not_a_unit"),
    ("product add 药 --unit 盒=0*板", 1, "unit"),
    ("product import nowhere.csv", 1, "unreadable_file"),
    ("product show nothing", 1, "unknown"),
    ("recall raise nothing", 1, "unknown"),
    ("recall show ffff", 1, "unknown"),
    ("alert raise +", 1, "empty"),
    ("alert ack ffff", 1, "unknown"),
    ("alert show ORDER", 1, "unknown"),
    ("household", 2, "usage"),
    ("household show ffff", 1, "unknown"),
    ("household show ORDER", 1, "unknown"),
    ("household add 3-2-1804", 2, "usage"),
    ("household add gate --person x", 1, "no_number"),
    ("household add 3-2-1804 --person =x", 1, "missing"),
    ("household add 3-2-1804 --person x --until 2026-01-01", 2, "usage"),
    ("household add 3-2-1804 --person x --consent y --until tomorrow", 1, "not_a_day"),
    ("household add 3-2-1804 --person x --call a --call b --call c --call d", 1, "too_many_contacts"),
    ("household edit HOUSEHOLD", 1, "nothing_changes"),
    ("household edit HOUSEHOLD --remove-person 7", 1, "no_entry"),
    ("household edit HOUSEHOLD --call-order 0", 1, "no_entry"),
    ("household consent HOUSEHOLD", 2, "usage"),
    ("household consent HOUSEHOLD --withdraw", 1, "nothing_to_withdraw"),
    ("household consent HOUSEHOLD --withdraw --purpose x", 2, "usage"),
    ("household plan HOUSEHOLD", 2, "usage"),
    ("household plan HOUSEHOLD --every 1", 1, "no_consent"),
    ("household plan HOUSEHOLD --every 99999", 2, "usage"),
    ("household plan HOUSEHOLD --end ffff", 1, "unknown"),
    ("household post HOUSEHOLD", 1, "nothing_due"),
    ("household post HOUSEHOLD --due 2026-01-01", 1, "no_consent"),
    ("household post HOUSEHOLD --carry name", 2, "usage"),
    ("household visits --until never", 1, "not_a_day"),
    ("household confirm HOUSEHOLD", 1, "nothing_to_confirm"),
    ("household confirm HOUSEHOLD --outcome nonsense", 2, "usage"),
    ("household confirm HOUSEHOLD --outcome well", 1, "warn_no_consent"),
    ("household confirm HOUSEHOLD --outcome well --day 2999-01-01", 1, "warn_to_come"),
    ("household confirm HOUSEHOLD --outcome well --order ORDER", 1, "warn_other_order"),
    ("household skip HOUSEHOLD --why x", 1, "nothing_due"),
    ("household skip HOUSEHOLD --due 2026-01-01 --why x", 1, "not_due"),
    ("household pair HOUSEHOLD nobody", 1, "unknown"),
    ("household pair HOUSEHOLD me --end", 1, "not_paired"),
    ("household correct HOUSEHOLD HOUSEHOLD --why x", 1, "not_correctable"),
    ("building edit 99 --name x", 1, "unknown"),
    ("building list +", 1, "label"),
    ("settings set nonsense=1", 1, "unknown"),
    ("settings set erase_after_days=0", 1, "out_of_range"),
    ("settings set erase_after_days=many", 1, "not_a_number"),
    ("settings edit-term nonsense --active false", 1, "unknown"),
    ("settings edit-term medicine --active false", 1, "settings_not_made"),
    ("log ffff", 1, "unknown"),
    ("export ffff out", 1, "unknown"),
    ("found", 1, "already_a_member"),
    ("join nonsense", 1, "not_a_welcome"),
    ("admit nonsense", 1, "not_a_record"),
    ("grant nobody care", 1, "unknown"),
    ("grant me leader", 2, "right_of_what"),
    ("grant me care", 1, "already_granted"),
    ("ungrant me leader --building 3", 1, "not_granted"),
    ("room", 2, "usage"),
    ("room nobody", 1, "unknown"),
    ("room me --rooms 17", 2, "usage"),
    ("ungrant nobody care", 1, "unknown"),
    ("revoke", 2, "usage"),
    ("revoke nobody", 1, "unknown"),
    ("revoke nobody --person", 1, "unknown"),
    ("revoke me --up-to nonsense", 2, "usage"),
    ("revoke me --up-to 00000000000000000000000000000000-0-00000000000000000000000000000000", 1, "unknown"),
    ("revoke me --person --up-to 00000000000000000000000000000000-0-00000000000000000000000000000000", 2, "one_device"),
    ("revoke me --except nobody", 1, "unknown"),
    ("cut me", 1, "not_revoked"),
    ("cut nobody", 1, "unknown"),
    ("leave", 1, "unsent"),
    ("leave --anyway", 1, "last_coordinator"),
    ("revoke me", 1, "last_coordinator"),
    ("wipe", 2, "usage"),
    ("sync --with-home nowhere", 1, "no_home"),
    ("sync", 2, "usage"),
    ("sync --nearby --with 127.0.0.1:1", 2, "usage"),
    ("sync --with nonsense", 2, "not_an_address"),
    ("listen --at nonsense", 2, "not_an_address"),
    ("watch --with nonsense --for 1", 2, "not_an_address"),
    ("listen --at 192.0.2.1:4711", 1, "cannot_listen"),
    ("relay", 2, "usage"),
    ("relay add", 2, "usage"),
    ("relay add LINLI-RELAY:AAAA", 1, "not_a_relay"),
    ("relay add nonsense", 1, "not_a_relay"),
    ("relay move nobody 192.0.2.1:4433", 1, "unknown"),
    ("relay move me 192.0.2.1:4433", 1, "is_no_relay"),
    ("relay move me", 2, "usage"),
    ("sync --relay", 1, "no_relay"),
    ("sync --relay --nearby", 2, "usage"),
    ("bundle", 2, "usage"),
    ("bundle import", 2, "usage"),
    ("bundle import nowhere.linli", 1, "unreadable_file"),
    ("bundle import lan/linli.db", 1, "not_a_bundle"),
    ("bundle export lan/linli.db", 1, "file_exists"),
    ("bundle export nowhere/all.linli", 1, "unwritable_file"),
    ("bundle export x.linli --for nobody", 1, "unknown"),
    ("bundle export x.linli --all --urgent", 2, "usage"),
];

#[test]
fn what_is_typed_wrongly_is_refused_with_a_code() {
    let homes = Homes::community(&[]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药+1+盒 --note 急"));
    let medicine_box = short(&homes.did("lan", "box open --place lobby"));
    homes.did("lan", "product add 口罩 --class supply");
    let household = short(&homes.did("lan", "household add 5-1-302 --person 王奶奶=独居"));
    let before = homes.did("lan", "verify");

    let mut otherwise = Vec::new();
    for (line, exit, code) in TABLE {
        let line = line.replace("HOUSEHOLD", &household).replace("ORDER", &order).replace("BOX", &medicine_box);
        let said = homes.json("lan", &line);
        if (said.code, said.error().as_str()) != (*exit, *code) {
            otherwise.push(format!("{line}: {} {}", said.code, said.err));
        }
        for lang in ["en", "zh"] {
            let words = line.split_whitespace().map(|word| word.replace('+', " "));
            let said = homes.type_in("lan", ["--lang", lang].map(str::to_owned).into_iter().chain(words));
            let speaks = !said.err.trim().is_empty() && !said.err.contains("panicked") && !said.err.contains('?');
            if said.code != *exit || !speaks {
                otherwise.push(format!("{lang} {line}: {} {}", said.code, said.err));
            }
        }
    }
    assert_eq!(otherwise, Vec::<String>::new());

    assert_eq!(homes.did("lan", "verify"), before, "nothing was written");
}

#[test]
fn a_mistyped_home_is_not_made() {
    let homes = Homes::new();

    for line in ["board", "members", "verify", "order claim a1b2", "boxes", "welcome", "sync --with-home lan"] {
        assert_eq!(homes.json("nowhere", line).error(), "no_home");
    }

    assert!(!homes.path("nowhere").exists());
}

#[test]
fn a_home_that_is_no_home_says_so() {
    let homes = Homes::new();
    std::fs::write(homes.path("file"), "x").expect("a file");
    std::fs::create_dir(homes.path("foreign")).expect("a directory");
    std::fs::write(homes.path("foreign").join("linli.db"), "no database, but long enough to be one").expect("a file");

    assert_eq!(homes.json("file", "board").error(), "no_home");
    assert_ne!(homes.json("file", "found").code, 0);
    assert_eq!(homes.json("foreign", "board").error(), "foreign");
}

#[test]
fn a_phone_that_belongs_to_nobody_says_so() {
    let homes = Homes::new();
    homes.did("new", "id");

    for line in ["welcome", "board --mine", "round", "order post 3-2-1804 --kind medicine --item x", "alert list"] {
        assert_eq!(homes.json("new", line).error(), "not_a_member", "{line}");
    }
}

#[test]
fn a_second_process_on_the_same_home_is_told_to_wait() {
    let homes = Homes::community(&[]);

    // A phone that meets itself has its home open already.
    let said = homes
        .type_in("lan", ["--json".into(), "sync".into(), "--with-home".into(), homes.path("lan").into_os_string()]);

    assert_eq!(said.error(), "in_use");
}

#[test]
fn keys_that_are_gone_are_missed() {
    let homes = Homes::community(&[]);
    std::fs::remove_dir_all(homes.path("lan").join("secrets")).expect("there are secrets");

    assert_eq!(homes.json("lan", "board").error(), "keys_lost");
}

#[cfg(unix)]
#[test]
fn broken_text_is_not_understood() {
    use std::os::unix::ffi::OsStringExt;
    let homes = Homes::community(&[]);
    let broken = OsString::from_vec(vec![0xff, 0xfe, b'x']);
    let text = |text: &str| OsString::from(text);

    let lines = [
        vec![text("order"), text("claim"), broken.clone()],
        vec![text("order"), text("post"), broken.clone(), text("--kind"), text("medicine")],
        vec![text("search"), broken.clone()],
        vec![broken.clone()],
        vec![text("--lang"), broken.clone(), text("board")],
    ];

    for line in lines {
        let said = homes.type_in("lan", [text("--json")].into_iter().chain(line));
        assert_eq!((said.code, said.error().as_str()), (2, "usage"));
    }
    let mut command = Command::new(program());
    let output = command.env("LINLI_HOME", broken).args(["--json", "board"]).output().expect("it runs");
    assert!(matches!(output.status.code(), Some(1 | 2)));
}

#[test]
fn whoever_reads_may_go_away() {
    let homes = Homes::community(&[]);
    let mut command = Command::new(program());
    command.arg("--home").arg(homes.path("lan")).args(["settings", "show"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("it runs");

    drop(child.stdout.take());

    assert!(child.wait().expect("it ends").success());
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_shown_is_a_failure_and_the_words_of_a_kit_are_not_lost() {
    let homes = Homes::new();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");

    let mut founding = Command::new(program());
    founding.arg("--home").arg(homes.path("lan")).args(["--lang", "en", "found", "--name", "Lan"]).stdout(full);
    let output = founding.output().expect("it runs");

    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"));
    let words = |homes: &Homes| homes.json("lan", "kit words");
    let shown = words(&homes).json()["kit"].clone();
    assert_eq!(shown.as_array().expect("words").len(), 24);
    assert_eq!(words(&homes).json()["kit"], shown, "again and again, until …");
    homes.did("lan", "kit confirm");
    assert_eq!(words(&homes).error(), "kit_confirmed");
    assert_eq!(homes.json("nowhere", "kit words").error(), "no_home");
}

#[test]
fn a_home_without_its_database_or_its_keys_has_a_sentence_and_a_way_out() {
    let homes = Homes::community(&["wu"]);
    homes.did("wu", "order post 3-2-1804 --kind medicine --item x");
    homes.meet("wu", "lan");
    let database = homes.path("wu").join("linli.db");
    let copy = std::fs::read(&database).expect("a database");

    std::fs::remove_file(&database).expect("there is one");
    assert_eq!(homes.json("wu", "board").error(), "database_lost");
    let recovered = homes.did("wu", "recover");
    assert_eq!((&recovered["events"], &recovered["new_device"]), (&0.into(), &false.into()));
    homes.meet("wu", "lan");
    assert_eq!(homes.did("wu", "board")["items"].as_array().expect("orders").len(), 1);

    std::fs::write(&database, vec![0; 4096]).expect("room");
    assert_eq!(homes.json("wu", "board").error(), "damaged");
    homes.did("wu", "recover");
    homes.meet("wu", "lan");

    std::fs::remove_dir_all(homes.path("wu").join("secrets")).expect("there are secrets");
    std::fs::write(&database, copy).expect("room");
    assert_eq!(homes.json("wu", "board").error(), "keys_lost");
    assert_eq!(homes.did("wu", "recover")["new_device"], true);
    assert_eq!(homes.json("wu", "welcome").error(), "not_a_member");
    homes.join("wu");
    homes.did("wu", "salvage");
    assert_eq!(homes.did("wu", "board")["items"].as_array().expect("orders").len(), 1);
    assert_eq!(homes.json("nowhere", "recover").error(), "no_home");

    let keys = homes.path("wu").join("secrets").join(hex::encode("device-keys"));
    std::fs::write(keys, b"half of").expect("room");
    assert_eq!(homes.json("wu", "board").error(), "keys_damaged");
    assert_eq!(homes.did("wu", "recover")["new_device"], true);
    homes.join("wu");
    assert_eq!(homes.did("wu", "board")["items"].as_array().expect("orders").len(), 1);

    homes.did("mei", "id");
    let database = homes.path("mei").join("linli.db");
    let before = std::fs::read(&database).expect("a database");
    homes.join("mei");
    std::fs::write(&database, before).expect("room");
    assert_eq!(homes.json("mei", "board").error(), "database_earlier");
    assert_eq!(homes.did("mei", "recover")["new_device"], false);
    homes.meet("mei", "lan");
    assert_eq!(homes.did("mei", "board")["items"].as_array().expect("orders").len(), 1);
}

#[cfg(unix)]
#[test]
fn whatever_the_umask_nobody_else_reads_a_home_or_what_it_hands_out() {
    use std::os::unix::fs::PermissionsExt as _;
    let homes = Homes::new();
    let typed = |line: &str| {
        let said = Command::new("sh")
            .args(["-c", r#"umask "$1"; shift; exec "$@""#, "sh", "000"])
            .arg(program())
            .arg("--home")
            .arg(homes.path("lan"))
            .args(line.split_whitespace())
            .current_dir(homes.path(""))
            .output();
        let said = said.expect("it runs");
        assert!(said.status.success(), "{line}: {}", String::from_utf8_lossy(&said.stderr));
    };
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;

    typed("found --name Lan");
    typed("order post 3-2-1804 --kind medicine --item x");
    typed("about 3-2-1804 --export dossier");
    typed("bundle export news");

    assert_eq!(mode(&homes.path("lan")), 0o700);
    assert_eq!(mode(&homes.path("lan").join("secrets")), 0o700);
    for dir in [homes.path("lan"), homes.path("lan").join("secrets")] {
        for entry in std::fs::read_dir(dir).expect("a directory") {
            let entry = entry.expect("an entry");
            if entry.path().is_file() {
                assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
            }
        }
    }
    for file in ["dossier", "news"] {
        assert_eq!(mode(&homes.path(file)), 0o600, "{file}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_nothing_can_be_written_everything_is_read_and_the_rest_says_that_there_is_no_room() {
    let homes = Homes::community(&[]);
    homes.did("lan", "order post 3-2-1804 --kind medicine --item x");
    let bounded = |line: &str| {
        // No file may grow beyond a kilobyte.
        let said = Command::new("sh")
            .args(["-c", r#"trap "" XFSZ; ulimit -f 1; exec "$@""#, "sh"])
            .arg(program())
            .args(["--json", "--home"])
            .arg(homes.path("lan"))
            .args(line.split_whitespace())
            .current_dir(homes.path(""))
            .output();
        said.expect("it runs")
    };
    let code = |line: &str| {
        let said = bounded(line);
        let error: serde_json::Value = serde_json::from_slice(&said.stderr).expect("one JSON document");
        (said.status.code(), error["error"]["code"].as_str().unwrap_or_default().to_owned())
    };

    for line in ["board", "members", "verify", "search x"] {
        let said = bounded(line);
        assert!(said.status.success(), "{line}: {}", String::from_utf8_lossy(&said.stderr));
    }
    for line in [
        "order post 3-2-1804 --kind medicine --item y",
        "rebuild",
        "about 3-2-1804 --export dossier",
        "bundle export news",
    ] {
        assert_eq!(code(line), (Some(1), "disk_full".to_owned()), "{line}");
    }

    homes.did("lan", "order post 3-2-1804 --kind medicine --item y");
}
