//! `setters!`: the methods of a builder that set one field each.

/// Defines setters, each of which replaces the field of its name.
macro_rules! setters {
    ($builder:ty; $($(#[$doc:meta])+ $name:ident($argument:ident: $kind:ty) => $value:expr;)+) => {
        impl $builder {
            $(
                $(#[$doc])+
                pub fn $name(mut self, $argument: $kind) -> Self {
                    self.$name = $value;
                    self
                }
            )+
        }
    };
}

pub(crate) use setters;
