//! An answer in parts, each read on its own.

use std::{fmt, sync::Arc, time::Duration};

use datafusion::{
    execution::TaskContext,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties},
};
use futures::{StreamExt, TryStreamExt};
use tokio_util::sync::CancellationToken;

use super::{
    query::{Canceller, Query, Rows},
    stack::{Held, with_deep_stack},
};
use crate::{
    Error, Result,
    error::external,
    explain::Scans,
    remote::{LanesExec, Readings},
};

/// A part of a query's answer: together the parts are all of its rows, in no order.
///
/// All parts are of one plan. Each asks its nodes when it is read, and on its own: what the reads of one query share, as a
/// snapshot of one PostgreSQL database, those of one part share, and different parts may be of different moments. What
/// several parts shared would have to be held, a connection of each node, for as long as one of them is not read.
pub struct Part {
    plan: Held<Arc<dyn ExecutionPlan>>,
    index: usize,
    task: Arc<TaskContext>,
    timeout: Option<Duration>,
    cancel: CancellationToken,
    deep: bool,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("index", &self.index).finish_non_exhaustive()
    }
}

impl Query {
    /// In how many parts its answer may be read: the fragments of a union, if nothing above them brings rows of several
    /// together. An answer in order is one part.
    pub fn parts(&self) -> usize {
        let plan = self.plan();
        let whole = self.is_told() || plan.output_ordering().is_some() || !independent(plan);
        if whole { 1 } else { partitions(plan) }
    }

    /// Its parts, as many as [`Query::parts`] says. What stops the query stops all of them.
    pub fn into_parts(self) -> Vec<Part> {
        let part = |index| Part {
            plan: Held::new(self.started()),
            index,
            task: Arc::clone(self.task()),
            timeout: self.timeout(),
            cancel: self.token().child_token(),
            deep: self.is_deep(),
        };
        (0..partitions(self.plan())).map(part).collect()
    }
}

impl Part {
    /// Starts it; see [`Query::stream`].
    ///
    /// # Errors
    /// What cannot be started at all; everything else comes from the stream.
    pub fn stream(self) -> Result<Rows> {
        let Part { plan, index, task, timeout, cancel, deep } = self;
        let task = alone(&task, &run_by(plan.get(), index))?;
        let rows = with_deep_stack(|| plan.get().execute(index, task))?;
        Ok(Rows::new(rows.map_err(Error::from).boxed(), timeout, cancel, deep))
    }

    /// What it reads of its nodes, to be watched while it runs.
    pub fn scans(&self) -> Scans {
        Scans::of(&run_by(self.plan.get(), self.index))
    }

    /// How long it may run.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// A handle that stops this part alone.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.cancel.clone())
    }
}

/// The query's context with readings for `plans` alone.
fn alone(task: &TaskContext, plans: &[&Arc<dyn ExecutionPlan>]) -> Result<Arc<TaskContext>> {
    let config = task.session_config().clone();
    let config = match config.get_extension::<Readings>() {
        Some(all) => config.with_extension(Arc::new(all.for_part(plans).map_err(external)?)),
        None => config,
    };
    Ok(Arc::new(TaskContext::new(
        task.task_id(),
        task.session_id(),
        config,
        task.scalar_functions().clone(),
        task.higher_order_functions().clone(),
        task.aggregate_functions().clone(),
        task.window_functions().clone(),
        task.runtime_env(),
    )))
}

/// The plans below a partition of `plan` that it runs whole.
fn run_by(plan: &Arc<dyn ExecutionPlan>, index: usize) -> Vec<&Arc<dyn ExecutionPlan>> {
    if let Some(lane) = plan.downcast_ref::<LanesExec>().and_then(|lanes| lanes.lane(index)) {
        return lane;
    }
    match plan.children().as_slice() {
        [only] if one_to_one(plan, only) => run_by(only, index),
        _ => vec![plan],
    }
}

/// Whether a partition of `plan` is made of the same one of its only input.
fn one_to_one(plan: &Arc<dyn ExecutionPlan>, only: &Arc<dyn ExecutionPlan>) -> bool {
    !["RepartitionExec", "ReplicasExec"].contains(&plan.name())
        && partitions(plan) == partitions(only)
}

fn partitions(plan: &Arc<dyn ExecutionPlan>) -> usize {
    plan.output_partitioning().partition_count()
}

/// Whether each partition can be run without the others: a join may wait for all of its partitions, and an exchange
/// hands each of them rows of all others.
fn independent(plan: &Arc<dyn ExecutionPlan>) -> bool {
    match plan.children().as_slice() {
        [] => true,
        _ if plan.name() == "ReplicasExec" => true,
        [only] => one_to_one(plan, only) && independent(only),
        inputs if plan.name() == "LanesExec" => inputs.iter().all(|input| independent(input)),
        _ => false,
    }
}
