//! Quantities as people type them: `2`, `1.5`, `1/2`, `半`.

use linli_core::{
    qty::{NoQty, Qty},
    written::{Reading, quantity::amount},
};
use serde_json::json;

use crate::{
    failure::{Failure, Outcome},
    wrong::Wrong,
};

/// Reads a number of no unit, for the command line.
pub(crate) fn read(text: &str) -> Result<Qty, NoQty> {
    // A number that is no decimal is read as so many of a thing: so are all others that people write.
    text.trim().parse().or_else(|none| match amount(&format!("{}个", text.trim())) {
        Reading::Read(amounts) => match &amounts[..] {
            [only] => Ok(only.qty),
            _ => Err(none),
        },
        Reading::Ask(_) | Reading::Refuse(_) => Err(none),
    })
}

/// The same, out of a longer text.
pub(crate) fn typed(text: &str) -> Outcome<Qty> {
    read(text).map_err(|_| Failure::new(Wrong::NotAQuantity, json!({ "text": text })))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn half_is_read_however_it_is_typed() {
        let read = |text| read(text).map(|qty| qty.to_string()).ok();

        assert_eq!(
            ["0.5", "1/2", "½", "半", " 1.5 "].map(read),
            ["0.5", "0.5", "0.5", "0.5", "1.5"].map(|it| Some(it.into()))
        );
        assert_eq!(["-3", "2"].map(read), ["-3", "2"].map(|it| Some(it.into())));
        assert_eq!(["", "many", "1.2345", "2 盒", "几", "99999999999999999999"].map(read), [const { None }; 6]);
    }
}
