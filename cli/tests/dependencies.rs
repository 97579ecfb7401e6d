//! The tool costs users of the SDK nothing: the SDK has the same dependencies with and without `cli/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

#[test]
fn the_sdk_has_the_same_dependencies_without_the_tool() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let alone = TempDir::new().expect("a temporary folder");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the manifest");
    let (before, package) = manifest.split_once("[package]").expect("a package");
    assert!(before.contains("members = [\"cli\"]"), "{before}");
    fs::write(alone.path().join("Cargo.toml"), format!("[package]{package}")).expect("a manifest");
    fs::copy(root.join("Cargo.lock"), alone.path().join("Cargo.lock")).expect("a lock file");
    for file in ["build.rs", "src/lib.rs"] {
        fs::create_dir_all(alone.path().join("src")).expect("a folder");
        fs::write(alone.path().join(file), "").expect("a file");
    }
    for example in fs::read_dir(root.join("examples")).expect("the examples") {
        let name = example.expect("an example").file_name();
        fs::create_dir_all(alone.path().join("examples")).expect("a folder");
        fs::write(alone.path().join("examples").join(name), "").expect("a file");
    }
    assert_eq!(tree(root), tree(alone.path()));
}

/// Every dependency of the built library with its features.
fn tree(manifest: &Path) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--offline", "--edges", "normal,features", "--prefix", "depth", "--package", "eloq-sdk"]);
    let output = command.current_dir(manifest).output().expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The first line has the path of the package.
    let (first, rest) = text.split_once('\n').expect("a tree");
    assert!(first.starts_with("0eloq-sdk"), "{first}");
    rest.to_owned()
}
