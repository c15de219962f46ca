//! Building programs through the façade.

use std::path::Path;

use compiler_core::build::{BuildRequest, LinkerKind, ProfileChoice, Report, Selection};
use compiler_core::{Host, Rendering};

/// A request that puts products and objects below a directory.
pub fn request(dir: &Path, profile: ProfileChoice) -> BuildRequest {
    BuildRequest {
        selection: Selection {
            is_workspace: true,
            ..Selection::default()
        },
        out_dir: dir.join("out").join(&profile.name),
        profile,
        defines: Vec::new(),
        check_only: false,
        output: None,
        linker: LinkerKind::Wild,
        use_cache: true,
        store_dir: Some(dir.join("store")),
        emit: Vec::new(),
        is_test: false,
    }
}

/// All diagnostics of a report as text.
pub fn rendered(host: &Host, report: &Report) -> String {
    host.render_text(
        report,
        Rendering {
            color: false,
            width: 100,
            max_errors: 50,
        },
    )
}
