//! DataFusion, set up as the contract says: its functions, our numbers, no files.

use std::sync::Arc;

use datafusion::{
    catalog::{CatalogProvider, CatalogProviderList, MemoryCatalogProviderList},
    common::{DataFusionError, config::Dialect},
    execution::{
        SessionState, SessionStateBuilder, TaskContext,
        context::QueryPlanner,
        object_store::ObjectStoreRegistry,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    logical_expr::LogicalPlan,
    object_store::ObjectStore,
    optimizer::Optimizer,
    physical_optimizer::{PhysicalOptimizerRule, optimizer::PhysicalOptimizer},
    physical_plan::ExecutionPlan,
    prelude::SessionConfig,
    scalar::ScalarValue,
};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Change, Setting,
    deep::DeepExchanges,
    explain::Explain,
    memory::Memory,
    parameters::{self, Described, Prepared},
    planning::{self, Planning, interruptible},
    query::Query,
    refuse,
    settings::{Limits, Settings},
    stack::deep,
    statement::{self, Counted, Statement},
    suggest,
    yielding::Yielding,
};
use crate::{
    Engine, Error, ErrorKind, Result,
    error::external,
    plan::{Budget, Opaque, Planned},
    remote::Readings,
    semantics,
};

/// The one catalog, as queries and clients name it.
pub const CATALOG: &str = "intarsia";
/// Bytes that a sort may hold to hand rows on in order; DataFusion's default is a gigabyte for each.
const SORT_BUFFER_BYTES: usize = 32 << 20;
/// Keys of a join's smaller side that are handed to the scan of the larger one.
const JOIN_KEYS: usize = 10_000;
/// Bytes of them.
const JOIN_KEYS_BYTES: usize = 1 << 20;

/// What a context is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The schemas and tables.
    pub catalog: Arc<dyn CatalogProvider>,
    /// What turns an optimized plan into one that runs; DataFusion's own if there is none.
    pub planner: Option<Arc<dyn QueryPlanner + Send + Sync>>,
    /// The settings to begin with.
    pub settings: Settings,
    /// The memory that all queries of the process share.
    pub memory: Memory,
}

/// SQL over any tables: the same statements, functions, numbers, limits and errors, wherever the rows are.
///
/// Tests use it over plain tables to say what an answer must be.
#[derive(Debug, Clone)]
pub struct Context {
    state: SessionState,
    runtime: RuntimeEnv,
    initial: Settings,
    settings: Settings,
    memory: Memory,
    engine: Option<Engine>,
}

impl Context {
    /// A context of `parts`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if a setting does not read.
    pub fn build(parts: Parts) -> Result<Context> {
        let Parts { catalog, planner, settings, memory } = parts;
        settings.limits()?;
        let runtime =
            RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(NoFiles)).build()?;
        let state = state(catalog, planner, &settings, &runtime);
        Ok(Context { state, runtime, initial: settings.clone(), settings, memory, engine: None })
    }

    /// The same over the nodes of an engine, whose tables are its catalog's.
    pub(crate) fn over_nodes(self, engine: Engine) -> Context {
        Context { engine: Some(engine), ..self }
    }

    /// A context over the tables of `catalog`, all by default.
    pub fn over(catalog: Arc<dyn CatalogProvider>) -> Result<Context> {
        let settings = Settings::default();
        let memory = Memory::new(settings.limits()?.memory);
        Context::build(Parts { catalog, planner: None, settings, memory })
    }

    /// DataFusion's state, for what works on plans.
    pub fn state(&self) -> &SessionState {
        &self.state
    }

    /// Plans one statement with values for its parameters. The second value is what it changes for the statements that
    /// follow, if it is a SET or a RESET.
    pub(crate) async fn plan(
        &self,
        sql: &str,
        parameters: Vec<ScalarValue>,
    ) -> Result<(Query, Option<Change>)> {
        let limits = self.settings.limits()?;
        let (bytes, stop) = (sql.len(), CancellationToken::new());
        let (context, sql, stopped) = (self.clone(), sql.to_owned(), stop.clone());
        let plan =
            async move { context.plan_deep(&sql, parameters, limits, stopped).await }.boxed();
        interruptible(bytes, limits.statement_timeout, stop, plan).await
    }

    async fn plan_deep(
        &self,
        sql: &str,
        values: Vec<ScalarValue>,
        limits: Limits,
        stop: CancellationToken,
    ) -> Result<(Query, Option<Change>)> {
        let Counted { statement, parameters, deep } = statement::parse(sql)?;
        parameters::check_count(parameters, values.len())?;
        let state = self.planning(Planning { deep, stop });
        let (explain, statement) = match statement {
            Statement::Query(statement) => (None, statement),
            Statement::Explain(explain, statement) => (Some(explain), statement),
            Statement::Set { name, value } => return self.setting(name, Some(value)),
            Statement::Reset { name } => return self.setting(name, None),
        };
        let logical = parameters::plan(&state, statement, values).await;
        let logical = logical.map_err(|error| self.in_text(error, sql))?;
        refuse::by_plan(&logical)?;
        let planned = self.planned(&state, &logical).await;
        let planned = planned.map_err(|error| self.in_text(error, sql))?;
        let query = self.query(&state, planned, limits)?;
        let query = if deep { query.on_a_deep_stack() } else { query };
        let query = query.of(&logical).map_err(|error| self.in_text(error, sql))?;
        Ok((query.explained(explain), None))
    }

    /// Finds out what a statement is, without values and without an effect. One that has no parameters is planned.
    pub(crate) async fn prepare(&self, sql: &str) -> Result<Prepared> {
        let limits = self.settings.limits()?;
        let (bytes, stop) = (sql.len(), CancellationToken::new());
        let (context, sql, stopped) = (self.clone(), sql.to_owned(), stop.clone());
        let prepare = async move { context.prepare_deep(&sql, limits, stopped).await }.boxed();
        interruptible(bytes, limits.statement_timeout, stop, prepare).await
    }

    async fn prepare_deep(
        &self,
        sql: &str,
        limits: Limits,
        stop: CancellationToken,
    ) -> Result<Prepared> {
        let Counted { statement, parameters, deep } = statement::parse(sql)?;
        if parameters == 0 {
            let (query, changed) = self.plan_deep(sql, Vec::new(), limits, stop).await?;
            return Ok(changed.map_or_else(|| Prepared::planned(query), |_| Prepared::setting()));
        }
        let (explain, statement) = match statement {
            Statement::Query(statement) => (None, statement),
            Statement::Explain(explain, statement) => (Some(explain), statement),
            Statement::Set { .. } | Statement::Reset { .. } => return Ok(Prepared::setting()),
        };
        let state = self.planning(Planning { deep, stop });
        let described = parameters::describe(&state, &statement, parameters).await;
        let described = described.map_err(|error| self.in_text(error, sql))?;
        Ok(Prepared::described(match explain {
            Some(_) => Described { schema: Explain::schema(), ..described },
            None => described,
        }))
    }

    /// The state that one statement is planned in.
    fn planning(&self, planning: Planning) -> SessionState {
        let mut state = self.state.clone();
        state.config_mut().options_mut().extensions.insert(planning);
        state.mark_start_execution();
        state
    }

    /// An error of a statement, with its place and what may have been meant.
    fn in_text(&self, error: DataFusionError, sql: &str) -> Error {
        Error::in_text(&suggest::helpful(error, self.state.catalog_list().as_ref()), sql)
    }

    /// The context with one setting changed.
    pub(crate) fn with(&self, name: &str, value: &str) -> Result<Context> {
        self.set(|all, _| all.put(name, value))
    }

    /// Plans a query that is given as a plan over tables.
    pub(crate) async fn plan_of(&self, logical: &LogicalPlan) -> Result<Query> {
        let limits = self.settings.limits()?;
        let mut state = self.state.clone();
        state.mark_start_execution();
        let planned = deep(self.planned(&state, logical)).await?;
        Ok(self.query(&state, planned, limits)?.on_a_deep_stack())
    }

    /// A plan, ready to be started.
    fn query(&self, state: &SessionState, planned: Plan, limits: Limits) -> Result<Query> {
        let config = state.config().clone();
        let timeout = limits.statement_timeout;
        match (planned, &self.engine) {
            (Plan::Federated(planned), Some(engine)) => {
                let readings =
                    Readings::for_plan(engine.nodes(), &planned.physical).map_err(external)?;
                let readings = Arc::new(readings);
                let task = self.task(config.with_extension(Arc::clone(&readings)), limits);
                let query = Query::new(Arc::clone(&planned.physical), task, timeout);
                Ok(query.federated(*planned, readings))
            }
            (plan, _) => Ok(Query::new(plan.physical(), self.task(config, limits), timeout)),
        }
    }

    async fn planned(
        &self,
        state: &SessionState,
        logical: &LogicalPlan,
    ) -> Result<Plan, DataFusionError> {
        let optimized = state.optimize(logical)?;
        match &self.engine {
            Some(engine) => {
                Ok(Plan::Federated(Box::new(engine.planner().plan(&optimized, state).await?)))
            }
            None => Ok(Plan::Local(
                state.query_planner().create_physical_plan(&optimized, state).await?,
            )),
        }
    }

    /// What a query runs in, with memory of its own.
    fn task(&self, config: SessionConfig, limits: Limits) -> Arc<TaskContext> {
        let memory_pool = self.memory.query(limits.query_memory);
        Arc::new(TaskContext::new(
            None,
            self.state.session_id().to_owned(),
            config,
            self.state.scalar_functions().clone(),
            self.state.higher_order_functions().clone(),
            self.state.aggregate_functions().clone(),
            self.state.window_functions().clone(),
            Arc::new(RuntimeEnv { memory_pool, ..self.runtime.clone() }),
        ))
    }

    /// The context with one setting of another value, or of its first.
    pub(super) fn changed(&self, setting: &Setting, value: Option<&str>) -> Result<Context> {
        match (setting, value) {
            (Setting::Schema, value) => {
                self.in_schema(value.unwrap_or(intarsia_catalog::DEFAULT_SCHEMA))
            }
            (Setting::Engine(name), Some(value)) => self.with(name, value),
            (Setting::Engine(name), None) => self.set(|all, first| all.reset(name, first)),
        }
    }

    fn in_schema(&self, name: &str) -> Result<Context> {
        let catalog = self.state.catalog_list().catalog(CATALOG);
        if catalog.is_none_or(|catalog| catalog.schema(name).is_none()) {
            return Err(Error::new(ErrorKind::Invalid, format!("there is no schema `{name}`")));
        }
        let mut changed = self.clone();
        name.clone_into(&mut changed.state.config_mut().options_mut().catalog.default_schema);
        Ok(changed)
    }

    /// What is set.
    pub(super) fn told(&self) -> Vec<(Setting, String)> {
        let schema = self.state.config_options().catalog.default_schema.clone();
        let engine = self.settings.named();
        let engine = engine.map(|(name, value)| (Setting::Engine(name.to_owned()), value));
        engine.chain([(Setting::Schema, schema)]).collect()
    }

    /// The answer to a SET or a RESET, and what it changes. What is wrong with it is told here.
    fn setting(&self, name: String, value: Option<String>) -> Result<(Query, Option<Change>)> {
        let change = Change { setting: Setting::Engine(name), value };
        let changed = self.changed(&change.setting, change.value.as_deref())?;
        let task = self.task(self.state.config().clone(), changed.settings.limits()?);
        Ok((Query::empty(task), Some(change)))
    }

    fn set(&self, change: impl FnOnce(&mut Settings, &Settings) -> Result<()>) -> Result<Context> {
        let mut changed = self.clone();
        change(&mut changed.settings, &self.initial)?;
        let options = changed.state.config_mut().options_mut();
        options.extensions.insert(changed.settings.clone());
        Ok(changed)
    }
}

fn state(
    catalog: Arc<dyn CatalogProvider>,
    planner: Option<Arc<dyn QueryPlanner + Send + Sync>>,
    settings: &Settings,
    runtime: &RuntimeEnv,
) -> SessionState {
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), catalog);
    let mut builder = SessionStateBuilder::new()
        .with_config(config(settings))
        .with_runtime_env(Arc::new(runtime.clone()))
        .with_catalog_list(Arc::new(catalogs))
        .with_default_features()
        .with_analyzer_rules(planning::analyzer_rules(semantics::analyzer_rules()))
        .with_optimizer_rules(planning::optimizer_rules(Optimizer::new().rules))
        .with_physical_optimizer_rules(physical_rules());
    builder.table_factories().take();
    builder.file_formats().take();
    if let Some(planner) = planner {
        builder = builder.with_query_planner(planner);
    }
    semantics::add_functions(builder).build()
}

/// DataFusion's rules between ours. Its first push of filters goes: it takes them through projections of `random()`,
/// over a union even twice (55.2), and the logical rules have done all that it could.
fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> =
        vec![Arc::new(Opaque), Arc::new(Budget)];
    rules.extend(PhysicalOptimizer::new().rules);
    rules.retain(|rule| rule.name() != "FilterPushdown");
    rules.push(Arc::new(Yielding));
    rules.push(Arc::new(DeepExchanges));
    rules
}

fn config(settings: &Settings) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, intarsia_catalog::DEFAULT_SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true)
        .with_option_extension(settings.clone());
    let options = config.options_mut();
    options.sql_parser.dialect = Dialect::Generic;
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.collect_spans = true;
    options.execution.time_zone = Some(intarsia_catalog::UTC.to_owned());
    options.execution.sort_pushdown_buffer_capacity = SORT_BUFFER_BYTES;
    options.optimizer.hash_join_inlist_pushdown_max_distinct_values = JOIN_KEYS;
    options.optimizer.hash_join_inlist_pushdown_max_size = JOIN_KEYS_BYTES;
    config
}

/// A plan over an engine's nodes, or over other tables.
enum Plan {
    Federated(Box<Planned>),
    Local(Arc<dyn ExecutionPlan>),
}

impl Plan {
    fn physical(self) -> Arc<dyn ExecutionPlan> {
        match self {
            Plan::Federated(planned) => planned.physical,
            Plan::Local(plan) => plan,
        }
    }
}

pub(super) fn timed_out() -> Error {
    Error::new(
        ErrorKind::Deadline,
        "the statement took longer than `intarsia.statement_timeout` allows",
    )
}

/// Stores of files: none.
#[derive(Debug)]
struct NoFiles;

impl ObjectStoreRegistry for NoFiles {
    fn register_store(&self, _: &Url, _: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>, DataFusionError> {
        let message = format!("{url}: files and addresses are not read, only the catalog's tables");
        Err(Error::new(ErrorKind::Unsupported, message).into())
    }
}
