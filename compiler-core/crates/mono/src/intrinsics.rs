//! Intrinsics: body-less functions of the library that calls replace by instructions.
//!
//! [`find`] knows them by name alone; [`lower`](crate::lower) emits them through [`emit`].

pub mod emit;
mod reflect;
pub mod table;

use ssa::Ordering;

pub use table::IntrinsicOp;

/// An intrinsic by the name of its declaration; atomics carry their order as a suffix.
pub fn find(name: &str) -> Option<(IntrinsicOp, Ordering)> {
    let by_name = |name: &str| {
        let entry = table::TABLE.iter().find(|(known, _)| *known == name);
        entry.map(|(_, op)| *op)
    };
    if let Some(op) = by_name(name) {
        return Some((op, Ordering::SeqCst));
    }
    let (base, suffix) = name.rsplit_once('_')?;
    let ordering = match suffix {
        "relaxed" => Ordering::Relaxed,
        "acquire" => Ordering::Acquire,
        "release" => Ordering::Release,
        "acqrel" => Ordering::AcqRel,
        "seqcst" => Ordering::SeqCst,
        _ => return None,
    };
    let op = by_name(base)?;
    is_atomic(op).then_some((op, ordering))
}

fn is_atomic(op: IntrinsicOp) -> bool {
    use IntrinsicOp::*;
    matches!(
        op,
        AtomicLoad | AtomicStore | AtomicRmw(_) | AtomicMax | AtomicMin | AtomicCas | Fence
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intrinsic_is_documented() {
        let page = include_str!("../../../../docs/intrinsics.md");
        for (name, _) in table::TABLE {
            assert!(
                page.contains(&format!("`{name}["))
                    || page.contains(&format!("`{name}("))
                    || page.contains(&format!("`{name}`")),
                "`{name}` is missing from docs/intrinsics.md"
            );
        }
    }

    #[test]
    fn only_atomics_take_an_order() {
        assert_eq!(
            find("fence_acquire"),
            Some((IntrinsicOp::Fence, Ordering::Acquire))
        );
        assert_eq!(
            find("atomic_load_relaxed"),
            Some((IntrinsicOp::AtomicLoad, Ordering::Relaxed))
        );
        assert_eq!(find("size_of_relaxed"), None);
        assert_eq!(find("no_such_thing"), None);
    }
}
