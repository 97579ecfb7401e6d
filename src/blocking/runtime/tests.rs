//! Tests of blocking on a future.

use std::future::poll_fn;
use std::sync::mpsc;
use std::time::Duration;

use super::*;

#[test]
fn a_future_that_parks_the_thread_does_not_lose_its_wakeup() {
    let (sender, done) = mpsc::channel();
    thread::spawn(move || {
        let mut polls = 0;
        Runtime::start().unwrap().wait(poll_fn(|context| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            // Uses up the token of the wake-up.
            thread::park();
            Poll::Pending
        }));
        sender.send(polls).unwrap();
    });
    assert_eq!(done.recv_timeout(Duration::from_secs(10)), Ok(2));
}
