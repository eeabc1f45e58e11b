//! A listener for log lines: an error in the log is a failed test.

use std::{
    fmt::Write as _,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

static ERRORS: OnceLock<Mutex<Vec<String>>> = OnceLock::new();

/// Listens from now on, in every thread. Asking twice does no harm.
pub fn listen() {
    ERRORS.get_or_init(Mutex::default);
    // Somebody else's listener would hear them too.
    let _already = tracing::subscriber::set_global_default(Listener(AtomicU64::new(1)));
}

/// The errors logged since the last time of asking.
pub fn errors() -> Vec<String> {
    let errors = ERRORS.get_or_init(Mutex::default);
    std::mem::take(&mut *errors.lock().expect("no thread died listening"))
}

struct Listener(AtomicU64);

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _infallible = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        let errors = ERRORS.get_or_init(Mutex::default);
        errors.lock().expect("no thread died listening").push(words.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
