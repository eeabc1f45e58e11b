//! Who goes and what ends: revoking, cutting again, leaving, taking rights, and what is left of it to look at.

use std::collections::BTreeSet;

use clap::Args;
use linli_core::{
    event::Compartment,
    id::{DeviceId, Reference},
    replica::Replica,
    roster::{Cut, Fall, Revocation, Roster, Who, Withdrawal},
    store::DirSecrets,
};
use serde_json::{Value, json};
use std::path::Path;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::{Phone, must_be},
    rights::{Grant, read_grant, right_text},
    words::Words,
    wrong::Wrong,
};

#[derive(Args)]
pub(crate) struct Revoke {
    who: String,
    #[arg(long)]
    person: bool,
    #[command(flatten)]
    stands: Stands,
    #[arg(long)]
    dry_run: bool,
    #[arg(long)]
    request: bool,
    #[arg(long)]
    kit_at_hand: bool,
}

#[derive(Args)]
pub(crate) struct Recut {
    device: String,
    #[command(flatten)]
    stands: Stands,
}

/// What stands of the logs, and of what falls.
#[derive(Args)]
struct Stands {
    #[arg(long, value_name = "EVENT")]
    up_to: Vec<Reference>,
    #[arg(long, value_name = "DEVICE")]
    except: Vec<String>,
    #[arg(long, value_name = "EVENT")]
    restate: Vec<Reference>,
}

#[derive(Args)]
pub(crate) struct Leave {
    #[arg(long)]
    anyway: bool,
    #[arg(long)]
    kit_at_hand: bool,
}

#[derive(Args)]
pub(crate) struct Wipe {
    #[arg(long, required = true)]
    yes: bool,
}

pub(crate) fn revoke(phone: &Phone, revoke: &Revoke) -> Outcome<Answer> {
    let who =
        if revoke.person { Who::Member(phone.member(&revoke.who)?) } else { Who::Device(phone.device(&revoke.who)?) };
    let heads = match who {
        Who::Device(device) => heads(phone, device, &revoke.stands.up_to)?,
        Who::Member(_) if revoke.stands.up_to.is_empty() => None,
        Who::Member(_) => return Err(Failure::usage(Wrong::OneDevice, json!({}))),
    };
    let revocation = Revocation {
        who,
        heads,
        except: devices(phone, &revoke.stands.except)?,
        restate: revoke.stands.restate.iter().copied().collect(),
        request: revoke.request,
        kit_at_hand: revoke.kit_at_hand,
    };
    let fall = phone.replica.would_fall(&revocation)?;
    let mut lines = fall_lines(phone, &fall);
    let mut document = json!({ "who": who, "written": !revoke.dry_run, "falls": fall });
    if revoke.dry_run {
        lines.push(phone.words.plain("screen.dry_run"));
    } else {
        let before = newest_keys(&phone.replica.roster());
        phone.replica.revoke(phone.command, revocation)?;
        let replaced = newest_keys(&phone.replica.roster()) != before;
        document["keys_replaced"] = json!(replaced);
        lines.push(phone.words.plain(if replaced { "done.revoked" } else { "done.revoked_keys_stay" }));
    }
    Ok(Answer::new(document, lines))
}

/// The newest generation of each compartment's keys that counts: it grows when they are replaced.
fn newest_keys(roster: &Roster) -> [Option<u64>; 2] {
    [Compartment::Community, Compartment::Care]
        .map(|of| roster.epochs(of).filter(|epoch| epoch.counts).map(|epoch| epoch.generation).max())
}

pub(crate) fn recut(phone: &Phone, recut: &Recut) -> Outcome<Answer> {
    let device = phone.withdrawn_device(&recut.device)?;
    let heads = heads(phone, device, &recut.stands.up_to)?;
    let (except, restate) = (devices(phone, &recut.stands.except)?, recut.stands.restate.iter().copied().collect());
    phone.replica.withdraw(phone.command, Withdrawal::Recut { device, heads, except, restate })?;
    let text = phone.words.say_with("done.recut", json!({ "device": phone.device_name(device) }));
    Ok(Answer::new(json!({ "device": device }), [text]))
}

pub(crate) fn ungrant(phone: &Phone, grant: &Grant) -> Outcome<Answer> {
    let (device, right) = read_grant(phone, grant)?;
    phone.replica.remove_grant(phone.command, device, right.clone())?;
    let text = phone.words.say_with("done.ungranted", json!({ "device": phone.device_name(device) }));
    Ok(Answer::new(json!({ "device": device, "grant": right }), [text]))
}

pub(crate) fn leave(phone: &Phone, leave: &Leave) -> Outcome<Answer> {
    let unsent = phone.replica.unsent()?;
    if unsent > 0 && !leave.anyway {
        return Err(Failure { flag: Some("--anyway"), ..Failure::new(Wrong::Unsent, json!({ "events": unsent })) });
    }
    phone.replica.withdraw(phone.command, Withdrawal::Leave { kit_at_hand: leave.kit_at_hand })?;
    Ok(Answer::new(json!({ "left": phone.replica.device(), "unsent": unsent }), [phone.words.plain("done.left")]))
}

/// Deletes a home. Nobody may have it open.
pub(crate) fn wipe(home: &Path, words: Words, _: &Wipe) -> Outcome<Answer> {
    must_be(home)?;
    let secrets = DirSecrets::open(&home.join("secrets"))?;
    Replica::wipe(home, &secrets)?;
    Ok(Answer::new(json!({ "wiped": true }), [words.plain("done.wiped")]))
}

/// What is held of a device's logs, but of those of the named events only up to them; nothing named leaves it to the
/// engine.
fn heads(phone: &Phone, device: DeviceId, up_to: &[Reference]) -> Outcome<Option<Vec<Cut>>> {
    if up_to.is_empty() {
        return Ok(None);
    }
    let unknown = |event: Reference| Failure::new(Wrong::Unknown, json!({ "of": "event", "text": event.to_string() }));
    let (mut cuts, unheld) = phone.replica.cut_at(device, up_to)?;
    match unheld.first() {
        Some(event) => Err(unknown(*event)),
        None => Ok(Some(std::mem::take(&mut cuts))),
    }
}

fn devices(phone: &Phone, texts: &[String]) -> Outcome<BTreeSet<DeviceId>> {
    texts.iter().map(|text| phone.device(text)).collect()
}

fn fall_lines(phone: &Phone, fall: &Fall) -> Vec<String> {
    let name = |device: DeviceId| json!({ "device": phone.device_name(device) });
    let mut lines = Vec::new();
    lines.extend(fall.admissions.iter().map(|lost| {
        let text = if lost.again { "screen.falls_admission" } else { "screen.falls_newer" };
        phone.words.say_with(text, name(lost.device))
    }));
    lines.extend(fall.withdrawals.iter().map(|fallen| {
        let about = json!({ "device": phone.device_name(fallen.device), "event": fallen.event.to_string() });
        phone.words.say_with("screen.falls_withdrawal", about)
    }));
    lines.extend(fall.grants.iter().map(|(device, right)| {
        let right = right_text(phone, right);
        phone.words.say_with("screen.falls_grant", json!({ "device": phone.device_name(*device), "right": right }))
    }));
    lines.extend(fall.rooms.iter().map(|(device, rooms)| {
        phone.words.say_with("screen.falls_room", json!({ "device": phone.device_name(*device), "rooms": rooms }))
    }));
    lines
}

/// What a list of members says beside each device: who asked for its withdrawal, which withdrawals of it fell, how much of
/// it lies beyond a cut.
pub(crate) struct Marks {
    roster: Roster,
    beyond: Vec<DeviceId>,
}

impl Marks {
    pub(crate) fn read(phone: &Phone) -> Outcome<Self> {
        let known = phone.replica.community().is_some();
        let beyond = if known { phone.replica.beyond_cuts()? } else { Vec::new() };
        Ok(Self { roster: phone.replica.roster(), beyond: beyond.into_iter().map(|line| line.device).collect() })
    }

    fn beyond(&self, device: DeviceId) -> usize {
        self.beyond.iter().filter(|of| **of == device).count()
    }

    pub(crate) fn add_to(&self, document: &mut Value, device: DeviceId) {
        let requests: Vec<_> = self.roster.requests().filter(|request| request.device == device).collect();
        let fallen: Vec<_> = self.roster.fallen().filter(|fallen| fallen.device == device).collect();
        document["requests"] = json!(requests);
        document["fallen"] = json!(fallen);
        document["beyond_cut"] = json!(self.beyond(device));
    }

    pub(crate) fn words(&self, phone: &Phone, device: DeviceId) -> Vec<String> {
        let asked = self.roster.requests().filter(|request| request.device == device);
        let mut words: Vec<String> = asked
            .map(|request| {
                phone.words.say_with("screen.withdrawal_asked", json!({ "who": phone.device_name(request.by) }))
            })
            .collect();
        let fallen = self.roster.fallen().filter(|fallen| fallen.device == device).count();
        words.extend((fallen > 0).then(|| phone.words.say_with("screen.fallen", json!({ "count": fallen }))));
        let beyond = self.beyond(device);
        words.extend((beyond > 0).then(|| phone.words.say_with("screen.beyond_cut", json!({ "count": beyond }))));
        words
    }
}
