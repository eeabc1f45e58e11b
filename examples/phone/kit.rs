//! The recovery kit: a coordinator's phone out of 24 words on paper.

use std::{
    io::{self, BufRead},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, Subcommand};
use linli_core::{
    key::{KitLanguage, KitWords, WordsError},
    net::Expected,
    replica::{KitError, Welcome},
    store::StoreError,
};
use linli_tests::{Break, Ended, meet};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use crate::{
    answer::Answer,
    bundle,
    failure::{Failure, Outcome},
    home::{Home, Phone},
    net,
    words::{Lang, Words},
    wrong::Wrong,
};

#[derive(Subcommand)]
pub(crate) enum KitSubcommand {
    Restore(Restore),
    Words,
    Confirm,
}

#[derive(Args)]
pub(crate) struct Restore {
    welcome: String,
    #[arg(long, value_name = "DIR")]
    with_home: Option<PathBuf>,
    #[arg(long = "with", value_name = "ADDRESS:PORT", value_delimiter = ',')]
    addresses: Vec<String>,
    #[arg(long = "bundle", value_name = "FILE")]
    file: Option<PathBuf>,
    #[arg(long)]
    member: Option<String>,
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    withdraw_founder: bool,
}

/// The words as they are to be written down, four on a line.
pub(crate) fn lines(kit: &KitWords, words: Words) -> Vec<String> {
    let kit = kit.words(if words.0 == Lang::Zh { KitLanguage::Chinese } else { KitLanguage::English });
    let numbered: Vec<String> = kit.iter().enumerate().map(|(at, word)| format!("{:>2} {word:<10}", at + 1)).collect();
    let rows = numbered.chunks(4).map(|row| row.join(" ").trim_end().to_owned());
    [words.plain("screen.kit")].into_iter().chain(rows).chain([words.plain("screen.kit_hint")]).collect()
}

pub(crate) fn run(phone: &Phone, command: KitSubcommand) -> Outcome<Answer> {
    let restore = match command {
        KitSubcommand::Restore(restore) => restore,
        KitSubcommand::Words => {
            let kit = phone.replica.kit_words()?.ok_or_else(|| Failure::new(Wrong::KitConfirmed, json!({})))?;
            return Ok(Answer::new(json!({ "kit": kit.words(KitLanguage::English) }), lines(&kit, phone.words)));
        }
        KitSubcommand::Confirm => {
            phone.replica.confirm_kit()?;
            return Ok(Answer::new(json!({ "confirmed": true }), [phone.words.plain("done.kit_confirmed")]));
        }
    };
    let welcome: Welcome = restore.welcome.parse()?;
    if restore.with_home.is_none() && restore.addresses.is_empty() && restore.file.is_none() {
        return Err(Failure::usage(Wrong::KitHearsNobody, json!({})));
    }
    let addresses = net::addresses(&restore.addresses)?;
    let words = read_words()?;
    let recovery = phone.replica.recover_with_kit(&words, &welcome).map_err(failed)?;
    let (mut lines, mut brought) = (Vec::new(), None);
    if let Some(file) = &restore.file {
        // What it did not bring, the kit has not heard.
        let report = bundle::read_one(recovery.kit(), file)?;
        lines.extend(bundle::told(phone, &file.display().to_string(), &report));
        brought = Some(report);
    }
    if let Some(home) = &restore.with_home {
        let other = Phone::open(home, Home::MustBe, phone.words, None)?;
        let meeting = meet(recovery.kit(), &other.replica, &mut ChaCha20Rng::seed_from_u64(0), Break::Never);
        if let Ended::Failed(error) = meeting.ended {
            return Err(error.into());
        }
    }
    if !addresses.is_empty() {
        let sync = net::first_sync(recovery.kit(), &addresses, Expected::Member, Duration::from_secs(60));
        net::runtime()?.block_on(sync)?;
    }
    let member = restore.member.map(|text| text.parse().map_err(|_| unknown(&text))).transpose()?;
    if restore.withdraw_founder {
        recovery.withdraw_founder(None).map_err(failed)?;
    }
    let above = recovery.founder_above().map_err(failed)?;
    recovery.finish(member, restore.name).map_err(failed)?;
    let community = welcome.community;
    lines.push(phone.words.say_with("done.restored", json!({ "community": community.to_string() })));
    if let Some(founder) = above {
        let founder = json!({ "device": phone.device_name(founder) });
        lines.push(phone.words.say_with("screen.founder_above", founder));
    }
    let device = phone.replica.device();
    let document = json!({ "community": community, "device": device, "founder_above": above, "bundle": brought });
    Ok(Answer::new(document, lines))
}

fn unknown(text: &str) -> Failure {
    Failure::new(Wrong::Unknown, json!({ "of": "member", "text": text }))
}

/// Words from the standard input, never from arguments, which a shell would keep.
fn read_words() -> Outcome<KitWords> {
    let mut text = String::new();
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        // The numbers before the words may be typed too.
        let words: String = line.chars().filter(|c| !c.is_ascii_digit()).collect();
        text = format!("{text}{words}\n");
        if text.parse::<KitWords>().is_ok() {
            break;
        }
    }
    text.parse().map_err(|error| match error {
        WordsError::Count { got } => Failure::new(Wrong::KitCount, json!({ "got": got })),
        WordsError::Unknown { place } => Failure::new(Wrong::KitUnknownWord, json!({ "place": place })),
        WordsError::Checksum => Failure::new(Wrong::KitChecksum, json!({})),
    })
}

fn failed(error: KitError) -> Failure {
    match error {
        KitError::NotHeard => Failure::new(Wrong::KitNotHeard, json!({})),
        KitError::OtherKit => Failure::new(Wrong::KitOther, json!({})),
        KitError::Members(error) => error.into(),
        KitError::Open(error) => error.into(),
        KitError::Link(error) => error.into(),
        KitError::Io(kind) => StoreError::from(std::io::Error::from(kind)).into(),
    }
}
