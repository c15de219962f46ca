fn complement(b: u8) -> u8 { match b { 65 => 84, 84 => 65, 67 => 71, 71 => 67, b => b } }
fn reverse(s: &mut [u8]) {
    let (mut lo, mut hi) = (0i64, s.len() as i64 - 1);
    while lo < hi {
        let t = complement(s[lo as usize]);
        s[lo as usize] = complement(s[hi as usize]);
        s[hi as usize] = t;
        lo += 1;
        hi -= 1;
    }
    if lo == hi { s[lo as usize] = complement(s[lo as usize]); }
}
fn main() {
    let names = *b"ACGT";
    let mut dna = Vec::new();
    let mut seed: i64 = 42;
    for _ in 0..4000001 { seed = (seed * 3877 + 29573) % 139968; dna.push(names[(seed & 3) as usize]); }
    for _ in 0..9 { reverse(&mut dna); }
    println!("{}", dna.iter().fold(0i64, |sum, b| (sum * 31 + *b as i64) % 1000003));
}
