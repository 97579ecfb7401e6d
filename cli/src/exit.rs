//! Exit codes, and the one of each kind of error.

use eloq_sdk::ErrorKind;

/// The exit codes of `eloq`. `eloq help exit-codes` prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Other = 1,
    Usage = 2,
    NotSetUp = 3,
    Refused = 4,
    NotFound = 5,
    Conflict = 6,
    RateLimited = 7,
    Unreachable = 8,
    TimedOut = 9,
    ClusterFailed = 10,
    OutcomeUnknown = 11,
    NotConfirmed = 12,
    PartlyDone = 13,
    /// `eloq plan --detailed-exitcode` found changes.
    HasChanges = 14,
    /// `connect` and `exec` failed themselves.
    Wrapper = 125,
    NotInvocable = 126,
    NoClient = 127,
    Interrupted = 130,
    Terminated = 143,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// The exit code of an error of the SDK. A test fails if a kind has no row.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        TABLE.iter().find(|(row, _)| *row == kind).map_or(Self::Other, |(_, exit)| *exit)
    }
}

const TABLE: &[(ErrorKind, Exit)] = &[
    (ErrorKind::Authentication, Exit::Refused),
    (ErrorKind::Permission, Exit::Refused),
    (ErrorKind::NotFound, Exit::NotFound),
    (ErrorKind::RateLimit, Exit::RateLimited),
    (ErrorKind::Validation, Exit::Usage),
    (ErrorKind::InvalidInput, Exit::Usage),
    (ErrorKind::Conflict, Exit::Conflict),
    (ErrorKind::Server, Exit::Other),
    (ErrorKind::Api, Exit::Other),
    (ErrorKind::Decode, Exit::Other),
    (ErrorKind::Protocol, Exit::Unreachable),
    (ErrorKind::Connect, Exit::Unreachable),
    (ErrorKind::Timeout, Exit::TimedOut),
    (ErrorKind::OutcomeUnknown, Exit::OutcomeUnknown),
    (ErrorKind::ClusterFailed, Exit::ClusterFailed),
    (ErrorKind::NoProject, Exit::NotSetUp),
    (ErrorKind::Config, Exit::NotSetUp),
    (ErrorKind::Closed, Exit::Other),
    (ErrorKind::Stopped, Exit::Other),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_one_row() {
        for kind in ErrorKind::ALL {
            assert_eq!(TABLE.iter().filter(|(row, _)| row == kind).count(), 1, "{kind}");
        }
        assert_eq!(TABLE.len(), ErrorKind::ALL.len());
    }
}
