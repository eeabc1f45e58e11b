//! Shapes: a declaration as the framework wants an aggregate, with names that live as long as the program.
//!
//! Each declaration is made into a shape once, so a program keeps no more of them than it declares.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex, PoisonError},
};

use super::{
    Declaration, DeclarationError, Merge,
    declaration::{Field, Type},
};
use crate::{
    aggregate::{Cell, Content, FieldSpec, Found, KindSpec, ListSpec, Schema, Table, Value},
    event::{ItemId, Scalar},
    roster::Need,
};

/// What a declaration says, ready for use.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) hash: [u8; 32],
    pub(crate) name: &'static str,
    pub(super) schema: Schema,
    pub(super) tables: [Table; 1],
    pub(super) kinds: Vec<KindSpec>,
    pub(super) says: Vec<Vec<(&'static str, Type)>>,
    pub(super) statuses: Vec<&'static str>,
    /// Of each kind that changes statuses: status before to status after, both by number.
    pub(super) leads: BTreeMap<u16, BTreeMap<usize, usize>>,
    /// Statuses from which nothing leads on, by number.
    pub(super) ends: BTreeSet<usize>,
    pub(super) fields: Vec<FieldShape>,
    /// Fields of lists, by the number of the list.
    pub(super) items: BTreeMap<u16, Vec<FieldShape>>,
}

/// A field, ready for use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldShape {
    pub(super) field: u16,
    pub(super) name: &'static str,
    pub(super) of: Type,
    pub(super) merge: Merge,
}

/// What the columns of fields begin with, so that none is called as another.
const COLUMN: &str = "field_";
/// Cells of a row before those of the fields.
pub(super) const FIRST_FIELD: usize = 2;

static SHAPES: LazyLock<Mutex<BTreeMap<[u8; 32], &'static Shape>>> = LazyLock::new(Mutex::default);

/// Values that stand, by the names of their fields; the last is shown.
type Standing = BTreeMap<&'static str, Vec<Scalar>>;

/// What stands in a document, by name.
pub(crate) struct Shown {
    pub(crate) fields: Standing,
    /// Of each list its items: their names, what stands in them, and whether somebody removed what somebody else changed.
    pub(crate) items: BTreeMap<&'static str, Vec<(ItemId, Standing, bool)>>,
}

impl Shape {
    /// The column of the status, before those of the fields.
    pub(crate) const STATUS: &str = "status";
    /// The column of the time when it was made, by its author's clock.
    pub(crate) const OPENED: &str = "opened";

    /// The shape of a declaration.
    pub(crate) fn of(declaration: &Declaration) -> Result<&'static Self, DeclarationError> {
        declaration.check()?;
        let hash = declaration.hash();
        // Whoever panicked with the lock left a whole map: one insertion is all that is done under it.
        let mut shapes = SHAPES.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(shapes.entry(hash).or_insert_with(|| Box::leak(Box::new(Self::new(declaration, hash)))))
    }

    fn new(declaration: &Declaration, hash: [u8; 32]) -> Self {
        let name = kept(&declaration.name);
        let fields: Vec<FieldShape> = declaration.fields.iter().map(FieldShape::of).collect();
        let items: BTreeMap<u16, Vec<FieldShape>> = declaration
            .lists
            .iter()
            .map(|list| (list.list, list.fields.iter().map(FieldShape::of).collect()))
            .collect();
        let lists = declaration.lists.iter().map(|list| ListSpec {
            list: list.list,
            name: kept(&list.name),
            fields: specs(items.get(&list.list).map_or(&[], Vec::as_slice)),
        });
        let schema = Schema { fields: specs(&fields), lists: Box::leak(lists.collect()) };
        let columns = fields.iter().map(|field| kept(&format!("{COLUMN}{}", field.name)));
        let columns: Box<[&str]> = [Self::STATUS, Self::OPENED].into_iter().chain(columns).collect();
        let tables =
            [Table { name, columns: Box::leak(columns), indexes: &[&[Self::STATUS, Self::OPENED], &[Self::OPENED]] }];
        let statuses: Vec<&str> = declaration.statuses.iter().map(|status| kept(status)).collect();
        let kinds: Vec<KindSpec> = declaration
            .kinds
            .iter()
            .map(|kind| KindSpec {
                kind: kind.kind,
                version: 1,
                code: kept(&kind.code),
                need: kind.need.iter().map(|right| right.need()).reduce(Need::or).unwrap_or(Need::COORDINATOR),
                creates: kind.creates,
            })
            .collect();
        let says = declaration.kinds.iter();
        let says = says.map(|kind| kind.says.iter().map(|said| (kept(&said.name), said.r#type)).collect()).collect();
        let mut leads: BTreeMap<u16, BTreeMap<usize, usize>> = BTreeMap::new();
        let number = |status: &str| statuses.iter().position(|known| *known == status);
        for row in &declaration.transitions {
            let kind = declaration.kinds.iter().find(|kind| kind.code == row.kind);
            if let (Some(kind), Some(from), Some(to)) = (kind, number(&row.from), number(&row.to)) {
                leads.entry(kind.kind).or_default().insert(from, to);
            }
        }
        let begun: BTreeSet<usize> = leads.values().flat_map(BTreeMap::keys).copied().collect();
        let ends = (0..statuses.len()).filter(|status| !begun.contains(status)).collect();
        Self { hash, name, schema, tables, kinds, says, statuses, leads, ends, fields, items }
    }

    /// Every kind of event.
    pub(crate) fn kinds(&self) -> &[KindSpec] {
        &self.kinds
    }

    /// A kind of event and what it says, by number.
    pub(super) fn kind(&self, kind: u16) -> Option<(&KindSpec, &[(&'static str, Type)])> {
        let nth = self.kinds.iter().position(|spec| spec.kind == kind)?;
        Some((self.kinds.get(nth)?, self.says.get(nth)?))
    }

    /// The same, by code.
    pub(super) fn coded(&self, code: &str) -> Option<(&KindSpec, &[(&'static str, Type)])> {
        self.kinds.iter().find(|spec| spec.code == code).and_then(|spec| self.kind(spec.kind))
    }

    /// What stands in a document.
    pub(crate) fn shown(&self, content: &Content) -> Shown {
        let items = self.schema.lists.iter().map(|spec| {
            let fields = self.items.get(&spec.list).map_or(&[][..], Vec::as_slice);
            let items = content.items(spec.list);
            let items = items.map(|(id, item)| (*id, standing(fields, &item.fields), item.removal_contested));
            (spec.name, items.collect())
        });
        Shown { fields: standing(&self.fields, &content.fields), items: items.collect() }
    }

    /// The status in a row.
    pub(crate) fn status(&self, row: &Found) -> String {
        self.tables[0].cell(row, Self::STATUS).text().unwrap_or_default().to_owned()
    }

    /// The time in a row.
    pub(crate) fn opened(&self, row: &Found) -> i64 {
        self.tables[0].cell(row, Self::OPENED).int().unwrap_or_default()
    }

    /// The values in a row, by the names of their fields.
    pub(crate) fn values(&self, row: &Found) -> BTreeMap<&'static str, Scalar> {
        let cells = row.cells.iter().skip(FIRST_FIELD);
        let values = self.fields.iter().zip(cells).filter_map(|(field, cell)| {
            let value = match cell {
                Cell::Text(text) => Scalar::Text(text.clone()),
                Cell::Int(number) if field.of == Type::Flag => Scalar::Bool(*number != 0),
                Cell::Int(number) => Scalar::Int(*number),
                Cell::Null | Cell::Bytes(_) => return None,
            };
            Some((field.name, value))
        });
        values.collect()
    }

    /// The number of a field of the document.
    pub(super) fn field(&self, name: &str) -> Option<u16> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.field)
    }

    /// A list by its name.
    pub(super) fn list(&self, name: &str) -> Option<(u16, &[FieldShape])> {
        let list = self.schema.lists.iter().find(|spec| spec.name == name)?.list;
        Some((list, self.items.get(&list)?))
    }
}

impl FieldShape {
    fn of(field: &Field) -> Self {
        Self { field: field.field, name: kept(&field.name), of: field.r#type, merge: field.merge }
    }
}

fn standing(fields: &[FieldShape], values: &BTreeMap<u16, Vec<Value>>) -> Standing {
    let standing = fields.iter().filter_map(|field| Some((field.name, field.standing(values.get(&field.field)?))));
    standing.filter(|(_, values)| !values.is_empty()).collect()
}

fn specs(fields: &[FieldShape]) -> &'static [FieldSpec] {
    Box::leak(fields.iter().map(|field| FieldSpec { field: field.field, name: field.name }).collect())
}

fn kept(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}
