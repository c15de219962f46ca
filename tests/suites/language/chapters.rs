//! Reading the chapters.

use std::collections::BTreeMap;
use std::fs;

use crate::support::cases;

/// All rules and programs.
pub struct Chapters {
    pub rules: Vec<Rule>,
    pub programs: Vec<Program>,
    /// Headings and programs that belong to no rule.
    pub strays: Vec<String>,
}

/// `§5.3(2)`, and why it lacks a program of one kind.
pub struct Rule {
    pub section: String,
    pub number: usize,
    pub cannot_be_broken: bool,
    pub cannot_be_obeyed: bool,
}

impl Rule {
    pub fn id(&self) -> String {
        format!("§{}({})", self.section, self.number)
    }
}

/// One program: its name for messages, the rules it is about, and its files.
pub struct Program {
    pub name: String,
    pub rules: Vec<String>,
    pub files: BTreeMap<String, String>,
    /// What a formatter makes of it, if that is what it is about.
    pub formatted: Option<String>,
}

impl Program {
    /// Whether it says that something goes wrong.
    pub fn breaks(&self) -> bool {
        let markers = ["// error: ", "// warning: ", "// panics: ", "# error: "];
        self.formatted.is_some()
            || self
                .files
                .values()
                .any(|text| markers.iter().any(|marker| text.contains(marker)))
    }

    pub fn expects_errors(&self) -> bool {
        let markers = ["// error: ", "# error: "];
        self.files
            .values()
            .any(|text| markers.iter().any(|marker| text.contains(marker)))
    }

    /// Whether it has a function `main` of its own.
    pub fn has_main(&self) -> bool {
        let root = self.files.get(MAIN).map(String::as_str).unwrap_or_default();
        root.contains("func main(")
    }
}

pub const MAIN: &str = "src/main.tml";

/// `§5.3(2)` in its parts.
fn parse_rule(word: &str) -> Option<(String, usize)> {
    let (section, number) = word.strip_prefix('§')?.strip_suffix(')')?.split_once('(')?;
    Some((section.to_string(), number.parse().ok()?))
}

fn visible(text: &str) -> String {
    let pictures = [("␀", "\0"), ("␉", "\t"), ("␍", "\r"), ("⟦BOM⟧", "\u{feff}")];
    let mut text = text.to_string();
    for (picture, meaning) in pictures {
        text = text.replace(picture, meaning);
    }
    text
}

struct Reader {
    out: Chapters,
    chapter: String,
    rules: Vec<String>,
    /// The program that further files belong to.
    package: Option<usize>,
}

impl Reader {
    fn heading(&mut self, heading: &str) {
        let words = heading.split_whitespace();
        let rules: Vec<(String, usize)> = words.map_while(parse_rule).collect();
        self.package = None;
        self.rules.clear();
        for (section, number) in rules {
            let rule = Rule {
                section,
                number,
                cannot_be_broken: false,
                cannot_be_obeyed: false,
            };
            let id = rule.id();
            if !self.out.rules.iter().any(|known| known.id() == id) {
                self.out.rules.push(rule);
            }
            self.rules.push(id);
        }
    }

    /// Prose may say why a rule lacks a program.
    fn prose(&mut self, line: &str) {
        let of_heading = |rule: &&mut Rule| self.rules.contains(&rule.id());
        for rule in self.out.rules.iter_mut().filter(of_heading) {
            rule.cannot_be_broken |= line.starts_with("Nothing breaks it: ");
            rule.cannot_be_obeyed |= line.starts_with("Nothing obeys it: ");
        }
    }

    fn block(&mut self, line: usize, info: &str, body: &str) {
        let body = visible(body);
        let name = format!("{}.md:{line}", self.chapter);
        if self.rules.is_empty() {
            self.out
                .strays
                .push(format!("{name}: a program of no rule"));
        }
        let (language, what) = info.split_once(' ').unwrap_or((info, ""));
        let last = self.out.programs.len();
        let program = |files, formatted| Program {
            name: name.clone(),
            rules: self.rules.clone(),
            files,
            formatted,
        };
        match what.strip_prefix("file=") {
            Some(file) => {
                let is_known = |at: &usize| !self.out.programs[*at].files.contains_key(file);
                let at = self.package.filter(is_known).unwrap_or(last);
                self.package = Some(at);
                if at == last {
                    self.out.programs.push(program(BTreeMap::new(), None));
                }
                self.out.programs[at].files.insert(file.to_string(), body);
            }
            None if what == "formatted" => {
                let before = self.out.programs.last_mut().expect("what it was before");
                before.formatted = Some(body.clone());
                let files = BTreeMap::from([(MAIN.to_string(), body)]);
                self.out.programs.push(program(files, None));
            }
            None => {
                assert!(language == "tml", "{name}: a program is ```tml");
                let files = BTreeMap::from([(MAIN.to_string(), body)]);
                self.out.programs.push(program(files, None));
            }
        }
    }
}

/// All chapters in order.
pub fn all() -> Chapters {
    let mut reader = Reader {
        out: Chapters {
            rules: Vec::new(),
            programs: Vec::new(),
            strays: Vec::new(),
        },
        chapter: String::new(),
        rules: Vec::new(),
        package: None,
    };
    for path in cases("language", "md") {
        let text = fs::read_to_string(&path).expect("a readable chapter");
        let stem = path.file_stem().unwrap_or_default();
        reader.chapter = stem.to_string_lossy().into_owned();
        let mut lines = text.lines().enumerate();
        while let Some((nth, line)) = lines.next() {
            if line.starts_with("## ") {
                reader.heading(line.trim_start_matches('#'));
            } else if let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) {
                let body: Vec<&str> = lines
                    .by_ref()
                    .map(|(_, line)| line)
                    .take_while(|line| *line != "```")
                    .collect();
                reader.block(nth + 1, info, &(body.join("\n") + "\n"));
            } else {
                // A fence without a language is the end of a block that was never begun.
                assert!(
                    line != "```",
                    "{}:{}: a stray fence",
                    path.display(),
                    nth + 1
                );
                reader.prose(line);
            }
        }
    }
    reader.out
}
