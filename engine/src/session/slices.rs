//! The probe side of a join in slices: as many rows at a time as the join works through in a moment.
//!
//! A join of DataFusion (55.2) works through a batch of its probe side in one poll for as long as nothing comes of it. If
//! its filter lets no row through, 8,192 rows beside a million are minutes in which neither a deadline nor a cancel is
//! noticed and nobody else has the thread. How many rows are on the other side, nobody knows before they are there, so
//! slices begin with one row and grow while the join is quick with them.

use std::{
    fmt,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    common::{Result, tree_node::TreeNodeRecursion},
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    physical_expr::PhysicalExpr,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
        execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions},
    },
};
use futures::{Future, Stream, StreamExt};
use tokio::task::yield_now;

/// What a slice should take: it doubles below half of it, and halves above twice of it.
const MOMENT: Duration = Duration::from_millis(4);

/// Work after which the thread is left to others.
const TURN: Duration = Duration::from_millis(10);

/// No batch has more rows than slices may come to have.
const LARGEST: usize = 1 << 20;

/// Its input, in smaller batches while the plan above it is slow with them.
#[derive(Debug)]
pub(super) struct SlicesExec {
    input: Arc<dyn ExecutionPlan>,
}

impl SlicesExec {
    /// The rows of `input`, in their order and its partitions.
    pub(super) fn new(input: Arc<dyn ExecutionPlan>) -> SlicesExec {
        SlicesExec { input }
    }
}

impl DisplayAs for SlicesExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlicesExec")
    }
}

impl ExecutionPlan for SlicesExec {
    fn name(&self) -> &'static str {
        "SlicesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(SlicesExec { input: children.swap_remove(0) }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        Ok(Box::pin(Slices::of(self.input.execute(partition, context)?)))
    }
}

struct Slices {
    input: SendableRecordBatchStream,
    /// What is left of a batch.
    rest: Option<RecordBatch>,
    size: Size,
    /// When the plan above got the slice that it works on.
    given: Option<Instant>,
    /// Its work since the thread was last left to others.
    worked: Duration,
}

impl Slices {
    fn of(input: SendableRecordBatchStream) -> Slices {
        Slices { input, rest: None, size: Size(1), given: None, worked: Duration::ZERO }
    }

    /// Takes note of how long the last slice took; whether it is others' turn.
    fn worked_enough(&mut self) -> bool {
        if let Some(given) = self.given.take() {
            let took = given.elapsed();
            self.size.adapt(took);
            self.worked += took;
        }
        self.worked >= TURN
    }

    /// The next slice of a batch; the rest is kept.
    fn slice(&mut self, batch: RecordBatch) -> RecordBatch {
        self.given = Some(Instant::now());
        let rows = self.size.0;
        if batch.num_rows() <= rows {
            return batch;
        }
        self.rest = Some(batch.slice(rows, batch.num_rows() - rows));
        batch.slice(0, rows)
    }
}

impl Stream for Slices {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.worked_enough() {
            self.worked = Duration::ZERO;
            // Woken at once, it would be polled 61 times before tokio looks at its timers and sockets again; so it is
            // woken after that.
            let _pending = pin!(yield_now()).poll(cx);
            return Poll::Pending;
        }
        let batch = match self.rest.take() {
            Some(rest) => Some(Ok(rest)),
            None => ready!(self.input.poll_next_unpin(cx)),
        };
        Poll::Ready(batch.map(|batch| Ok(self.slice(batch?))))
    }
}

impl RecordBatchStream for Slices {
    fn schema(&self) -> SchemaRef {
        self.input.schema()
    }
}

/// Rows of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size(usize);

impl Size {
    /// After a slice of this size took so long.
    fn adapt(&mut self, took: Duration) {
        if took < MOMENT / 2 {
            self.0 = (self.0 * 2).min(LARGEST);
        } else if took > MOMENT * 2 {
            self.0 = (self.0 / 2).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_grow_while_they_are_quick_and_shrink_where_they_are_not() {
        let mut size = Size(1);
        (0..3).for_each(|_| size.adapt(Duration::from_micros(10)));
        assert_eq!(size, Size(8));
        size.adapt(MOMENT);
        assert_eq!(size, Size(8), "as long as they should");
        (0..9).for_each(|_| size.adapt(Duration::from_secs(1)));
        assert_eq!(size, Size(1), "never less than a row");
        (0..90).for_each(|_| size.adapt(Duration::ZERO));
        assert_eq!(size, Size(LARGEST), "more than any batch has");
    }
}
