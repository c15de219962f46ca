//! Dense bit sets over index types.

use std::marker::PhantomData;

use stdx::Idx;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BitSet<K> {
    words: Vec<u64>,
    key: PhantomData<fn(K)>,
}

impl<K: Idx> BitSet<K> {
    /// A set for `len` keys, all out or all in.
    pub(crate) fn new(len: usize, value: bool) -> BitSet<K> {
        let word = if value { u64::MAX } else { 0 };
        BitSet {
            words: vec![word; len.div_ceil(64)],
            key: PhantomData,
        }
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        let i = key.as_usize();
        self.words
            .get(i / 64)
            .is_some_and(|word| word & (1 << (i % 64)) != 0)
    }

    pub(crate) fn set(&mut self, key: K, value: bool) {
        let i = key.as_usize();
        if let Some(word) = self.words.get_mut(i / 64) {
            if value {
                *word |= 1 << (i % 64);
            } else {
                *word &= !(1 << (i % 64));
            }
        }
    }

    /// Adds all of `other`; says whether anything was new.
    pub(crate) fn union(&mut self, other: &BitSet<K>) -> bool {
        let mut changed = false;
        for (word, new) in self.words.iter_mut().zip(&other.words) {
            let both = *word | *new;
            changed |= both != *word;
            *word = both;
        }
        changed
    }
}
