//! Answers, remembered: what a pure function said of the same question before.
//!
//! A test that lives thousands of weeks asks the same questions again and again, on each phone and after each
//! rebuilding: whether a signature fits, what a wrap opens to. Inside of [`remembering`] an answer is worked out once
//! on a thread.
//!
//! Only functions of their question alone go through here, so nothing is hidden. Work is counted before the answer is
//! looked up. Without the feature `memo`, which no app and no relay has, everything is worked out each time.
//!
//! It knows hashes of questions, and answers. It refuses to know what either is about.

#[cfg(feature = "memo")]
mod known {
    use std::{any::Any, cell::RefCell, collections::HashMap};

    /// Answers by what they answer.
    pub(super) type Known = HashMap<[u8; 32], Box<dyn Any>>;

    std::thread_local! {
        pub(super) static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
    }

    /// Puts back what was known before, however the test ends.
    pub(super) struct Back(pub(super) Option<Known>);

    impl Drop for Back {
        fn drop(&mut self) {
            KNOWN.set(self.0.take());
        }
    }
}

/// Runs something that remembers, on this thread; in the end all is forgotten again.
#[cfg(feature = "memo")]
pub fn remembering<T>(run: impl FnOnce() -> T) -> T {
    let _back = known::Back(known::KNOWN.replace(Some(known::Known::default())));
    run()
}

/// The answer to a question, which says in its first part what kind it is of.
#[cfg(feature = "memo")]
pub(crate) fn once<T: Clone + 'static>(question: &[&[u8]], answer: impl FnOnce() -> T) -> T {
    if known::KNOWN.with_borrow(Option::is_none) {
        return answer();
    }
    let mut hash = blake3::Hasher::new();
    for part in question {
        hash.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    let name = *hash.finalize().as_bytes();
    let before = known::KNOWN.with_borrow(|known| known.as_ref()?.get(&name)?.downcast_ref::<T>().cloned());
    before.unwrap_or_else(|| {
        let now = answer();
        known::KNOWN.with_borrow_mut(|known| known.as_mut().map(|known| known.insert(name, Box::new(now.clone()))));
        now
    })
}

/// The answer to a question, worked out each time.
#[cfg(not(feature = "memo"))]
#[inline(always)]
pub(crate) fn once<T>(_question: &[&[u8]], answer: impl FnOnce() -> T) -> T {
    answer()
}
