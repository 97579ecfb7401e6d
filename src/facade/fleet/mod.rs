//! Many clusters at once: plans, watching and waiting for them, and all projects of the account.

pub(crate) mod all_projects;
pub(crate) mod apply;
pub(crate) mod change;
pub(crate) mod desired;
pub(crate) mod make_plan;
pub(crate) mod outcome;
pub(crate) mod plan;
mod step;
pub(crate) mod waits;
pub(crate) mod watch;
