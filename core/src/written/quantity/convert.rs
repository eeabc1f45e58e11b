//! From one unit into another: by the product's own tree, or by law.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{Amount, Qty, Step};
use crate::written::{About, Because, Reading, unit::Unit};

/// So many `to` are one `from`, as a fraction.
#[derive(Clone, Copy)]
struct Edge {
    from: Unit,
    to: Unit,
    over: i128,
    under: i128,
}

/// The amounts as one in another unit. Nothing is rounded, and no unit is taken for another.
///
/// Asks where the tree contradicts itself, where nothing joins two units, where the result is finer than thousandths or
/// half of what is not cut.
pub fn convert(amounts: &[Amount], to: Unit, tree: &[Step]) -> Reading<Amount> {
    if contradicts(tree) {
        return Reading::ask(About::Unit, Because::Contradiction);
    }
    let mut sum = (0_i128, 1_i128);
    for amount in amounts {
        let Some(unit) = amount.unit else { return Reading::ask(About::Unit, Because::Missing) };
        let Some((over, under)) = ratio(unit, to, tree) else {
            return Reading::ask(About::Unit, Because::NoConversion);
        };
        let Some(next) = added(sum, (i128::from(amount.qty.thousandths()), over, under)) else {
            return Reading::ask(About::Qty, Because::Strange);
        };
        sum = next;
    }
    if sum.0 % sum.1 != 0 {
        return Reading::ask(About::Qty, Because::TooFine);
    }
    let Ok(qty) = i64::try_from(sum.0 / sum.1) else { return Reading::ask(About::Qty, Because::Strange) };
    if !to.is_cut() && !Qty::of_thousandths(qty).is_whole() {
        return Reading::ask(About::Qty, Because::NotWhole);
    }
    Reading::Read(Amount { qty: Qty::of_thousandths(qty), unit: Some(to) })
}

fn added(sum: (i128, i128), (qty, over, under): (i128, i128, i128)) -> Option<(i128, i128)> {
    let part = qty.checked_mul(over)?.checked_mul(sum.1)?;
    let over = sum.0.checked_mul(under)?.checked_add(part)?;
    let under = sum.1.checked_mul(under)?;
    let shared = divisor(over.abs().max(1), under);
    Some((over / shared, under / shared))
}

fn divisor(one: i128, other: i128) -> i128 {
    if other == 0 { one } else { divisor(other, one % other) }
}

/// Whether two sizes of one package stand, a unit contains itself, or the law says otherwise.
fn contradicts(tree: &[Step]) -> bool {
    let twice = |step: &Step| tree.iter().any(|other| other.unit == step.unit && other != step);
    let lawless = |step: &Step| match (step.unit.by_law(), step.of.and_then(Unit::by_law)) {
        (Some((sort, one)), Some((of, each))) => {
            sort == of && i128::from(one) * 1000 != i128::from(each) * i128::from(step.contains.thousandths())
        }
        _ => false,
    };
    let contains_itself = |step: &Step| {
        let (mut at, mut steps) = (step.of, 0);
        while let Some(next) = at.and_then(|at| tree.iter().find(|other| other.unit == at)) {
            steps += 1;
            if next.unit == step.unit || steps > tree.len() {
                return true;
            }
            at = next.of;
        }
        false
    };
    tree.iter().any(|step| step.contains <= Qty::ZERO || twice(step) || lawless(step) || contains_itself(step))
}

/// How many of one are the other, going over as many steps as there are.
fn ratio(from: Unit, to: Unit, tree: &[Step]) -> Option<(i128, i128)> {
    let edges = edges(tree);
    let mut reached = BTreeMap::from([(from, (1_i128, 1_i128))]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let (over, under) = *reached.get(&at)?;
        if at == to {
            return Some((over, under));
        }
        for edge in edges.iter().filter(|edge| edge.from == at) {
            if let Entry::Vacant(vacant) = reached.entry(edge.to) {
                let (over, under) = (over.checked_mul(edge.over)?, under.checked_mul(edge.under)?);
                let shared = divisor(over, under);
                vacant.insert((over / shared, under / shared));
                open.push(edge.to);
            }
        }
    }
    None
}

fn edges(tree: &[Step]) -> Vec<Edge> {
    let steps = tree.iter().filter_map(|step| {
        Some(Edge { from: step.unit, to: step.of?, over: i128::from(step.contains.thousandths()), under: 1000 })
    });
    let lawful: Vec<(Unit, _)> = Unit::all().filter_map(|unit| Some((unit, unit.by_law()?))).collect();
    let by_law = lawful.iter().flat_map(|(from, (sort, one))| {
        let same = lawful.iter().filter(move |(to, (other, _))| other == sort && to != from);
        same.map(move |(to, (_, each))| Edge { from: *from, to: *to, over: i128::from(*one), under: i128::from(*each) })
    });
    let there: Vec<Edge> = steps.chain(by_law).collect();
    let back = there.iter().map(|edge| Edge { from: edge.to, to: edge.from, over: edge.under, under: edge.over });
    there.iter().copied().chain(back.collect::<Vec<_>>()).collect()
}
