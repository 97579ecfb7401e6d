//! `debug!`: Debug of types that have more than they print.

/// Implements Debug with these fields; the others are secret, long or without Debug.
macro_rules! debug {
    ($name:ident$(<$data:ident>)? { $($field:ident),* }) => {
        impl$(<$data>)? std::fmt::Debug for $name$(<$data>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use debug;
