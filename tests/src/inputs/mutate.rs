//! Changing programs: bytes, lines, words of the language, pieces of other programs.

/// A small generator of numbers, the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        // Neighbouring seeds begin far apart (the finaliser of splitmix64).
        let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Random((state ^ (state >> 31)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 11) as usize) % limit.max(1)
    }
}

/// Words and signs that mean something.
const WORDS: &[&str] = &[
    "func ",
    "type ",
    "enum ",
    "union ",
    "behavior ",
    "impl ",
    "class ",
    "interface ",
    "namespace ",
    "mod ",
    "use ",
    "pub ",
    "const ",
    "static ",
    "let ",
    "let mut ",
    "var ",
    "where ",
    "if ",
    "then ",
    "else ",
    "when ",
    "loop ",
    "while ",
    "for ",
    " in ",
    " to ",
    " through ",
    "break",
    "continue",
    "return ",
    "throw ",
    "do(x) ",
    " and ",
    " or ",
    "not ",
    " xor ",
    " shl ",
    " is ",
    " as ",
    "this",
    "This",
    "self",
    "dyn ",
    "mut ref ",
    "ref ",
    "lowlevel ",
    "async ",
    "await ",
    "crate::",
    "super::",
    "extends ",
    "implements ",
    "override ",
    "virtual ",
    "abstract ",
    "sealed ",
    "true",
    "null",
    "extend ",
    " with ",
    "life a",
    "catch ",
    "new(",
    "base.",
    "prop ",
    "get ",
    "set ",
    "ptr ",
    " show ",
    " hide ",
    "@test ",
    "@derive(Debug)",
    "#if LINUX\n",
    "#else\n",
    "#endif\n",
    "#define X\n",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "::",
    ".",
    "..",
    "...",
    "=>",
    "->",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    "<<",
    ">>=",
    "+",
    "-",
    "*",
    "**",
    "/",
    "%",
    "&",
    "&&",
    "|",
    "||",
    "^",
    "~",
    "!",
    "?",
    "@",
    "_",
    "\n",
    "\n\n",
    "\t",
    "\r\n",
    "// c\n",
    "/// d\n",
    "//! d\n",
    "/* ",
    "*/",
    "\"",
    "\"\"\"",
    "r#\"",
    "`",
    "b\"x\"",
    "'a'",
    "\"{x}\"",
    "\"{x:>8.2}\"",
    "\"{",
    "\\u{41}",
    "0",
    "1",
    "-128",
    "0xFFu8",
    "1.5e3",
    "1_000",
    "12abc",
    "I32",
    "Str",
    "List[",
    "Maybe[I32]",
    "Just(",
    "Nothing",
    "Ok(",
    "Err(",
    "x",
    "Foo",
    "é",
    "\u{feff}",
    "\u{202e}",
    "\0",
];

/// An input: a seed program, changed a few times.
pub fn input(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = match seeds.len() {
        0 => Vec::new(),
        count => seeds[random.below(count)].clone(),
    };
    for _ in 0..1 + random.below(6) {
        change(&mut input, seeds, random);
    }
    input
}

/// One change of a random kind, at a random place.
pub fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let end = (at + random.below(24)).min(input.len());
    match random.below(12) {
        0 => {
            input.drain(at..end);
        }
        1 => {
            let piece = input[at..end].to_vec();
            insert(input, at, &piece);
        }
        2 | 3 => insert(input, at, WORDS[random.below(WORDS.len())].as_bytes()),
        4 => {
            input.drain(at..end);
            insert(input, at, WORDS[random.below(WORDS.len())].as_bytes());
        }
        5 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        6 => input.truncate(at),
        // A piece of another program, cut at line ends.
        7 | 8 if !seeds.is_empty() => {
            let other = &seeds[random.below(seeds.len())];
            let piece = lines(other, random);
            let at = line_start(input, at);
            insert(input, at, &piece);
        }
        9 => {
            let (from, to) = (line_start(input, at), line_start(input, end));
            input.drain(from..to.max(from));
        }
        10 => {
            // Two words change places.
            let other = random.below(input.len() + 1);
            let (a, b) = (word(input, at), word(input, other));
            if a.end <= b.start {
                let (left, right) = (input[a.clone()].to_vec(), input[b.clone()].to_vec());
                input.splice(b, left);
                input.splice(a, right);
            }
        }
        _ => {
            let word = word(input, at);
            input.splice(word, WORDS[random.below(WORDS.len())].bytes());
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let at = at.min(input.len());
    input.splice(at..at, piece.iter().copied());
}

/// A few lines of a program.
fn lines(text: &[u8], random: &mut Random) -> Vec<u8> {
    let all: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let start = random.below(all.len());
    let count = 1 + random.below(8);
    all.iter()
        .skip(start)
        .take(count)
        .copied()
        .flatten()
        .copied()
        .collect()
}

fn line_start(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1)
}

/// The word around a place; empty between words.
fn word(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let at = at.min(text.len());
    let start = text[..at]
        .iter()
        .rposition(|byte| !is_word(byte))
        .map_or(0, |it| it + 1);
    let len = text[at..]
        .iter()
        .position(|byte| !is_word(byte))
        .unwrap_or(text.len() - at);
    start..at + len
}
