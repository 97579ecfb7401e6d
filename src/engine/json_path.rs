//! Where in a JSON text a decoder stopped, as a path such as `data.list[3].zone`.

use std::fmt::Write;

/// The path of the value that is missing or does not fit; `.` is the whole text.
pub(crate) fn of(mismatch: &serde_json::Error, json: &[u8]) -> String {
    let mut steps = steps(&json[..offset(mismatch, json)]);
    // serde names a missing field in its text alone, and stops behind the object that lacks it.
    let text = mismatch.to_string();
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    steps.extend(missing.map(|field| Step::Field(Some(field.to_owned()))));
    let mut path = String::new();
    for step in &steps {
        // Writing to a String never fails.
        let _ = match step {
            Step::Item(index) => write!(path, "[{index}]"),
            Step::Field(Some(name)) if path.is_empty() => write!(path, "{name}"),
            Step::Field(Some(name)) => write!(path, ".{name}"),
            Step::Field(None) => Ok(()),
        };
    }
    if path.is_empty() { ".".to_owned() } else { path }
}

/// From a container to the value in it that is being read.
enum Step {
    /// The field of an object, once its colon was read.
    Field(Option<String>),
    Item(usize),
}

fn offset(mismatch: &serde_json::Error, json: &[u8]) -> usize {
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(mismatch.line().saturating_sub(1)).map(<[u8]>::len).sum();
    json.len().min(before + mismatch.column())
}

/// The steps to the last value of a JSON text that was cut behind it.
fn steps(json: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut name: &[u8] = &[];
    let mut rest = json;
    while let [byte, tail @ ..] = rest {
        match (byte, steps.last_mut()) {
            (b'"', _) => {
                let (text, behind) = rest.split_at(string_length(rest));
                (name, rest) = (text, behind);
                continue;
            }
            (b'{', _) => steps.push(Step::Field(None)),
            (b'[', _) => steps.push(Step::Item(0)),
            (b'}' | b']', _) => drop(steps.pop()),
            (b':', Some(Step::Field(field))) => *field = serde_json::from_slice(name).ok(),
            (b',', Some(Step::Field(field))) => *field = None,
            (b',', Some(Step::Item(index))) => *index += 1,
            _ => {}
        }
        rest = tail;
    }
    steps
}

/// How long the string is that a text begins with, both quotes included.
fn string_length(json: &[u8]) -> usize {
    let mut escaped = true;
    let end = json.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(json.len(), |end| end + 1)
}

#[cfg(test)]
mod tests;
