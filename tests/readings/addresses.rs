//! Doors, as far as they can be read without a register.

use linli_core::aggregate::address::Address;
use serde_json::{Value, json};

use crate::case::{Came, Case, Verdict, held};

pub(crate) fn judge(case: &Case) -> Verdict {
    let came = match case.text().parse::<Address>() {
        Ok(address) => Came::Value(written(&address)),
        Err(error) => Came::Refuse(error.to_string()),
    };
    held(case, came, |want, came| want == came)
}

fn written(address: &Address) -> Value {
    let mut parts = json!({"building": address.building()});
    for (name, part) in [("unit", address.unit()), ("room", address.room())] {
        if let Some(part) = part {
            parts[name] = json!(part);
        }
    }
    parts
}
