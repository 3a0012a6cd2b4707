//! The cap, the order, and what becomes of connections.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use intarsia_catalog::{Address, Backend, Node};
use tokio::time::timeout;

use super::{Manage, Pool};
use crate::{Connections, Result};

/// Makes numbered things instead of connections, and counts those that are open.
#[derive(Debug, Default)]
struct Numbers {
    made: AtomicUsize,
    open: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Numbered(usize, Arc<AtomicUsize>);

impl Drop for Numbered {
    fn drop(&mut self) {
        self.1.fetch_sub(1, SeqCst);
    }
}

#[async_trait]
impl Manage for Numbers {
    type Connection = Numbered;

    async fn connect(&self) -> Result<Numbered> {
        tokio::task::yield_now().await;
        self.open.fetch_add(1, SeqCst);
        Ok(Numbered(self.made.fetch_add(1, SeqCst), Arc::clone(&self.open)))
    }

    async fn usable(&self, connection: &mut Numbered) -> bool {
        connection.0 != 7
    }
}

fn pool(connections: usize) -> Arc<Pool<Numbers>> {
    let node = Node {
        name: "n".to_owned(),
        backend: Backend::Sqlite,
        address: Address::File(PathBuf::new()),
        password: None,
        zone: None,
        connections,
    };
    Pool::new(Arc::new(node), Numbers::default())
}

#[tokio::test]
async fn kept_connections_are_used_again_and_dropped_ones_are_closed() {
    let pool = pool(2);
    let first = pool.take().await.unwrap();
    assert_eq!(first.0, 0);
    first.keep();
    let again = pool.take().await.unwrap();
    assert_eq!(again.0, 0);
    drop(again);
    assert_eq!(pool.manager.open.load(SeqCst), 0);
    assert_eq!(pool.take().await.unwrap().0, 1);
}

#[tokio::test]
async fn an_idle_connection_that_died_is_replaced() {
    let pool = pool(1);
    for _ in 0..7 {
        drop(pool.take().await.unwrap());
    }
    pool.take().await.unwrap().keep();
    assert_eq!(pool.take().await.unwrap().0, 8);
}

#[tokio::test]
async fn there_are_never_more_than_the_cap_and_those_who_wait_are_served_in_order() {
    let pool = pool(2);
    let (one, two) = (pool.take().await.unwrap(), pool.take().await.unwrap());
    assert!(pool.try_take().await.is_none());
    assert!(!pool.demand().is_pressing());

    let order = Arc::new(AtomicUsize::new(0));
    let mut waiting = tokio::task::JoinSet::new();
    for place in 0..20 {
        let (pool, order) = (Arc::clone(&pool), Arc::clone(&order));
        waiting.spawn(async move {
            let held = pool.take().await.unwrap();
            assert_eq!(order.fetch_add(1, SeqCst), place);
            assert!(pool.manager.open.load(SeqCst) <= 2);
            held.keep();
        });
        tokio::task::yield_now().await;
    }
    timeout(Duration::from_secs(5), pool.demand().pressing()).await.unwrap();
    drop(one);
    two.keep();
    while let Some(done) = waiting.join_next().await {
        done.unwrap();
    }
    assert!(!pool.demand().is_pressing());
}

#[tokio::test]
async fn one_who_gives_up_waiting_presses_no_more() {
    let pool = pool(1);
    let held = pool.take().await.unwrap();
    let gave_up = timeout(Duration::from_millis(10), pool.take()).await;
    assert!(gave_up.is_err() && !pool.demand().is_pressing());
    held.keep();
    assert!(pool.try_take().await.is_some());
}

#[tokio::test]
async fn connections_idle_for_too_long_are_closed() {
    let pool = pool(1);
    pool.take().await.unwrap().keep();
    assert!(!pool.reap(Duration::from_secs(3600)));
    assert_eq!(pool.manager.open.load(SeqCst), 1);
    assert!(pool.reap(Duration::ZERO));
    assert_eq!(pool.manager.open.load(SeqCst), 0);
}

#[tokio::test]
async fn the_use_of_connections_is_told() {
    let pool = pool(2);
    let (first, second) = (pool.take().await.unwrap(), pool.take().await.unwrap());
    let watches = async {
        pool.demand().pressing().await;
        let told = pool.connections();
        first.keep();
        told
    };
    let (told, waited) = tokio::join!(watches, pool.take());
    assert_eq!(told, Connections { limit: 2, busy: 2, idle: 0, waiting: 1 });
    waited.unwrap().keep();
    second.keep();
    let told = pool.connections();
    assert_eq!(told, Connections { limit: 2, busy: 0, idle: 2, waiting: 0 });
}
