//! Addresses as people write them: 3号楼2单元1804, `3-2-1804`, `Bldg 3, Unit 2, Room 1804`.

use linli_core::aggregate::address::{self, AddressError, Language as AddressLanguage};

use crate::{LinliError, error::params};

/// A building, a unit or a room of it. Orders, alerts and households are given its parts.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Address {
    /// The building, by its label.
    pub building: String,
    /// The unit (单元), if one is named.
    #[uniffi(default)]
    pub unit: Option<String>,
    /// The room, if one is named.
    #[uniffi(default)]
    pub room: Option<String>,
}

impl From<address::Address> for Address {
    fn from(read: address::Address) -> Self {
        let owned = |part: Option<&str>| part.map(str::to_owned);
        Self { building: read.building().to_owned(), unit: owned(read.unit()), room: owned(read.room()) }
    }
}

impl Address {
    fn read(&self) -> Result<address::Address, LinliError> {
        Ok(address::Address::new(&self.building, self.unit.as_deref(), self.room.as_deref())?)
    }
}

impl From<AddressError> for LinliError {
    fn from(error: AddressError) -> Self {
        let mut params = params(&error);
        let code = params.remove("reason").unwrap_or_default();
        Self::Refused { by: "address".to_owned(), code, params, warning: false, reason: error.to_string() }
    }
}

/// Reads an address out of what a person wrote, in Chinese, English or numbers with dashes.
///
/// # Errors
/// `Refused` by `address`, with the code of what cannot be read.
#[uniffi::export]
pub fn read_address(text: String) -> Result<Address, LinliError> {
    Ok(text.parse::<address::Address>()?.into())
}

/// An address as it is said: 3号楼2单元1804室, `Building 3, Unit 2, Room 1804`.
///
/// # Errors
/// `Refused` by `address` where a part is none.
#[uniffi::export]
pub fn address_in_words(address: Address, language: AddressLanguage) -> Result<String, LinliError> {
    Ok(address.read()?.in_words(language))
}

/// An address in short, as lists show it: `3-2-1804`.
///
/// # Errors
/// `Refused` by `address` where a part is none.
#[uniffi::export]
pub fn address_in_short(address: Address) -> Result<String, LinliError> {
    Ok(address.read()?.to_string())
}
