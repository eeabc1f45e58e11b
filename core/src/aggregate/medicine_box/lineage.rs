//! Lineage: what every lot of a box is, and whether it is set aside.
//!
//! A lot that was split off is what its parent is. [`State`] answers this for one lot; this module answers it for all
//! at once, so that a long line of splits is followed once and not for each of its lots.

use std::collections::BTreeMap;

use super::{
    Goods, State,
    state::{LINEAGE, Origin},
};
use crate::id::Reference;

/// What a lot is by its lineage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lineage<'a> {
    /// What stands on the package, and how many lots back.
    goods: Option<(&'a Goods, usize)>,
    /// The unit nearest to it.
    unit: Option<&'a str>,
    /// How many lots back one is set aside.
    aside: Option<usize>,
}

impl Lineage<'_> {
    /// What stands on the package, in the lot's own unit; `None` for an unknown lot.
    pub(super) fn goods(&self) -> Option<Goods> {
        let (goods, _) = self.goods?;
        let unit = self.unit.map_or_else(|| goods.unit.clone(), str::to_owned);
        Some(Goods { unit, ..goods.clone() })
    }

    /// The product that the lot is of, where anybody here knows.
    pub(super) fn product(&self) -> Option<Reference> {
        self.goods.map(|(goods, _)| goods.product)
    }

    /// Whether it, or one it was split off, is set aside.
    pub(super) fn quarantined(&self) -> bool {
        self.aside.is_some()
    }
}

/// The lineages of all lots.
pub(super) struct Lineages<'a> {
    state: &'a State,
    all: BTreeMap<Reference, Lineage<'a>>,
}

impl<'a> Lineages<'a> {
    /// Follows each lot.
    pub(super) fn of(state: &'a State) -> Self {
        let mut all = Self { state, all: BTreeMap::new() };
        for (name, _) in state.lots() {
            all.trace(name);
        }
        all
    }

    /// That of one lot; nothing is known of one that is not here.
    pub(super) fn of_lot(&self, lot: Reference) -> Lineage<'a> {
        self.all.get(&self.state.name(lot)).copied().unwrap_or_default()
    }

    /// Follows one lot up to what is known, then down again.
    fn trace(&mut self, lot: Reference) {
        let (mut path, mut places): (Vec<(Reference, Option<Origin<'a>>)>, _) = (Vec::new(), BTreeMap::new());
        let mut at = Some(lot);
        // Later receipts go by the name of the first, so that a line may come back to itself.
        let mut circle = None;
        while let Some(one) = at.filter(|one| !self.all.contains_key(one)) {
            if let Some(place) = places.insert(one, path.len()) {
                circle = Some(place);
                break;
            }
            let origin = self.state.origin(one);
            at = origin.as_ref().and_then(|origin| origin.parent).map(|parent| self.state.name(parent));
            path.push((one, origin));
        }
        self.fill(&path, at);
        if let Some(place) = circle {
            // Once more, now that each knows what stands behind it.
            self.fill(path.get(place..).unwrap_or_default(), at);
            self.fill(path.get(..place).unwrap_or_default(), at);
        }
    }

    /// Works out each lot of a path by the one behind it.
    fn fill(&mut self, path: &[(Reference, Option<Origin<'a>>)], behind: Option<Reference>) {
        let mut parent = behind.and_then(|behind| self.all.get(&behind)).copied().unwrap_or_default();
        for (lot, origin) in path.iter().rev() {
            parent = self.next(*lot, origin.as_ref(), parent);
            self.all.insert(*lot, parent);
        }
    }

    fn next(&self, lot: Reference, origin: Option<&Origin<'a>>, parent: Lineage<'a>) -> Lineage<'a> {
        let further = |steps: usize| Some(steps + 1).filter(|steps| *steps < LINEAGE);
        let aside = self.state.lots.get(&lot).is_some_and(|lot| lot.set_aside());
        let aside = if aside { Some(0) } else { parent.aside.and_then(further) };
        let Some(origin) = origin else {
            return Lineage { aside: aside.filter(|steps| *steps == 0), ..Lineage::default() };
        };
        let unit = origin.unit.or(parent.unit.filter(|_| origin.goods.is_none()));
        let goods = match origin.goods {
            Some(goods) => Some((goods, 0)),
            None => parent.goods.and_then(|(goods, steps)| Some((goods, further(steps)?))),
        };
        Lineage { goods, unit, aside }
    }
}
