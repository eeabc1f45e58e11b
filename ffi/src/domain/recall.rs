//! Recalls, and all they touch.

use linli_core::{
    aggregate::{
        Told,
        medicine_box::{self, Room as BoxRoom, TouchedLot},
        recall::{Recall, Scope as RecallScope, Wish as RecallWish},
    },
    id::{CommandId, Reference},
    replica::{self, QueryError, Receipt},
    time::WallMs,
};

use crate::{LinliError, Phone, domain::plain::References};

/// Something that was done with recalled goods.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TouchedMove {
    /// The box.
    pub medicine_box: Reference,
    /// The lot.
    pub lot: Reference,
    /// The event that says so.
    pub event: Reference,
    /// How much, positive, in the lot's unit.
    pub qty: i64,
    /// When, as claimed.
    pub wall: WallMs,
    /// The room it went to, where known.
    pub room: Option<BoxRoom>,
    /// The order it was for.
    pub order: Option<Reference>,
    /// The box it was sent to.
    pub sent_to: Option<Reference>,
}

/// All that a recall touches.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Touched {
    /// Every box.
    pub boxes: References,
    /// Every lot, descendants and later donations too.
    pub lots: Vec<TouchedLot>,
    /// Every take.
    pub takes: Vec<TouchedMove>,
    /// Everything sent from box to box.
    pub transfers: Vec<TouchedMove>,
    /// Every order something was taken for.
    pub orders: References,
}

/// A recall in full.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RecallDetail {
    /// The recall.
    pub recall: Reference,
    /// The recalled product.
    pub product: Option<Reference>,
    /// Its name, where the catalogue has one.
    pub product_name: Option<String>,
    /// What of it is recalled.
    pub scope: RecallScope,
    /// Why.
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

impl From<medicine_box::TouchedMove> for TouchedMove {
    fn from(touched: medicine_box::TouchedMove) -> Self {
        let medicine_box::TouchedMove { medicine_box, lot, event, qty, wall, room, order, sent_to } = touched;
        let room = room.map(|(building, unit, room)| BoxRoom { building, unit, room });
        Self { medicine_box, lot, event, qty, wall, room, order, sent_to }
    }
}

impl From<medicine_box::Touched> for Touched {
    fn from(touched: medicine_box::Touched) -> Self {
        let medicine_box::Touched { boxes, lots, takes, transfers, orders } = touched;
        let moves = |moves: Vec<medicine_box::TouchedMove>| moves.into_iter().map(TouchedMove::from).collect();
        Self { boxes, lots, takes: moves(takes), transfers: moves(transfers), orders }
    }
}

impl From<replica::RecallDetail> for RecallDetail {
    fn from(detail: replica::RecallDetail) -> Self {
        Self {
            recall: detail.recall,
            product: detail.product,
            product_name: detail.product_name,
            scope: detail.scope,
            reason: detail.reason,
            issuer: detail.issuer,
            stands: detail.stands,
            withdrawn: detail.withdrawn,
            raised: detail.raised,
            touched: detail.touched.into(),
            history: detail.history,
        }
    }
}

#[uniffi::export]
impl Phone {
    /// Carries out a wish: `on` names the recall, and is left out for the wish that makes one. Durable when it returns.
    /// The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same wish said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_recall(
        &self,
        id: CommandId,
        wish: RecallWish,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Recall>(id, on, wish)).await
    }

    /// Recalls with all they touch now, those that stand first, the last raised first.
    pub async fn recalls(&self) -> Result<Vec<RecallDetail>, LinliError> {
        self.call(move |replica| Ok::<_, QueryError>(replica.recalls()?.into_iter().map(RecallDetail::from).collect()))
            .await
    }

    /// A recall in full: boxes, lots and their descendants, who took of them, parcels, orders.
    pub async fn recall(&self, recall: Reference) -> Result<RecallDetail, LinliError> {
        self.call(move |replica| replica.recall_detail(recall).map(RecallDetail::from)).await
    }
}
