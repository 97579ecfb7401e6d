//! Many clusters as one: desired state, plan, apply.

pub(crate) mod apply;
pub(crate) mod desired;
pub(crate) mod make_plan;
pub(crate) mod outcome;
pub(crate) mod plan;
mod step;
