//! The catalogue: what there is to give and take, and what may be handed out.

use std::{io::ErrorKind, path::PathBuf};

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::product::{Change, Class, Command, Details, Problem, Product, Record, Unit, import, search_key},
    id::Reference,
};
use serde_json::json;

use crate::{
    answer::Answer,
    args::coded,
    failure::{Failure, Outcome},
    home::Phone,
    show,
    wrong::Wrong,
};

#[derive(Subcommand)]
pub(crate) enum ProductSubcommand {
    List {
        #[arg(long)]
        text: Option<String>,
    },
    Add {
        name: String,
        #[command(flatten)]
        texts: Texts,
    },
    Edit {
        product: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        texts: Texts,
    },
    Withdraw {
        product: String,
        #[arg(long, default_value = "")]
        why: String,
    },
    Import {
        file: PathBuf,
    },
    Show {
        product: String,
    },
}

/// What the catalogue says of a product.
#[derive(Args)]
pub(crate) struct Texts {
    #[arg(long)]
    generic: Option<String>,
    #[arg(long)]
    brand: Option<String>,
    #[arg(long)]
    strength: Option<String>,
    #[arg(long)]
    form: Option<String>,
    #[arg(long)]
    barcode: Option<String>,
    #[arg(long, value_parser = coded::<Class>(["over-the-counter", "prescription", "device", "supply"]))]
    class: Option<Class>,
    #[arg(long = "alias", value_name = "NAME")]
    aliases: Vec<String>,
    #[arg(long = "unit", value_name = "UNIT=N*UNIT")]
    units: Vec<String>,
}

pub(crate) fn run(phone: &Phone, command: ProductSubcommand) -> Outcome<Answer> {
    match command {
        ProductSubcommand::List { text } => show::products(phone, text.as_deref()),
        ProductSubcommand::Show { product } => show::product(phone, &product),
        ProductSubcommand::Add { name, texts } => {
            let details = Details {
                name,
                generic: texts.generic.unwrap_or_default(),
                brand: texts.brand.unwrap_or_default(),
                strength: texts.strength.unwrap_or_default(),
                form: texts.form.unwrap_or_default(),
                barcode: texts.barcode.unwrap_or_default(),
                aliases: texts.aliases,
                units: units(&texts.units)?,
            };
            let command = match texts.class {
                Some(class) => Command::List { details, class },
                None => Command::Propose { details },
            };
            write(phone, None, command)
        }
        ProductSubcommand::Edit { product, name, texts } => {
            let change = Change {
                name,
                generic: texts.generic,
                brand: texts.brand,
                strength: texts.strength,
                form: texts.form,
                barcode: texts.barcode,
                class: texts.class,
                add_aliases: texts.aliases,
                add_units: units(&texts.units)?,
                ..Change::default()
            };
            write(phone, Some(phone.product(&product)?), Command::Edit(Box::new(change)))
        }
        ProductSubcommand::Withdraw { product, why } => {
            write(phone, Some(phone.product(&product)?), Command::Withdraw { why })
        }
        ProductSubcommand::Import { file } => import_file(phone, &file),
    }
}

fn write(phone: &Phone, target: Option<Reference>, command: Command) -> Outcome<Answer> {
    let receipt = phone.submit_with::<Product>(target, command, None)?;
    show::written_product(phone, &receipt)
}

/// Reads `box=2*strip`, and gives every smaller unit a place of its own.
fn units(texts: &[String]) -> Outcome<Vec<Unit>> {
    let mut units: Vec<Unit> = Vec::new();
    for text in texts {
        let wrong = || Failure::usage(Wrong::NotAUnit, json!({ "text": text }));
        let (unit, inside) = text.split_once('=').ok_or_else(wrong)?;
        let (count, of) = inside.split_once(['*', '×']).ok_or_else(wrong)?;
        let contains = count.trim().parse().map_err(|_| wrong())?;
        units.push(Unit { unit: unit.trim().to_owned(), contains: Some(contains), of: Some(of.trim().to_owned()) });
    }
    let smallest: Vec<String> = units.iter().filter_map(|unit| unit.of.clone()).collect();
    for unit in smallest {
        if units.iter().all(|known| known.unit != unit) {
            units.push(Unit { unit, contains: None, of: None });
        }
    }
    Ok(units)
}

/// Each product is a command of its own, so that an import that broke off goes on where it was.
fn import_file(phone: &Phone, file: &std::path::Path) -> Outcome<Answer> {
    let unreadable = |error: csv::Error| {
        let kind = if let csv::ErrorKind::Io(error) = error.kind() { error.kind() } else { ErrorKind::InvalidData };
        Failure::of_file(Wrong::UnreadableFile, file, kind)
    };
    let mut reader = csv::Reader::from_path(file).map_err(unreadable)?;
    let records: Vec<Record> = reader.deserialize().collect::<Result<_, _>>().map_err(unreadable)?;
    let known = phone.product_names()?.iter().map(|name| search_key(name)).collect();
    let import = import(&records, &known);
    let mut added = Vec::new();
    for (command, nth) in import.commands.into_iter().zip(1..) {
        let receipt = phone.submit_nth::<Product>(nth, None, command)?;
        added.push(receipt.aggregate);
    }
    let problems: Vec<_> =
        import.problems.iter().map(|(at, problem)| json!({ "record": at + 1, "problem": problem })).collect();
    let text = phone.words.say_with(
        "done.imported",
        json!({ "added": added.len(), "known": import.known.len(), "problems": problems.len() }),
    );
    let lines = import.problems.iter().map(|(at, problem)| {
        let problem = match problem {
            Problem::NoName => "no_name",
            Problem::Class { .. } => "class",
        };
        phone.words.say_with("done.import_left_out", json!({ "record": at + 1, "problem": problem }))
    });
    let lines: Vec<String> = std::iter::once(text).chain(lines).collect();
    Ok(Answer::new(json!({ "added": added, "known": import.known, "problems": problems }), lines))
}
