fn main() {
    let mut text = String::new();
    for i in 0..400000 {
        text.push_str("item ");
        text.push_str(&i.to_string());
        text.push_str(", ");
    }
    let sum = text.bytes().fold(0i64, |sum, b| (sum * 31 + b as i64) % 1000003);
    println!("{} {sum}", text.len());
}
