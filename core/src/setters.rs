//! Setters that chain, for settings that callers cannot write as literals.

/// Makes setters: `some` marks a field that is an `Option`.
macro_rules! setters {
    ($($with:ident($field:ident: $($ty:tt)+)),* $(,)?) => {
        $(setters!(@one $with, $field, $($ty)+);)*
    };
    (@one $with:ident, $field:ident, some $ty:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$ty>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    (@one $with:ident, $field:ident, $ty:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub const fn $with(mut self, $field: $ty) -> Self {
            self.$field = $field;
            self
        }
    };
}
pub(crate) use setters;
