//! Indexes and slices, counted from either end (RFC 9535 §2.3.3 and §2.3.4).

use crate::ast::Slice;

/// Return the element that an index names in an array of this length.
pub(crate) fn resolve(index: i64, length: usize) -> Option<usize> {
    let from_start = if index < 0 { signed(length) + index } else { index };
    usize::try_from(from_start).ok().filter(|&index| index < length)
}

/// Return the elements that a slice selects, in its order.
pub(crate) fn indexes(slice: Slice, length: usize) -> impl Iterator<Item = usize> {
    let length = signed(length);
    let normal = |index: i64| if index < 0 { length + index } else { index };
    let (first, count) = match slice.step.signum() {
        1 => {
            let lower = normal(slice.start.unwrap_or(0)).clamp(0, length);
            let upper = normal(slice.end.unwrap_or(length)).clamp(0, length);
            (lower, steps(upper - lower, slice.step))
        }
        -1 => {
            let upper = slice.start.map_or(length - 1, normal).clamp(-1, length - 1);
            let lower = slice.end.map_or(-1, normal).clamp(-1, length - 1);
            (upper, steps(upper - lower, -slice.step))
        }
        _ => (0, 0),
    };
    (0..count).filter_map(move |position| usize::try_from(first + position * slice.step).ok())
}

/// Return how many steps of this width start within a distance.
fn steps(distance: i64, width: i64) -> i64 {
    if distance <= 0 { 0 } else { (distance - 1) / width + 1 }
}

/// Return a length as a signed number; lengths are below 2³², since documents are.
fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(start: Option<i64>, end: Option<i64>, step: i64) -> Vec<usize> {
        indexes(Slice { start, end, step }, 5).collect()
    }

    /// Bounds beyond the array, negative ones and steps down select what RFC 9535's pseudocode does.
    #[test]
    fn selects_within_the_array() {
        assert_eq!(slice(Some(1), Some(3), 1), [1, 2]);
        assert_eq!(slice(None, None, -2), [4, 2, 0]);
        assert_eq!(slice(Some(-2), Some(100), 1), [3, 4]);
        assert_eq!(slice(Some(3), Some(0), -1), [3, 2, 1]);
        assert!(slice(None, None, 0).is_empty());
    }

    /// A step of the largest size neither overflows nor selects a second element.
    #[test]
    fn takes_extreme_steps() {
        let extreme = (1 << 53) - 1;
        assert_eq!(slice(None, None, extreme), [0]);
        assert_eq!(slice(None, None, -extreme), [4]);
        assert_eq!(slice(Some(-extreme), Some(extreme), 1), [0, 1, 2, 3, 4]);
    }
}
