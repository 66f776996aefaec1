//! The parts of a formula, and their values.

/// How far numbers may be off because they have finitely many digits.
pub(super) const TOLERANCE: f64 = 1e-9;

/// A part of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Variable(Variable),
    Apply(Operation, Vec<Node>),
}

/// What a formula depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Variable {
    Passes,
    Runs,
    Rate,
}

/// What is done with the values of parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Min,
    Max,
    Floor,
    Ceil,
    Round,
}

impl Node {
    /// The value for these passes and runs, which may be no number.
    pub(super) fn value(&self, passes: f64, runs: f64) -> f64 {
        match self {
            Node::Number(number) => *number,
            Node::Variable(Variable::Passes) => passes,
            Node::Variable(Variable::Runs) => runs,
            Node::Variable(Variable::Rate) => passes / runs,
            Node::Apply(operation, operands) => {
                let values = operands.iter().map(|operand| operand.value(passes, runs));
                values
                    .reduce(|left, right| operation.join(left, right))
                    .map_or(0.0, |value| operation.finish(value))
            }
        }
    }
}

impl Operation {
    /// The function of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "min" => Operation::Min,
            "max" => Operation::Max,
            "floor" => Operation::Floor,
            "ceil" => Operation::Ceil,
            "round" => Operation::Round,
            _ => return None,
        })
    }

    /// Joins two operands.
    fn join(self, left: f64, right: f64) -> f64 {
        match self {
            Operation::Add => left + right,
            Operation::Subtract => left - right,
            Operation::Multiply => left * right,
            Operation::Divide => left / right,
            // The methods of `f64` would ignore what is not a number.
            Operation::Min => {
                if left.is_nan() || left < right {
                    left
                } else {
                    right
                }
            }
            Operation::Max => {
                if left.is_nan() || left > right {
                    left
                } else {
                    right
                }
            }
            Operation::Negate | Operation::Floor | Operation::Ceil | Operation::Round => left,
        }
    }

    /// Works on the operands when they are joined, or on the only one. 6.999999999 counts as 7.
    fn finish(self, value: f64) -> f64 {
        match self {
            Operation::Negate => -value,
            Operation::Floor => (value + TOLERANCE).floor(),
            Operation::Ceil => (value - TOLERANCE).ceil(),
            Operation::Round => (value + 0.5 + TOLERANCE).floor(),
            _ => value,
        }
    }
}
