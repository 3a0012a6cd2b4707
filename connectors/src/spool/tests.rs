//! Back-pressure, pressing, spilling, and ends.

use std::{sync::Arc, time::Duration};

use arrow_array::{Int64Array, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use futures::{StreamExt, TryStreamExt};
use tokio::{sync::watch, time::timeout};

use super::{About, DEPTH, MEMORY, open};
use crate::{
    Batches, Error, ErrorKind, Result,
    pool::{Demand, Tasks},
};

const ROWS: i64 = 1 << 17; // a batch of 1 MiB

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]))
}

fn batch(n: i64) -> RecordBatch {
    let values =
        Int64Array::from_iter_values(std::iter::repeat_n(n, usize::try_from(ROWS).unwrap()));
    RecordBatch::try_new(schema(), vec![Arc::new(values)]).unwrap()
}

/// A stream of `count` numbered batches, and how many of them have been sent.
async fn numbers(
    tasks: &Tasks,
    demand: &Demand,
    count: i64,
    end: Result<()>,
) -> (Batches, watch::Receiver<i64>) {
    let (sent, watched) = watch::channel(0);
    let about = About { node: "n".to_owned(), schema: schema() };
    let batches = open(tasks, about, vec![demand.clone()], |sender| async move {
        sender.started();
        for n in 0..count {
            sender.send(batch(n)).await?;
            sent.send_replace(n + 1);
        }
        end
    });
    (batches.await.unwrap(), watched)
}

async fn all(batches: Batches) -> Result<Vec<i64>> {
    let first = |batch: RecordBatch| batch.column(0).as_primitive::<Int64Type>().value(0);
    batches.map_ok(first).try_collect().await
}

async fn settled(watched: &mut watch::Receiver<i64>, until: i64) -> bool {
    timeout(Duration::from_secs(20), watched.wait_for(|n| *n >= until)).await.is_ok()
}

#[tokio::test]
async fn the_reader_waits_for_the_consumer_while_nobody_presses() {
    let (tasks, demand) = (Tasks::default(), Demand::default());
    let depth = i64::try_from(DEPTH).unwrap();
    let (batches, mut sent) = numbers(&tasks, &demand, 10, Ok(())).await;
    assert!(settled(&mut sent, depth).await);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(*sent.borrow(), depth);
    assert_eq!(all(batches).await.unwrap(), (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_reader_goes_on_to_its_end_once_somebody_presses() {
    let (tasks, demand) = (Tasks::default(), Demand::default());
    let count = 3 * i64::try_from(MEMORY >> 20).unwrap(); // most of it in the file
    let (mut batches, mut sent) = numbers(&tasks, &demand, count, Ok(())).await;
    let waiting = demand.enter();
    assert!(settled(&mut sent, count).await, "the reader is done although nobody reads");
    drop(waiting);
    let first = batches.next().await.unwrap().unwrap();
    assert_eq!(first.schema(), schema());
    assert_eq!(all(batches).await.unwrap(), (1..count).collect::<Vec<_>>());
}

#[tokio::test]
async fn pressing_by_fits_and_starts_keeps_the_order() {
    let (tasks, demand) = (Tasks::default(), Demand::default());
    let count = 100;
    let (mut batches, mut sent) = numbers(&tasks, &demand, count, Ok(())).await;
    let mut got = Vec::new();
    for until in [30, 60, 90] {
        let waiting = demand.enter();
        assert!(settled(&mut sent, until).await);
        drop(waiting);
        for _ in 0..25 {
            let batch = batches.next().await.unwrap().unwrap();
            got.push(batch.column(0).as_primitive::<Int64Type>().value(0));
        }
    }
    got.extend(all(batches).await.unwrap());
    assert_eq!(got, (0..count).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_error_comes_after_the_batches_before_it() {
    let (tasks, demand) = (Tasks::default(), Demand::default());
    let broke = Error::new(ErrorKind::Unavailable, "n", "it broke off");
    let (batches, _) = numbers(&tasks, &demand, 3, Err(broke)).await;
    let items: Vec<_> = batches.collect().await;
    assert_eq!(items.len(), 4);
    assert_eq!(items[3].as_ref().unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_reader_that_fails_before_it_started_fails_the_opening() {
    let about = About { node: "n".to_owned(), schema: schema() };
    let failing = |_| async { Err(Error::new(ErrorKind::Refused, "n", "no")) };
    let opened = open(&Tasks::default(), about, Vec::new(), failing).await;
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn a_reader_that_panics_is_an_error_and_not_an_end() {
    let tasks = Tasks::default();
    let about = About { node: "n".to_owned(), schema: schema() };
    let batches = open(&tasks, about, Vec::new(), |sender| async move {
        sender.send(batch(0)).await?;
        panic!("on purpose");
    });
    let items: Vec<_> = batches.await.unwrap().collect().await;
    assert_eq!(items.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Internal);
}

#[tokio::test]
async fn a_dropped_stream_stops_its_reader() {
    let (tasks, demand) = (Tasks::default(), Demand::default());
    let (batches, sent) = numbers(&tasks, &demand, 1000, Ok(())).await;
    drop(batches);
    timeout(Duration::from_secs(5), tasks.settle()).await.unwrap();
    assert!(*sent.borrow() <= i64::try_from(DEPTH).unwrap() + 1);
}
