//! Profiles: how to optimise, by name (cli.md §3).

use std::collections::BTreeMap;

use smol_str::SmolStr;

/// How much is optimised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    #[default]
    O0,
    O1,
    O2,
    O3,
    /// For size.
    Size,
}

impl Level {
    /// `0` to `3`, `s` or `z`; the two are the same.
    pub fn by_name(name: &str) -> Option<Level> {
        Some(match name {
            "0" => Level::O0,
            "1" => Level::O1,
            "2" => Level::O2,
            "3" => Level::O3,
            "s" | "z" => Level::Size,
            _ => return None,
        })
    }
}

/// `[profile.NAME]` as far as it is written, or what `[build]` says for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileSection {
    pub inherits: Option<SmolStr>,
    pub level: Option<Level>,
    pub overflow_checks: Option<bool>,
    /// In the unit of the optimiser's cost model: about an instruction.
    pub inline_threshold: Option<u32>,
}

/// The profiles of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    pub build: ProfileSection,
    pub by_name: BTreeMap<SmolStr, ProfileSection>,
}

/// What a profile comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    pub level: Level,
    pub overflow_checks: bool,
    pub inline_threshold: Option<u32>,
}

/// The profiles that are always there, with what they inherit.
const KNOWN: &[(&str, Option<&str>)] = &[
    ("debug", None),
    ("release", None),
    ("test", Some("debug")),
    ("bench", Some("release")),
];

impl Profiles {
    /// A profile with all that it inherits: what nothing says is `debug`'s. `[build]` sets what
    /// no profile does, the level for `debug` only.
    ///
    /// # Errors
    ///
    /// Why there is no such profile.
    pub fn resolve(&self, name: &str) -> Result<Resolved, String> {
        let mut seen = vec![name];
        let (mut level, mut overflow_checks, mut inline_threshold) = (None, None, None);
        loop {
            let at = seen.last().copied().unwrap_or(name);
            let known = KNOWN.iter().find(|(known, _)| *known == at);
            let section = self.by_name.get(at);
            if known.is_none() && section.is_none() {
                return Err(self.unknown(at));
            }
            level = level.or_else(|| section?.level);
            overflow_checks = overflow_checks.or_else(|| section?.overflow_checks);
            inline_threshold = inline_threshold.or_else(|| section?.inline_threshold);
            let base = section
                .and_then(|section| section.inherits.as_deref())
                .or(known.map_or(Some("debug"), |(_, base)| *base));
            let Some(base) = base else {
                let own = match at {
                    "release" => Level::O3,
                    _ => self.build.level.unwrap_or_default(),
                };
                return Ok(Resolved {
                    level: level.unwrap_or(own),
                    overflow_checks: overflow_checks
                        .or(self.build.overflow_checks)
                        .unwrap_or(false),
                    inline_threshold,
                });
            };
            if seen.contains(&base) {
                return Err(format!("profile `{base}` inherits itself"));
            }
            seen.push(base);
        }
    }

    fn unknown(&self, name: &str) -> String {
        let own = self.by_name.keys().map(SmolStr::as_str);
        let mut names: Vec<&str> = KNOWN.iter().map(|(known, _)| *known).chain(own).collect();
        names.sort_unstable();
        names.dedup();
        format!("unknown profile `{name}`: known are {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(inherits: Option<&str>, level: Option<Level>) -> ProfileSection {
        ProfileSection {
            inherits: inherits.map(SmolStr::from),
            level,
            overflow_checks: None,
            inline_threshold: None,
        }
    }

    #[test]
    fn profiles_inherit() {
        let mut profiles = Profiles::default();
        let level = |profiles: &Profiles, name| profiles.resolve(name).map(|it| it.level);
        assert_eq!(level(&profiles, "test"), Ok(Level::O0));
        assert_eq!(level(&profiles, "bench"), Ok(Level::O3));
        profiles.build.level = Some(Level::O1);
        profiles.build.overflow_checks = Some(true);
        let small = section(Some("release"), Some(Level::Size));
        profiles.by_name.insert("small".into(), small);
        let mine = section(Some("small"), None);
        profiles.by_name.insert("mine".into(), mine);
        assert_eq!(level(&profiles, "debug"), Ok(Level::O1));
        assert_eq!(level(&profiles, "release"), Ok(Level::O3));
        assert_eq!(level(&profiles, "mine"), Ok(Level::Size));
        assert_eq!(
            profiles.resolve("mine").map(|it| it.overflow_checks),
            Ok(true)
        );
        assert!(level(&profiles, "smal").is_err_and(|why| why.contains("known are bench, debug")));
        let round = section(Some("mine"), None);
        profiles.by_name.insert("small".into(), round);
        assert!(level(&profiles, "mine").is_err_and(|why| why.contains("inherits itself")));
    }
}
