//! Which function goes into which object.
//!
//! Functions being edited live in objects of their own, the rest in packs, so that an edit
//! regenerates one function and a link stays short. A pack is never regenerated because one of
//! its functions changed: every function is a COMDAT of its own, the first definition in link
//! order wins, and the object with the fresh body comes before the pack with the stale one.
//!
//! The partition is a pure function of the program and of the partition of the previous image,
//! which is kept beside the image. So a build through the daemon and one without it make the
//! same image, and so do two clean builds.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use stdx::{Hash128, stable_hash};

/// Functions to a pack. 32 makes 5,000 functions 160 objects, which link in about 5 ms, and a
/// pack costs about 1.5 ms to emit.
const PACK_FUNCTIONS_MAX: usize = 32;
/// Up to this many changed functions get objects of their own; more are packed. A change of this
/// size is not typing.
const SINGLES_PER_BUILD_MAX: usize = 64;
/// With more single objects than this, all of them are packed again.
const SINGLES_MAX: usize = 256;

/// A function as the partition sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub symbol: SmolStr,
    /// Hash of everything that code generation reads of it.
    pub key: Hash128,
}

/// A function and the file it stands in: only functions of one file share a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFunction {
    pub member: Member,
    pub group: SmolStr,
}

/// The functions of one object, in the order in which they are emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Shared, because most units of a partition are those of the previous one.
    members: Arc<[Member]>,
    digest: Hash128,
}

impl Unit {
    pub fn new(members: Vec<Member>) -> Unit {
        let pairs: Vec<(&str, Hash128)> = members
            .iter()
            .map(|Member { symbol, key }| (symbol.as_str(), *key))
            .collect();
        let digest = stable_hash(&pairs);
        Unit {
            members: members.into(),
            digest,
        }
    }

    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Hash of all members.
    pub fn digest(&self) -> Hash128 {
        self.digest
    }
}

/// The objects of an image in link order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// Functions in objects of their own, latest first.
    pub singles: Vec<Unit>,
    pub packs: Vec<Unit>,
}

impl Partition {
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.singles.iter().chain(&self.packs)
    }
}

/// Distributes `functions` (sorted, one per symbol) over objects, keeping those of `previous`
/// that are still right.
pub fn partition(previous: &Partition, functions: &[PlannedFunction]) -> Partition {
    let current = Current::new(functions);
    let kept = keep(previous, &current);
    let is_missing = |(nth, _): &(usize, &PlannedFunction)| kept.provided.get(*nth) != Some(&true);
    let missing: Vec<&PlannedFunction> = functions
        .iter()
        .enumerate()
        .filter(is_missing)
        .map(|(_, function)| function)
        .collect();
    let is_first = previous.packs.is_empty() && previous.singles.is_empty();
    if is_first || missing.len() > SINGLES_PER_BUILD_MAX {
        let mut next = Partition {
            singles: kept.singles,
            packs: pack(&missing),
        };
        next.packs.extend(kept.packs);
        return without_shadowed(next, &current);
    }
    let fresh = missing
        .iter()
        .map(|function| Unit::new(vec![function.member.clone()]));
    let singles: Vec<Unit> = fresh.chain(kept.singles).collect();
    if singles.len() > SINGLES_MAX {
        return repacked(singles, kept.packs, functions, &current);
    }
    without_shadowed(
        Partition {
            singles,
            packs: kept.packs,
        },
        &current,
    )
}

/// The functions to distribute, by symbol.
struct Current<'a> {
    by_symbol: FxHashMap<&'a str, (usize, Hash128)>,
}

impl<'a> Current<'a> {
    fn new(functions: &'a [PlannedFunction]) -> Current<'a> {
        let entries = functions.iter().enumerate();
        let by_symbol = entries
            .map(|(nth, it)| (it.member.symbol.as_str(), (nth, it.member.key)))
            .collect();
        Current { by_symbol }
    }

    /// The function's position, and whether a member is its present version. `None` if it is gone.
    fn find(&self, member: &Member) -> Option<(usize, bool)> {
        let (nth, key) = self.by_symbol.get(member.symbol.as_str())?;
        Some((*nth, *key == member.key))
    }

    fn flags(&self) -> Vec<bool> {
        vec![false; self.by_symbol.len()]
    }
}

struct Kept {
    singles: Vec<Unit>,
    packs: Vec<Unit>,
    /// By position: functions whose first definition among the kept units is the current one.
    provided: Vec<bool>,
}

/// Previous units that still provide something and mention nothing that is gone.
fn keep(previous: &Partition, current: &Current<'_>) -> Kept {
    let mut kept = Kept {
        singles: Vec::new(),
        packs: Vec::new(),
        provided: current.flags(),
    };
    let mut decided = current.flags();
    let single_count = previous.singles.len();
    let mut found = Vec::new();
    for (nth, unit) in previous.units().enumerate() {
        found.clear();
        found.extend(
            unit.members
                .iter()
                .filter_map(|member| current.find(member)),
        );
        let mentions_gone = found.len() < unit.members.len();
        let provides = |(at, is_current): &(usize, bool)| *is_current && !decided[*at];
        if mentions_gone || !found.iter().any(provides) {
            continue;
        }
        for (at, is_current) in &found {
            // The first definition wins, be it current or stale.
            if !std::mem::replace(&mut decided[*at], true) && *is_current {
                kept.provided[*at] = true;
            }
        }
        let list = if nth < single_count {
            &mut kept.singles
        } else {
            &mut kept.packs
        };
        list.push(unit.clone());
    }
    kept
}

/// Packs functions file by file, in their order.
fn pack(functions: &[&PlannedFunction]) -> Vec<Unit> {
    let mut by_group: std::collections::BTreeMap<&SmolStr, Vec<Member>> = Default::default();
    for function in functions {
        by_group
            .entry(&function.group)
            .or_default()
            .push(function.member.clone());
    }
    let chunks = by_group
        .values()
        .flat_map(|members| members.chunks(PACK_FUNCTIONS_MAX));
    chunks.map(|members| Unit::new(members.to_vec())).collect()
}

/// All single objects become packs; packs that provided only what they held are dropped.
fn repacked(
    singles: Vec<Unit>,
    packs: Vec<Unit>,
    functions: &[PlannedFunction],
    current: &Current<'_>,
) -> Partition {
    let mut is_moved = current.flags();
    for (at, _) in singles
        .iter()
        .flat_map(|unit| unit.members())
        .filter_map(|it| current.find(it))
    {
        is_moved[at] = true;
    }
    let moved = functions
        .iter()
        .zip(&is_moved)
        .filter(|(_, is_moved)| **is_moved);
    let moved: Vec<&PlannedFunction> = moved.map(|(function, _)| function).collect();
    let mut all = pack(&moved);
    all.extend(packs);
    without_shadowed(
        Partition {
            singles: Vec::new(),
            packs: all,
        },
        current,
    )
}

/// Drops units that provide nothing because earlier ones do.
fn without_shadowed(mut partition: Partition, current: &Current<'_>) -> Partition {
    let mut provided = current.flags();
    let mut is_needed = |unit: &Unit| {
        let mut is_needed = false;
        for (at, is_current) in unit
            .members
            .iter()
            .filter_map(|member| current.find(member))
        {
            is_needed |= is_current && !std::mem::replace(&mut provided[at], true);
        }
        is_needed
    };
    partition.singles.retain(&mut is_needed);
    partition.packs.retain(&mut is_needed);
    partition
}

/// The text form kept beside an image: one line per unit, `s` or `p`, then `key symbol` pairs
/// separated by tabs. It ends in a checksum, so that a torn file reads as absent.
pub fn write(partition: &Partition) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let marked = partition.singles.iter().map(|unit| ("s", unit));
    for (mark, unit) in marked.chain(partition.packs.iter().map(|unit| ("p", unit))) {
        text.push_str(mark);
        for member in unit.members() {
            let _ = write!(text, "\t{}\t{}", member.key, member.symbol);
        }
        text.push('\n');
    }
    let checksum = Hash128::of_bytes(text.as_bytes());
    text.push_str(&format!("= {checksum}\n"));
    text
}

/// Reads what [`write`] wrote; `None` if it is torn or not ours.
pub fn read(text: &str) -> Option<Partition> {
    let (body, checksum) = text.strip_suffix('\n')?.rsplit_once("= ")?;
    if Hash128::parse(checksum)? != Hash128::of_bytes(body.as_bytes()) {
        return None;
    }
    let mut partition = Partition::default();
    for line in body.lines() {
        let mut fields = line.split('\t');
        let mark = fields.next()?;
        let mut members = Vec::new();
        while let Some(key) = fields.next() {
            let symbol = fields.next()?.into();
            members.push(Member {
                symbol,
                key: Hash128::parse(key)?,
            });
        }
        let unit = Unit::new(members);
        match mark {
            "s" => partition.singles.push(unit),
            "p" => partition.packs.push(unit),
            _ => return None,
        }
    }
    Some(partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(symbol: &str, version: u8) -> PlannedFunction {
        let member = Member {
            symbol: symbol.into(),
            key: Hash128([version; 16]),
        };
        PlannedFunction {
            member,
            group: "a.tml".into(),
        }
    }

    /// The link's rule: the first definition of a symbol wins.
    fn linked(partition: &Partition) -> FxHashMap<SmolStr, Hash128> {
        let mut image = FxHashMap::default();
        for member in partition.units().flat_map(|unit| unit.members()) {
            image.entry(member.symbol.clone()).or_insert(member.key);
        }
        image
    }

    fn check(previous: &Partition, functions: &[PlannedFunction]) -> Partition {
        let next = partition(previous, functions);
        let image = linked(&next);
        assert_eq!(image.len(), functions.len());
        for function in functions {
            assert_eq!(
                image.get(&function.member.symbol),
                Some(&function.member.key)
            );
        }
        assert_eq!(read(&write(&next)).as_ref(), Some(&next));
        next
    }

    fn program(versions: &[u8]) -> Vec<PlannedFunction> {
        versions
            .iter()
            .enumerate()
            .map(|(i, v)| function(&format!("f{i:03}"), *v))
            .collect()
    }

    #[test]
    fn a_clean_build_packs_and_an_edit_adds_one_object() {
        let mut versions = vec![1; 100];
        let clean = check(&Partition::default(), &program(&versions));
        assert_eq!((clean.singles.len(), clean.packs.len()), (0, 4));
        versions[40] = 2;
        let edited = check(&clean, &program(&versions));
        assert_eq!(
            (edited.singles.len(), edited.packs.clone()),
            (1, clean.packs.clone())
        );
        versions[40] = 3;
        let again = check(&edited, &program(&versions));
        assert_eq!(
            (again.singles.len(), again.packs.clone()),
            (1, clean.packs.clone())
        );
        versions[40] = 1;
        assert_eq!(check(&again, &program(&versions)), clean);
    }

    #[test]
    fn a_vanished_function_takes_its_pack_along() {
        let clean = check(&Partition::default(), &program(&[1; 40]));
        let fewer = &program(&[1; 40])[1..];
        let next = check(&clean, fewer);
        assert!(
            next.units()
                .all(|unit| unit.members.iter().all(|m| m.symbol != "f000"))
        );
    }

    #[test]
    fn random_histories_always_link_the_current_program() {
        let mut seed = 1u64;
        let mut random = move |below: u64| {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        let mut versions = vec![0u8; 300];
        let mut current = Partition::default();
        for _ in 0..300 {
            for _ in 0..=random(90) {
                versions[random(300) as usize] = random(4) as u8;
            }
            let present: Vec<PlannedFunction> = program(&versions)
                .into_iter()
                .filter(|f| f.member.key.0[0] != 3)
                .collect();
            current = check(&current, &present);
            assert!(current.singles.len() <= SINGLES_MAX);
        }
    }

    #[test]
    fn torn_files_read_as_absent() {
        let text = write(&check(&Partition::default(), &program(&[1; 40])));
        for end in 0..text.len() {
            assert_eq!(read(&text[..end]), None);
        }
    }
}
