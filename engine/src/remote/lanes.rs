//! The inputs of a union in a few lanes: in each lane one after the other, the next opened when the one before it
//! has ended.
//!
//! A union of DataFusion opens all of its inputs at once. Of a thousand fragments of one node most would then wait
//! for a connection, and press those that have one to read into memory and files until they have ended.

use std::{fmt, sync::Arc};

use datafusion::{
    arrow::datatypes::SchemaRef,
    common::{Result as PlanResult, internal_datafusion_err, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
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

/// UNION ALL of its inputs, of which never more than there are lanes are open. A lane is a partition.
#[derive(Debug)]
pub(crate) struct LanesExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    /// The inputs of each lane, by position; each input is in exactly one.
    lanes: Vec<Vec<usize>>,
    properties: Arc<PlanProperties>,
}

impl LanesExec {
    /// The union of `inputs` under `schema`, in `lanes`.
    pub(crate) fn new(
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        lanes: Vec<Vec<usize>>,
        schema: SchemaRef,
    ) -> LanesExec {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(lanes.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        LanesExec { inputs, lanes, properties: Arc::new(properties) }
    }

    /// The inputs of one lane, in turn.
    pub(crate) fn lane(&self, lane: usize) -> Option<Vec<&Arc<dyn ExecutionPlan>>> {
        let lane = self.lanes.get(lane)?;
        Some(lane.iter().map(|&at| &self.inputs[at]).collect())
    }

    /// How many inputs may be open at once.
    pub(crate) fn width(&self) -> usize {
        self.lanes.len()
    }
}

impl DisplayAs for LanesExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LanesExec: {} inputs, {} at once", self.inputs.len(), self.width())
    }
}

impl ExecutionPlan for LanesExec {
    fn name(&self) -> &'static str {
        "LanesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    /// More partitions of an input would be more of it open at once.
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
        Ok(Arc::new(LanesExec::new(children, self.lanes.clone(), self.schema())))
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
        partition: usize,
        context: Arc<TaskContext>,
    ) -> PlanResult<SendableRecordBatchStream> {
        let inputs = self.lane(partition);
        let inputs =
            inputs.ok_or_else(|| internal_datafusion_err!("there is no lane {partition}"))?;
        let inputs: Vec<_> = inputs.into_iter().cloned().collect();
        let rows = stream::iter(inputs)
            .map(move |input| execute_stream(input, Arc::clone(&context)))
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
