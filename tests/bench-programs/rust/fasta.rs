fn main() {
    let names = *b"ACGT";
    let limits = [0.3029549426680, 0.5009432431601, 0.6984905497992, 1.0];
    let mut out: Vec<u8> = Vec::new();
    let mut seed: i64 = 42;
    for i in 0..5000000 {
        seed = (seed * 3877 + 29573) % 139968;
        let r = seed as f64 / 139968.0;
        let mut k = 0;
        while limits[k] < r { k += 1; }
        out.push(names[k]);
        if i % 60 == 59 { out.push(10); }
    }
    let sum = out.iter().fold(0i64, |sum, b| (sum * 31 + *b as i64) % 1000003);
    println!("{} {sum}", out.len());
}
