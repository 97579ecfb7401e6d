//! Success codes of the response envelope.

/// The `code` in the envelope of successful responses. The service is known to use 0 and 200.
///
/// ```
/// use eloq_sdk::simulator::{CodeStyle, Simulator};
///
/// let builder = Simulator::builder().codes(CodeStyle::All0);
/// # let _ = builder;
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeStyle {
    /// 200 for writes, 0 for reads; the vendor's Python SDK relies on this.
    #[default]
    Writes200,
    /// 0 for writes, 200 for reads.
    Writes0,
    /// Always 0.
    All0,
    /// Always 200.
    All200,
}

impl CodeStyle {
    pub(super) fn code(self, write: bool) -> i64 {
        match (self, write) {
            (Self::Writes200, true) | (Self::Writes0, false) | (Self::All200, _) => 200,
            (Self::Writes200, false) | (Self::Writes0, true) | (Self::All0, _) => 0,
        }
    }
}
