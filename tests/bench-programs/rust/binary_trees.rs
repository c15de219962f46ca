struct Node { left: Option<Box<Node>>, right: Option<Box<Node>> }
fn tree(depth: i64) -> Option<Box<Node>> {
    if depth == 0 { return Some(Box::new(Node { left: None, right: None })); }
    Some(Box::new(Node { left: tree(depth - 1), right: tree(depth - 1) }))
}
fn count(t: &Option<Box<Node>>) -> i64 {
    match t { Some(n) => 1 + count(&n.left) + count(&n.right), None => 0 }
}
fn main() {
    let mut total = 0;
    for _ in 0..40 { let t = tree(14); total += count(&t); }
    println!("{total}");
}
