enum Json { Null, Number(i64), Word(String), Array(Vec<Json>), Object(Vec<(String, Json)>) }
struct Parser<'a> { bytes: &'a [u8], at: usize }
impl Parser<'_> {
    fn peek(&self) -> u8 { self.bytes.get(self.at).copied().unwrap_or(0) }
    fn skip(&mut self) { while matches!(self.peek(), 32 | 10) { self.at += 1; } }
    fn word(&mut self) -> String {
        self.at += 1;
        let start = self.at;
        while self.peek() != b'"' { self.at += 1; }
        let s = std::str::from_utf8(&self.bytes[start..self.at]).unwrap().to_string();
        self.at += 1;
        s
    }
    fn value(&mut self) -> Json {
        self.skip();
        match self.peek() {
            b'[' => {
                let mut items = Vec::new();
                self.at += 1;
                self.skip();
                while self.peek() != b']' {
                    items.push(self.value());
                    self.skip();
                    if self.peek() == b',' { self.at += 1; }
                }
                self.at += 1;
                Json::Array(items)
            }
            b'{' => {
                let mut fields = Vec::new();
                self.at += 1;
                self.skip();
                while self.peek() != b'}' {
                    self.skip();
                    let key = self.word();
                    self.skip();
                    self.at += 1;
                    fields.push((key, self.value()));
                    self.skip();
                    if self.peek() == b',' { self.at += 1; }
                }
                self.at += 1;
                Json::Object(fields)
            }
            b'"' => Json::Word(self.word()),
            b'n' => { self.at += 4; Json::Null }
            _ => {
                let mut n = 0;
                while self.peek().is_ascii_digit() { n = n * 10 + (self.peek() - 48) as i64; self.at += 1; }
                Json::Number(n)
            }
        }
    }
}
fn total(j: &Json) -> i64 {
    match j {
        Json::Null => 1,
        Json::Number(n) => *n,
        Json::Word(s) => s.len() as i64,
        Json::Array(items) => items.iter().map(total).sum(),
        Json::Object(fields) => fields.iter().map(|(k, v)| k.len() as i64 + total(v)).sum(),
    }
}
fn main() {
    let mut text = String::from("[");
    for i in 0..20000 {
        if i > 0 { text.push(','); }
        text.push_str("{\"id\": ");
        text.push_str(&i.to_string());
        text.push_str(", \"name\": \"somebody\", \"tags\": [1, 2, null, \"x\"], \"in\": {\"deep\": [[3]]}}");
    }
    text.push(']');
    let mut sum = 0;
    for _ in 0..5 { sum += total(&Parser { bytes: text.as_bytes(), at: 0 }.value()); }
    println!("{sum}");
}
