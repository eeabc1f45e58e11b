//! What the seeds found, each as a story of its own.

use linli_core::{
    aggregate::{Held, household, order::kind, product},
    event::{Body, Topic},
};
use linli_tests::{
    Forger,
    people::{LAN, WU},
};

use super::sabotage::{body, erase, hand, scene, verdict};

/// Whoever creates must name no aggregate. One who does is malformed, until what they name is erased: then that is
/// erased too, whichever of both came first (R5).
#[test]
fn what_would_create_and_names_an_aggregate_is_erased_with_it() {
    // Of the same topic and of another.
    let kinds = [kind::POSTED, product::LISTED, household::kind::REGISTERED];
    for erased_first in [false, true] {
        let (mut world, order, mut forger) = scene();
        let bodies: [Body; 3] = kinds.map(|kind| body(order, kind, vec![0xa0]));
        let written = bodies.map(|body| forger.write(&body));
        let runs = forger.runs();
        let other = Forger::with_keys_of(&mut world, WU);
        let erasure = erase(&world, WU, other, order).runs();
        let steps: [(Topic, _); 2] = [(Topic::Common, &runs), (Topic::Erasure, &erasure)];
        let order_of_arrival = if erased_first { [1, 0] } else { [0, 1] };
        for step in order_of_arrival {
            hand(&world, LAN, steps[step].0, steps[step].1).unwrap();
            world.assert_one_truth(LAN);
        }
        assert_eq!(written.map(|event| verdict(&world, LAN, event)), [Some(Some(Held::Erased)); 3]);
    }
}
