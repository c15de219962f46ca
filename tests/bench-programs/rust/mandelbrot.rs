const N: i64 = 600;
fn escapes(cx: f64, cy: f64) -> i64 {
    let (mut x, mut y) = (0.0f64, 0.0f64);
    for i in 0..50 {
        let (x2, y2) = (x * x, y * y);
        if x2 + y2 > 4.0 { return i; }
        y = 2.0 * x * y + cy;
        x = x2 - y2 + cx;
    }
    50
}
fn main() {
    let mut sum = 0;
    for py in 0..N { for px in 0..N {
        sum += escapes(px as f64 * 3.0 / N as f64 - 2.0, py as f64 * 2.0 / N as f64 - 1.0);
    } }
    println!("{sum}");
}
