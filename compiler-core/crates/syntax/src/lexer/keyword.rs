//! Words to keywords, through a table built at compile time.

use crate::SyntaxKind;

/// Entries of the table; a power of two, well above the number of keywords.
const SLOT_COUNT: usize = 512;

static TABLE: [SyntaxKind; SLOT_COUNT] = build();

const fn slot(word: &[u8]) -> usize {
    let first = word[0] as usize;
    let second = word[1] as usize;
    let last = word[word.len() - 1] as usize;
    (first * 7 + second * 31 + last * 113 + word.len() * 57) % SLOT_COUNT
}

const fn build() -> [SyntaxKind; SLOT_COUNT] {
    let mut table = [SyntaxKind::IDENT; SLOT_COUNT];
    let mut idx = 0;
    while idx < SyntaxKind::ALL.len() {
        let kind = SyntaxKind::ALL[idx];
        if kind.is_keyword()
            && let Some(text) = kind.text()
        {
            let mut at = slot(text.as_bytes());
            while table[at] as u16 != SyntaxKind::IDENT as u16 {
                at = (at + 1) % SLOT_COUNT;
            }
            table[at] = kind;
        }
        idx += 1;
    }
    table
}

/// The keyword that `word` is, or `IDENT`. `self` and `Self` are `this` and `This`.
#[inline]
pub(super) fn lookup(word: &[u8]) -> SyntaxKind {
    if word.len() < 2 || word.len() > 10 {
        return SyntaxKind::IDENT;
    }
    match word {
        b"self" => return SyntaxKind::THIS_KW,
        b"Self" => return SyntaxKind::THIS_TYPE_KW,
        _ => {}
    }
    let mut at = slot(word);
    loop {
        let kind = TABLE[at];
        match kind.text() {
            Some(text) if text.as_bytes() == word => return kind,
            Some(_) => at = (at + 1) % SLOT_COUNT,
            None => return SyntaxKind::IDENT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found() {
        for &kind in SyntaxKind::ALL.iter().filter(|it| it.is_keyword()) {
            let text = kind.text().unwrap_or_default();
            assert_eq!(lookup(text.as_bytes()), kind);
            assert_eq!(SyntaxKind::from_keyword(text), Some(kind));
        }
        assert_eq!(lookup(b"selfish"), SyntaxKind::IDENT);
    }
}
