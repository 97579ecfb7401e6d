//! Many clusters at once: all projects of the account.

pub(crate) mod all_projects;
