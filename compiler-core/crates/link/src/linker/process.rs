//! Linkers that are programs: lld, mold, and the C compiler as a driver.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Image, ResolvedLibs, messages, options};
use crate::LinkError;
use crate::output::Scratch;
use crate::plan::{ImageKind, LinkInput, LinkPlan, LinkerKind};

/// A linker's complaints are kept up to here; past it nobody reads them.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;

pub(super) fn link(
    plan: &LinkPlan,
    linker: LinkerKind,
    libs: &ResolvedLibs,
) -> Result<Image, LinkError> {
    let program = find_program(plan, linker)?;
    let scratch = Scratch::beside(&plan.output);
    let dir = scratch.path();
    fs::create_dir(dir).map_err(|err| LinkError::io("create directory", dir, err))?;
    let inputs = input_paths(plan, dir)?;
    let image = dir.join("image");

    let mut command = Command::new(&program);
    if linker == LinkerKind::Cc {
        command.args(driver_options(plan, libs));
    } else {
        command.args(options(plan, libs));
    }
    if linker == LinkerKind::Lld {
        // All errors, and none of them coloured.
        command.args(["--error-limit=0", "--color-diagnostics=never"]);
    }
    command.arg("-o").arg(&image).args(&inputs);
    command.args(lib_arguments(linker, libs, dir)?);
    // Messages are read, so they must not be translated.
    command.env("LC_ALL", "C").stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|err| LinkError::io("run", &program, err))?;
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stdout));
    text.truncate(text.floor_char_boundary(OUTPUT_BYTES_MAX));
    if !output.status.success() {
        if text.is_empty() {
            text = format!("`{}` ended with {}", program.display(), output.status);
        }
        return Err(messages::classify(linker, text, |path| {
            plan_name(plan, &inputs, path)
        }));
    }
    let bytes = fs::read(&image).map_err(|err| LinkError::io("read", &image, err))?;
    let warnings = text
        .lines()
        .map(str::to_owned)
        .filter(|line| !line.is_empty())
        .collect();
    Ok(Image { bytes, warnings })
}

/// The inputs as files; those in memory are written into the scratch directory.
fn input_paths(plan: &LinkPlan, dir: &Path) -> Result<Vec<PathBuf>, LinkError> {
    let paths = plan
        .inputs
        .iter()
        .enumerate()
        .map(|(index, input)| match input {
            LinkInput::Path(path) => {
                std::path::absolute(path).map_err(|err| LinkError::io("find", path, err))
            }
            LinkInput::Bytes { bytes, .. } => {
                let path = dir.join(format!("{index}.o"));
                fs::write(&path, bytes).map_err(|err| LinkError::io("write", &path, err))?;
                Ok(path)
            }
        });
    paths.collect()
}

/// Libraries by name, through a directory of links, so that no path gets into the image.
fn lib_arguments(
    linker: LinkerKind,
    libs: &ResolvedLibs,
    dir: &Path,
) -> Result<Vec<OsString>, LinkError> {
    if libs.files.is_empty() {
        return Ok(Vec::new());
    }
    let links = dir.join("lib");
    fs::create_dir(&links).map_err(|err| LinkError::io("create directory", &links, err))?;
    let is_driver = linker == LinkerKind::Cc;
    let as_needed = if is_driver {
        "-Wl,--as-needed"
    } else {
        "--as-needed"
    };
    let mut arguments: Vec<OsString> = vec![as_needed.into(), "-L".into(), links.clone().into()];
    for (file, name) in libs.named() {
        let file = std::path::absolute(file).map_err(|err| LinkError::io("find", file, err))?;
        let Some(name) = name else {
            arguments.push(file.into());
            continue;
        };
        let link = links.join(name);
        std::os::unix::fs::symlink(&file, &link)
            .map_err(|err| LinkError::io("create", &link, err))?;
        arguments.push(format!("-l:{name}").into());
    }
    Ok(arguments)
}

/// The plan's name of an input, from what the linker calls it.
fn plan_name(plan: &LinkPlan, paths: &[PathBuf], path: &str) -> String {
    let position = paths.iter().position(|known| known == Path::new(path));
    match position.and_then(|index| plan.inputs.get(index)) {
        Some(LinkInput::Bytes { name, .. }) => name.to_string(),
        _ => path.to_owned(),
    }
}

/// The same options through a compiler driver. It brings neither start files
/// nor libraries of its own: the plan has them.
fn driver_options(plan: &LinkPlan, libs: &ResolvedLibs) -> Vec<OsString> {
    let mut result: Vec<OsString> = vec!["-nostdlib".into()];
    let mut options = options(plan, libs).into_iter();
    while let Some(option) = options.next() {
        match option.to_str() {
            // The driver knows its own machine.
            Some("-m") => drop(options.next()),
            // It decides on other things by these, so it has to see them itself.
            Some("-pie" | "-no-pie" | "-shared" | "-r") => result.push(option),
            _ => {
                result.push("-Xlinker".into());
                result.push(option);
            }
        }
    }
    if plan.kind == ImageKind::Relocatable {
        result.push("-no-pie".into());
    }
    result
}

fn find_program(plan: &LinkPlan, linker: LinkerKind) -> Result<PathBuf, LinkError> {
    if let Some(path) = plan.linker_path.as_ref().filter(|_| linker == plan.linker) {
        return Ok(path.clone());
    }
    let names: &[&str] = match linker {
        LinkerKind::Wild => &["wild"],
        LinkerKind::Lld => &["ld.lld-22", "ld.lld"],
        LinkerKind::Mold => &["mold", "ld.mold"],
        LinkerKind::Cc => &["cc", "gcc", "clang"],
    };
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = env::split_paths(&path).collect();
    let found = names
        .iter()
        .flat_map(|name| dirs.iter().map(move |dir| dir.join(name)))
        .find(|candidate| is_executable(candidate));
    found.ok_or_else(|| {
        let name = Path::new(names.first().copied().unwrap_or_default());
        LinkError::io(
            "find in PATH the linker",
            name,
            io::ErrorKind::NotFound.into(),
        )
    })
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
