//! `u32` newtypes as indices into dense maps, instead of pointers and counts.
//!
//! The idea is that of Cranelift's `entity` crate: an IR is a handful of dense
//! maps, a reference inside it is a small number with a type.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// An index type made by [`define_index!`](crate::define_index).
pub trait Idx: Copy + Eq + Ord + Hash + fmt::Debug {
    fn from_usize(index: usize) -> Self;
    fn as_usize(self) -> usize;
}

/// Defines an index type that prints as its prefix and number: `bb3`, `v12`.
///
/// ```
/// stdx::define_index!(/// A basic block.
///     pub struct Block, "bb");
/// ```
#[macro_export]
macro_rules! define_index {
    ($(#[$meta:meta])* $vis:vis struct $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(pub u32);

        impl $crate::Idx for $name {
            fn from_usize(index: usize) -> Self {
                debug_assert!(index < u32::MAX as usize);
                $name(index as u32)
            }
            fn as_usize(self) -> usize {
                self.0 as usize
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    };
}

/// A growable map from an index type to values, without holes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DenseMap<K, V> {
    values: Vec<V>,
    key: PhantomData<fn(K) -> K>,
}

impl<K: Idx, V> DenseMap<K, V> {
    pub const fn new() -> Self {
        DenseMap {
            values: Vec::new(),
            key: PhantomData,
        }
    }

    /// Appends a value and returns its index.
    pub fn push(&mut self, value: V) -> K {
        let key = self.next_key();
        self.values.push(value);
        key
    }

    /// The index that the next `push` returns.
    pub fn next_key(&self) -> K {
        K::from_usize(self.values.len())
    }

    pub fn get(&self, key: K) -> Option<&V> {
        self.values.get(key.as_usize())
    }

    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.values.get_mut(key.as_usize())
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator + use<K, V> {
        (0..self.values.len()).map(K::from_usize)
    }

    pub fn values(&self) -> std::slice::Iter<'_, V> {
        self.values.iter()
    }

    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, V> {
        self.values.iter_mut()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> + ExactSizeIterator {
        self.values
            .iter()
            .enumerate()
            .map(|(i, v)| (K::from_usize(i), v))
    }

    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (K, &mut V)> {
        self.values
            .iter_mut()
            .enumerate()
            .map(|(i, v)| (K::from_usize(i), v))
    }

    pub fn shrink_to_fit(&mut self) {
        self.values.shrink_to_fit();
    }
}

impl<K: Idx, V: Clone> DenseMap<K, V> {
    /// A map of `len` copies of `value`: a side table for another map.
    pub fn filled(value: V, len: usize) -> Self {
        DenseMap {
            values: vec![value; len],
            key: PhantomData,
        }
    }
}

impl<K: Idx, V> Default for DenseMap<K, V> {
    fn default() -> Self {
        DenseMap::new()
    }
}

impl<K: Idx, V> Index<K> for DenseMap<K, V> {
    type Output = V;
    fn index(&self, key: K) -> &V {
        &self.values[key.as_usize()]
    }
}

impl<K: Idx, V> IndexMut<K> for DenseMap<K, V> {
    fn index_mut(&mut self, key: K) -> &mut V {
        &mut self.values[key.as_usize()]
    }
}

impl<K: Idx, V> FromIterator<V> for DenseMap<K, V> {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> Self {
        DenseMap {
            values: iter.into_iter().collect(),
            key: PhantomData,
        }
    }
}

impl<K: Idx, V: fmt::Debug> fmt::Debug for DenseMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    define_index!(struct Thing, "t");

    #[test]
    fn keys_are_dense_and_print_their_prefix() {
        let mut things: DenseMap<Thing, &str> = DenseMap::new();
        let a = things.push("a");
        let b = things.push("b");
        assert_eq!(format!("{a} {b}"), "t0 t1");
        assert_eq!(things[b], "b");
        assert_eq!(things.keys().collect::<Vec<_>>(), [a, b]);
    }
}
