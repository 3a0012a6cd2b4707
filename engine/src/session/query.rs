//! A planned query, and the rows of its answer.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use datafusion::{
    arrow::{
        array::{RecordBatch, StringArray},
        datatypes::{Schema, SchemaRef},
    },
    common::{
        DataFusionError,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    execution::TaskContext,
    logical_expr::{Expr, LogicalPlan, Volatility},
    physical_plan::{ExecutionPlan, displayable, empty::EmptyExec, execute_stream},
};
use futures::{Stream, StreamExt, TryStreamExt, stream, stream::BoxStream};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::{
    context::timed_out,
    deep::on_a_deep_stack,
    explain::Explain,
    stack::{Held, with_deep_stack},
};
use crate::{
    Error, ErrorKind, Result,
    explain::{Explanation, Scans},
    plan::Planned,
    remote::Readings,
};

/// A planned query.
pub struct Query {
    plan: Held<Arc<dyn ExecutionPlan>>,
    task: Arc<TaskContext>,
    timeout: Option<Duration>,
    cancel: CancellationToken,
    explain: Option<Explain>,
    federated: Held<Federated>,
    /// Whether its expressions are so deep that evaluating them needs a deep stack.
    deep: bool,
    /// Whether it was a SET or a RESET.
    setting: bool,
    /// Whether its plan holds the time at which it was made.
    momentary: bool,
    schema: SchemaRef,
}

/// What a query over nodes can tell of itself.
struct Federated {
    planned: Planned,
    readings: Arc<Readings>,
}

/// Stops a query, from wherever it is kept.
#[derive(Debug, Clone)]
pub struct Canceller(CancellationToken);

impl Canceller {
    pub(super) fn new(token: CancellationToken) -> Canceller {
        Canceller(token)
    }

    /// Stops the query: its stream ends with [`ErrorKind::Cancelled`], and so does what it started on every node.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

impl Query {
    pub(super) fn new(
        plan: Arc<dyn ExecutionPlan>,
        task: Arc<TaskContext>,
        timeout: Option<Duration>,
    ) -> Query {
        let schema = plan.schema();
        let cancel = CancellationToken::new();
        Query {
            plan: Held::new(plan),
            task,
            timeout,
            cancel,
            explain: None,
            federated: Held::none(),
            deep: false,
            setting: false,
            momentary: false,
            schema,
        }
    }

    /// A query over nodes, which tells of itself from `planned`.
    pub(super) fn federated(self, planned: Planned, readings: Arc<Readings>) -> Query {
        Query { federated: Held::new(Federated { planned, readings }), ..self }
    }

    /// The same query, evaluated on a deep stack.
    pub(super) fn on_a_deep_stack(self) -> Query {
        Query { deep: true, ..self }
    }

    /// The same query, made of `statement`.
    pub(super) fn of(self, statement: &LogicalPlan) -> Result<Query, DataFusionError> {
        Ok(Query { momentary: asks_for_the_time(statement)?, ..self })
    }

    /// A query without columns and rows, the answer to a SET.
    pub(super) fn empty(task: Arc<TaskContext>) -> Query {
        let nothing = Arc::new(EmptyExec::new(Arc::new(Schema::empty())));
        Query { setting: true, ..Query::new(nothing, task, None) }
    }

    /// The query about the plan of this one, if there is an `explain`.
    pub(super) fn explained(self, explain: Option<Explain>) -> Query {
        let Some(explain) = explain else { return self };
        Query { explain: Some(explain), schema: Explain::schema(), ..self }
    }

    /// The names and types of its columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Whether it is the answer to a SET or a RESET, which has taken effect.
    pub fn is_setting(&self) -> bool {
        self.setting
    }

    /// Whether it is of the moment when it was planned: it asks for the time, which is a value of its plan.
    pub fn is_momentary(&self) -> bool {
        self.momentary
    }

    /// How long it may run, from [`Query::stream`] on.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The plan that runs.
    pub fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        self.plan.get()
    }

    /// What it reads of its nodes, to be watched while it runs.
    pub fn scans(&self) -> Scans {
        Scans::of(&[self.plan()])
    }

    /// A handle that stops it, before or while it runs.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.cancel.clone())
    }

    /// Starts it. Dropping the stream stops what it started on every node. `intarsia.statement_timeout` begins
    /// to count here.
    ///
    /// # Errors
    /// What cannot be started at all; everything else comes from the stream.
    pub fn stream(self) -> Result<Rows> {
        let schema = self.schema();
        let (timeout, cancel, deep) = (self.timeout, self.cancel.clone(), self.deep);
        let stream = match self.explain {
            None => self.rows()?,
            Some(explain) => stream::once(self.explanation(explain, schema)).boxed(),
        };
        Ok(Rows::new(stream, timeout, cancel, deep))
    }

    pub(super) fn task(&self) -> &Arc<TaskContext> {
        &self.task
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.cancel
    }

    pub(super) fn is_deep(&self) -> bool {
        self.deep
    }

    /// Whether its answer is not the rows of its plan, but what is said of it.
    pub(super) fn is_told(&self) -> bool {
        self.explain.is_some() || self.setting
    }

    /// The plan as it is started: that starts several partitions in a task each.
    pub(super) fn started(&self) -> Arc<dyn ExecutionPlan> {
        let plan = Arc::clone(self.plan());
        if self.deep { on_a_deep_stack(plan) } else { plan }
    }

    fn rows(mut self) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let plan = self.started();
        self.plan.clear();
        let rows = with_deep_stack(|| execute_stream(plan, Arc::clone(&self.task)))?;
        Ok(rows.map_err(Error::from).boxed())
    }

    /// The lines about the plan, a row each. With ANALYZE the query runs first, and its rows are thrown away.
    async fn explanation(self, explain: Explain, schema: SchemaRef) -> Result<RecordBatch> {
        if explain.analyze {
            let mut rows = execute_stream(self.started(), Arc::clone(&self.task))?;
            while rows.try_next().await?.is_some() {}
        }
        let lines = self.lines(explain);
        let column = Arc::new(StringArray::from_iter_values(lines));
        RecordBatch::try_new(schema, vec![column])
            .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
    }

    /// The distributed plan, as EXPLAIN prints it.
    pub fn explain(&self) -> String {
        self.lines(Explain::default()).join("\n")
    }

    fn lines(&self, explain: Explain) -> Vec<String> {
        let physical = || lines(self.plan().as_ref(), explain);
        let Some(Federated { planned, readings }) = self.federated.peek() else {
            return physical();
        };
        let explanation = Explanation::of(planned, explain.analyze.then_some(readings.as_ref()));
        if explain.json {
            return vec![explanation.json().to_string()];
        }
        let mut told = explanation.lines();
        if explain.verbose {
            told.extend(Explanation::stages(planned));
            told.extend([String::new(), "physical plan:".to_owned()]);
            told.extend(physical());
        }
        told
    }
}

/// Whether a function of the statement has another value whenever the statement is planned, as `now()` has.
fn asks_for_the_time(statement: &LogicalPlan) -> Result<bool, DataFusionError> {
    let asks = |expr: &Expr| match expr {
        Expr::ScalarFunction(call) => call.func.signature().volatility == Volatility::Stable,
        _ => false,
    };
    let mut found = false;
    statement.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            found = found || expr.exists(|expr| Ok(asks(expr)))?;
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn lines(plan: &dyn ExecutionPlan, explain: Explain) -> Vec<String> {
    let text = displayable(plan).indent(explain.verbose).to_string();
    text.lines().map(str::to_owned).collect()
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// The rows of an answer, as they come: batches of [`Query::schema`], whole only when it ends without an error.
pub struct Rows {
    stream: Held<BoxStream<'static, Result<RecordBatch>>>,
    timeout: Option<Pin<Box<Sleep>>>,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    deep: bool,
    ended: bool,
}

impl Rows {
    pub(super) fn new(
        stream: BoxStream<'static, Result<RecordBatch>>,
        timeout: Option<Duration>,
        cancel: CancellationToken,
        deep: bool,
    ) -> Rows {
        Rows {
            stream: Held::new(stream),
            timeout: timeout.map(|time| Box::pin(tokio::time::sleep(time))),
            cancelled: Box::pin(cancel.cancelled_owned()),
            deep,
            ended: false,
        }
    }

    /// Why it must stop now, if it must.
    fn stopped(&mut self, cx: &mut Context<'_>) -> Option<Error> {
        if self.cancelled.as_mut().poll(cx).is_ready() {
            return Some(Error::new(ErrorKind::Cancelled, "the query was cancelled"));
        }
        let timeout = self.timeout.as_mut()?;
        timeout.as_mut().poll(cx).is_ready().then(timed_out)
    }
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(error) = self.stopped(cx) {
            self.ended = true;
            self.stream.clear();
            return Poll::Ready(Some(Err(error)));
        }
        let deep = self.deep;
        let Some(stream) = self.stream.peek_mut() else { return Poll::Ready(None) };
        let mut poll = || stream.as_mut().poll_next(cx);
        let next = if deep { with_deep_stack(poll) } else { poll() };
        if let Poll::Ready(None | Some(Err(_))) = next {
            self.ended = true;
            self.stream.clear();
        }
        next
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
