fn main() {
    let n = 5000000usize;
    let mut found = 0;
    for _ in 0..4 {
        let mut flags = vec![false; n];
        found = 0;
        for i in 2..n {
            if !flags[i] {
                found += 1;
                let mut j = i * i;
                while j < n { flags[j] = true; j += i; }
            }
        }
    }
    println!("{found}");
}
