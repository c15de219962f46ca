use std::collections::HashMap;
fn counts(dna: &[u8], k: usize) -> HashMap<i64, i64> {
    let mut map = HashMap::new();
    let (mut key, mask) = (0i64, (1i64 << (2 * k)) - 1);
    for (i, b) in dna.iter().enumerate() {
        key = ((key << 2) | *b as i64) & mask;
        if i + 1 >= k { *map.entry(key).or_insert(0) += 1; }
    }
    map
}
fn main() {
    let mut dna = Vec::new();
    let mut seed: i64 = 42;
    for _ in 0..500000 { seed = (seed * 3877 + 29573) % 139968; dna.push(((seed >> 3) & 3) as u8); }
    for k in 1..8 {
        let map = counts(&dna, k);
        let most = (0..1i64 << (2 * k)).map(|key| map.get(&key).copied().unwrap_or(0)).max().unwrap();
        println!("{k} {} {most}", map.len());
    }
}
