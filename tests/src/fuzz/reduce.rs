//! Makes a failing case smaller by leaving out statements.

use super::{Case, Node};

/// Attempts that reducing one case may take; guessed: an attempt is a build.
const ATTEMPTS_MAX: usize = 300;

/// The smallest case found that still fails, by leaving out one statement or block after
/// another, and by putting the inside of a block in its place.
pub fn reduce(case: &Case, still_fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut best = case.clone();
    let mut attempts = 0;
    loop {
        let before = best.clone();
        let mut at = 0;
        while at < count(&best.body) {
            let mut replaced = None;
            for keep_inside in [false, true] {
                let mut smaller = best.clone();
                let mut index = at;
                without(&mut smaller.body, &mut index, keep_inside);
                if smaller == best {
                    continue;
                }
                attempts += 1;
                if attempts > ATTEMPTS_MAX {
                    return best;
                }
                if still_fails(&smaller) {
                    replaced = Some(smaller);
                    break;
                }
            }
            match replaced {
                Some(smaller) => best = smaller,
                None => at += 1,
            }
        }
        if best == before {
            return best;
        }
    }
}

fn count(nodes: &[Node]) -> usize {
    let sizes = nodes.iter().map(|node| match node {
        Node::Line(_) => 1,
        Node::Block { body, .. } => 1 + count(body),
    });
    sizes.sum()
}

/// Takes out the node at a position in text order.
fn without(nodes: &mut Vec<Node>, at: &mut usize, keep_inside: bool) {
    let mut index = 0;
    while index < nodes.len() {
        if *at == 0 {
            let gone = nodes.remove(index);
            if let (Node::Block { body, .. }, true) = (gone, keep_inside) {
                nodes.splice(index..index, body);
            }
            *at = usize::MAX;
            return;
        }
        *at -= 1;
        if let Node::Block { body, .. } = &mut nodes[index] {
            without(body, at, keep_inside);
            if *at == usize::MAX {
                return;
            }
        }
        index += 1;
    }
}
