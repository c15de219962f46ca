//! The analysis takes any text: no panic, no hang, and what it says points into the text.

use std::cell::RefCell;
use std::sync::Arc;

use compiler_core::{Change, Host, Input, MemoryFiles};

const PATH: &str = "/d/main.tml";
/// Analyses by one host before it is replaced: memory must not grow with the length of a run.
const HOST_ROUNDS_MAX: u32 = 2000;

thread_local! {
    /// The library is analysed once for many inputs.
    static HOST: RefCell<Option<(Host, u32)>> = const { RefCell::new(None) };
}

/// Everything that is wrong with a program is found without a panic, and points into it.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    HOST.with_borrow_mut(|slot| {
        // A host whose analysis panicked is not asked again.
        let (host, rounds) = slot.take().unwrap_or_else(|| (open(), 0));
        analyse(&host, &text);
        if rounds < HOST_ROUNDS_MAX {
            *slot = Some((host, rounds + 1));
        }
    });
}

fn open() -> Host {
    let mut tree = MemoryFiles::new("fuzz");
    tree.insert(PATH, "func main() {}");
    Host::in_memory(Input::SingleFile(PATH.to_string()), tree)
}

fn analyse(host: &Host, text: &str) {
    let buffer: Arc<str> = text.into();
    host.apply(&Change {
        buffers: vec![(PATH.to_string(), Some(buffer))],
        ..Change::default()
    });
    let found = host
        .snapshot()
        .read(|analysis| analysis.diagnostics(PATH))
        .ok()
        .flatten();
    for diagnostic in found.unwrap_or_default() {
        let range: std::ops::Range<usize> = diagnostic.primary.range.range.into();
        let is_inside = *diagnostic.primary.range.path != *PATH || text.get(range).is_some();
        assert!(is_inside, "{} points nowhere", diagnostic.code);
    }
}
