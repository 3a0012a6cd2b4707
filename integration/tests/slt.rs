//! Every script of `slt/` on every layout of `layouts/`: the same rows. The expected ones are those of one
//! DataFusion; `INTARSIA_SLT=complete` writes them into the scripts.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, OnceLock},
};

use intarsia_engine::Session;
use intarsia_integration::{
    Result,
    cluster::Cluster,
    deployment::Deployment,
    oracle::oracle,
    script::{Answerer, catalog, files, rows},
};
use libtest_mimic::{Arguments, Failed, Trial};
use sqllogictest::{Runner, default_validator, strict_column_validator};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let worlds: Worlds = Arc::default();
    let trials = trials(&worlds).unwrap_or_else(|error| {
        let broken = move || Err(Failed::from(error.to_string()));
        vec![Trial::test("slt", broken)]
    });
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(worlds);
    conclusion.exit_code()
}

/// What a layout file became, made by the first script that needs it.
type World = Arc<OnceLock<Result<Deployment, String>>>;
type Worlds = Arc<Mutex<BTreeMap<PathBuf, World>>>;

fn trials(worlds: &Worlds) -> Result<Vec<Trial>> {
    let (scripts, layouts) = (files("slt", "slt")?, files("layouts", "yaml")?);
    let mut trials = Vec::new();
    for script in scripts {
        let (of, first) = (script.clone(), layouts[0].clone());
        trials.push(trial(&script, Path::new("oracle"), move || on_oracle(&of, &first)));
        for layout in &layouts {
            let (script, layout) = (script.clone(), layout.clone());
            let world = Arc::clone(
                worlds.lock().map_err(|_| "a panic before")?.entry(layout.clone()).or_default(),
            );
            trials.push(trial(&script.clone(), &layout.clone(), move || {
                on_layout(&script, &layout, &world)
            }));
        }
    }
    Ok(trials)
}

fn trial(script: &Path, layout: &Path, run: impl Fn() -> Result<()> + Send + 'static) -> Trial {
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = format!("slt::{}::{}", stem(script), stem(layout));
    Trial::test(name, move || run().map_err(|error| Failed::from(error.to_string())))
}

fn on_oracle(script: &Path, layout: &Path) -> Result<()> {
    let oracle = Answerer(Arc::new(one_datafusion(layout)?));
    if std::env::var("INTARSIA_SLT").is_ok_and(|mode| mode == "complete") {
        return complete(script, &oracle);
    }
    run(script, &oracle)
}

/// One DataFusion with the rows of the scripts; which layout file names the columns makes no difference.
fn one_datafusion(layout: &Path) -> Result<Session> {
    let (catalog, _) =
        intarsia_catalog::Catalog::parse("layout", catalog(layout)?.as_bytes(), &NoUrls)?;
    oracle(&catalog, &rows(&catalog)?)
}

struct NoUrls;

impl intarsia_catalog::Secrets for NoUrls {
    fn env(&self, _: &str) -> Result<String, String> {
        Ok("sqlite:unused.db".to_owned())
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Err(format!("no file `{path}`"))
    }
}

fn on_layout(script: &Path, layout: &Path, world: &World) -> Result<()> {
    let made = world.get_or_init(|| deploy(layout).map_err(|error| error.to_string()));
    let deployment = made.as_ref().map_err(|message| message.as_str())?;
    let runtime = runtime()?;
    let _inside = runtime.enter();
    let session = Answerer(Arc::new(deployment.engine()?.session()));
    run_on(&runtime, script, &session)
}

fn deploy(layout: &Path) -> Result<Deployment> {
    let yaml = catalog(layout)?;
    runtime()?.block_on(Deployment::new(Cluster::shared(), &yaml, &rows, 1))
}

fn run(script: &Path, answerer: &Answerer) -> Result<()> {
    run_on(&runtime()?, script, answerer)
}

fn run_on(runtime: &tokio::runtime::Runtime, script: &Path, answerer: &Answerer) -> Result<()> {
    let mut runner = Runner::new(|| async { Ok(answerer.clone()) });
    runner.with_column_validator(strict_column_validator);
    Ok(runtime.block_on(runner.run_file_async(script))?)
}

fn complete(script: &Path, answerer: &Answerer) -> Result<()> {
    let mut runner = Runner::new(|| async { Ok(answerer.clone()) });
    let updated = runner.update_test_file(
        script,
        " ",
        default_validator,
        |text| text.trim_end().to_owned(),
        strict_column_validator,
    );
    runtime()?.block_on(updated).map_err(|error| error.to_string().into())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
