//! Completion scripts, made of the same description of the command line that parses it.

use std::fmt::Write;

use clap::Command;

/// Options and subcommands of one command.
struct Words {
    name: String,
    about: String,
    options: Vec<(String, String)>,
}

/// The script for `bash`, `zsh`, `fish` or `powershell`.
pub fn script(command: &Command, shell: &str) -> String {
    let global = options(command);
    let commands: Vec<Words> = command
        .get_subcommands()
        .map(|sub| Words {
            name: sub.get_name().to_string(),
            about: about(sub.get_about()),
            options: options(sub).into_iter().chain(global.clone()).collect(),
        })
        .collect();
    match shell {
        "bash" => bash(&commands, &global),
        "zsh" => zsh(&commands, &global),
        "fish" => fish(&commands, &global),
        _ => powershell(&commands, &global),
    }
}

fn about(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    // No shell's quotes may end in it.
    text.replace(['\'', '"', '`', '$', '\n', '[', ']'], "")
}

fn options(command: &Command) -> Vec<(String, String)> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut out: Vec<(String, String)> = shown
        .filter_map(|arg| Some((format!("--{}", arg.get_long()?), about(arg.get_help()))))
        .collect();
    out.push(("--help".to_string(), "Print help".to_string()));
    out.sort();
    out
}

fn names<'a>(list: impl Iterator<Item = &'a str>) -> String {
    list.collect::<Vec<_>>().join(" ")
}

fn bash(commands: &[Words], global: &[(String, String)]) -> String {
    let mut out = String::from(
        "_tml() {\n    local cur cmd i\n    cur=\"${COMP_WORDS[COMP_CWORD]}\"\n    cmd=\"\"\n    for ((i = 1; i < COMP_CWORD; i++)); do\n        case \"${COMP_WORDS[i]}\" in\n            -*) ;;\n            *) cmd=\"${COMP_WORDS[i]}\"; break ;;\n        esac\n    done\n    local words=\"\"\n    case \"$cmd\" in\n",
    );
    for command in commands {
        let words = names(command.options.iter().map(|it| it.0.as_str()));
        let _ = writeln!(out, "        {}) words=\"{words}\" ;;", command.name);
    }
    let all = names(
        commands
            .iter()
            .map(|it| it.name.as_str())
            .chain(global.iter().map(|it| it.0.as_str())),
    );
    let _ = write!(
        out,
        "        *) words=\"{all}\" ;;\n    esac\n    if [[ -n \"$cmd\" && \"$cur\" != -* ]]; then\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n    else\n        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n    fi\n}}\ncomplete -o filenames -F _tml tml\n"
    );
    out
}

fn zsh(commands: &[Words], global: &[(String, String)]) -> String {
    let mut out = String::from("#compdef tml\n\n_tml() {\n    local -a commands\n    commands=(\n");
    for command in commands {
        let _ = writeln!(out, "        '{}:{}'", command.name, command.about);
    }
    out.push_str("    )\n    if (( CURRENT == 2 )); then\n        _describe 'command' commands\n");
    let _ = writeln!(
        out,
        "        compadd -- {}\n        return\n    fi\n    case \"$words[2]\" in",
        names(global.iter().map(|it| it.0.as_str()))
    );
    for command in commands {
        let words = command
            .options
            .iter()
            .map(|(name, about)| match about.as_str() {
                "" => format!("'{name}'"),
                about => format!("'{name}[{about}]'"),
            });
        let words: Vec<String> = words.collect();
        let _ = writeln!(
            out,
            "        {}) _arguments {} '*:file:_files' ;;",
            command.name,
            words.join(" ")
        );
    }
    out.push_str("    esac\n}\n\n_tml \"$@\"\n");
    out
}

fn fish(commands: &[Words], global: &[(String, String)]) -> String {
    let mut out = String::new();
    for command in commands {
        let _ = writeln!(
            out,
            "complete -c tml -n __fish_use_subcommand -f -a {} -d '{}'",
            command.name, command.about
        );
    }
    for (name, about) in global {
        let _ = writeln!(
            out,
            "complete -c tml -l {} -d '{about}'",
            name.trim_start_matches('-')
        );
    }
    for command in commands {
        for (name, about) in &command.options {
            if global.iter().any(|(known, _)| known == name) {
                continue;
            }
            let _ = writeln!(
                out,
                "complete -c tml -n '__fish_seen_subcommand_from {}' -l {} -d '{about}'",
                command.name,
                name.trim_start_matches('-')
            );
        }
    }
    out
}

fn powershell(commands: &[Words], global: &[(String, String)]) -> String {
    let quoted = |list: Vec<&str>| {
        let quoted: Vec<String> = list.iter().map(|it| format!("'{it}'")).collect();
        quoted.join(", ")
    };
    let top = commands
        .iter()
        .map(|it| it.name.as_str())
        .chain(global.iter().map(|it| it.0.as_str()));
    let mut out = String::from(
        "Register-ArgumentCompleter -Native -CommandName 'tml' -ScriptBlock {\n    param($wordToComplete, $commandAst, $cursorPosition)\n    $words = @{\n",
    );
    let _ = writeln!(out, "        '' = @({})", quoted(top.collect()));
    for command in commands {
        let list = command.options.iter().map(|it| it.0.as_str()).collect();
        let _ = writeln!(out, "        '{}' = @({})", command.name, quoted(list));
    }
    out.push_str(
        "    }\n    $command = ''\n    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {\n        $text = $element.ToString()\n        if ($text -ne $wordToComplete -and -not $text.StartsWith('-')) { $command = $text; break }\n    }\n    if (-not $words.ContainsKey($command)) { $command = '' }\n    $words[$command] | Where-Object { $_ -like \"$wordToComplete*\" } | ForEach-Object {\n        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)\n    }\n}\n",
    );
    out
}
