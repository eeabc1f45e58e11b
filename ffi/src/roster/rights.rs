//! Who may do what: so that an app can grey out what would be refused.

use linli_core::{
    id::Reference,
    replica::{self, Permission},
};

use crate::{LinliError, Phone};

/// One kind of event, and who may write it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TableRow {
    /// The type of what it is about; `roster` for members and keys.
    pub kind: String,
    /// The code of the event.
    pub code: String,
    /// Whether it makes something new.
    pub creates: bool,
    /// Rights, any of which will do.
    pub needs: Vec<String>,
}

#[uniffi::export]
impl Phone {
    /// Everything that can be done with something that exists, and whether this device may. The thing itself may still
    /// refuse, with a reason of its own.
    pub async fn permissions(&self, of: Reference) -> Result<Vec<Permission>, LinliError> {
        self.call(move |replica| replica.permissions(of)).await
    }

    /// Whether this device may make something new of a type, such as `order`, where it has a building in this one.
    pub async fn may_create(&self, kind: String, building: Option<String>) -> Result<Vec<Permission>, LinliError> {
        self.call(move |replica| replica.may_create(&kind, building.as_deref())).await
    }

    /// The whole table of who may do what.
    pub async fn table(&self) -> Result<Vec<TableRow>, LinliError> {
        let row = |row: replica::TableRow| TableRow {
            kind: row.aggregate.to_owned(),
            code: row.code.to_owned(),
            creates: row.creates,
            needs: row.needs.into_iter().map(str::to_owned).collect(),
        };
        self.look(move |replica| replica.table().into_iter().map(row).collect()).await
    }
}
