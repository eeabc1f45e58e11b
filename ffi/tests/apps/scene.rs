//! What every story needs: a keystore in memory, phones in folders, and pipes that an app carries bytes over.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use linli_core::{
    aggregate::order::{Command, NewOrder},
    id::Reference,
    replica::OrderFilter,
    roster::{Role, invite::Offer},
};
use linli_ffi::{
    LinliError, Phone, SecretError, SecretStore,
    ids::new_command_id,
    net::pipe::Pipe,
    roster::{
        inviting::{Inviting, InvitingState},
        joining::{Joining, JoiningState},
    },
};
use tempfile::TempDir;

/// How long anything in these stories may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A keystore that forgets when it goes.
#[derive(Default)]
pub(crate) struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecretStore for Memory {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, SecretError> {
        Ok(self.0.lock().unwrap().get(&name).cloned())
    }

    fn put(&self, name: String, secret: Vec<u8>) -> Result<(), SecretError> {
        self.0.lock().unwrap().insert(name, secret);
        Ok(())
    }

    fn remove(&self, name: String) -> Result<(), SecretError> {
        self.0.lock().unwrap().remove(&name);
        Ok(())
    }
}

/// A phone, with what is needed to open it again.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) secrets: Arc<Memory>,
    pub(crate) phone: Arc<Phone>,
}

impl Home {
    pub(crate) async fn new() -> Self {
        let (folder, secrets) = (TempDir::new().unwrap(), Arc::new(Memory::default()));
        let phone = open(folder.path(), &secrets).await.expect("a new home opens");
        Self { folder, secrets, phone }
    }

    /// One that has founded a community.
    pub(crate) async fn founded() -> Self {
        let home = Self::new().await;
        home.phone.found_with_kit(Some("Wang".to_owned())).await.expect("a community is founded");
        home
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) async fn open(&self) -> Result<Arc<Phone>, LinliError> {
        open(self.folder.path(), &self.secrets).await
    }

    /// Writes an order down.
    pub(crate) async fn post(&self, note: &str) -> Reference {
        post(&self.phone, note).await.expect("an order is written down")
    }
}

async fn open(home: &Path, secrets: &Arc<Memory>) -> Result<Arc<Phone>, LinliError> {
    Phone::open(home.to_str().unwrap().to_owned(), secrets.clone(), Vec::new()).await
}

pub(crate) async fn post(phone: &Phone, note: &str) -> Result<Reference, LinliError> {
    let (building, kind) = ("3".to_owned(), "grocery".to_owned());
    let order = NewOrder { building, kind, note: Some(note.to_owned()), ..NewOrder::default() };
    let id = new_command_id()?;
    Ok(phone.submit_order(id, Command::Post(Box::new(order)), None).await?.aggregate)
}

/// How many orders are on the board.
pub(crate) async fn board(phone: &Phone) -> usize {
    phone.board(OrderFilter::default()).await.expect("the board is read").items.len()
}

/// Carries bytes between two ends as an app does, until both are through or somebody stops it.
pub(crate) fn carry(one: &Arc<Pipe>, other: &Arc<Pipe>) -> [tokio::task::JoinHandle<Result<(), LinliError>>; 2] {
    [(one.clone(), other.clone()), (other.clone(), one.clone())].map(|(from, to)| {
        tokio::spawn(async move {
            loop {
                let bytes = from.outgoing(4096).await?;
                if bytes.is_empty() {
                    return Ok(());
                }
                to.receive(bytes).await?;
            }
        })
    })
}

/// Lets two phones talk over a pipe until both are in step.
pub(crate) async fn meet(from: &Phone, to: &Phone, peer: linli_ffi::net::peer::Peer) {
    let (one, other) = (from.dial_pipe(peer).await.unwrap(), to.accept_pipe().await.unwrap());
    let carried = carry(&one, &other);
    let both = async {
        while !(one.state().unwrap().in_step && other.state().unwrap().in_step) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, both).await.expect("they come to be in step");
    one.close().await.unwrap();
    for way in carried {
        tokio::time::timeout(PATIENCE, way).await.expect("the pipe ends").unwrap().expect("in peace");
    }
}

/// Has `newcomer` asked over a pipe, compared and confirmed; the first sync follows.
pub(crate) async fn join(host: &Phone, newcomer: &Phone, name: &str) -> (Arc<Inviting>, Arc<Joining>) {
    let offer = Offer { role: Role::Volunteer, member: None, name: Some(name.to_owned()) };
    let inviting = host.invite(offer, Vec::new()).await.unwrap();
    let joining = newcomer.ask(inviting.text().unwrap()).await.unwrap();
    let (one, other) = (joining.pipe().await.unwrap(), host.accept_pipe().await.unwrap());
    let carried = carry(&one, &other);
    let story = async {
        let shown = loop {
            if let JoiningState::Comparing { digits } = joining.next_state(JoiningState::Reaching, None).await.unwrap()
            {
                break digits;
            }
        };
        let asked = inviting.next_state(InvitingState::Nothing, None).await.unwrap();
        let InvitingState::Comparing { digits, .. } = asked else { panic!("nobody asks: {asked:?}") };
        assert_eq!(digits, shown);
        inviting.confirm(digits.clone()).await.unwrap();
        let joined = joining.next_state(JoiningState::Comparing { digits }, None).await.unwrap();
        assert!(matches!(joined, JoiningState::Joined { .. }), "{joined:?}");
        one.close().await.unwrap();
    };
    tokio::time::timeout(PATIENCE, story).await.expect("they come together");
    for way in carried {
        tokio::time::timeout(PATIENCE, way).await.expect("the pipe ends").unwrap().expect("in peace");
    }
    meet(newcomer, host, joining.peer().unwrap()).await;
    (inviting, joining)
}
