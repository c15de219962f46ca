//! B001, B005, B014, B016, T040: places whose value is gone, or was never there.

use mir::MoveOrigin;

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

pub(crate) fn use_of_moved(place: &str, used: Place, moved: &[Place], in_loop: bool) -> Draft {
    let what = if place.is_empty() {
        "value".to_string()
    } else {
        format!("value `{place}`")
    };
    let mut draft = Draft::error("B001", used, format!("Use of moved {what}"));
    if in_loop {
        draft = draft.labelled("moved here, in the previous iteration of the loop");
    } else {
        draft = draft.labelled("used here after the move");
        for site in moved.iter().filter(|site| **site != used) {
            draft = draft.label(*site, "moved here");
        }
    }
    draft.help("borrow it instead of moving it (`ref`), or move a copy: `.duplicate()`")
}

pub(crate) fn capture_of_moved(place: &str, used: Place, moved: &[Place]) -> Draft {
    let message = format!("Closure captures moved value `{place}`");
    let mut draft = Draft::error("B014", used, message).labelled("captured here after the move");
    for site in moved.iter().filter(|site| **site != used) {
        draft = draft.label(*site, "moved here");
    }
    draft.help("make the closure before the move, or move a copy: `.duplicate()`")
}

pub(crate) fn use_of_partly_moved(place: &str, part: &str, used: Place, moved: &[Place]) -> Draft {
    let message = format!("Use of partially moved value `{place}`: `{part}` was moved");
    let mut draft = Draft::error("B016", used, message).labelled("used here as a whole");
    for site in moved {
        draft = draft.label(*site, format!("`{part}` moved here"));
    }
    draft.help(format!(
        "put a value back into `{part}` first, or move a copy: `.duplicate()`"
    ))
}

pub(crate) fn move_out(ctx: &BodyCtx<'_>, place: &str, from: MoveOrigin, source: Place) -> Draft {
    let of = if place.is_empty() {
        "a value".to_string()
    } else {
        format!("`{place}`")
    };
    let (behind, help) = match from {
        MoveOrigin::Reference => (
            "a reference",
            "copy it with `.duplicate()`, or take it and leave another with `mem::replace`",
        ),
        MoveOrigin::Receiver => (
            "a borrowed `this`",
            "take the receiver by value: `this: This`; or copy with `.duplicate()`",
        ),
        MoveOrigin::Pointer => ("a pointer", "copy it with `.duplicate()`"),
        MoveOrigin::Element => (
            "an array or slice",
            "borrow the element (`ref`), or copy it with `.duplicate()`",
        ),
        MoveOrigin::Object => (
            "an object",
            "copy it with `.duplicate()`, or take it and leave another with `mem::replace`",
        ),
        MoveOrigin::Static => ("a static", "copy it with `.duplicate()`"),
    };
    let draft = Draft::error("B005", source, format!("Move of {of} out of {behind}"))
        .labelled("moved here, but its owner stays");
    let draft = match (from, ctx.func()) {
        (MoveOrigin::Receiver, Some(func)) => {
            let map = &hir_def::signatures::func_signature_with_source_map(ctx.db, func).1;
            let receiver = map
                .receiver
                .map(|range| Place::new(func.item(ctx.db), range));
            draft.label_opt(receiver, "the receiver is borrowed")
        }
        _ => draft,
    };
    draft.help(help)
}

/// T040
pub(crate) fn uninitialised(name: &str, used: Place, declared: Place) -> Draft {
    Draft::error(
        "T040",
        used,
        format!("Use of `{name}` before initialisation"),
    )
    .labelled("may have no value here")
    .label(declared, "declared without a value")
    .help("give it a value on every path to this use")
}

/// W044
pub(crate) fn skips_drop(whole: &str, part: &str, source: Place) -> Draft {
    let whole = match whole {
        "" => "the value".to_string(),
        name => format!("`{name}`"),
    };
    let message = format!("Moving `{part}` out of {whole} skips its `drop`");
    Draft::warning("W044", source, message)
        .labelled("moved here; the other fields are dropped one by one")
        .help("keep the destructor: leave another value with `mem::replace`, or move a copy: `.duplicate()`")
}
