use std::process;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap()
}

pub fn fail(message: impl std::fmt::Display) -> ! {
    eprintln!("{message}");
    process::exit(1)
}

/// The `data` of a success.
pub fn check<T>(code: i64, message: &str, data: T) -> T {
    if code != 0 && !(200..300).contains(&code) {
        fail(format!("HTTP 200, code {code}: {message}"));
    }
    data
}

/// Whether to describe the cluster again; ends the program for a status that does not pass.
pub fn must_wait(status: &str, load_balancer: &str) -> bool {
    if !["creating", "provisioning", "updating", "available"].contains(&status) {
        fail(format!("demo is {status}"));
    }
    status != "available" || load_balancer != "active"
}

pub fn report(user: &str, password: &str, address: &str, port: i32) {
    let decode = |text: &str| String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap();
    println!("{} at {address}:{port}, with {} characters of password", decode(user), decode(password).len());
}
