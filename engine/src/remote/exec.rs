//! The physical scan: sends one query to a node at its first poll and hands its batches up.

use std::{fmt, sync::Arc};

use datafusion::{
    arrow::{
        array::{RecordBatch, RecordBatchOptions},
        datatypes::SchemaRef,
    },
    common::{Result as PlanResult, internal_datafusion_err, tree_node::TreeNodeRecursion},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
        execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions},
        metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet, Time},
        stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use intarsia_connectors::{Batches, Column, Error as NodeError, Query};

use super::{
    query::RemoteQuery,
    readings::Readings,
    trace::{self, Trace},
};
use crate::error::external;

/// A query to one node, as a leaf of a physical plan. Holds values only: the connection is found when it runs.
#[derive(Debug)]
pub(crate) struct RemoteExec {
    node: String,
    label: String,
    connections: usize,
    query: Query,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl RemoteExec {
    /// The scan of a query on a node with so many connections; its schema is the logical node's.
    pub(crate) fn new(remote: &RemoteQuery, connections: usize) -> RemoteExec {
        let schema = Arc::clone(remote.schema.inner());
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let fragment = &remote.select.fragment;
        RemoteExec {
            node: fragment.place.node.clone(),
            label: fragment.label.clone(),
            connections,
            query: remote.select.query(),
            schema,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// The node.
    pub(crate) fn node(&self) -> &str {
        &self.node
    }

    /// The table and the part names on the way to the fragment.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// How many connections its node has at most.
    pub(crate) fn connections(&self) -> usize {
        self.connections
    }

    /// The figures of its run so far.
    pub(crate) fn figures(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    /// What is sent, and the relation that it reads.
    pub(crate) fn query(&self) -> &Query {
        &self.query
    }
}

impl DisplayAs for RemoteExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteExec: {}: {}", self.node, self.query.sql)
    }
}

impl ExecutionPlan for RemoteExec {
    fn name(&self) -> &'static str {
        "RemoteExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> PlanResult<TreeNodeRecursion>,
    ) -> PlanResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> PlanResult<SendableRecordBatchStream> {
        let readings = context.session_config().get_extension::<Readings>();
        let readings = readings
            .ok_or_else(|| internal_datafusion_err!("a remote scan runs outside of a query"))?;
        let trace = trace::statement(self, readings.span());
        let meter = Meter::new(&self.metrics, partition, trace);
        let scan = Scan {
            node: self.node.clone(),
            query: carried(&self.query),
            schema: self.schema(),
            readings,
        };
        let batches = stream::once(scan.open(meter)).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// The query as it is sent: rows without columns still need one to come in.
fn carried(query: &Query) -> Query {
    if !query.columns.is_empty() {
        return query.clone();
    }
    let one = Column {
        name: "1".to_owned(),
        ty: intarsia_catalog::Type::Integer,
        nullable: false,
        local: "1".to_owned(),
        encoding: None,
    };
    Query { columns: vec![one], ..query.clone() }
}

#[derive(Clone)]
struct Meter {
    rows: Count,
    bytes: Count,
    time: Time,
    trace: Arc<Trace>,
}

impl Meter {
    fn new(metrics: &ExecutionPlanMetricsSet, partition: usize, trace: Trace) -> Meter {
        Meter {
            rows: MetricBuilder::new(metrics).output_rows(partition),
            bytes: MetricBuilder::new(metrics).counter("bytes", partition),
            time: MetricBuilder::new(metrics).subset_time("node_time", partition),
            trace: Arc::new(trace),
        }
    }

    /// The plan's error for a node's.
    fn failed(&self, error: NodeError, readings: &Readings) -> DataFusionError {
        self.trace.failed(&error);
        readings.blame(error)
    }
}

struct Scan {
    node: String,
    query: Query,
    schema: SchemaRef,
    readings: Arc<Readings>,
}

impl Scan {
    async fn open(
        self,
        meter: Meter,
    ) -> PlanResult<stream::BoxStream<'static, PlanResult<RecordBatch>>> {
        let reading = self.readings.of(&self.node).map_err(external)?;
        self.readings.prepared().await;
        let timer = meter.time.timer();
        let batches = reading.open(self.query).await;
        timer.done();
        let batches = batches.map_err(|error| meter.failed(error, &self.readings))?;
        Ok(rows(batches, self.schema, meter, self.readings).boxed())
    }
}

fn rows(
    batches: Batches,
    schema: SchemaRef,
    meter: Meter,
    readings: Arc<Readings>,
) -> impl futures::Stream<Item = PlanResult<RecordBatch>> + Send {
    stream::try_unfold((batches, 0), move |(mut batches, counted)| {
        let (schema, meter, readings) = (Arc::clone(&schema), meter.clone(), Arc::clone(&readings));
        async move {
            let timer = meter.time.timer();
            let next = batches.try_next().await;
            timer.done();
            let Some(batch) = next.map_err(|error| meter.failed(error, &readings))? else {
                return Ok(None);
            };
            meter.rows.add(batch.num_rows());
            let bytes = batches.bytes();
            meter.bytes.add(usize::try_from(bytes - counted).unwrap_or(usize::MAX));
            Ok(Some((conforming(&batch, &schema)?, (batches, bytes))))
        }
    })
}

/// The batch under the plan's schema: the connector promises its types, the names may be aliases here.
fn conforming(batch: &RecordBatch, schema: &SchemaRef) -> PlanResult<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let columns = if schema.fields().is_empty() { Vec::new() } else { batch.columns().to_vec() };
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
