//! Leaves out what is not needed.

/// The fewest of these items that `first_good` still finds good, or few: none of them alone can be left out.
///
/// It is given lists of items, and says which is the first good one. Larger and smaller groups of neighbours are left
/// out in turn, as in delta debugging (Zeller and Hildebrandt, 2002).
pub(super) fn reduce<T: Clone>(
    mut items: Vec<T>,
    first_good: impl Fn(&[Vec<T>]) -> Option<usize>,
) -> Vec<T> {
    let mut group = items.len().div_ceil(2).max(1);
    loop {
        let before = items.len();
        // Groups before this one were needed.
        let mut begin = 0;
        while begin < items.len() {
            let starts: Vec<usize> = (begin..items.len()).step_by(group).collect();
            let without = |start: &usize| {
                let end = (start + group).min(items.len());
                [&items[..*start], &items[end..]].concat()
            };
            let candidates: Vec<Vec<T>> = starts.iter().map(without).collect();
            let Some(good) = first_good(&candidates) else {
                break;
            };
            begin = starts[good];
            items = candidates.into_iter().nth(good).unwrap_or_default();
        }
        if group == 1 && items.len() == before {
            return items;
        }
        group = (group / 2).max(1).min(items.len().max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::reduce;

    /// What is left of some numbers if those in `needed` must stay, and how many lists were tried.
    fn left(count: u32, needed: &[u32]) -> (Vec<u32>, usize) {
        let tried = std::cell::Cell::new(0);
        let is_good = |items: &Vec<u32>| {
            tried.set(tried.get() + 1);
            needed.iter().all(|number| items.contains(number))
        };
        let left = reduce((0..count).collect(), |lists| lists.iter().position(is_good));
        (left, tried.get())
    }

    #[test]
    fn exactly_what_is_needed_is_left() {
        for needed in [&[][..], &[0], &[99], &[13, 14], &[3, 50, 51, 98]] {
            let (left, tried) = left(100, needed);
            assert_eq!(left, needed);
            assert!(tried < 90, "{tried} tries for {needed:?}");
        }
    }

    #[test]
    fn nothing_is_left_out_if_all_is_needed() {
        assert_eq!(left(4, &[0, 1, 2, 3]).0, [0, 1, 2, 3]);
        assert_eq!(left(0, &[]).0, [0; 0]);
    }
}
