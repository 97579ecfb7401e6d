//! Exit codes, and the one of each kind of error.

use eloq_sdk::ErrorKind;

macro_rules! exits {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// The exit codes of `eloq`. `eloq help exit-codes` prints them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Exit {
            $(#[doc = $meaning] $name = $code,)*
        }

        /// All exit codes but 0, and what they mean.
        pub(crate) const EXITS: &[(Exit, &str)] = &[$((Exit::$name, $meaning)),*];
    };
}

exits! {
    Other = 1, "another failure";
    Usage = 2, "wrong usage or invalid input: nothing was sent";
    NotSetUp = 3, "not set up: no API key, no project, or an invalid configuration";
    Refused = 4, "refused by the service (401, 403)";
    NotFound = 5, "not found";
    Conflict = 6, "conflict, or it exists with another specification";
    RateLimited = 7, "rate limited";
    Unreachable = 8, "the service is unreachable";
    TimedOut = 9, "timed out";
    ClusterFailed = 10, "the cluster has failed";
    OutcomeUnknown = 11, "outcome unknown: the change was sent, and may have been made";
    NotConfirmed = 12, "not confirmed: nothing was changed";
    PartlyDone = 13, "partly done: each failure was reported";
    HasChanges = 14, "`plan --detailed-exitcode` found changes";
    Wrapper = 125, "`connect` or `exec` failed itself; the error object has the code above";
    NotInvocable = 126, "`connect` or `exec` cannot run the program";
    NoClient = 127, "`connect` or `exec` found no such program";
    Interrupted = 130, "interrupted by Ctrl-C";
    Terminated = 143, "ended by SIGTERM";
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
