//! The rooms of `src/`: an import names the module that defines a name, runs down, and closes no circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the lowest floor to the highest. A room imports from rooms on lower floors and from itself.
const FLOORS: &[&[&str]] = &[
    &["types"],
    &["error"],
    &["connection"],
    &["raw"],
    &["schema"],
    &["engine"],
    &["facade"],
    &["blocking", "simulator"],
    // Nothing imports these.
    &["lib", "guide"],
];

/// Rooms that re-export names of lower rooms under the paths that users know.
const RE_EXPORTING: &[&str] = &["schema", "raw"];

struct Module {
    /// As in `["engine", "call"]`.
    path: Vec<String>,
    file: PathBuf,
    /// Without comments and without an inline module of tests.
    code: String,
}

/// An import, or another path that begins with `crate`, `super` or `self`.
struct Reference {
    line: usize,
    /// From the crate root.
    path: Vec<String>,
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn modules() -> Vec<Module> {
    let mut folders = vec![source()];
    let mut modules = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
            } else {
                let text = fs::read_to_string(&file).unwrap();
                modules.push(Module { path: module_path(&file), code: code_of(&text), file });
            }
        }
    }
    modules.sort_by(|one, other| one.file.cmp(&other.file));
    modules
}

fn module_path(file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(source()).unwrap().with_extension("");
    let mut path: Vec<_> = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

/// Blanks comments, and cuts an inline module of tests, which is the end of its file.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// Every path of the code that begins with `crate`, `super` or `self`, each name of a group by itself.
fn references(module: &Module) -> Vec<Reference> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in module.code.match_indices(start) {
            let before = module.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$' | '"' | '`')) {
                continue;
            }
            let line = module.code[..at].matches('\n').count() + 1;
            for path in expand(&module.code[at..]) {
                found.push(Reference { line, path: absolute(module, path) });
            }
        }
    }
    found
}

/// `a::{b, c::d}` as `[a, b]` and `[a, c, d]`.
fn expand(text: &str) -> Vec<Vec<String>> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let rest = &text[name.len()..];
    if let Some(group) = text.strip_prefix('{') {
        let mut depth = 0;
        let mut members = vec![String::new()];
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                ',' if depth == 0 => members.push(String::new()),
                _ => {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    members.last_mut().unwrap().push(c);
                }
            }
        }
        return members
            .iter()
            .filter(|member| !member.trim().is_empty())
            .flat_map(|member| expand(member.trim()))
            .collect();
    }
    match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '{')) => {
            let paths = expand(rest).into_iter();
            paths.map(|path| std::iter::once(name.clone()).chain(path).collect()).collect()
        }
        _ => vec![vec![name]],
    }
}

fn absolute(module: &Module, path: Vec<String>) -> Vec<String> {
    let mut base = match path[0].as_str() {
        "crate" => Vec::new(),
        _ => module.path.clone(),
    };
    for name in path {
        match name.as_str() {
            "crate" => {}
            // In a `mod.rs` and in any other file alike, `super` is the parent of the module.
            "super" => drop(base.pop()),
            // The name of a group that is the module itself, or a child of it.
            "self" => {}
            _ => base.push(name),
        }
    }
    base
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The longest module that a path begins with.
fn target<'a>(modules: &'a [Module], path: &[String]) -> Option<&'a Module> {
    let candidates = modules.iter().filter(|module| !module.path.is_empty() && path.starts_with(&module.path));
    candidates.max_by_key(|module| module.path.len())
}

fn place(module: &Module, line: usize) -> String {
    let file = module.file.strip_prefix(source()).unwrap().display();
    format!("src/{file}:{line}: {}", module.code.lines().nth(line - 1).unwrap_or_default().trim())
}

fn is_test(module: &Module) -> bool {
    module.path.last().is_some_and(|last| last == "tests")
}

#[test]
fn every_import_names_a_room_below() {
    let modules = modules();
    let mut wrong = Vec::new();
    for module in modules.iter().filter(|module| module.path != ["lib"] && module.path != ["guide"]) {
        let room = &module.path[0];
        let own = floor(room).unwrap_or_else(|| panic!("src/{room} has no floor: add it to FLOORS"));
        for Reference { line, path } in references(module) {
            match path.first().and_then(|first| floor(first)) {
                Some(_) if path.first() == Some(room) => {}
                Some(other) if other < own => {}
                Some(_) => wrong.push(format!("{} (runs up)", place(module, line))),
                None => wrong.push(format!("{} (imports the crate root)", place(module, line))),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_import_names_the_module_that_defines_the_name() {
    let modules = modules();
    let mut wrong = Vec::new();
    for module in modules.iter().filter(|module| module.path != ["lib"]) {
        for Reference { line, path } in references(module) {
            let Some(target) = target(&modules, &path) else { continue };
            let re_exports =
                RE_EXPORTING.contains(&target.path.join("::").as_str()) || target.code.contains("include!");
            let Some(name) = path.get(target.path.len()).filter(|_| !re_exports) else { continue };
            let kinds = ["fn", "struct", "enum", "trait", "type", "const", "static", "mod", "macro_rules!"];
            let defines = kinds.iter().any(|kind| {
                let definition = format!("{kind} {name}");
                target.code.match_indices(&definition).any(|(at, _)| {
                    !target.code[at + definition.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                })
            });
            // A macro defines names that the text does not show.
            let by_macro =
                target.code.contains(&format!("\n    {name} ")) || target.code.contains(&format!(" {name} {{"));
            if !defines && !by_macro {
                wrong.push(format!("{} (`{name}` is defined elsewhere)", place(module, line)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_imports_close_a_circle() {
    let modules = modules();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for module in modules.iter().filter(|module| !is_test(module) && module.path != ["lib"]) {
        let own = module.path.join("::");
        for Reference { path, .. } in references(module) {
            let Some(target) = target(&modules, &path).map(|target| target.path.join("::")) else { continue };
            if target != own {
                imports.entry(own.clone()).or_default().insert(target);
            }
        }
    }
    // What imports nothing that is left is in no circle.
    loop {
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        let before = imports.len();
        imports.retain(|_, targets| targets.iter().any(|target| left.contains(target)));
        if imports.len() == before {
            break;
        }
    }
    assert!(imports.is_empty(), "a circle is among these modules: {imports:#?}");
}
