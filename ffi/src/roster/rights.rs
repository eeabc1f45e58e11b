//! Who may do what: so that an app can grey out what would be refused.

use linli_core::{
    id::Reference,
    replica::{Permission, TableRow},
};

use crate::{LinliError, Phone};

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
        self.look(|replica| replica.table()).await
    }
}
