//! `eloq api`: any request, with the key of the profile.

use std::path::{Path, PathBuf};

use clap::Args;
use eloq_sdk::schema::Envelope;
use eloq_sdk::{CallOptions, EloqApi, RetryPolicy};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::output::{Format, Rows};
use crate::progress::Progress;

const PAGE_SIZE: &str = "50";
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

#[derive(Debug, Args)]
pub(crate) struct ApiArgs {
    /// HTTP method: GET, POST, PUT, PATCH or DELETE
    #[arg(value_name = "METHOD", value_parser = parse_method)]
    method: &'static str,
    /// Path below the base URL, as in /org-info; {org} and {project} are those of the account
    #[arg(value_name = "PATH")]
    path: String,
    /// Field of the query of a GET, or of the JSON body: K=V for text, K:=V for JSON
    #[arg(short, long, value_name = "K=V", value_parser = Field::parse)]
    field: Vec<Field>,
    /// File with the JSON body; - reads it from stdin, and fields go to the query
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Get all pages of a list, as one list of its items
    #[arg(long)]
    paginate: bool,
    /// Show the passwords of the response
    #[arg(long)]
    show_password: bool,
}

/// A field of the query or of the body.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: String,
    value: Value,
}

impl Field {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("is not K=V or K:=JSON")?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => (name, serde_json::from_str(value).map_err(|_| "has no JSON after :=")?),
            None => (name, Value::from(value)),
        };
        if name.is_empty() { Err("has no name".to_owned()) } else { Ok(Self { name: name.to_owned(), value }) }
    }

    /// The value in a query.
    fn text(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

fn parse_method(text: &str) -> Result<&'static str, String> {
    let known = METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(text));
    known.ok_or_else(|| format!("the methods are {}", METHODS.join(", ")))
}

/// A request whose arguments are checked.
struct Request {
    method: &'static str,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Value>,
    show_password: bool,
}

pub(crate) async fn run(context: &Context, args: ApiArgs) -> Result {
    let path = check_path(&args.path)?;
    let (query, body) = arguments(&args).await?;
    let is_read = args.method == "GET";
    if args.paginate && !is_read {
        return Err(Failure::usage("--paginate is for GET"));
    }
    let client = context.client().await?;
    let path = fill(&client, path).await?;
    let client = match is_read {
        true => client,
        false => client.with_options(CallOptions::default().retry(RetryPolicy::none()))?,
    };
    let request = Request { method: args.method, path, query, body, show_password: args.show_password };
    match args.paginate {
        true => print_list(context, &client, request).await,
        false => print(context, request.send(&client).await?),
    }
}

impl Request {
    async fn send(&self, client: &EloqApi) -> Result<Envelope<Value>> {
        let query: Vec<_> = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut response = client.send_request(self.method, &self.path, &query, self.body.as_ref()).await?;
        if let (false, Some(data)) = (self.show_password, &mut response.data) {
            hide_passwords(data);
        }
        Ok(response)
    }
}

/// Replaces the text of every field that is named as a password.
fn hide_passwords(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_passwords),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name.to_lowercase().contains("password") => *text = "[redacted]".to_owned(),
                    other => hide_passwords(other),
                }
            }
        }
        _ => {}
    }
}

/// The path with a slash before it. The key goes to no other host.
fn check_path(path: &str) -> Result<String> {
    if path.contains("://") || path.starts_with("//") || path.starts_with('\\') {
        return Err(Failure::usage("PATH is below the base URL, as in /org-info")
            .hint("--base-url chooses another service, and a profile its key"));
    }
    Ok(format!("/{}", path.strip_prefix('/').unwrap_or(path)))
}

/// The query and the body that the fields and the input make.
async fn arguments(args: &ApiArgs) -> Result<(Vec<(String, String)>, Option<Value>)> {
    let query = || args.field.iter().map(|field| (field.name.clone(), field.text())).collect();
    match (&args.input, args.method) {
        (Some(_), "GET") => Err(Failure::usage("a GET has no body: --input is for other methods")),
        (Some(file), _) => Ok((query(), Some(read_body(file).await?))),
        (None, "GET") => Ok((query(), None)),
        (None, _) if args.field.is_empty() => Ok((Vec::new(), None)),
        (None, _) => {
            let mut body = Map::new();
            for field in &args.field {
                if body.insert(field.name.clone(), field.value.clone()).is_some() {
                    return Err(Failure::usage(format!("the field {:?} comes twice", field.name)));
                }
            }
            Ok((Vec::new(), Some(body.into())))
        }
    }
}

async fn read_body(file: &Path) -> Result<Value> {
    let text = input::read(file).await?;
    serde_json::from_str(&text).map_err(|error| Failure::usage(format!("{} is not JSON: {error}", file.display())))
}

/// Replaces `{org}` and `{project}`, also as the document names them.
async fn fill(client: &EloqApi, path: String) -> Result<String> {
    if !path.contains('{') {
        return Ok(path);
    }
    let scope = client.scope().await?;
    let (org, project) = (scope.org_id.to_string(), scope.project_id.to_string());
    let filled = path.replace("{org}", &org).replace("{orgId}", &org);
    let filled = filled.replace("{project}", &project).replace("{projectId}", &project);
    match filled.contains(['{', '}']) {
        true => Err(Failure::usage("PATH has an unknown placeholder").hint("the placeholders are {org} and {project}")),
        false => Ok(filled),
    }
}

/// Prints a response, in JSON or YAML, or the columns that the user chose.
fn print(context: &Context, response: Envelope<Value>) -> Result {
    let mut fields = Map::from_iter([
        ("code".to_owned(), response.code.into()),
        ("message".to_owned(), response.message.into()),
        ("data".to_owned(), response.data.unwrap_or_default()),
    ]);
    fields.extend(response.extra.iter().map(|(name, value)| (name.clone(), value.clone())));
    match is_document(context) {
        true => context.printer.document(&fields),
        false => context.printer.object(&[], &fields),
    }
}

/// Whether the format has columns, and the user chose none.
fn is_document(context: &Context) -> bool {
    let in_columns = matches!(context.printer.format(), Format::Table | Format::Csv | Format::Name);
    in_columns && context.globals.columns.is_none()
}

async fn print_list(context: &Context, client: &EloqApi, mut request: Request) -> Result {
    if request.query.iter().any(|(name, _)| name == "page") {
        return Err(Failure::usage("--paginate chooses the page itself"));
    }
    if !request.query.iter().any(|(name, _)| name == "perPage") {
        request.query.push(("perPage".to_owned(), PAGE_SIZE.to_owned()));
    }
    request.query.push(("page".to_owned(), String::new()));
    let mut list =
        List { rows: (!is_document(context)).then(|| context.printer.rows(&[])), items: Vec::new(), seen: 0 };
    let mut progress = Progress::new(&context.globals);
    let mut previous = Vec::new();
    for number in 1_u32.. {
        progress.set(format!("page {number}, {} items", list.seen));
        if let Some((_, page)) = request.query.last_mut() {
            *page = number.to_string();
        }
        let Page { items, total } = Page::of(progress.during(request.send(client)).await?.data)?;
        if number > 1 && items == previous && !items.is_empty() {
            return Err(incomplete("two pages are the same"));
        }
        progress.clear();
        list.push(&items)?;
        match total {
            Some(total) if list.seen < total && items.is_empty() => {
                return Err(incomplete(&format!("the list shows {} of its {total} items", list.seen)));
            }
            Some(total) if list.seen < total => previous = items,
            _ => break,
        }
    }
    drop(progress);
    match list.rows {
        Some(rows) => rows.finish(),
        None => context.printer.document(&list.items),
    }
}

fn incomplete(reason: &str) -> Failure {
    Failure::new(Exit::Other, "Incomplete", format!("the list is not complete: {reason}"))
}

/// The items of all pages.
struct List<'p> {
    /// None for a document.
    rows: Option<Rows<'p>>,
    items: Vec<Value>,
    seen: u64,
}

impl List<'_> {
    fn push(&mut self, items: &[Value]) -> Result {
        self.seen += items.len() as u64;
        match &mut self.rows {
            Some(rows) => items.iter().try_for_each(|item| rows.push(item)),
            None => {
                self.items.extend_from_slice(items);
                Ok(())
            }
        }
    }
}

/// A page of a list: the data itself, or its only field that is a list, with the total.
#[derive(Debug, PartialEq)]
struct Page {
    items: Vec<Value>,
    /// None if the list has no pages.
    total: Option<u64>,
}

impl Page {
    fn of(data: Option<Value>) -> Result<Self> {
        let mut fields = match data.unwrap_or_default() {
            Value::Array(items) => return Ok(Self { items, total: None }),
            Value::Null => return Ok(Self { items: Vec::new(), total: None }),
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let total = fields.get("total").and_then(Value::as_u64);
        let mut lists = fields.iter_mut().filter_map(|(_, field)| field.as_array_mut());
        match (lists.next().map(std::mem::take), lists.next(), total) {
            (Some(items), None, total) => Ok(Self { items, total }),
            (None, None, Some(total)) => Ok(Self { items: Vec::new(), total: Some(total) }),
            _ => Err(Failure::usage("the response is no list").hint("without --paginate it is printed as it is")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_text_or_json() {
        let field = |text| Field::parse(text).map(|field| (field.name, field.value));
        assert_eq!(field("a=1"), Ok(("a".to_owned(), json!("1"))));
        assert_eq!(field("a:=1"), Ok(("a".to_owned(), json!(1))));
        assert_eq!(field("a=b=c"), Ok(("a".to_owned(), json!("b=c"))));
        assert!(["a", "=1", ":=1", "a:=x"].into_iter().all(|text| field(text).is_err()));
    }

    #[test]
    fn a_path_never_leads_to_another_host() {
        assert_eq!(check_path("org-info").ok().as_deref(), Some("/org-info"));
        assert_eq!(check_path("/org-info").ok().as_deref(), Some("/org-info"));
        for path in ["https://evil.example/", "//evil.example/", r"\\evil.example/"] {
            assert!(check_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_page_is_a_list_or_has_one() {
        let page = |data| Page::of(Some(data)).ok().map(|page| (page.items.len(), page.total));
        assert_eq!(page(json!([1, 2])), Some((2, None)));
        assert_eq!(page(json!({"cluster_list": [1], "total": 3})), Some((1, Some(3))));
        assert_eq!(page(json!({"cluster_list": null, "total": 0})), Some((0, Some(0))));
        assert_eq!(page(json!({"a": [], "b": []})), None);
        assert_eq!(page(json!("text")), None);
    }
}
