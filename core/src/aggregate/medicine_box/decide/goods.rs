//! Giving, splitting, finding and throwing away.

use super::{Counter, amount, bounded, cut, filled};
use crate::{
    aggregate::{
        Draft,
        medicine_box::{
            Discarded, Donated, Found, Goods, Refusal, Split, Unfit, When, kind,
            product_facts::{product_facts, today},
        },
        product::{Class, units_within},
    },
    id::Reference,
    qty::Qty,
};

impl Counter<'_> {
    pub(super) fn donate(
        &self,
        goods: Goods,
        qty: Qty,
        origin: Option<String>,
        opened: bool,
        blister_intact: bool,
        when: When,
    ) -> Result<Vec<Draft>, Refusal> {
        let qty = amount(qty, Qty::LEAST)?;
        let goods = self.goods(goods)?;
        cut(&goods.unit, qty, when.happened())?;
        let product = goods.product;
        let facts = product_facts(self.context.world, product)?;
        if !facts.listed {
            return Err(Refusal::UnknownProduct { product });
        }
        if facts.withdrawn {
            return Err(Refusal::ProductWithdrawn { product });
        }
        if facts.class == Some(Class::Prescription) {
            return Err(Refusal::Prescription { product });
        }
        if let Some(expiry) = goods.expiry.filter(|expiry| *expiry < today(self.context)) {
            return Err(Refusal::Expired { expiry });
        }
        if opened && !blister_intact {
            return Err(Refusal::OpenedPackage);
        }
        let origin = origin.filter(|text| !text.trim().is_empty()).map(|text| bounded("origin", text)).transpose()?;
        let donated = Donated { goods, qty, origin, opened, blister_intact, happened_at: when.happened_at };
        Ok(vec![self.draft(kind::DONATED, &donated)])
    }

    /// Without `into_qty` the product's units say how much it is.
    pub(super) fn split(
        &self,
        lot: Reference,
        qty: Qty,
        into_qty: Option<Qty>,
        into_unit: &str,
        when: When,
    ) -> Result<Vec<Draft>, Refusal> {
        let qty = amount(qty, Qty::LEAST)?;
        let into_unit = filled("into_unit", into_unit)?;
        let goods = self.state.goods(lot).ok_or(Refusal::UnknownLot { lot })?;
        cut(&goods.unit, qty, when.happened())?;
        self.enough(lot, qty, when.happened())?;
        let into_qty = match into_qty {
            Some(into_qty) => into_qty,
            None => {
                let each = units_within(self.context.world, goods.product, &goods.unit, &into_unit)?;
                let unknown = || Refusal::UnitsUnknown { unit: goods.unit.clone(), into: into_unit.clone() };
                qty.saturating_mul(each.ok_or_else(unknown)?.into())
            }
        };
        let into_qty = amount(into_qty, Qty::LEAST)?;
        cut(&into_unit, into_qty, when.happened())?;
        let split = Split { lot, qty, unit: goods.unit, into_qty, into_unit, happened_at: when.happened_at };
        Ok(vec![self.draft(kind::SPLIT, &split)])
    }

    pub(super) fn find(&self, unfit: Unfit, qty: Qty, why: String, when: When) -> Result<Vec<Draft>, Refusal> {
        let qty = amount(qty, Qty::LEAST)?;
        let (lot, goods) = match unfit {
            Unfit::Lot(lot) => {
                if !when.happened() {
                    self.known(lot)?;
                }
                self.cut(lot, qty, when.happened())?;
                self.enough(lot, qty, when.happened())?;
                (Some(lot), None)
            }
            Unfit::Goods(goods) => {
                self.listed(goods.product)?;
                let goods = self.goods(goods)?;
                cut(&goods.unit, qty, when.happened())?;
                (None, Some(goods))
            }
        };
        let found = Found { lot, goods, qty, why: bounded("why", why)?, happened_at: when.happened_at };
        Ok(vec![self.draft(kind::FOUND, &found)])
    }

    pub(super) fn discard(&self, lot: Reference, qty: Qty, why: String, when: When) -> Result<Vec<Draft>, Refusal> {
        let qty = amount(qty, Qty::LEAST)?;
        if !when.happened() {
            self.known(lot)?;
        }
        self.cut(lot, qty, when.happened())?;
        self.enough(lot, qty, when.happened())?;
        let discarded = Discarded { lot, qty, why: bounded("why", why)?, happened_at: when.happened_at };
        Ok(vec![self.draft(kind::DISCARDED, &discarded)])
    }

    /// Goods trimmed and within bounds; an empty batch is an unknown one.
    pub(super) fn goods(&self, goods: Goods) -> Result<Goods, Refusal> {
        let batch = goods.batch.filter(|batch| !batch.trim().is_empty());
        let batch = batch.map(|batch| filled("batch", &batch)).transpose()?;
        Ok(Goods { batch, unit: filled("unit", &goods.unit)?, ..goods })
    }
}
