//! Many clusters at once: watching them, waiting for them, and all projects of the account.

pub(crate) mod all_projects;
pub(crate) mod change;
pub(crate) mod waits;
pub(crate) mod watch;
