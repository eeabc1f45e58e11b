//! Meeting other phones: over the network, over pipes of the app's own, and how this phone stands to the others.

pub mod beacon;
pub mod node;
pub mod peer;
pub mod pipe;
pub mod sync;
