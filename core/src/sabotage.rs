//! Sabotage: rules that a test leaves out, one at a time, to see that something notices.
//!
//! In what is shipped each question is answered with a constant no, and costs nothing.

/// A rule that can be left out.
// Where nothing is left out nobody names them, and a relay knows fewer.
#[cfg_attr(not(feature = "sabotage"), allow(dead_code, unreachable_pub))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A run is signed by its device (R3).
    Signature,
    /// A key has the name and compartment under which it is given (T5).
    EpochName,
    /// A device signs its own record.
    RecordProof,
    /// A record's key can be sealed to.
    SealingKey,
    /// What is beyond a cut does not count (R8).
    Cut,
    /// Nobody withdraws whoever stands above (R8).
    Rank,
    /// The kit stands above the founder.
    KitRank,
    /// The roster's table says who may write what.
    RosterTable,
    /// The registry's table says who may write what.
    Need,
    /// Only coordinators have something forgotten (R5).
    ErasureNeed,
    /// The key to `care` is for whoever holds the grant (T5).
    CareGrant,
    /// A log with too many branches is silent, in the roster too (R7).
    Silence,
    /// Little is kept of what is beyond a cut.
    BeyondCut,
    /// What leads to a head that a cut names is kept.
    NamedHead,
    /// Where too much may lead to heads that nobody holds nothing counts by them (R8).
    Doubt,
    /// Whoever waits is asked again when what they wait for comes.
    Free,
    /// A changed roster has everything judged again that it concerns (R8).
    JudgeAnew,
    /// The reasons to hold an event have one order, whatever came first.
    OneOrder,
    /// Nothing is written under a key that somebody withdrawn holds (T3).
    WritingKey,
    /// The peer is the device whose key the transport proved.
    ProvedPeer,
    /// A body may be gone only where an erasure names it (R5).
    NamedBody,
    /// What fits nowhere is asked for once.
    AskOnce,
    /// What a peer names has a bound.
    Named,
    /// Whole runs behind a hole in a file count.
    Resync,
    /// An age is told by the running time too (R9).
    Age,
    /// Whoever puts the value that is shown chooses it.
    Choice,
    /// Of several receipts of one parcel the first counts.
    FirstReceipt,
    /// Only who is admitted writes.
    Admitted,
    /// An event is named by log, place and id: another at its place is not it.
    WholeName,
    /// A name that several have means none of them.
    OneMeant,
}

#[cfg(feature = "sabotage")]
std::thread_local! {
    static LEFT_OUT: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}

/// Puts back what was left out before, however the test ends.
#[cfg(feature = "sabotage")]
struct Back(Option<Rule>);

#[cfg(feature = "sabotage")]
impl Drop for Back {
    fn drop(&mut self) {
        LEFT_OUT.set(self.0);
    }
}

#[cfg(feature = "sabotage")]
impl Rule {
    /// Runs something without the rule, on this thread.
    pub fn left_out<T>(self, run: impl FnOnce() -> T) -> T {
        let _back = Back(LEFT_OUT.replace(Some(self)));
        run()
    }

    /// Whether it is left out now.
    pub(crate) fn is_left_out(self) -> bool {
        LEFT_OUT.get() == Some(self)
    }
}

#[cfg(not(feature = "sabotage"))]
impl Rule {
    /// It is not.
    pub(crate) const fn is_left_out(self) -> bool {
        false
    }
}
