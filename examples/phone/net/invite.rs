//! Inviting and joining: a code on one screen, six digits on both, and a person who says yes.

use std::{
    io::{self, BufRead},
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use clap::Args;
use linli_core::{
    id::DeviceId,
    net::{Dialling, Expected, NetError, Node, NodeOptions},
    replica::{AskError, Asked, Asking, InviteError, Replica},
    roster::{
        Role,
        invite::{Digits, Ended, Invitation, InvitationError, Inviting, Offer, Turned},
    },
    vocabulary::Coded,
};
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

use super::{Screen, listen_at, runtime, start, unreached, unstarted};
use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    rights::role,
    wrong::Wrong,
};

/// How often a screen looks again by itself.
const LOOK: Duration = Duration::from_millis(250);
/// What the first sync gets after an admission.
const FIRST_SYNC: Duration = Duration::from_secs(60);
/// What the newcomer gets to hang up first, so that both sides have seen that they are in step.
const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(crate) struct Invite {
    #[arg(long, value_parser = role(), default_value = "volunteer")]
    role: Role,
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    member: Option<String>,
    #[arg(long = "at", value_name = "PORT|ADDRESS:PORT")]
    listen_at: Option<String>,
    #[arg(long, value_name = "DIGITS")]
    yes_if_code: Option<String>,
}

pub(crate) fn invite(phone: &Phone, invite: Invite, screen: Screen) -> Outcome<Answer> {
    let member = invite.member.map(|text| phone.member(&text)).transpose()?;
    let offer = Offer { role: invite.role, member, name: invite.name };
    let code = invite.yes_if_code.map(|text| digits(&text)).transpose()?;
    let mut options = NodeOptions { nearby: false, ..NodeOptions::default() };
    if let Some(at) = &invite.listen_at {
        options.listen = Some(listen_at(at)?);
    }
    runtime()?.block_on(async {
        let node = start(phone, options)?;
        let invitation = phone.replica.invite(offer, reachable(&node))?;
        show(phone, screen, &invitation)?;
        let met = match confirmed(phone, screen, code).await {
            Ok(device) => Ok((device, until_in_step(phone, &node, device).await?)),
            Err(failure) => Err(failure),
        };
        // Whoever was turned away is still being told why.
        node.shutdown().await;
        let (device, in_step) = met?;
        let key = if in_step { "done.invited" } else { "done.invited_only" };
        let text = phone.words.say_with(key, json!({ "who": phone.device_name(device) }));
        Ok(Answer::new(json!({ "admitted": device, "in_step": in_step }), [text]))
    })
}

fn digits(text: &str) -> Outcome<Digits> {
    text.parse().map_err(|_| Failure::usage(Wrong::NotDigits, json!({ "text": text })))
}

fn reachable(node: &Node) -> Vec<SocketAddr> {
    let addresses = node.local_addresses();
    if addresses.is_empty() { vec![SocketAddr::from((Ipv4Addr::LOCALHOST, node.port()))] } else { addresses }
}

/// A code as a picture. A terminal's own colours: light on dark is turned round, because readers want dark on light.
pub(crate) fn picture(text: &str) -> Vec<String> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L);
    let code =
        code.map(|code| code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build());
    code.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The code as a picture and as text.
fn show(phone: &Phone, screen: Screen, invitation: &Invitation) -> Outcome<()> {
    let text = invitation.to_string();
    let hint = phone.words.say_with("screen.invitation", json!({ "text": text }));
    let lines: Vec<String> = picture(&text).into_iter().chain(hint.lines().map(str::to_owned)).collect();
    screen.say_all(&json!({ "invitation": text }), &lines)
}

/// Lines that somebody types, as long as somebody does.
fn typed() -> mpsc::Receiver<String> {
    let (tell, hear) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if tell.blocking_send(line).is_err() {
                return;
            }
        }
    });
    hear
}

/// Waits for the person's yes, and for the admission.
async fn confirmed(phone: &Phone, screen: Screen, code: Option<Digits>) -> Outcome<DeviceId> {
    let (mut updates, mut answers, mut listening) = (phone.replica.subscribe(), typed(), true);
    let mut asked = None;
    loop {
        match phone.replica.inviting() {
            Inviting::Admitted { device } => return Ok(device),
            Inviting::Over(ended) => return Err(over(ended)),
            Inviting::Comparing { digits, device, .. } if asked != Some(digits) => {
                asked = Some(digits);
                let document = json!({ "compare": { "digits": digits.to_string(), "device": device } });
                let compare = phone.words.say_with("screen.compare_invited", json!({ "digits": spaced(digits) }));
                screen.say(&document, compare)?;
                match code {
                    Some(code) if code == digits => decide(phone, screen, digits, "y")?,
                    Some(_) => decide(phone, screen, digits, "n")?,
                    None => {}
                }
                continue;
            }
            Inviting::Nothing | Inviting::Open { .. } | Inviting::Comparing { .. } => {}
        }
        tokio::select! {
            _update = updates.next() => {}
            () = sleep(LOOK) => {}
            _interrupted = tokio::signal::ctrl_c() => phone.replica.cancel_invitation(),
            line = answers.recv(), if listening => match (line, asked) {
                (Some(line), Some(digits)) => decide(phone, screen, digits, line.trim())?,
                (Some(_), None) => {}
                (None, _) => listening = false,
            },
        }
    }
}

/// Yes, no, or the digits as they stand on the other screen.
fn decide(phone: &Phone, screen: Screen, shown: Digits, answer: &str) -> Outcome<()> {
    let said = match answer.to_lowercase().as_str() {
        "y" | "yes" | "是" => shown,
        "n" | "no" | "否" => {
            phone.replica.refuse_invited();
            return Ok(());
        }
        other => match other.parse() {
            Ok(digits) => digits,
            Err(_) => {
                return screen.say(&json!({ "not_understood": answer }), phone.words.plain("screen.yes_or_no"));
            }
        },
    };
    match phone.replica.confirm(said) {
        Ok(_) => Ok(()),
        Err(InviteError::NobodyAsks) => {
            screen.say(&json!({ "differ": said.to_string() }), phone.words.plain("screen.digits_differ"))
        }
        Err(InviteError::Ended(ended)) => Err(over(ended)),
        Err(InviteError::Members(error)) => Err(error.into()),
    }
}

fn spaced(digits: Digits) -> String {
    let text = digits.to_string();
    let (front, back) = text.split_at(3);
    format!("{front} {back}")
}

fn over(ended: Ended) -> Failure {
    Failure::keyed(format!("error.invitation_{}", ended.code()), json!({ "detail": ended.to_string() }))
}

/// Whether a device came to be in step.
async fn until_in_step(phone: &Phone, node: &Node, device: DeviceId) -> Outcome<bool> {
    let (mut changes, mut end, mut in_step) = (node.changes(), Instant::now() + FIRST_SYNC, false);
    loop {
        let peers = phone.replica.sync_state()?.peers;
        // A link that is over by the time we look has been in step all the same.
        if !in_step && peers.iter().any(|peer| peer.device == device && peer.in_step) {
            (in_step, end) = (true, Instant::now() + FAREWELL);
        }
        let talking = node.connected().iter().any(|one| one.device == device);
        if Instant::now() >= end || (in_step && !talking) {
            return Ok(in_step);
        }
        let _changed = timeout(LOOK, changes.changed()).await;
    }
}

/// Joins by an invitation: asks, waits for the person at the other phone, and syncs.
pub(crate) fn join_by(phone: &Phone, text: &str, patience: Duration, screen: Screen) -> Outcome<Answer> {
    let invitation: Invitation = text.parse().map_err(|error| match error {
        InvitationError::NotOne => Failure::new(Wrong::NotAWelcome, json!({})),
        InvitationError::Newer { version } => Failure::new(Wrong::NewerInvitation, json!({ "version": version })),
        InvitationError::Damaged => Failure::new(Wrong::DamagedInvitation, json!({})),
    })?;
    let asking = phone.replica.ask(invitation.clone())?;
    runtime()?.block_on(async {
        let node = asking.start_node(&[]).map_err(|error| unstarted(&error))?;
        let joined = answered(phone, screen, &asking, &node, patience).await;
        node.shutdown().await;
        joined?;
        let synced = first_sync(&phone.replica, &invitation.addresses, asking.peer(), FIRST_SYNC).await;
        let community = invitation.community;
        let key = if synced.is_ok() { "done.joined_by" } else { "done.joined" };
        let text = phone.words.say_with(key, json!({ "community": community.to_string() }));
        Ok(Answer::new(json!({ "community": community, "in_step": synced.is_ok() }), [text]))
    })
}

async fn answered(phone: &Phone, screen: Screen, asking: &Asking, node: &Node, patience: Duration) -> Outcome<()> {
    let (mut changes, end) = (asking.changes(), Instant::now() + patience);
    let mut shown = None;
    loop {
        match asking.state() {
            Asked::Joined(_) => return Ok(()),
            Asked::Failed(error) => return Err(turned_away(error)),
            Asked::Comparing(digits) if shown != Some(digits) => {
                shown = Some(digits);
                let text = phone.words.say_with("screen.compare_asking", json!({ "digits": spaced(digits) }));
                screen.say(&json!({ "compare": { "digits": digits.to_string() } }), text)?;
            }
            Asked::Comparing(_) => {}
            Asked::Reaching => unanswered(node, Instant::now() >= end)?,
        }
        let _changed = timeout(LOOK, changes.changed()).await;
    }
}

/// Fails if the inviting phone cannot be reached, or does not listen to us.
fn unanswered(node: &Node, late: bool) -> Outcome<()> {
    let dialled = node.dialled();
    let at = dialled.iter().flat_map(|one| &one.addresses).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for one in &dialled {
        match &one.state {
            Dialling::Waiting { why: NetError::Refused, .. } => return Err(turned_away(Turned::NotOpen.into())),
            Dialling::Waiting { why: why @ NetError::Stranger, .. } => return Err(unreached(why, &at)),
            Dialling::Waiting { why, .. } if late => return Err(unreached(why, &at)),
            _ if late => return Err(unreached(&NetError::Silent, &at)),
            _ => {}
        }
    }
    Ok(())
}

fn turned_away(error: AskError) -> Failure {
    let code = match &error {
        AskError::Turned(Turned::NotOpen) => Wrong::AskNotOpen,
        AskError::Turned(Turned::WrongProof) => Wrong::AskWrongProof,
        AskError::Turned(Turned::ShownToTwo) => Wrong::AskShownToTwo,
        AskError::Turned(Turned::Refused) => Wrong::AskRefused,
        AskError::Turned(Turned::NotAdmitted) => Wrong::AskNotAdmitted,
        AskError::TimedOut => Wrong::AskTimedOut,
        AskError::Broken => Wrong::AskBroken,
        AskError::OtherCommunity | AskError::Garbled(_) => Wrong::AskGarbled,
        AskError::Members(_) => Wrong::Io,
    };
    let detail = error.to_string();
    match error {
        AskError::Members(error) => error.into(),
        _ => Failure::new(code, json!({ "detail": detail })),
    }
}

/// Meets one peer until both are in step.
pub(crate) async fn first_sync(
    replica: &Replica,
    addresses: &[SocketAddr],
    peer: Expected,
    patience: Duration,
) -> Outcome<()> {
    let at = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let options = NodeOptions { listen: None, nearby: false, ..NodeOptions::default() };
    let node = replica.start_node(options).map_err(|error| unstarted(&error))?;
    node.dial(addresses, peer).map_err(|why| unreached(&why, &at))?;
    let (mut changes, end) = (node.changes(), Instant::now() + patience);
    let met = loop {
        if node.connected().iter().any(|one| one.dialled && one.in_step) {
            // What was said last has to arrive before the connection goes.
            sleep(LOOK).await;
            break Ok(());
        }
        if Instant::now() >= end {
            break Err(unreached(&NetError::Silent, &at));
        }
        let _changed = timeout(LOOK, changes.changed()).await;
    };
    node.shutdown().await;
    met
}
