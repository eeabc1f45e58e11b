//! An app's own aggregates, declared as data, at every door that opens without a phone: the codes, and a recovery.

use std::sync::Arc;

use linli_core::{
    aggregate::Registry,
    key::MemorySecrets,
    store::{Store, StoreError},
};
use linli_ffi::{LinliError, Phone, domain::codes::codes, home::repair::recover_home, ids::new_command_id};

use crate::scene::Home;

const TOOL: &str = include_str!("../../../examples/tools/tool.json");
/// No kind creates.
const NONSENSE: &str = r#"{ "name": "tool", "kinds": [], "statuses": ["here"] }"#;

#[test]
fn the_codes_of_what_an_app_declares_are_told_with_ours() {
    let ours = codes(Vec::new()).unwrap();

    let all = codes(vec![TOOL.to_owned()]).unwrap();

    let own = all.iter().filter(|line| !ours.contains(line));
    let own: Vec<_> = own.map(|line| (line.family.as_str(), line.code.as_str())).collect();
    let events = ["lent", "returned", "shelved"].map(|code| ("event.tool", code));
    assert_eq!(own, [&events[..], &[("status.tool", "away"), ("status.tool", "here")]].concat());
    let has = |family: &str, code: &str| all.iter().any(|line| line.family == family && line.code == code);
    assert!(has("review", "out_of_turn") && has("event.order", "claimed") && has("refusal.declared", "no_building"));
    assert!(is_refused(codes(vec!["{}".to_owned()])) && is_refused(codes(vec![NONSENSE.to_owned()])));
}

/// A home that was recovered is at once what the app opens, on a disk that is full since too.
#[tokio::test]
async fn a_recovered_home_has_what_the_app_declares_t8() {
    let home = Home::founded().await;
    home.phone.close().await.unwrap();
    let path = home.path().to_str().unwrap().to_owned();
    let open = || Phone::open(path.clone(), home.secrets.clone(), vec![TOOL.to_owned()]);
    let phone = open().await.unwrap();
    let deed = r#"{ "kind": "shelved", "fields": { "name": "drill" } }"#.to_owned();
    phone.submit_declared(new_command_id().unwrap(), "tool".to_owned(), deed, None).await.unwrap();
    phone.close().await.unwrap();
    drop(phone);
    let registry = Registry::default().declare(&TOOL.parse().unwrap()).unwrap();
    let as_declared = || Store::open_to_read(&home.path(), &MemorySecrets::default(), &registry.tables());

    let refused = recover_home(path.clone(), home.secrets.clone(), vec![NONSENSE.to_owned()]).await;
    assert!(is_refused(refused) && as_declared().is_ok(), "and the home is as it was");
    let recovered = recover_home(path.clone(), home.secrets.clone(), vec![TOOL.to_owned()]).await.unwrap();

    assert!(recovered.events > 0);
    let store = as_declared().unwrap();
    assert_eq!(store.read_model_stale(), Ok(false));
    assert_eq!(store.meta("reads").unwrap().as_deref(), Some(&registry.mark()[..]), "nothing is to be judged anew");
    drop(store);
    let phone = open().await.unwrap();
    let tools = phone.declared("tool".to_owned(), None, None, None, 0).await.unwrap();
    assert_eq!(tools["items"][0]["fields"]["name"], "drill");
    phone.close().await.unwrap();
    drop(phone);
    recover_home(path.clone(), home.secrets.clone(), Vec::new()).await.unwrap();
    assert_eq!(as_declared().err(), Some(StoreError::Full), "without them it is to be made anew");
    let _kept: Arc<Phone> = open().await.unwrap();
}

fn is_refused<T>(answer: Result<T, LinliError>) -> bool {
    matches!(answer, Err(LinliError::InvalidInput { field, .. }) if field == "declarations")
}
