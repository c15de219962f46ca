//! What the chapters cover.

use std::collections::BTreeMap;

use super::chapters::{Chapters, Program};

/// The sections of the reference that say something about programs.
const SECTIONS: &[&str] = &[
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "2.1", "2.2", "2.3", "2.4",
    "2.5", "2.6", "2.7", "2.8", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "4.1", "4.2",
    "4.3", "4.4", "4.5", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "6", "7", "8.1", "8.2", "8.3",
    "8.4", "9.1", "9.2", "9.3", "9.4", "10.1", "10.2", "11.1", "11.2", "11.3", "11.4", "12.1",
    "12.2", "13.1", "13.2", "13.3", "14", "15.1", "15.2", "15.3", "16", "17", "18", "20",
];

fn section_of(rule: &str) -> &str {
    let id = rule.trim_start_matches('§');
    id.split_once('(').map_or(id, |(section, _)| section)
}

/// Rules without programs, programs without rules.
pub fn gaps(chapters: &Chapters) -> Vec<String> {
    let mut gaps = chapters.strays.clone();
    let mut highest: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in &chapters.rules {
        let id = rule.id();
        if !SECTIONS.contains(&rule.section.as_str()) {
            gaps.push(format!("{id}: no such section"));
        }
        let of_rule = |program: &&Program| program.rules.contains(&id);
        let (broken, obeyed): (Vec<&Program>, Vec<&Program>) = chapters
            .programs
            .iter()
            .filter(of_rule)
            .partition(|program| program.breaks());
        if broken.is_empty() != rule.cannot_be_broken {
            gaps.push(match rule.cannot_be_broken {
                false => format!("{id}: no program breaks it"),
                true => format!("{id}: a program breaks it, whatever the chapter says"),
            });
        }
        if obeyed.is_empty() != rule.cannot_be_obeyed {
            gaps.push(match rule.cannot_be_obeyed {
                false => format!("{id}: no program obeys it"),
                true => format!("{id}: a program obeys it, whatever the chapter says"),
            });
        }
        let number = highest.entry(rule.section.as_str()).or_default();
        *number = rule.number.max(*number);
    }
    for section in SECTIONS {
        let numbers = chapters.rules.iter().filter(|it| it.section == *section);
        let highest = highest.get(section).copied().unwrap_or_default();
        match numbers.count() {
            0 => gaps.push(format!("§{section} has no rules")),
            count if count != highest => gaps.push(format!("§{section}: a number is left out")),
            _ => {}
        }
    }
    gaps
}

/// Sections × rules, programs, how many of them are executed, how many fail.
pub fn table(chapters: &Chapters, failing: &[String]) -> String {
    let mut out = String::from("| section | rules | programs | executed | failing |\n");
    out.push_str("| --- | --- | --- | --- | --- |\n");
    let mut row = |name: &str, rules: usize, programs: &[&Program]| {
        let executed = programs.iter().filter(|it| is_executed(it)).count();
        let failing = programs.iter().filter(|it| failing.contains(&it.name));
        out.push_str(&format!(
            "| {name} | {rules} | {} | {executed} | {} |\n",
            programs.len(),
            failing.count()
        ));
    };
    for section in SECTIONS {
        let rules = chapters.rules.iter().filter(|it| it.section == *section);
        let is_of = |rule: &String| section_of(rule) == *section;
        let programs: Vec<&Program> = chapters
            .programs
            .iter()
            .filter(|program| program.rules.first().is_some_and(is_of))
            .collect();
        row(&format!("§{section}"), rules.count(), &programs);
    }
    let all: Vec<&Program> = chapters.programs.iter().collect();
    row("all", chapters.rules.len(), &all);
    out
}

/// Whether a program is built and run, not only judged.
pub fn is_executed(program: &Program) -> bool {
    program.has_main() && !program.expects_errors() && program.formatted.is_none()
}
