//! Builds: check → plan → emit → link.
//!
//! Only checking and planning read the database, in snapshots that a change cancels; memoised
//! work stays, so trying again converges. Emitting and linking hold no snapshot: an object is
//! valid for ever under its key.

mod emit;
mod expect;
mod image;
mod partition;
mod parts;
mod plan;
mod request;
mod tests;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use codegen::{EmitOptions, EmitPool};
use diagnostics::Diagnostic;
use object_store::{Store, StoreOptions};
use stdx::Hash128;

use crate::host::{Analysis, Host};
use crate::world::Unit;

pub use self::request::{
    Artifact, ArtifactKind, BuildRequest, Emit, Event, Failure, Outcome, ProfileChoice, Report,
    Selection,
};
pub use link::LinkerKind;
pub use project::Level;

pub use self::tests::{TestCase, TestFile, TestFilter, TestOutcome, TestReport, TestRequest};

use self::image::Images;
use self::parts::Parts;
use self::plan::{Planned, Plans};

/// A change may cancel a plan this often before the build gives up and says so. Memoised work
/// stays between attempts, so each gets further than the one before.
const PLAN_ATTEMPTS_MAX: usize = 10_000;

/// Stack of a thread that analyses: deeply nested programs recurse, within the parser's limits.
pub const ANALYSIS_STACK_BYTES: usize = 64 * 1024 * 1024;

/// To be called first on such a thread: what recurses may then use more of its stack.
pub fn enter_analysis_thread() {
    stdx::stack::declare_size(ANALYSIS_STACK_BYTES);
}

/// What builds keep between each other: threads with LLVM, the object store, what images were
/// linked from.
pub struct Builder {
    pool: EmitPool,
    /// Of the executable that runs this code: part of every object key.
    compiler_build: String,
    stores: Mutex<Vec<(PathBuf, Arc<Store>)>>,
    images: Images,
    plans: Plans,
    /// One build at a time: they would fight for the same cores and images.
    turn: Mutex<()>,
}

/// What some work of a builder cost, all in all.
struct Cost {
    queries: u64,
    total: Duration,
}

impl Cost {
    fn note(&self, stats: &mut request::Stats) {
        stats.queries_executed = self.queries;
        stats.total = self.total;
    }
}

impl Builder {
    /// A builder with this many emitting threads.
    pub fn new(threads: usize) -> std::io::Result<Builder> {
        Ok(Builder {
            pool: EmitPool::new(threads, EmitOptions::default())?,
            compiler_build: compiler_build()?,
            stores: Mutex::default(),
            images: Images::default(),
            plans: Plans::default(),
            turn: Mutex::default(),
        })
    }

    /// Does what the request says on the host's present state.
    pub fn build(
        &self,
        host: &Host,
        request: &BuildRequest,
        on_event: &mut dyn FnMut(Event),
    ) -> Report {
        let mut report = Report::default();
        let (outcome, cost) =
            self.in_turn(host, || self.steps(host, request, on_event, &mut report));
        report.outcome = match outcome {
            Ok(()) => Outcome::Done,
            Err(failure) => Outcome::Failed(failure),
        };
        cost.note(&mut report.stats);
        report
    }

    /// Does something when no other build is at work, and says what it cost.
    fn in_turn<T>(&self, host: &Host, work: impl FnOnce() -> T) -> (T, Cost) {
        let _turn = self
            .turn
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let start = Instant::now();
        let queries_before = host.query_log().executed();
        let done = work();
        let cost = Cost {
            queries: host.query_log().executed() - queries_before,
            total: start.elapsed(),
        };
        (done, cost)
    }

    fn steps(
        &self,
        host: &Host,
        request: &BuildRequest,
        on_event: &mut dyn FnMut(Event),
        report: &mut Report,
    ) -> Result<(), Failure> {
        host.require_flavor(&request.flavor());
        let start = Instant::now();
        // Both walk the same memoised results, side by side. A plan of a program with errors is
        // dropped.
        let checked = std::thread::scope(|scope| {
            let offered = self.plan_beside(scope, host, request);
            let checked = read(host, |analysis| plan::check(analysis, request));
            if checked.as_ref().is_ok_and(|checked| !checked.has_errors()) {
                self.help_planning(host, request, &offered);
            }
            checked
        })?;
        report.stats.check = start.elapsed();
        report.revision = checked.revision;
        report.problems = checked.problems;
        report.diagnostics = checked.diagnostics;
        report.packages = checked.packages;
        if report.has_errors() {
            return Err(Failure::Errors);
        }
        if request.check_only {
            return Ok(());
        }
        if let Some(missing) = checked.missing {
            return Err(Failure::Nothing(missing));
        }
        for unit in &checked.binaries {
            self.binary(host, request, unit, on_event, report)?;
        }
        Ok(())
    }

    /// Starts to plan on another thread, which offers shares in that and hangs up at its end.
    fn plan_beside<'scope>(
        &'scope self,
        scope: &'scope std::thread::Scope<'scope, '_>,
        host: &'scope Host,
        request: &'scope BuildRequest,
    ) -> Receiver<Arc<Parts>> {
        let (offer, offered) = mpsc::channel();
        if request.check_only {
            return offered;
        }
        let plan = move || {
            read(host, |analysis| {
                self.plans.plan_selected(analysis, request, &offer);
            })
        };
        // Without a second thread, or if it fails, the plan is simply made later.
        let _ = std::thread::Builder::new()
            .name("plan".to_string())
            .stack_size(ANALYSIS_STACK_BYTES)
            .spawn_scoped(scope, move || {
                enter_analysis_thread();
                catch_unwind(AssertUnwindSafe(plan)).is_ok()
            });
        offered
    }

    /// Takes a share in the planning that another thread does. What fails here, fails there.
    fn help_planning(&self, host: &Host, request: &BuildRequest, offered: &Receiver<Arc<Parts>>) {
        let offer: Cell<Option<Arc<Parts>>> = Cell::new(None);
        // Until the first offer the other thread walks; its snapshot is let go before waiting.
        let ahead = AssertUnwindSafe(|| {
            host.snapshot().read(|analysis| {
                self.plans.look_ahead(analysis, request, || {
                    match offered.try_recv() {
                        Ok(parts) => offer.set(Some(parts)),
                        Err(TryRecvError::Empty) => return false,
                        Err(TryRecvError::Disconnected) => {}
                    }
                    true
                });
            })
        });
        let _ = catch_unwind(ahead);
        // Who plans hangs up when there is no more.
        for parts in offer.take().into_iter().chain(offered.iter()) {
            let work = || host.snapshot().read(|analysis| parts.work(analysis));
            let _ = catch_unwind(AssertUnwindSafe(work));
        }
    }

    fn binary(
        &self,
        host: &Host,
        request: &BuildRequest,
        unit: &Unit,
        on_event: &mut dyn FnMut(Event),
        report: &mut Report,
    ) -> Result<(), Failure> {
        let output = request.output_path(&unit.target.name);
        let start = Instant::now();
        let planned = read(host, |analysis| self.plans.plan(analysis, unit, request))?;
        report.stats.plan += start.elapsed();
        let mut planned = match planned {
            Planned::Program(program) => program,
            Planned::Errors(diagnostics) => {
                report.diagnostics.extend(diagnostics);
                return Err(Failure::Errors);
            }
        };
        report.programs.push(planned.identity);
        if self.images.is_fresh(&output, &planned, request) && request.emit.is_empty() {
            report.artifacts.push(Artifact::binary(unit, output, true));
            return Ok(());
        }
        on_event(Event::Compiling {
            package: unit.target.name.clone(),
        });
        let store = self.store(request)?;
        // LLVM inlines inside of an object: with optimisation a pack is never kept when one of
        // its functions has changed, because others may hold its old body.
        let mut previous = match request.profile.is_optimized() {
            false => self.images.partition(&output),
            true => Default::default(),
        };
        let mut attempts = 0;
        let (partition, objects) = loop {
            let start = Instant::now();
            let partition = partition::partition(&previous, &planned.functions);
            let emitted = emit::objects(
                self,
                host,
                request,
                &planned,
                &partition,
                store.as_deref(),
                on_event,
            );
            report.stats.emit += start.elapsed();
            match emitted? {
                emit::Emitted::Objects(objects) => break (partition, objects),
                // The program changed between planning and fetching: plan the new one. Or an
                // earlier pack is neither in the store nor can it be made again, because some of
                // its functions have changed since (another compiler, a cleared store): forget it.
                emit::Emitted::Stale if attempts < PLAN_ATTEMPTS_MAX => {
                    attempts += 1;
                    previous = Default::default();
                    match read(host, |analysis| self.plans.plan(analysis, unit, request))? {
                        Planned::Program(program) => planned = program,
                        Planned::Errors(diagnostics) => {
                            report.diagnostics.extend(diagnostics);
                            return Err(Failure::Errors);
                        }
                    }
                }
                emit::Emitted::Stale => return Err(Failure::Interrupted),
            }
        };
        report.stats.objects_emitted += objects.emitted_objects;
        report.stats.functions_emitted += objects.emitted_functions;
        report.stats.objects_reused += objects.reused_objects;
        report
            .stats
            .emitted_symbols
            .extend(objects.emitted_symbols.iter().cloned());
        emit::write_texts(host, request, &planned, report)?;
        let start = Instant::now();
        on_event(Event::Linking {
            path: output.clone(),
        });
        self.images
            .link(&output, &planned, partition, &objects, request)?;
        report.stats.link += start.elapsed();
        report.artifacts.push(Artifact::binary(unit, output, false));
        Ok(())
    }

    /// The object store of a request; `None` with `--no-cache`.
    fn store(&self, request: &BuildRequest) -> Result<Option<Arc<Store>>, Failure> {
        if !request.use_cache {
            return Ok(None);
        }
        let dir = request.store_dir.clone().unwrap_or_else(default_store_dir);
        let mut stores = self
            .stores
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((_, store)) = stores.iter().find(|(known, _)| *known == dir) {
            return Ok(Some(store.clone()));
        }
        let store = Store::open(&dir, StoreOptions::default())
            .map_err(|e| Failure::Store(e.to_string()))?;
        let store = Arc::new(store);
        stores.push((dir, store.clone()));
        Ok(Some(store))
    }
}

/// Reads a snapshot, again after each change that cancels it.
fn read<R>(host: &Host, question: impl Fn(&Analysis<'_>) -> R) -> Result<R, Failure> {
    for _ in 0..PLAN_ATTEMPTS_MAX {
        if let Ok(answer) = host.snapshot().read(&question) {
            return Ok(answer);
        }
    }
    Err(Failure::Interrupted)
}

/// The platform's cache directory, `tml` below it (cli.md §2.7).
pub(crate) fn default_store_dir() -> PathBuf {
    let env = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(dir) = env("TML_CACHE_DIR") {
        return dir;
    }
    let base = env("XDG_CACHE_HOME").or_else(|| env("HOME").map(|home| home.join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("tml")
}

/// What tells this build of the compiler from others: a hash of the running executable.
fn compiler_build() -> std::io::Result<String> {
    let bytes =
        std::fs::read("/proc/self/exe").or_else(|_| std::fs::read(std::env::current_exe()?))?;
    Ok(Hash128::of_bytes(&bytes).to_string())
}

impl Report {
    pub fn has_errors(&self) -> bool {
        has_errors(&self.problems, &self.diagnostics)
    }
}

fn has_errors(problems: &[project::Problem], diagnostics: &[Diagnostic]) -> bool {
    problems
        .iter()
        .any(|problem| problem.severity == project::Severity::Error)
        || diagnostics.iter().any(Diagnostic::is_error)
}
