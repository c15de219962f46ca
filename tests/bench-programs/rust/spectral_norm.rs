const N: usize = 1000;
fn a(i: usize, j: usize) -> f64 { 1.0 / (((i + j) * (i + j + 1) / 2 + i + 1) as f64) }
fn times(v: &[f64], out: &mut [f64]) {
    for i in 0..N {
        let mut sum = 0.0;
        for j in 0..N { sum += a(i, j) * v[j]; }
        out[i] = sum;
    }
}
fn transposed(v: &[f64], out: &mut [f64]) {
    for i in 0..N {
        let mut sum = 0.0;
        for j in 0..N { sum += a(j, i) * v[j]; }
        out[i] = sum;
    }
}
fn main() {
    let (mut u, mut v, mut t) = (vec![1.0; N], vec![0.0; N], vec![0.0; N]);
    for _ in 0..10 {
        times(&u, &mut t);
        transposed(&t, &mut v);
        times(&v, &mut t);
        transposed(&t, &mut u);
    }
    let uv: f64 = (0..N).map(|i| u[i] * v[i]).sum();
    let vv: f64 = (0..N).map(|i| v[i] * v[i]).sum();
    println!("{}", ((uv / vv as f64).sqrt() * 1000000000.0) as i64);
}
