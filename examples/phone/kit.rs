//! The recovery kit: a coordinator's phone out of 24 words on paper.

use std::{
    fs::File,
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
    desk::{Home, Phone},
    failure::{Failure, Outcome},
    net,
    words::{Lang, Words},
};

#[derive(Subcommand)]
pub(crate) enum KitCommand {
    /// Make this new phone a coordinator's; the 24 words are read from the standard input
    Restore(Restore),
    /// Show the 24 words once more, until they are confirmed
    Words,
    /// Say that the 24 words are written down: from now on this phone does not keep them
    Confirm,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// What `phone welcome` prints on any member's phone
    welcome: String,
    /// The other phone's home on this machine
    #[arg(long, value_name = "DIR")]
    with_home: Option<PathBuf>,
    /// Where a member's phone listens: 192.168.1.7:4711; several addresses of one phone with commas
    #[arg(long = "with", value_name = "ADDRESS:PORT", value_delimiter = ',')]
    addresses: Vec<String>,
    /// A bundle that a member's phone wrote
    #[arg(long = "bundle", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Whose phone it is, if they have another here: a member
    #[arg(long)]
    member: Option<String>,
    /// The person's name, sealed for members
    #[arg(long)]
    name: Option<String>,
    /// The founder's phone was lost or stolen: withdraw it in the same step, so that this one stands above it
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

pub(crate) fn run(phone: &Phone, command: KitCommand) -> Outcome<Answer> {
    let restore = match command {
        KitCommand::Restore(restore) => restore,
        KitCommand::Words => {
            let kit = phone.replica.kit_words()?.ok_or_else(|| Failure::new("kit_confirmed", json!({})))?;
            return Ok(Answer::new(json!({ "kit": kit.words(KitLanguage::English) }), lines(&kit, phone.words)));
        }
        KitCommand::Confirm => {
            phone.replica.confirm_kit()?;
            return Ok(Answer::new(json!({ "confirmed": true }), [phone.words.plain("done.kit_confirmed")]));
        }
    };
    let welcome: Welcome = restore.welcome.parse()?;
    if restore.with_home.is_none() && restore.addresses.is_empty() && restore.file.is_none() {
        return Err(Failure::usage("kit_hears_nobody", json!({})));
    }
    let addresses = net::addresses(&restore.addresses)?;
    let words = read_words()?;
    let recovery = phone.replica.recover_with_kit(&words, &welcome).map_err(failed)?;
    if let Some(file) = &restore.file {
        let unreadable = |detail: String| {
            Failure::new("unreadable_file", json!({ "file": file.display().to_string(), "detail": detail }))
        };
        let bundle = File::open(file).map_err(|error| unreadable(error.kind().to_string()))?;
        recovery.kit().import_bundle(bundle, |_| {}).map_err(|error| unreadable(error.to_string()))?;
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
    let mut lines = vec![phone.words.say_with("done.restored", json!({ "community": community.to_string() }))];
    if let Some(founder) = above {
        let founder = json!({ "device": phone.device_name(founder) });
        lines.push(phone.words.say_with("screen.founder_above", founder));
    }
    let document = json!({ "community": community, "device": phone.replica.device(), "founder_above": above });
    Ok(Answer::new(document, lines))
}

fn unknown(text: &str) -> Failure {
    Failure::new("unknown", json!({ "of": "member", "text": text }))
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
        WordsError::Count { got } => Failure::new("kit_count", json!({ "got": got })),
        WordsError::Unknown { place } => Failure::new("kit_unknown_word", json!({ "place": place })),
        WordsError::Checksum => Failure::new("kit_checksum", json!({})),
    })
}

fn failed(error: KitError) -> Failure {
    match error {
        KitError::NotHeard => Failure::new("kit_not_heard", json!({})),
        KitError::OtherKit => Failure::new("kit_other", json!({})),
        KitError::Members(error) => error.into(),
        KitError::Open(error) => error.into(),
        KitError::Link(error) => error.into(),
        KitError::Io(kind) => StoreError::from(std::io::Error::from(kind)).into(),
    }
}
