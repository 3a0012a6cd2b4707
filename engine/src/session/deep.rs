//! Deep queries where DataFusion goes on in tasks of its own, on their threads' ordinary stacks.
//!
//! An exchange of partitions starts, polls and drops what is below it in a task for each partition. Of a query of a
//! thousand chained operators, or of a hundred joins, that overflows the stack, which ends the process.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    common::{
        Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    physical_expr::PhysicalExpr,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
        execution_plan::{
            ChildrenPropertiesMode, ReplaceChildrenOptions, replace_children_if_necessary,
        },
    },
};
use futures::Stream;

use super::{planning::Planning, stack::with_deep_stack};

/// Puts a deep stack below each exchange of a deep query.
#[derive(Debug)]
pub(super) struct DeepExchanges;

impl PhysicalOptimizerRule for DeepExchanges {
    fn name(&self) -> &'static str {
        "deep_exchanges"
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        options: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if !options.extensions.get::<Planning>().is_some_and(|planning| planning.deep) {
            return Ok(plan);
        }
        let deep = plan.transform_up(|node| {
            if !exchanges(&node) {
                return Ok(Transformed::no(node));
            }
            let deep = |child: &Arc<dyn ExecutionPlan>| {
                Arc::new(DeepExec { input: Arc::clone(child) }) as Arc<dyn ExecutionPlan>
            };
            let children = node.children().into_iter().map(deep).collect();
            replace_children_if_necessary(node, children).map(Transformed::yes)
        })?;
        Ok(deep.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A plan whose partitions may be run in tasks by whoever starts it.
pub(super) fn on_a_deep_stack(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    Arc::new(DeepExec { input: plan })
}

/// Whether a node runs its children in tasks: its partitions are not theirs, or it says so.
fn exchanges(node: &Arc<dyn ExecutionPlan>) -> bool {
    let partitions = |plan: &Arc<dyn ExecutionPlan>| plan.output_partitioning().partition_count();
    let children = node.children();
    children.iter().any(|child| partitions(child) != partitions(node))
        || ["RepartitionExec", "LanesExec", "ReplicasExec"].contains(&node.name())
}

/// Its input, on a deep stack.
#[derive(Debug)]
struct DeepExec {
    input: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for DeepExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeepExec")
    }
}

impl ExecutionPlan for DeepExec {
    fn name(&self) -> &'static str {
        "DeepExec"
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
        Ok(Arc::new(DeepExec { input: children.swap_remove(0) }))
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
        let stream = with_deep_stack(|| self.input.execute(partition, context))?;
        Ok(Box::pin(DeepStream { schema: self.schema(), stream: Some(stream) }))
    }
}

struct DeepStream {
    schema: SchemaRef,
    stream: Option<SendableRecordBatchStream>,
}

impl Stream for DeepStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = self.stream.as_mut() else { return Poll::Ready(None) };
        with_deep_stack(|| stream.as_mut().poll_next(cx))
    }
}

impl RecordBatchStream for DeepStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Drop for DeepStream {
    fn drop(&mut self) {
        let stream = self.stream.take();
        with_deep_stack(|| drop(stream));
    }
}
