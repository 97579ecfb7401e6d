//! What a newer service would send: fields and values that no client knows yet.

use serde_json::{Value, json};

use super::response::Response;

/// The fields whose values are open enums.
const ENUMS: [&str; 5] = ["status", "elb_state", "module_type", "cloud_provider", "sku_type"];

/// How responses differ from those of today.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Variation {
    pub(super) extra_fields: bool,
    pub(super) unknown_values: bool,
}

impl Variation {
    pub(super) fn apply(self, response: Response) -> Response {
        if !self.extra_fields && !self.unknown_values {
            return response;
        }
        match serde_json::from_slice(&response.body) {
            Ok(mut body) => {
                self.change(&mut body);
                Response { body: body.to_string().into(), ..response }
            }
            Err(_) => response,
        }
    }

    fn change(self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.change(item)),
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    match value {
                        Value::String(text) if self.unknown_values && ENUMS.contains(&name.as_str()) => {
                            *text = format!("new-{text}");
                        }
                        _ => self.change(value),
                    }
                }
                if self.extra_fields {
                    fields.insert("new_field".to_owned(), json!({ "nested": [1, "two", null] }));
                }
            }
            _ => {}
        }
    }
}
