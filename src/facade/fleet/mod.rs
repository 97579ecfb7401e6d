//! Many clusters at once: watching them, and all projects of the account.

pub(crate) mod all_projects;
pub(crate) mod change;
pub(crate) mod watch;
