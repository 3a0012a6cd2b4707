//! Equal copies of a fragment: the first that can be reached answers.
//!
//! Every copy is planned, since its node may spell and judge the same filters in another way. Only before its
//! first row is a copy replaced by the next: what has been handed up cannot be taken back.

use std::{cmp::Ordering, collections::HashSet, fmt, sync::Arc};

use datafusion::{
    arrow::array::RecordBatch,
    common::{DFSchemaRef, Result as PlanResult, internal_err, tree_node::TreeNodeRecursion},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore},
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
        execution_plan::{
            Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
            execute_stream,
        },
        stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{Error, ErrorKind};

/// Plans of equal rows, one for each copy, in the catalog's order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Replicas {
    /// The copies' plans; at least one.
    pub(crate) inputs: Vec<LogicalPlan>,
}

impl Replicas {
    /// One plan for all copies; the copy itself if there is only one.
    pub(crate) fn plan(mut inputs: Vec<LogicalPlan>) -> LogicalPlan {
        if inputs.len() == 1 {
            return inputs.swap_remove(0);
        }
        LogicalPlan::Extension(Extension { node: Arc::new(Replicas { inputs }) })
    }
}

impl PartialOrd for Replicas {
    fn partial_cmp(&self, other: &Replicas) -> Option<Ordering> {
        self.inputs.partial_cmp(&other.inputs)
    }
}

impl UserDefinedLogicalNodeCore for Replicas {
    fn name(&self) -> &'static str {
        "Replicas"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        self.inputs[0].schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    /// Every filter may go to the copies.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        HashSet::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replicas: the first that can be reached")
    }

    fn with_exprs_and_inputs(
        &self,
        _: Vec<Expr>,
        inputs: Vec<LogicalPlan>,
    ) -> PlanResult<Replicas> {
        if inputs.is_empty() {
            internal_err!("replicas of nothing")
        } else {
            Ok(Replicas { inputs })
        }
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![output_columns.to_vec(); self.inputs.len()])
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
    }
}

/// The physical plan of [`Replicas`]: one partition, of the first child that answers.
#[derive(Debug)]
pub(crate) struct ReplicasExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl ReplicasExec {
    /// The copies' plans, of one schema; at least one.
    pub(crate) fn new(inputs: Vec<Arc<dyn ExecutionPlan>>) -> ReplicasExec {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(inputs[0].schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        ReplicasExec { inputs, properties: Arc::new(properties) }
    }
}

impl DisplayAs for ReplicasExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplicasExec")
    }
}

impl ExecutionPlan for ReplicasExec {
    fn name(&self) -> &'static str {
        "ReplicasExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    /// A second partition would have to fail over together with the first.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.inputs.len()]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> PlanResult<TreeNodeRecursion>,
    ) -> PlanResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(ReplicasExec::new(children)))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn execute(
        &self,
        _: usize,
        context: Arc<TaskContext>,
    ) -> PlanResult<SendableRecordBatchStream> {
        let schema = self.schema();
        let rows = stream::once(first_that_answers(self.inputs.clone(), context)).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

type BatchStream = stream::BoxStream<'static, PlanResult<RecordBatch>>;

/// The rows of the first copy whose node can be reached; the last copy's error if none can.
async fn first_that_answers(
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    context: Arc<TaskContext>,
) -> PlanResult<BatchStream> {
    let last = inputs.len().saturating_sub(1);
    for (at, input) in inputs.into_iter().enumerate() {
        match answer(input, &context).await {
            Err(error) if at < last && is_unavailable(&error) => {}
            answered => return answered,
        }
    }
    internal_err!("replicas of nothing")
}

/// The copy's rows, its first batch already here.
async fn answer(
    input: Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
) -> PlanResult<BatchStream> {
    let mut rows = execute_stream(input, Arc::clone(context))?;
    let first = rows.try_next().await?;
    Ok(stream::iter(first.map(Ok)).chain(rows).boxed())
}

fn is_unavailable(error: &DataFusionError) -> bool {
    Error::from(error).kind() == ErrorKind::Unavailable
}
