use std::collections::HashMap;
fn main() {
    let mut map: HashMap<i64, i64> = HashMap::new();
    let mut x: i64 = 1;
    for _ in 0..1000000 {
        x = (x.wrapping_mul(1103515245) + 12345) & 0x7FFFFFFF;
        *map.entry(x % 200000).or_insert(0) += 1;
    }
    let mut hits = 0;
    for i in 0..1000000i64 { if let Some(n) = map.get(&i) { hits += n; } }
    println!("{} {hits}", map.len());
}
