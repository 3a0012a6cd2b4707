use super::*;
use crate::observe::Nothing;

const CATALOG: &str = "
version: 1
nodes:
  here: { url: 'sqlite:here.db' }
tables:
  t: { columns: { id: bigint }, layout: { stored: here.t } }
";

const BOUNDS: Bounds = Bounds { total: 3, per_user: 2, idle: Duration::from_secs(60) };

fn sessions() -> Sessions {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.yaml");
    std::fs::write(&file, CATALOG).unwrap();
    let engine = Engine::open(intarsia_connectors::load(&file).unwrap().0).unwrap();
    Sessions::new(&engine, BOUNDS, Arc::new(Nothing))
}

/// A client of `user` on the connection with `port`.
fn client(user: Option<&str>, port: u16) -> Keys {
    let peer = Some(([127, 0, 0, 1], port).into());
    Keys { user: user.map(Into::into), peer, ..Keys::default() }
}

#[tokio::test]
async fn too_many_of_one_user_end_the_same_users_longest_unused() {
    let sessions = sessions();
    let bob = client(Some("bob"), 1);
    let ada = [2, 3, 4].map(|port| client(Some("ada"), port));
    sessions.open(&bob).unwrap();
    sessions.open(&ada[0]).unwrap();
    sessions.open(&ada[1]).unwrap();
    sessions.open(&ada[0]).unwrap();
    sessions.open(&ada[2]).unwrap();
    assert!(sessions.find(&bob).is_some());
    assert!(sessions.find(&ada[0]).is_some(), "it was used last");
    assert!(sessions.find(&ada[1]).is_none());
}

/// A server without users knows nobody, and refuses nobody.
#[tokio::test]
async fn too_many_in_all_end_the_longest_unused() {
    let sessions = sessions();
    let clients = [1, 2, 3, 4].map(|port| client(None, port));
    clients.iter().for_each(|client| drop(sessions.open(client).unwrap()));
    assert_eq!(sessions.len(), 3);
    assert!(sessions.find(&clients[0]).is_none());
    assert!(clients[1..].iter().all(|client| sessions.find(client).is_some()));
}

#[tokio::test]
async fn sessions_at_work_make_no_room() {
    let sessions = sessions();
    let used = [1, 2, 3].map(|port| sessions.open(&client(None, port)).unwrap());
    let refused = sessions.open(&client(None, 4)).unwrap_err();
    assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
    drop(used);
    sessions.open(&client(None, 4)).unwrap();
}

#[tokio::test]
async fn another_users_cookie_hides_nothing() {
    let sessions = sessions();
    let foreign = sessions.open(&client(Some("bob"), 1)).unwrap();
    let ada = client(Some("ada"), 2);
    let own = sessions.open(&ada).unwrap();
    let mixed = Keys { cookie: Some(foreign.id.to_string()), ..ada };
    assert_eq!(sessions.find(&mixed).map(|found| Arc::clone(&found.id)), Some(Arc::clone(&own.id)));
    assert_eq!(sessions.open(&mixed).unwrap().id, own.id);
}
