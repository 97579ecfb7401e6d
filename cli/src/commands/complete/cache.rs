//! Names that the service has sent, in the user's cache folder: no secrets.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use super::{Candidate, Kind};
use crate::cli::Globals;
use crate::settings::{Settings, directory, variable};

/// How long an answer is used without asking again.
const FRESH: Duration = Duration::from_secs(20);
/// How long it is used if the service does not answer.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// What chooses an account besides flags and the profile.
const VARIABLES: [&str; 4] = ["ELOQ_BASE_URL", "ELOQ_API_URL", "ELOQ_ORG_ID", "ELOQ_PROJECT_ID"];

/// The file for one account and kind of name.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

impl Cache {
    pub(super) fn of(settings: &Settings, globals: &Globals, kind: Kind) -> Option<Self> {
        // The file need not be found by another version.
        let mut hasher = DefaultHasher::new();
        (&settings.directory, &settings.profile_name, &settings.profile.base_url).hash(&mut hasher);
        (&globals.base_url, &globals.org, &globals.project, settings.profile.org).hash(&mut hasher);
        (&settings.profile.project, VARIABLES.map(variable)).hash(&mut hasher);
        let name = format!("{kind:?}-{:016x}.json", hasher.finish()).to_lowercase();
        Some(Self(directory::cache()?.join(name)))
    }

    pub(super) fn fresh(&self) -> Option<Vec<Candidate>> {
        self.read(FRESH)
    }

    pub(super) fn stale(&self) -> Option<Vec<Candidate>> {
        self.read(STALE)
    }

    fn read(&self, limit: Duration) -> Option<Vec<Candidate>> {
        let age = self.0.metadata().ok()?.modified().ok()?.elapsed().ok()?;
        let text = if age <= limit { std::fs::read_to_string(&self.0).ok()? } else { return None };
        serde_json::from_str(&text).ok()
    }

    /// Replaces the file. Without a cache, the next completion asks again.
    pub(super) fn write(&self, candidates: &[Candidate]) -> Option<()> {
        let folder = self.0.parent()?;
        directory::create_private(folder).ok()?;
        let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
        file.write_all(&serde_json::to_vec(candidates).ok()?).ok()?;
        file.persist(&self.0).ok().map(|_| ())
    }
}
