//! Who may do what: the whole role × command table as data, and what this device may do now.

use linli_core::{
    id::Reference,
    replica::{Permission, TableRow},
};

use crate::{LinliError, Phone, domain::plain::Code};

#[uniffi::export]
impl Phone {
    /// The whole role × command table: the roster's own events, then those of every aggregate.
    pub async fn table(&self) -> Result<Vec<TableRow>, LinliError> {
        self.look(|replica| replica.table()).await
    }

    /// Every kind of event of an aggregate, and whether this device may write it: to grey out what would be refused.
    pub async fn permissions(&self, aggregate: Reference) -> Result<Vec<Permission>, LinliError> {
        self.call(move |replica| replica.permissions(aggregate)).await
    }

    /// Whether this device may make an aggregate of a type, such as `order`; `building` is the one it would belong to.
    #[uniffi::method(default(building = None))]
    pub async fn may_create(&self, kind: String, building: Option<String>) -> Result<Vec<Permission>, LinliError> {
        self.call(move |replica| replica.may_create(&kind, building.as_deref())).await
    }
}

/// One kind of event, and who may write it: a row of the role × command table.
#[uniffi::remote(Record)]
pub struct TableRow {
    /// The aggregate's type; `roster` for members and keys.
    pub aggregate: Code,
    /// A stable code, such as `claimed`.
    pub code: Code,
    /// The number on the wire.
    pub kind: u16,
    /// The newest version this build understands.
    pub version: u16,
    /// Whether it makes an aggregate.
    pub creates: bool,
    /// Any of these rights will do.
    pub needs: Vec<Code>,
}

/// Whether this device may write one kind of event, as far as the roster decides.
#[uniffi::remote(Record)]
pub struct Permission {
    /// The kind's code.
    pub code: Code,
    /// Whether it may.
    pub may: bool,
    /// Any of these rights will do.
    pub needs: Vec<Code>,
}
