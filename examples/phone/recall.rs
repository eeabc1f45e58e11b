//! Recalls: what must not be handed out, and everything it touches.

use clap::Subcommand;
use linli_core::{
    aggregate::recall::{Command, Recall, Scope},
    id::Reference,
    replica::NewerWhat,
};

use crate::{answer::Answer, failure::Outcome, home::Phone, newer, show};

#[derive(Subcommand)]
pub(crate) enum RecallSubcommand {
    Raise {
        product: String,
        #[arg(long = "batch")]
        batches: Vec<String>,
        #[arg(long, default_value = "")]
        reason: String,
        #[arg(long, default_value = "")]
        issuer: String,
    },
    Edit {
        recall: String,
        #[arg(long = "batch")]
        batches: Vec<String>,
        #[arg(long, conflicts_with = "batches")]
        all: bool,
        #[arg(long)]
        reason: Option<String>,
        #[arg(long)]
        issuer: Option<String>,
    },
    Withdraw {
        recall: String,
        #[arg(long, default_value = "")]
        why: String,
    },
    Show {
        recall: String,
    },
    List,
}

pub(crate) fn run(phone: &Phone, command: RecallSubcommand) -> Outcome<Answer> {
    match command {
        RecallSubcommand::Raise { product, batches, reason, issuer } => {
            let product = phone.product(&product)?;
            let scope = if batches.is_empty() { Scope::All } else { Scope::Batches(batches) };
            write(phone, None, Command::Raise { product, scope, reason, issuer })
        }
        RecallSubcommand::Edit { recall, batches, all, reason, issuer } => {
            let batches = Some(batches).filter(|batches| !batches.is_empty()).map(Scope::Batches);
            let scope = if all { Some(Scope::All) } else { batches };
            let recall = phone.reference("recall", &recall)?;
            write(phone, Some(recall), Command::Edit { scope, reason, issuer })
        }
        RecallSubcommand::Withdraw { recall, why } => {
            write(phone, Some(phone.reference("recall", &recall)?), Command::Withdraw { why })
        }
        RecallSubcommand::Show { recall } => show::recall(phone, &recall),
        RecallSubcommand::List => {
            let mut answer = show::recalls(phone)?;
            newer::above(phone, &mut answer, |what| what == NewerWhat::Recall)?;
            Ok(answer)
        }
    }
}

fn write(phone: &Phone, target: Option<Reference>, command: Command) -> Outcome<Answer> {
    let receipt = phone.submit_with::<Recall>(target, command, None)?;
    show::written_recall(phone, &receipt)
}
