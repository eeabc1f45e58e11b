//! Boxes, products and recalls: what is where, how it came to be so, and what a recall touches.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Page, QueryError, ReaderWorld, Replica, every, unread};
use crate::{
    aggregate::{
        Aggregate, Found, Position, Review, Select, Told, address,
        medicine_box::{
            Ask, BOX, BOX_LOT, BOX_MOVE, Balance, Day, Goods, Hidden, LedgerLine, Limit, MedicineBox, Offer, OpenAsk,
            State, Totals, Touched, Transfer, Unmatched, balance, balance_of, ledger, offer, product_facts, touched,
            transfers, unfit,
        },
        product::{Class, PRODUCT},
        recall::{ISSUER, REASON, RECALL, Recall, Scope},
    },
    id::{MemberId, Reference},
    label, limits,
    qty::Qty,
    time::WallMs,
};

/// A box in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BoxLine {
    /// The box, by its creating event.
    pub medicine_box: Reference,
    /// Its building, if it belongs to one.
    pub building: Option<String>,
    /// Where it stands.
    pub place: Option<String>,
    /// A word about it.
    pub note: Option<String>,
    /// Whether it is in use.
    pub open: bool,
    /// Lots that are not used up.
    pub lots: i64,
    /// Lots to be counted again.
    pub uncertain: i64,
    /// Lots of which more left than came.
    pub shortfall: i64,
    /// Lots nobody here knows what they are.
    pub unknown: i64,
    /// Open wishes for more.
    pub asked: i64,
    /// Products that run low.
    pub low: i64,
}

/// A lot of a box, with how it came to its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LotDetail {
    /// The lot, by the event that put it in.
    pub lot: Reference,
    /// What stands on the package; `None` where nobody here knows.
    pub goods: Option<Goods>,
    /// The product's name, where the catalogue has one.
    pub product: Option<String>,
    /// How much there is, in its own unit; negative is a shortfall.
    pub qty: Qty,
    /// It is to be counted again.
    pub uncertain: bool,
    /// Why it is not offered, if it is not.
    pub hidden: Option<Hidden>,
    /// How it came to be: a code, such as `donated`.
    pub origin: Option<&'static str>,
    /// The lot it was split off or set aside from.
    pub parent: Option<Reference>,
    /// Line by line; the last line's running sum is the stock.
    pub ledger: Vec<LedgerLine>,
    /// The sums. Invariant: ledger = stock.
    pub balance: Balance,
}

/// A wish for more that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BoxAsk {
    /// The event that says so.
    pub event: Reference,
    /// The product that is wanted.
    pub product: Reference,
    /// How much more is wanted, in its unit.
    pub qty: Qty,
    /// In which unit.
    pub unit: String,
    /// A word on why.
    pub note: String,
}

/// How much one household may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BoxLimit {
    /// Of which product; without one, of all others.
    pub product: Option<Reference>,
    /// How much, in the lots' own units; none is no limit.
    pub qty: Option<Qty>,
    /// In how many days.
    pub days: u16,
}

/// A box in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BoxDetail {
    /// What lists show of it.
    pub line: BoxLine,
    /// Every lot it ever had, in the order of their names.
    pub lots: Vec<LotDetail>,
    /// The sums over all lots. Invariant: ledger = stock.
    pub balance: Balance,
    /// Wishes for more that are open.
    pub asks: Vec<BoxAsk>,
    /// Limits per household.
    pub limits: Vec<BoxLimit>,
    /// Parcels it sent, and those sent to it. Not received: in transit.
    pub transfers: Vec<Transfer>,
    /// Receipts of its own, or of what it sent, that match no parcel.
    pub unmatched: Vec<Unmatched>,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members, where they have one and the key that seals it is held.
    pub names: BTreeMap<MemberId, String>,
}

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ProductLine {
    /// The product, by its creating event.
    pub product: Reference,
    /// The name on the package.
    pub name: String,
    /// The generic name.
    pub generic: Option<String>,
    /// The brand, or who makes it.
    pub brand: Option<String>,
    /// The strength, such as `0.5 g`.
    pub strength: Option<String>,
    /// The form, such as `tablet`.
    pub form: Option<String>,
    /// The number under the barcode.
    pub barcode: Option<String>,
    /// What may be done with it; `None` waits for the keeper.
    pub class: Option<Class>,
    /// People gave it different classes; the strictest is shown.
    pub contested: bool,
    /// It is out of the catalogue.
    pub withdrawn: bool,
}

/// A recall in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RecallDetail {
    /// The recall, by its creating event.
    pub recall: Reference,
    /// The recalled product.
    pub product: Option<Reference>,
    /// Its name, where the catalogue has one.
    pub product_name: Option<String>,
    /// What of it is recalled.
    pub scope: Scope,
    /// The reason for the recall, if one is given.
    pub reason: Option<String>,
    /// By whom: an authority or maker.
    pub issuer: Option<String>,
    /// Whether it stands.
    pub stands: bool,
    /// Why it was withdrawn, if somebody did.
    pub withdrawn: Option<String>,
    /// When it was raised, by its author's clock.
    pub raised: WallMs,
    /// Boxes, lots and their descendants, takes, transfers and orders; donations made later too.
    pub touched: Touched,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
}

/// The sums over all boxes that must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerTotals {
    /// Boxes looked at.
    pub boxes: usize,
    /// Lots looked at.
    pub lots: usize,
    /// Lots, each with its box, whose ledger does not come to their stock. Empty, unless the engine is at fault.
    pub broken: Vec<(Reference, Reference)>,
    /// Between boxes: sent = received + in transit + difference shown.
    pub transfers: Totals,
    /// Receipts that match no parcel here.
    pub unmatched: usize,
}

impl LedgerTotals {
    /// Whether ledger = stock and sent = received + in transit + difference, everywhere.
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.transfers.holds()
    }
}

impl BoxLine {
    fn of(row: &Found) -> Self {
        let words = |column| BOX.cell(row, column).text().map(str::to_owned).filter(|text| !text.is_empty());
        let count = |column| BOX.cell(row, column).int().unwrap_or(0);
        Self {
            medicine_box: row.aggregate,
            building: words("building"),
            place: words("place"),
            note: words("note"),
            open: count("open") != 0,
            lots: count("lots"),
            uncertain: count("uncertain"),
            shortfall: count("shortfall"),
            unknown: count("unknown"),
            asked: count("asked"),
            low: count("low"),
        }
    }
}

impl ProductLine {
    fn of(row: &Found) -> Self {
        let words = |column| PRODUCT.cell(row, column).text().map(str::to_owned).filter(|text| !text.is_empty());
        let flag = |column| PRODUCT.cell(row, column).int() == Some(1);
        Self {
            product: row.aggregate,
            name: words("name").unwrap_or_default(),
            generic: words("generic"),
            brand: words("brand"),
            strength: words("strength"),
            form: words("form"),
            barcode: words("barcode"),
            class: PRODUCT.cell(row, "class").text().and_then(Class::from_code),
            contested: flag("contested"),
            withdrawn: flag("withdrawn"),
        }
    }
}

impl Replica {
    /// Boxes, of one building or all, those in use first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn boxes(&self, building: Option<&str>) -> Result<Vec<BoxLine>, QueryError> {
        let mut select = Select::from(BOX.name);
        if let Some(building) = building {
            select = select.is("compared", label::building(building));
        }
        let rows = self.read(|reader| every(reader, select))?;
        let mut boxes: Vec<BoxLine> = rows.iter().map(BoxLine::of).collect();
        let key = |line: &BoxLine| line.building.as_deref().map(|at| address::sort_key(&label::building(at)));
        boxes.sort_by_cached_key(|line| (!line.open, key(line), line.place.clone(), line.medicine_box));
        Ok(boxes)
    }

    /// A box in full: every lot with its ledger, parcels on the way, what does not match.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], [`QueryError::NotAMember`], or when the store fails.
    pub fn box_detail(&self, medicine_box: Reference) -> Result<BoxDetail, QueryError> {
        let unknown = QueryError::Unknown { kind: MedicineBox::NAME, reference: medicine_box };
        let (folded, standing) = self.stand_before(MedicineBox::NAME, medicine_box)?;
        let state = folded.subject::<MedicineBox>().ok_or(unknown.clone())?.state;
        let today = self.today()?;
        let (line, lots, all) = self.read(|reader| {
            let row = reader.select(&Select::from(BOX.name).of(medicine_box).limit(1))?.pop();
            let world = ReaderWorld(reader);
            let lots = lots(state, &world, today).map_err(unread)?;
            Ok((row.as_ref().map(BoxLine::of), lots, transfers(&world).map_err(unread)?))
        })?;
        let history = self.told(&folded, standing);
        let mut names = self.names();
        names.retain(|member, _| history.iter().any(|told| told.by == Some(*member)));
        let own_parcel = |transfer: &Transfer| transfer.from == medicine_box || transfer.to == medicine_box;
        let sent: Vec<Reference> =
            all.transfers.iter().filter(|parcel| parcel.from == medicine_box).map(|parcel| parcel.sent).collect();
        let about = |receipt: &Unmatched| receipt.medicine_box == medicine_box || sent.contains(&receipt.sent);
        let ask = |(event, ask): (Reference, &OpenAsk)| {
            let OpenAsk { product, qty, unit, note, .. } = ask.clone();
            BoxAsk { event, product, qty, unit, note }
        };
        let limit = |(product, Limit { qty, days, .. })| BoxLimit { product, qty, days };
        Ok(BoxDetail {
            line: line.ok_or(unknown)?,
            lots,
            balance: balance(state),
            asks: state.asks().map(ask).collect(),
            limits: state.limits().map(limit).collect(),
            transfers: all.transfers.into_iter().filter(own_parcel).collect(),
            unmatched: all.unmatched.into_iter().filter(about).collect(),
            history,
            review: folded.review(),
            names,
        })
    }

    /// What a box offers of a product: lots that expire first go first; what is kept back, and why.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], or when the store fails.
    pub fn offer(&self, medicine_box: Reference, ask: &Ask<'_>) -> Result<Offer, QueryError> {
        let today = self.today()?;
        let facts = self.read(|reader| product_facts(&ReaderWorld(reader), ask.product).map_err(unread))?;
        self.view::<MedicineBox, _>(medicine_box, |subject| offer(subject.state, ask, &facts, today))
    }

    /// A page of the catalogue by name: products in whose names all words of a pattern are found, or all.
    ///
    /// # Errors
    /// [`QueryError::Position`], or when the store fails.
    pub fn products(
        &self,
        text: Option<&str>,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Page<ProductLine>, QueryError> {
        let mut select = Select::from(PRODUCT.name).ascending("name");
        select.text = text.map(str::to_owned);
        select.after = after.cloned();
        if limit > 0 {
            select.limit = limit.min(limits::PAGE);
        }
        Ok(self.select(&select)?.map(|row| ProductLine::of(&row)))
    }

    /// The catalogue's line of one product; none if it is not here.
    ///
    /// # Errors
    /// When the store fails.
    pub fn product_line(&self, product: Reference) -> Result<Option<ProductLine>, QueryError> {
        let found = self.select(&Select::from(PRODUCT.name).of(product).limit(1))?;
        Ok(found.items.first().map(ProductLine::of))
    }

    /// Recalls with all they touch now, those that stand first, the last raised first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn recalls(&self) -> Result<Vec<RecallDetail>, QueryError> {
        let rows = self.read(|reader| every(reader, Select::from(RECALL.name)))?;
        let mut recalls: Vec<Reference> = rows.iter().map(|row| row.aggregate).collect();
        recalls.dedup();
        let mut details = recalls.into_iter().map(|it| self.recall_detail(it)).collect::<Result<Vec<_>, _>>()?;
        details.sort_by_key(|recall| (!recall.stands, std::cmp::Reverse(recall.raised), recall.recall));
        Ok(details)
    }

    /// A recall in full: boxes, lots and their descendants, who took of them, parcels, orders.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], [`QueryError::NotAMember`], or when the store fails.
    pub fn recall_detail(&self, recall: Reference) -> Result<RecallDetail, QueryError> {
        let unknown = QueryError::Unknown { kind: Recall::NAME, reference: recall };
        let (folded, standing) = self.stand_before(Recall::NAME, recall)?;
        let subject = folded.subject::<Recall>().ok_or(unknown)?;
        let product = subject.state.product();
        let (touched, product_name) = self.read(|reader| {
            let world = ReaderWorld(reader);
            let name = product.map_or(Ok(None), |product| product_name(&world, product)).map_err(unread)?;
            Ok((touched(&world, recall).map_err(unread)?, name))
        })?;
        let text = |field| subject.content.text(field).map(str::to_owned).filter(|text| !text.is_empty());
        Ok(RecallDetail {
            recall,
            product,
            product_name,
            scope: subject.state.scope(),
            reason: text(REASON),
            issuer: text(ISSUER),
            stands: subject.state.stands(),
            withdrawn: subject.state.withdrawn().map(str::to_owned),
            raised: subject.state.raised(),
            touched,
            history: self.told(&folded, standing),
        })
    }

    /// Whether what the boxes say adds up: each lot's ledger to its stock, and between boxes what was sent to what
    /// arrived, is on the way or is shown as a difference.
    ///
    /// # Errors
    /// When the store fails.
    pub fn ledger_totals(&self) -> Result<LedgerTotals, QueryError> {
        Ok(self.read(|reader| {
            let mut sums: BTreeMap<(Reference, Reference), Qty> = BTreeMap::new();
            for row in every(reader, Select::from(BOX_MOVE.name))? {
                let Some(lot) = BOX_MOVE.cell(&row, "lot").reference() else { continue };
                let sum = sums.entry((row.aggregate, lot)).or_default();
                *sum = sum.saturating_add(BOX_MOVE.cell(&row, "qty").qty().unwrap_or_default());
            }
            let lots = every(reader, Select::from(BOX_LOT.name))?;
            let broken = lots.iter().filter_map(|row| {
                let lot = BOX_LOT.cell(row, "lot").reference()?;
                let ledger = sums.get(&(row.aggregate, lot)).copied().unwrap_or_default();
                (BOX_LOT.cell(row, "qty").qty() != Some(ledger)).then_some((row.aggregate, lot))
            });
            let all = transfers(&ReaderWorld(reader)).map_err(unread)?;
            Ok(LedgerTotals {
                boxes: every(reader, Select::from(BOX.name))?.len(),
                broken: broken.collect(),
                lots: lots.len(),
                transfers: all.totals(),
                unmatched: all.unmatched.len(),
            })
        })?)
    }

    /// The local day, by this device's clock.
    ///
    /// # Errors
    /// When the store fails.
    pub fn today(&self) -> Result<Day, QueryError> {
        Ok(Day::of(self.inner.clock.wall(), self.settings()?.utc_offset_minutes))
    }
}

fn lots(state: &State, world: &ReaderWorld<'_>, today: Day) -> Result<Vec<LotDetail>, crate::aggregate::WorldError> {
    let mut known = BTreeMap::new();
    let mut lots = Vec::new();
    for (name, lot) in state.lots() {
        let goods = state.goods(name);
        let facts = match &goods {
            Some(goods) if !known.contains_key(&goods.product) => {
                let facts = (product_facts(world, goods.product)?, product_name(world, goods.product)?);
                Some(known.entry(goods.product).or_insert(facts))
            }
            Some(goods) => known.get_mut(&goods.product),
            None => None,
        };
        let hidden = match (&goods, &facts) {
            (Some(goods), Some(facts)) => unfit(state, name, goods, &facts.0, today),
            _ => Some(Hidden::UnknownLot),
        };
        let origin = state.origin(name);
        lots.push(LotDetail {
            lot: name,
            product: facts.and_then(|(_, name)| name.clone()),
            goods,
            qty: lot.stock.qty(),
            uncertain: lot.stock.uncertain(),
            hidden: hidden.or((lot.stock.qty() <= Qty::ZERO).then_some(Hidden::Empty)),
            origin: origin.as_ref().map(|origin| origin.code),
            parent: origin.as_ref().and_then(|origin| origin.parent),
            ledger: ledger(state, name),
            balance: balance_of(state, name),
        });
    }
    Ok(lots)
}

fn product_name(world: &ReaderWorld<'_>, product: Reference) -> Result<Option<String>, crate::aggregate::WorldError> {
    use crate::aggregate::World;
    let rows = world.select(&Select::from(PRODUCT.name).of(product).limit(1))?;
    Ok(rows.first().and_then(|row| PRODUCT.cell(row, "name").text()).map(str::to_owned))
}
