//! `cargo run --release -p compiler-core --example query_counts -- DIR FILE FROM TO`: which
//! queries a cold build runs, and which an edit of FILE runs, by name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use compiler_core::build::{BuildRequest, Builder, LinkerKind, ProfileChoice, Selection};
use compiler_core::{Change, Host, Input};

// As in `tmld`, whose builds this measures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, file, from, to] = args.as_slice() else {
        eprintln!("usage: query_counts DIR FILE FROM TO");
        std::process::exit(2);
    };
    let host = Host::open(Input::Directory(dir.clone()));
    let builder = Builder::new(2).expect("threads");
    let out = std::env::temp_dir().join("tml-query-counts");
    let request = BuildRequest {
        selection: Selection {
            is_workspace: true,
            ..Selection::default()
        },
        out_dir: out.clone(),
        profile: ProfileChoice::debug(),
        defines: Vec::new(),
        check_only: false,
        output: None,
        linker: LinkerKind::Wild,
        use_cache: true,
        store_dir: Some(out.join("store")),
        emit: Vec::new(),
        is_test: false,
    };
    measure("cold", &host, &builder, &request);
    let path = Path::new(dir).join(file).display().to_string();
    let mut text = std::fs::read_to_string(&path).expect("a readable file");
    for round in 0..std::env::var("ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(3)
    {
        text = text.replacen(from, &format!("{to} + {round}"), 1);
        let buffer: Arc<str> = text.as_str().into();
        let start = Instant::now();
        host.apply(&Change {
            buffers: vec![(path.clone(), Some(buffer))],
            ..Change::default()
        });
        print!("edit: apply {:?} ", start.elapsed());
        measure("", &host, &builder, &request);
    }
}

fn measure(what: &str, host: &Host, builder: &Builder, request: &BuildRequest) {
    host.query_log().take();
    host.query_log().record(true);
    let report = builder.build(host, request, &mut |_| {});
    host.query_log().record(false);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for key in host.query_log().take() {
        *counts
            .entry(key.split('(').next().unwrap_or_default().to_string())
            .or_default() += 1;
    }
    let stats = &report.stats;
    println!(
        "{what}: {:?} total {:?} check {:?} plan {:?} emit {:?} link {:?}",
        report.outcome, stats.total, stats.check, stats.plan, stats.emit, stats.link
    );
    let mut sorted: Vec<(String, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (name, count) in sorted.iter().take(45) {
        println!("  {count:>8} {name}");
    }
}
