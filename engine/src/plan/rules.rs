//! The switches of the planner's rules. A rule only makes a plan cheaper: with any of them off, the answer is the same.

use datafusion::execution::SessionState;

use crate::Settings;

/// Which rules are on. All are by default; `SET intarsia.disabled_rules` turns some off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Fragments that cannot contribute are left out.
    pub(crate) reduce: bool,
    /// Filters go to the nodes.
    pub(crate) filter: bool,
    /// Limits go to the nodes.
    pub(crate) limit: bool,
    /// ORDER BY … LIMIT goes to the nodes, and is done again above.
    pub(crate) top_n: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { reduce: true, filter: true, limit: true, top_n: true }
    }
}

impl Rules {
    /// The names that a session may turn off.
    pub(crate) const NAMES: [&str; 4] = ["reduce", "filter", "limit", "top_n"];

    /// The rules of a session.
    pub(crate) fn of(state: &SessionState) -> Rules {
        let settings = state.config().options().extensions.get::<Settings>();
        settings
            .and_then(|settings| Rules::without(&settings.disabled_rules).ok())
            .unwrap_or_default()
    }

    /// All rules but those named in a list like `filter, top_n`.
    ///
    /// # Errors
    /// The first name that is no rule.
    pub(crate) fn without(list: &str) -> Result<Rules, String> {
        let mut rules = Rules::default();
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "reduce" => rules.reduce = false,
                "filter" => rules.filter = false,
                "limit" => rules.limit = false,
                "top_n" => rules.top_n = false,
                other => return Err(other.to_owned()),
            }
        }
        Ok(rules)
    }
}
