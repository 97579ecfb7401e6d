//! The success codes of the envelope.

/// Which `code` the envelope of a success has: the service is known to use 0 and 200.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeStyle {
    /// Writes answer 200, reads 0: what the vendor's Python SDK relies on.
    #[default]
    Writes200,
    /// Writes answer 0, reads 200.
    Writes0,
    /// Everything answers 0.
    All0,
    /// Everything answers 200.
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
