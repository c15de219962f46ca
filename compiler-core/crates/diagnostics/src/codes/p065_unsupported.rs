//! P065: accepted by the grammar, not by this version of the compiler.

use crate::place::{Draft, Place};

pub(crate) fn unsupported(place: Place, feature: &str) -> Draft {
    Draft::error(
        "P065",
        place,
        format!("Construct not supported by this version of tml: {feature}"),
    )
    .labelled("not supported yet")
}
