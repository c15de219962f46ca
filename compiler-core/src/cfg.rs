//! Symbols of conditional compilation that are predefined (reference §12.1).

use syntax::PreprocessorEnv;

use crate::world::Flavor;

/// All symbols for a package under a flavor: those of the target (the host, for now), the mode,
/// enabled features, `[build] defines`, and `-D` from the command line.
pub(crate) fn symbols(flavor: &Flavor, defines: &[String], features: &[String]) -> PreprocessorEnv {
    let arch = if cfg!(target_arch = "aarch64") {
        "ARM64"
    } else {
        "X86_64"
    };
    let fixed = [
        "LINUX",
        "UNIX",
        "POSIX",
        arch,
        "PTR_64",
        "LITTLE_ENDIAN",
        "GNU",
    ];
    let mode = if flavor.is_release {
        "RELEASE"
    } else {
        "DEBUG"
    };
    let mut env = PreprocessorEnv::default();
    for symbol in fixed
        .into_iter()
        .chain([mode])
        .chain(flavor.is_test.then_some("TEST"))
    {
        env.define(symbol, None);
    }
    for feature in features {
        env.define(
            format!("FEATURE_{}", feature.to_uppercase().replace('-', "_")),
            None,
        );
    }
    for define in defines.iter().chain(&flavor.defines) {
        match define.split_once('=') {
            Some((name, value)) => env.define(name, Some(value.into())),
            None => env.define(define.as_str(), None),
        };
    }
    env
}
