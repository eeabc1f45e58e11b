//! Who belongs: founding, joining, admitting, giving room, and meeting other phones.

use clap::Args;
use linli_core::{
    key::{DeviceRecord, KitLanguage},
    replica::Welcome,
    roster::{Device, Role},
    text::clean_name,
    vocabulary::Coded,
};
use linli_tests::{Break, Ended, meet};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::{Home, Phone},
    kit, net, newer,
    rights::{right_text, role},
    rooms,
    withdraw::Marks,
    wrong::Wrong,
};

#[derive(Args)]
pub(crate) struct Found {
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    no_kit: bool,
}

#[derive(Args)]
pub(crate) struct Admit {
    record: String,
    #[arg(long, value_parser = role(), default_value = "volunteer")]
    role: Role,
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    member: Option<String>,
}

#[derive(Args)]
pub(crate) struct Join {
    welcome: String,
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    patience: u64,
}

#[derive(Args)]
pub(crate) struct Room {
    device: String,
    #[arg(long, value_name = "ROOMS", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=16))]
    rooms: u64,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Sync {
    #[arg(long, value_name = "DIR", conflicts_with_all = ["addresses", "nearby", "relay"])]
    with_home: Option<PathBuf>,
    #[arg(long = "with", value_name = "ADDRESS:PORT", value_delimiter = ',', conflicts_with_all = ["nearby", "relay"])]
    addresses: Vec<String>,
    #[arg(long, conflicts_with = "relay")]
    nearby: bool,
    #[arg(long = "relay")]
    relay: bool,
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    patience: u64,
}

pub(crate) fn found(phone: &Phone, found: Found) -> Outcome<Answer> {
    let (community, kit) = if found.no_kit {
        (phone.replica.found(found.name)?, None)
    } else {
        let (community, kit) = phone.replica.found_with_kit(found.name)?;
        (community, Some(kit))
    };
    let mut lines = vec![phone.words.say_with("done.founded", json!({ "community": community.to_string() }))];
    match &kit {
        Some(kit) => lines.extend(kit::lines(kit, phone.words)),
        None => lines.push(phone.words.plain("screen.no_kit")),
    }
    let reminders = phone.replica.reminders()?;
    for reminder in &reminders {
        lines.extend(rooms::reminded(phone, *reminder, &[]));
    }
    let words = kit.map(|kit| kit.words(KitLanguage::English));
    let reminders: Vec<_> = reminders.iter().map(|reminder| reminder.code()).collect();
    let device = phone.replica.device();
    let document = json!({ "community": community, "device": device, "kit": words, "reminders": reminders });
    Ok(Answer { once: true, ..Answer::new(document, lines) })
}

pub(crate) fn id(phone: &Phone) -> Outcome<Answer> {
    let record = record_text(&phone.replica.record());
    Ok(Answer::new(json!({ "record": record, "device": phone.replica.device() }), [record]))
}

pub(crate) fn admit(phone: &Phone, admit: Admit) -> Outcome<Answer> {
    let record = read_record(&admit.record)?;
    let member = admit.member.map(|text| phone.member(&text)).transpose()?;
    phone.replica.admit(phone.command, record, admit.role, member, admit.name)?;
    welcome(phone)
}

pub(crate) fn welcome(phone: &Phone) -> Outcome<Answer> {
    let welcome = phone.replica.welcome()?.to_text();
    Ok(Answer::new(json!({ "welcome": welcome }), [welcome]))
}

pub(crate) fn join(phone: &Phone, join: &Join, screen: net::Screen) -> Outcome<Answer> {
    // A welcome is written small, an invitation in capitals: but capitals may be lost in a chat.
    if join.welcome.trim().matches(':').count() == 1 {
        return net::join_by(phone, &join.welcome, Duration::from_secs(join.patience.min(24 * 60 * 60)), screen);
    }
    let welcome: Welcome = join.welcome.parse()?;
    phone.replica.join(&welcome)?;
    let community = welcome.community;
    let text = phone.words.say_with("done.joined", json!({ "community": community.to_string() }));
    Ok(Answer::new(json!({ "community": community }), [text]))
}

pub(crate) fn room(phone: &Phone, room: &Room) -> Outcome<Answer> {
    let device = phone.device(&room.device)?;
    phone.replica.give_room(phone.command, device, room.rooms)?;
    let said = json!({ "device": phone.device_name(device), "rooms": room.rooms });
    let document = json!({ "device": device, "rooms": room.rooms });
    Ok(Answer::new(document, [phone.words.say_with("done.room_given", said)]))
}

pub(crate) fn members(phone: &Phone) -> Outcome<Answer> {
    let (roster, marks, people) = (phone.replica.roster(), Marks::read(phone)?, phone.replica.people());
    let mut devices: Vec<&Device> = roster.devices().collect();
    devices.sort_by_key(|device| device.rank);
    let mut documents: Vec<_> = devices
        .iter()
        .map(|device| {
            let id = device.record.device;
            let mut document = json!({
                "device": id,
                "member": device.member,
                "name": phone.replica.name_of(device),
                "shown": people.shown_device(id),
                "role": device.role,
                "rights": roster.rights_of(id).collect::<Vec<_>>(),
                "admitted_at": device.wall,
                "kit": device.kit,
                "withdrawn": device.withdrawn,
                "this_device": id == phone.replica.device(),
            });
            marks.add_to(&mut document, id);
            document
        })
        .collect();
    let line = |device: &&Device| {
        let id = device.record.device;
        let named = people.lines().iter().find(|line| line.device == id);
        let name = named.and_then(|line| line.name.as_deref()).map(clean_name);
        let mut words: Vec<String> = name.into_iter().chain(named.map(|line| line.handle.clone())).collect();
        words.push(phone.words.word("role", device.role.code()));
        words.extend(roster.rights_of(id).map(|right| right_text(phone, right)));
        words.extend(device.kit.then(|| phone.words.plain("screen.is_kit")));
        words.extend(device.withdrawn.then(|| phone.words.plain("screen.withdrawn")));
        words.extend((id == phone.replica.device()).then(|| phone.words.plain("screen.this_phone")));
        words.extend(marks.words(phone, id));
        words.join("  ")
    };
    newer::into(phone, &mut documents)?;
    let mut answer = Answer::new(documents, devices.iter().map(line));
    rooms::above(phone, &mut answer, &phone.replica.little_room()?);
    newer::above(phone, &mut answer, |_| true)?;
    Ok(answer)
}

/// Meets another phone: over the network, or over a pipe in memory where both homes are on this machine.
pub(crate) fn sync(phone: &Phone, sync: &Sync) -> Outcome<Answer> {
    let patience = Duration::from_secs(sync.patience.min(24 * 60 * 60));
    let answer = match &sync.with_home {
        Some(home) => meet_home(phone, home),
        None if sync.nearby => net::nearby(phone, patience),
        None if sync.relay => net::with_relay(phone, patience),
        None => net::with(phone, &sync.addresses, patience),
    }?;
    // What a coordinator's phone owes the others, it does now; they hear of it at the next meeting.
    phone.replica.tend()?;
    Ok(answer)
}

fn meet_home(phone: &Phone, home: &Path) -> Outcome<Answer> {
    let other = Phone::open(home, Home::MustBe, phone.words, None)?;
    let mut dice = ChaCha20Rng::seed_from_u64(0);
    let meeting = meet(&phone.replica, &other.replica, &mut dice, Break::Never);
    if let Ended::Failed(error) = meeting.ended {
        return Err(error.into());
    }
    let text = phone.words.say_with("done.synced", json!({ "bytes": meeting.bytes, "turns": meeting.turns }));
    let document = json!({ "with": other.replica.device(), "bytes": meeting.bytes, "turns": meeting.turns });
    Ok(Answer::new(document, [text]))
}

const RECORD: &str = "linli-device";

fn record_text(record: &DeviceRecord) -> String {
    format!("{RECORD}:{}", hex::encode(record.to_bytes()))
}

fn read_record(text: &str) -> Outcome<DeviceRecord> {
    let bytes = text.trim().split_once(':').filter(|(kind, _)| *kind == RECORD);
    let bytes = bytes.and_then(|(_, digits)| hex::decode(digits).ok());
    let record = bytes.and_then(|bytes| DeviceRecord::from_slice(&bytes).ok());
    record.ok_or_else(|| Failure::new(Wrong::NotARecord, json!({})))
}
