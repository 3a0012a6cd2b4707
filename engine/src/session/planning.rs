//! Planning that can be stopped.
//!
//! DataFusion plans in one go, seconds for a long statement, in which neither a deadline nor a cancel would be
//! noticed. So a long one is planned on a thread of its own, whose result nobody has to wait for, and between two
//! rules it looks whether somebody still does.

use std::{any::Any, sync::Arc, time::Duration};

use datafusion::{
    common::{
        Result as PlanResult,
        config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions},
        runtime::SpawnedTask,
        tree_node::Transformed,
    },
    logical_expr::LogicalPlan,
    optimizer::{AnalyzerRule, OptimizerConfig, OptimizerRule},
};
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::{context::timed_out, stack::deep};
use crate::{Error, ErrorKind, Result};

/// Bytes of a text that is planned where it is asked for: what is shorter is planned at once.
const SHORT: usize = 512;

/// What the rules know of the statement that they work on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Planning {
    /// Whether its trees are so deep that what recurses over them needs a deep stack.
    pub(crate) deep: bool,
    /// Nobody waits for the plan any more.
    pub(crate) stop: CancellationToken,
}

/// Runs `work`, which plans a statement of `bytes` and looks at `stop`, for at most `timeout`.
pub(super) async fn interruptible<T: Send + 'static>(
    bytes: usize,
    timeout: Option<Duration>,
    stop: CancellationToken,
    work: BoxFuture<'static, Result<T>>,
) -> Result<T> {
    let _stopped_with_this = stop.drop_guard();
    let planning =
        async { if bytes > SHORT { on_its_own_thread(work).await } else { deep(work).await } };
    match timeout {
        None => planning.await,
        Some(time) => {
            tokio::time::timeout(time, planning).await.unwrap_or_else(|_| Err(timed_out()))
        }
    }
}

async fn on_its_own_thread<T: Send + 'static>(work: BoxFuture<'static, Result<T>>) -> Result<T> {
    let (span, runtime) = (Span::current(), Handle::current());
    let planning = move || span.in_scope(|| runtime.block_on(deep(work)));
    let planned = SpawnedTask::spawn_blocking(planning).join_unwind().await;
    planned.unwrap_or_else(|_| Err(stopped()))
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "planning was stopped")
}

/// Analyzer rules with a look at the clock before each.
pub(super) fn analyzer_rules(
    rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>>,
) -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    rules.into_iter().flat_map(|rule| [Arc::new(Checkpoint) as Arc<_>, rule]).collect()
}

/// Optimizer rules likewise.
pub(crate) fn optimizer_rules(
    rules: Vec<Arc<dyn OptimizerRule + Send + Sync>>,
) -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    rules.into_iter().flat_map(|rule| [Arc::new(Checkpoint) as Arc<_>, rule]).collect()
}

/// Changes nothing, and fails once nobody waits for the plan.
#[derive(Debug)]
struct Checkpoint;

impl Checkpoint {
    fn pass(plan: LogicalPlan, options: &ConfigOptions) -> PlanResult<LogicalPlan> {
        let planning = options.extensions.get::<Planning>();
        match planning.is_some_and(|planning| planning.stop.is_cancelled()) {
            true => Err(stopped().into()),
            false => Ok(plan),
        }
    }
}

impl AnalyzerRule for Checkpoint {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn analyze(&self, plan: LogicalPlan, options: &ConfigOptions) -> PlanResult<LogicalPlan> {
        Checkpoint::pass(plan, options)
    }
}

impl OptimizerRule for Checkpoint {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> PlanResult<Transformed<LogicalPlan>> {
        Checkpoint::pass(plan, &config.options()).map(Transformed::no)
    }
}

impl ConfigExtension for Planning {
    const PREFIX: &'static str = "planning";
}

/// No setting: it is only handed on with them.
impl ExtensionOptions for Planning {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, _: &str, _: &str) -> PlanResult<()> {
        Err(Error::new(ErrorKind::Unsupported, "there are no settings of planning").into())
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
