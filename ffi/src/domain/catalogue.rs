//! A catalogue out of a file: what of it is new here, as commands that the app submits one by one.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Position,
        product::{self, Command as ProductCommand, Record as CatalogueRecord, search_key},
    },
    replica::{Page, ProductLine, QueryError, Replica},
};

use crate::{LinliError, Phone};

use product::Problem as CatalogueProblem;

/// A record that is left out.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LeftOut {
    /// Its place among the records, from 0.
    pub record: u64,
    /// The reason for which it is left out.
    pub why: CatalogueProblem,
}

/// What a catalogue comes to here.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CatalogueImport {
    /// One command per new product, in the order of the records, each for a `submit_product` with a command id of its own.
    pub commands: Vec<ProductCommand>,
    /// Names that are here already, or come twice.
    pub known: Vec<String>,
    /// Records left out.
    pub left_out: Vec<LeftOut>,
}

#[uniffi::export]
impl Phone {
    /// What of a catalogue is new here. Nothing is written; the same again, once all is submitted, has nothing new.
    pub async fn read_catalogue(&self, records: Vec<CatalogueRecord>) -> Result<CatalogueImport, LinliError> {
        self.call(move |replica| {
            let import = product::import(&records, &names(replica)?);
            let left_out = import.problems.into_iter().map(|(at, why)| LeftOut { record: at as u64, why });
            Ok::<_, QueryError>(CatalogueImport {
                commands: import.commands,
                known: import.known,
                left_out: left_out.collect(),
            })
        })
        .await
    }
}

/// The names of all products here, as they compare.
fn names(replica: &Replica) -> Result<BTreeSet<String>, QueryError> {
    let (mut names, mut after) = (BTreeSet::new(), None::<Position>);
    loop {
        let Page { items, next } = replica.products(None, after.as_ref(), 0)?;
        names.extend(items.iter().map(|product: &ProductLine| search_key(&product.name)));
        match next {
            Some(next) => after = Some(next),
            None => return Ok(names),
        }
    }
}
