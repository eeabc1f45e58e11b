//! Help that teaches: what every command and argument is, with an example, in the language asked for.
//!
//! All of it stands in the table: `help.COMMAND`, `example.COMMAND`, `argument.NAME`, `argument.COMMAND.NAME` where an
//! argument means something of its own, and `value.NAME` for what stands in its place in a usage line.

use clap::{Arg, Command};
use linli_core::aggregate::alert::WHATS;
use serde_json::json;

use super::Words;

/// Puts the words of one language into a command, and into all below it.
pub(crate) fn teach(mut command: Command, words: Words) -> Command {
    // What clap adds by itself is taught too.
    command.build();
    let command = command.about(words.fixed("page.about"));
    taught(command, "", words).after_help(words.plain("page.tour"))
}

fn taught(command: Command, path: &str, words: Words) -> Command {
    let usage = words.plain("page.usage");
    let mut command =
        command.subcommand_value_name(words.fixed("value.COMMAND")).mut_args(|arg| explained(arg, path, words));
    let line = usage_line(&mut command, words);
    let command = command
        .override_usage(line)
        .help_template(format!("{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"))
        .subcommand_help_heading(words.fixed("page.commands"));
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}").trim_start().to_owned();
        command.mut_subcommand(&name, |sub| {
            // `help` lists all commands once more.
            if name == "help" {
                return sub.about(words.plain("page.help"));
            }
            let example = format!("{}\n  {}", words.plain("page.example"), words.plain(&format!("example.{path}")));
            let below = if matches!(path.as_str(), "alert" | "alert raise") { codes(words) } else { String::new() };
            let sub = sub.about(words.plain(&format!("help.{path}"))).after_help(example + &below);
            taught(sub, &path, words)
        })
    })
}

/// All that people can call for help about: nobody looks for a code while somebody lies there.
fn codes(words: Words) -> String {
    let widest = WHATS.iter().map(|what| what.len()).max().unwrap_or_default();
    let lines = WHATS.iter().map(|what| format!("\n  {what:widest$}  {}", words.word("what", what)));
    format!("\n\n{}{}", words.plain("page.codes"), lines.collect::<String>())
}

/// How a command is called. Clap's own `[OPTIONS]` is the one word in it that no setting reaches.
fn usage_line(command: &mut Command, words: Words) -> String {
    let line = command.render_usage().to_string();
    let line = line.split_once(": ").map_or(line.as_str(), |(_, call)| call);
    line.replace("[OPTIONS]", &format!("[{}]", words.plain("value.OPTIONS")))
}

/// The key of what an argument is.
pub(super) fn key(path: &str, argument: &str, words: Words) -> String {
    let own = format!("argument.{path}.{argument}");
    if words.has(&own) { own } else { format!("argument.{argument}") }
}

fn explained(arg: Arg, path: &str, words: Words) -> Arg {
    let mut text = words.plain(&key(path, arg.get_id().as_str(), words));
    if !arg.get_action().takes_values() {
        return headed(arg, words).help(text.clone()).long_help(text);
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() {
        let default = words.say_with("page.default", json!({ "value": defaults.join(",") }));
        text = format!("{text} [{default}]");
    }
    let named: Vec<&str> = arg
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(|name| words.template(&format!("value.{name}")).unwrap_or("?"))
        .collect();
    let arg = headed(arg, words).value_names(named).hide_default_value(true).hide_possible_values(true).hide_env(true);
    arg.help(text.clone()).long_help(text)
}

fn headed(arg: Arg, words: Words) -> Arg {
    let heading = words.fixed(if arg.is_positional() { "page.arguments" } else { "page.options" });
    arg.help_heading(heading)
}
