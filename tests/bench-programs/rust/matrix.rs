const N: usize = 300;
fn filled(k: usize) -> Vec<f64> { (0..N * N).map(|i| ((i * k) % 17) as f64).collect() }
fn multiply(a: &[f64], b: &[f64], c: &mut [f64]) {
    for i in 0..N { for j in 0..N {
        let mut sum = 0.0;
        for k in 0..N { sum += a[i * N + k] * b[k * N + j]; }
        c[i * N + j] = sum;
    } }
}
fn main() {
    let (a, b, mut c) = (filled(3), filled(5), filled(0));
    for _ in 0..5 { multiply(&a, &b, &mut c); }
    println!("{}", (0..N).map(|i| c[i * N + i]).sum::<f64>() as i64);
}
