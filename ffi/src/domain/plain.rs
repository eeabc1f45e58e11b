//! Counts and texts in JSON: the form in which the bindings tell what all nouns share.
//!
//! The core says what they hold and how they cross; nothing is decided here.

use linli_core::{
    aggregate::Position,
    replica::{Hit, HouseholdLine, LogLine, OrderLine, Page, ProductLine, ReviewItem},
};

pub(crate) use linli_core::replica::bindings::{Count, Counts, Json};

uniffi::use_remote_type!(linli_core::Count);
uniffi::use_remote_type!(linli_core::Counts);
uniffi::use_remote_type!(linli_core::Json);

macro_rules! pages {
    ($($page:ident: $line:ty),* $(,)?) => {
        $(
            /// A page of a list.
            pub(crate) type $page = Page<$line>;

            /// A page of a list, and where the next one begins.
            #[uniffi::remote(Record)]
            pub struct $page {
                /// What is on it, in order.
                pub items: Vec<$line>,
                /// Hand it in as `after` with the same question; none when there is nothing more.
                pub next: Option<Position>,
            }
        )*
    };
}

pages! {
    LogPage: LogLine,
    ReviewPage: ReviewItem,
    OrderPage: OrderLine,
    HouseholdPage: HouseholdLine,
    ProductPage: ProductLine,
    SearchPage: Hit,
}

/// A call that carries out the commands of an aggregate: alike for all, but for whose they are.
macro_rules! submits {
    ($submit:ident, $aggregate:ty, $command:ty) => {
        #[uniffi::export]
        impl Phone {
            /// Carries out a command: `on` names the aggregate that it is about, and is left out for the command that makes
            /// one. Durable when it returns. The same `id` again, after a crash too, writes nothing and answers the same.
            ///
            /// # Errors
            /// `Refused` with the code of the reason; where it is a warning, the same command said to have happened goes
            /// through.
            #[uniffi::method(default(on = None))]
            pub async fn $submit(
                &self,
                id: ::linli_core::id::CommandId,
                command: $command,
                on: Option<::linli_core::id::Reference>,
            ) -> Result<::linli_core::replica::Receipt, LinliError> {
                self.call(move |replica| replica.submit::<$aggregate>(id, on, command)).await
            }
        }
    };
}
pub(crate) use submits;

/// Rows wanted, as core counts them; 0 is as many as a page holds.
pub(crate) fn rows(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
