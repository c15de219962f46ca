//! Prints the tree and the errors of a file: `syntax_dump FILE [--tree]`.

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        return eprintln!("usage: syntax_dump FILE [--tree]");
    };
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let parse = syntax::parse(&text, &["LINUX"].into_iter().collect());
    if args.next().is_some() {
        println!("{:#?}", parse.syntax_node());
    }
    for error in parse.errors().iter() {
        let start = usize::from(error.range.start());
        let line = text[..start].matches('\n').count() + 1;
        println!(
            "{line}: {} {:?} {} {:?}",
            error.code, error.range, error.message, error.labels
        );
    }
    assert_eq!(parse.syntax_node().text().to_string(), text, "not lossless");
}
