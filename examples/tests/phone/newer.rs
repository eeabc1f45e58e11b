//! A phone that was not brought up to date says who wrote what it cannot read, and what that means, in both languages (T6).

use linli_core::{event::Topic, key::SecretStore, store::DirSecrets};
use linli_tests::{Forger, World, hand_over};

use super::hand::Homes;

#[test]
fn members_and_conflicts_say_loudly_who_must_update_in_both_languages_t6() {
    let (homes, (world, thief)) = (Homes::new(), scene());
    let home = world.home(1).to_str().expect("a plain path").to_owned();

    for command in ["members", "conflicts"] {
        for (lang, loud, what) in [("en", "UPDATE THIS APP NOW.", "withdrew"), ("zh", "请立即更新应用。", "停用了")]
        {
            let said = homes.type_in(&home, ["--lang", lang, command]);
            let first = said.out.lines().next().expect("a line");
            assert!(first.starts_with(loud) && first.contains(what) && first.contains(&thief), "{first}");
        }
    }
    let members = homes.did(&home, "members");
    let line = members.as_array().expect("a list").iter().find(|line| line["device"] == world.device(2).to_string());
    let line = line.expect("it is listed");
    assert_eq!((&line["withdrawn"], &line["newer"][0]["what"]), (&true.into(), &"withdrawal".into()));
    assert_eq!(homes.did(&home, "conflicts")["newer"][0]["protects"], true);
}

/// The founder withdraws a volunteer by a kind of which this build knows its number alone; another volunteer holds it.
fn scene() -> (World, String) {
    let mut world = World::community(1, 2);
    let thief = world.device(2);
    let mut founder = Forger::with_keys_of(&mut world, 0).in_topic(&world, 0, Topic::Roster);
    let payload = [&[0xa1, 0x00, 0x58, 0x20][..], thief.as_bytes()].concat();
    founder.clear(40, 1, payload);
    let runs = founder.runs();
    hand_over(&world, 1, founder.device(), world.tag(1, Topic::Roster), &runs).expect("the session goes on");
    world.close(1);
    let secrets = DirSecrets::open(&world.home(1).join("secrets")).expect("a directory");
    for name in world.secrets(1).names() {
        let secret = world.secrets(1).get(&name).expect("kept in memory").expect("it has a name");
        secrets.put(&name, &secret).expect("a file");
    }
    (world, format!("@{}", &thief.to_string()[..8]))
}
