//! Commands on several clusters: some at the same time, and one failure for all that failed.

use serde::Serialize;
use tokio::task::JoinSet;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Columns;
use crate::progress::Progress;

/// On how many clusters a command works at the same time.
const CONCURRENCY: usize = 8;

/// What became of a command on a cluster.
pub(super) type Outcome<T> = (String, Result<T>);

/// Clusters with which a command failed.
pub(super) type Failed = Vec<(String, Failure)>;

/// Does something with each cluster, and returns the outcomes in the order of the names. The progress counts those that are done, as
/// in `3 of 5 deleted`.
pub(super) async fn for_each<T, F>(
    names: &[String],
    progress: &mut Progress,
    done_is: Option<&str>,
    act: impl Fn(String) -> F,
) -> Vec<Outcome<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let mut waiting = names.iter().cloned().enumerate();
    let mut running = JoinSet::new();
    let mut done = Vec::with_capacity(names.len());
    loop {
        for (position, name) in waiting.by_ref().take(CONCURRENCY - running.len()) {
            let task = act(name.clone());
            running.spawn(async move { (position, name, task.await) });
        }
        match progress.during(running.join_next()).await {
            None => break,
            Some(Ok(each)) => done.push(each),
            Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
        }
        if let (Some(done_is), true) = (done_is, names.len() > 1) {
            progress.set(format!("{} of {} {done_is}", done.len(), names.len()));
        }
    }
    done.sort_unstable_by_key(|(position, ..)| *position);
    done.into_iter().map(|(_, name, outcome)| (name, outcome)).collect()
}

/// Splits outcomes into those that succeeded and those that failed.
pub(super) fn split<T>(outcomes: Vec<Outcome<T>>) -> (Vec<(String, T)>, Failed) {
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for (name, outcome) in outcomes {
        match outcome {
            Ok(value) => succeeded.push((name, value)),
            Err(failure) => failed.push((name, failure)),
        }
    }
    (succeeded, failed)
}

/// Prints a row for each cluster of those that succeeded, if there is one; an object if the command has one name.
pub(super) fn print(rows: &[impl Serialize], names: usize, columns: Columns, context: &Context) -> Result {
    match rows {
        [] => Ok(()),
        [only] if names == 1 => context.printer.object(columns, only),
        all => {
            let mut rows = context.printer.rows(columns);
            all.iter().try_for_each(|each| rows.push(each))?;
            rows.finish()
        }
    }
}

/// One failure for all, which names each: exit code 13 if others succeeded. `what` was to be `done`, as in `cluster` and `deleted`.
pub(super) fn summarize(mut failed: Failed, some_succeeded: bool, what: &str, done: &str) -> Result {
    if failed.len() < 2 && !some_succeeded {
        return failed.pop().map_or(Ok(()), |(_, failure)| Err(failure));
    }
    let Some((_, first)) = failed.first() else { return Ok(()) };
    let exit =
        if failed.iter().all(|(_, failure)| failure.exit() == first.exit()) { first.exit() } else { Exit::Other };
    let kind = if exit == first.exit() { first.kind() } else { "Several" };
    let reasons: Vec<_> = failed.iter().map(|(name, failure)| format!("{name}: {failure}")).collect();
    let count = match failed.len() {
        1 => format!("1 {what} was"),
        count => format!("{count} {what}s were"),
    };
    let message = format!("{count} not {done}: {}", reasons.join("; "));
    let mut summary = if some_succeeded { Failure::partly_done(message) } else { Failure::new(exit, kind, message) };
    if let Some(hint) = failed.iter().find_map(|(_, failure)| failure.hint_text()) {
        summary = summary.hint(hint);
    }
    let next = failed.iter().flat_map(|(_, failure)| failure.next_commands());
    Err(next.fold(summary, |summary, command| summary.next(command)))
}

/// The names without repetitions, in their order.
pub(super) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut distinct = Vec::with_capacity(names.len());
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(name: &str, exit: Exit) -> (String, Failure) {
        (name.to_owned(), Failure::new(exit, "Kind", "reason").hint("hint").next(format!("retry {name}")))
    }

    #[test]
    fn one_failure_stands_for_all() {
        assert!(summarize(Vec::new(), true, "cluster", "deleted").is_ok());
        let alone = summarize(vec![failed("a", Exit::NotFound)], false, "cluster", "deleted").unwrap_err();
        assert_eq!((alone.to_string().as_str(), alone.exit()), ("reason", Exit::NotFound));

        let partly = summarize(vec![failed("a", Exit::NotFound)], true, "cluster", "deleted").unwrap_err();
        assert_eq!(partly.to_string(), "1 cluster was not deleted: a: reason");
        assert_eq!((partly.exit(), partly.hint_text()), (Exit::PartlyDone, Some("hint")));

        let all = || vec![failed("a", Exit::NotFound), failed("b", Exit::NotFound)];
        let same = summarize(all(), false, "cluster", "deleted").unwrap_err();
        assert_eq!(same.to_string(), "2 clusters were not deleted: a: reason; b: reason");
        assert_eq!(
            (same.exit(), same.next_commands()),
            (Exit::NotFound, &["retry a".to_owned(), "retry b".to_owned()][..])
        );

        let mixed = all().into_iter().chain([failed("c", Exit::Refused)]).collect();
        assert_eq!(summarize(mixed, false, "cluster", "deleted").unwrap_err().exit(), Exit::Other);
    }
}
