//! Names that people can type: the first digits behind the `#` of lists, names of members and products.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Found, Select,
        medicine_box::{BOX_LOT, BOX_MOVE},
        product::{PRODUCT, PRODUCT_KEY},
    },
    event::Topic,
    id::{DeviceId, MemberId, Reference, ShortId},
    replica::{Duty, MemberLine, WhoError},
    text::{clean_name, likeness},
};
use serde_json::json;

use crate::{
    failure::{Failure, Outcome},
    home::Phone,
    wrong::Wrong,
};

/// The fewest digits that name something.
const LEAST: usize = 4;

impl Phone {
    /// All rows of a question, page by page.
    pub(crate) fn every(&self, mut select: Select) -> Outcome<Vec<Found>> {
        let mut all = Vec::new();
        loop {
            let page = self.replica.select(&select)?;
            all.extend(page.items);
            match page.next {
                Some(next) => select.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// An order, box, product, recall or alert by the first digits of its id.
    pub(crate) fn reference(&self, of: &'static str, text: &str) -> Outcome<Reference> {
        self.among(of, text, || {
            let named = self.kinds().filter(|(kind, _)| *kind == of);
            self.aggregates(named.map(|(_, table)| table))
        })
    }

    /// Anything that can be named, by the first digits of its id.
    pub(crate) fn any(&self, text: &str) -> Outcome<Reference> {
        self.among("thing", text, || self.aggregates(self.kinds().map(|(_, table)| table)))
    }

    /// Every type of thing, and the table that has rows of each. Only who may look into the care register finds names there.
    fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let (registry, care) = (self.replica.registry(), self.replica.reads_care());
        let seen = registry.names().filter(move |name| care || registry.topic(name) != Some(Topic::Care));
        seen.filter_map(|name| Some((name, registry.card(name)?)))
    }

    fn aggregates(&self, tables: impl Iterator<Item = &'static str>) -> Outcome<BTreeSet<Reference>> {
        let mut all = BTreeSet::new();
        for table in tables {
            all.extend(self.every(Select::from(table))?.iter().map(|row| row.aggregate));
        }
        Ok(all)
    }

    /// The type of a thing; that of nothing known is empty.
    pub(crate) fn kind_of(&self, thing: Reference) -> Outcome<&'static str> {
        for (kind, table) in self.kinds() {
            if self.replica.count(&Select::from(table).of(thing))? > 0 {
                return Ok(kind);
            }
        }
        Ok("")
    }

    /// A lot of any box.
    pub(crate) fn lot(&self, text: &str) -> Outcome<Reference> {
        self.among("lot", text, || {
            let rows = self.every(Select::from(BOX_LOT.name))?;
            Ok(rows.iter().filter_map(|row| BOX_LOT.cell(row, "lot").reference()).collect())
        })
    }

    /// A parcel: the event that sent it.
    pub(crate) fn parcel(&self, text: &str) -> Outcome<Reference> {
        self.among("parcel", text, || {
            let rows = self.every(Select::from(BOX_MOVE.name).is("kind", "sent"))?;
            Ok(rows.iter().filter_map(|row| BOX_MOVE.cell(row, "event").reference()).collect())
        })
    }

    /// An event of an aggregate, as its history shows it.
    pub(crate) fn event(&self, aggregate: Reference, text: &str) -> Outcome<Reference> {
        self.among("event", text, || Ok(self.replica.history(aggregate)?.into_iter().map(|told| told.event).collect()))
    }

    /// A product by a name, another name, a barcode, or the first digits of its id. Behind a `#` stands an id alone; else
    /// what is a name of one and an id of another is refused, and so is a name that reads like another product's. Of several
    /// that are called so, the withdrawn are not meant.
    pub(crate) fn product(&self, text: &str) -> Outcome<Reference> {
        let numbered = match self.reference("product", text) {
            Ok(one) => Some(one),
            Err(failure) if matches!(failure.code(), "not_an_id" | "unknown") => None,
            Err(failure) => return Err(failure),
        };
        let mut named = BTreeSet::new();
        if !text.trim().starts_with('#') {
            let likely = likeness(text);
            let like = |row: &&Found| {
                let key = PRODUCT_KEY.cell(row, "search_key").text();
                !likely.is_empty() && key.is_some_and(|key| likeness(key) == likely)
            };
            named.extend(self.every(Select::from(PRODUCT_KEY.name))?.iter().filter(like).map(|row| row.aggregate));
        }
        let whole = text.trim().parse::<Reference>().is_ok();
        let mut both: BTreeSet<Reference> =
            if whole { numbered.into_iter().collect() } else { named.into_iter().chain(numbered).collect() };
        if both.len() > 1 {
            let mut meant = both.clone();
            for product in &both {
                if Some(*product) != numbered && self.is_withdrawn(*product)? {
                    meant.remove(product);
                }
            }
            both = if meant.is_empty() { both } else { meant };
        }
        match both.len() {
            0 => Err(unknown("product", text)),
            1 => both.into_iter().next().ok_or_else(|| unknown("product", text)),
            _ => Err(ambiguous("product", text, both.iter().map(ToString::to_string).collect())),
        }
    }

    fn is_withdrawn(&self, product: Reference) -> Outcome<bool> {
        let rows = self.replica.select(&Select::from(PRODUCT.name).of(product))?;
        Ok(rows.items.first().is_some_and(|row| PRODUCT.cell(row, "withdrawn").int() == Some(1)))
    }

    /// What a product is called, if it is known here.
    pub(crate) fn product_name(&self, product: Reference) -> Option<String> {
        let rows = self.replica.select(&Select::from(PRODUCT.name).of(product)).ok()?;
        let name = rows.items.first().and_then(|row| PRODUCT.cell(row, "name").text().map(str::to_owned));
        name.filter(|name| !name.is_empty())
    }

    /// The names of all products.
    pub(crate) fn product_names(&self) -> Outcome<Vec<String>> {
        let rows = self.every(Select::from(PRODUCT.name))?;
        Ok(rows.iter().filter_map(|row| PRODUCT.cell(row, "name").text()).map(str::to_owned).collect())
    }

    fn among(
        &self,
        of: &'static str,
        text: &str,
        all: impl FnOnce() -> Outcome<BTreeSet<Reference>>,
    ) -> Outcome<Reference> {
        let text = text.trim().trim_start_matches('#').to_lowercase();
        if let Ok(whole) = text.parse() {
            return Ok(whole);
        }
        if text.len() < LEAST || text.len() > 2 * ShortId::LEN || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Failure::new(Wrong::NotAnId, json!({ "of": of, "text": text })));
        }
        let found: Vec<Reference> =
            all()?.into_iter().filter(|reference| reference.check.to_string().starts_with(&text)).collect();
        match found[..] {
            [one] => Ok(one),
            [] => Err(unknown(of, &text)),
            _ => Err(ambiguous(of, &text, found.iter().map(ToString::to_string).collect())),
        }
    }

    /// A member by name, `me`, or the first digits of their id or of a device of theirs.
    pub(crate) fn member(&self, text: &str) -> Outcome<MemberId> {
        let text = text.trim();
        if matches!(text, "me" | "我") {
            return self.replica.member().ok_or_else(|| Failure::new(Wrong::NotAMember, json!({})));
        }
        self.replica.people().member(text).map_err(|error| self.nobody("member", error))
    }

    /// A device that belongs, by its owner's name, `me`, or the first digits of its id.
    pub(crate) fn device(&self, text: &str) -> Outcome<DeviceId> {
        self.device_on(text, Duty::Active)
    }

    /// The same where one that was withdrawn is meant.
    pub(crate) fn withdrawn_device(&self, text: &str) -> Outcome<DeviceId> {
        self.device_on(text, Duty::Withdrawn)
    }

    fn device_on(&self, text: &str, duty: Duty) -> Outcome<DeviceId> {
        let text = text.trim();
        if matches!(text, "me" | "我") {
            return Ok(self.replica.device());
        }
        self.replica.people().device(text, duty).map_err(|error| self.nobody("device", error))
    }

    /// Why a text names nobody, with everybody whom it could mean: what to type instead, and who that is.
    fn nobody(&self, of: &'static str, error: WhoError) -> Failure {
        let told = |between: Vec<MemberLine>| -> Vec<String> {
            let one = |line: MemberLine| {
                let name = line.name.as_deref().map(clean_name).unwrap_or_default();
                let role = self.words.word("role", &format!("{:?}", line.role).to_lowercase());
                let gone = if line.withdrawn { self.words.plain("screen.withdrawn") } else { String::new() };
                let words = [line.handle, name, role, gone];
                words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
            };
            between.into_iter().map(one).collect()
        };
        match error {
            WhoError::Unknown { text } => unknown(of, &text),
            WhoError::Ambiguous { text, between } => ambiguous(of, &text, told(between)),
            WhoError::Withdrawn { text, between } => {
                let params = json!({ "of": of, "text": text, "candidates": told(between) });
                Failure { key: "refusal.who.withdrawn".to_owned(), ..Failure::new(Wrong::Withdrawn, params) }
            }
        }
    }
}

fn unknown(of: &'static str, text: &str) -> Failure {
    Failure::new(Wrong::Unknown, json!({ "of": of, "text": text }))
}

fn ambiguous(of: &'static str, text: &str, candidates: Vec<String>) -> Failure {
    Failure::new(Wrong::Ambiguous, json!({ "of": of, "text": text, "candidates": candidates }))
}
