//! Who may see a name (reference §4.4).

use crate::ModuleId;
use crate::module_map;

/// A resolved visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    Public,
    /// This module and its descendants. `pub(crate)` is the root module.
    Module(ModuleId),
}

impl Visibility {
    /// Whether code in `from` may use a name with this visibility.
    pub fn is_visible_from(self, db: &dyn base::Db, from: ModuleId) -> bool {
        match self {
            Visibility::Public => true,
            Visibility::Module(module) => module_map::is_within(db, from, module),
        }
    }

    /// The lesser of two, as seen from a re-export: `pub use` cannot widen.
    pub fn min(self, db: &dyn base::Db, other: Visibility) -> Visibility {
        match (self, other) {
            (Visibility::Public, other) => other,
            (this, Visibility::Public) => this,
            (Visibility::Module(a), Visibility::Module(b)) => {
                if module_map::is_within(db, a, b) {
                    self
                } else {
                    other
                }
            }
        }
    }
}
