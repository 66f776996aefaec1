//! Formulas that say how passes become a share of the points, such as `ceil(max(passes - 200, 0) / 2) / 100`.

/// The longest formula, in bytes. It bounds the depth of what is evaluated.
const LONGEST: usize = 500;

/// How deep parentheses and signs may be nested.
const DEEPEST: u32 = 32;

/// What a formula is checked with: each number of passes of at most this many runs.
const MOST_RUNS: u64 = 100_000;

/// How far numbers may be off because they have finitely many digits.
const TOLERANCE: f64 = 1e-9;

/// A formula of `passes`, `runs` and `rate`, which is `passes / runs`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Formula(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Variable(Variable),
    Apply(Operation, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Variable {
    Passes,
    Runs,
    Rate,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
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

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("the formula has more than {LONGEST} characters"));
        }
        let mut parser = Parser { rest: text.trim(), depth: 0 };
        let node = parser.sum()?;
        match parser.rest {
            "" => Ok(Formula(node)),
            rest => Err(format!("the formula cannot be read from \"{rest}\" on")),
        }
    }

    /// Checks the share that each number of passes earns.
    ///
    /// # Errors
    ///
    /// If one is not a number from 0 to 1 or is smaller than that of fewer passes, or if no passes earn
    /// something; names the number of passes.
    pub(super) fn check(&self, runs: u64) -> Result<(), String> {
        if runs > MOST_RUNS {
            return Err(format!("a formula works with at most {MOST_RUNS} runs, not {runs}"));
        }
        let mut before = 0.0;
        for passes in 0..=runs {
            let share = self.value(passes, runs);
            let place = format!("{passes} of {runs} passes");
            if !(-TOLERANCE..=1.0 + TOLERANCE).contains(&share) {
                return Err(format!(
                    "the formula gives {share} for {place}, not a share from 0 to 1"
                ));
            }
            if passes == 0 && share > TOLERANCE {
                return Err(format!("the formula gives {share} for {place}; it must give 0"));
            }
            if share < before - TOLERANCE {
                return Err(format!("the formula falls from {before} to {share} at {place}"));
            }
            before = share;
        }
        Ok(())
    }

    /// The share of the points that these passes earn, from 0 to 1 whatever the formula gives.
    pub(super) fn share(&self, passes: u64, runs: u64) -> f64 {
        let share = self.value(passes, runs);
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    fn value(&self, passes: u64, runs: u64) -> f64 {
        self.0.value(passes as f64, runs as f64)
    }
}

impl Node {
    fn value(&self, passes: f64, runs: f64) -> f64 {
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
    fn named(name: &str) -> Option<Self> {
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

/// Reads a formula from left to right.
struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Parser<'a> {
    /// Products that are added or subtracted.
    fn sum(&mut self) -> Result<Node, String> {
        let mut node = self.product()?;
        loop {
            let operation = match () {
                () if self.takes('+') => Operation::Add,
                () if self.takes('-') => Operation::Subtract,
                () => return Ok(node),
            };
            node = Node::Apply(operation, vec![node, self.product()?]);
        }
    }

    /// Factors that are multiplied or divided.
    fn product(&mut self) -> Result<Node, String> {
        let mut node = self.factor()?;
        loop {
            let operation = match () {
                () if self.takes('*') => Operation::Multiply,
                () if self.takes('/') => Operation::Divide,
                () => return Ok(node),
            };
            node = Node::Apply(operation, vec![node, self.factor()?]);
        }
    }

    fn factor(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("the formula is nested more than {DEEPEST} deep"));
        }
        let node = if self.takes('-') {
            Node::Apply(Operation::Negate, vec![self.factor()?])
        } else if self.takes('(') {
            let node = self.sum()?;
            self.expect(')')?;
            node
        } else {
            self.number_or_name()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn number_or_name(&mut self) -> Result<Node, String> {
        let word = self.word();
        if word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
            let number =
                word.parse().map_err(|_| format!("\"{word}\" in the formula is not a number"))?;
            return Ok(Node::Number(number));
        }
        match word {
            "passes" => Ok(Node::Variable(Variable::Passes)),
            "runs" => Ok(Node::Variable(Variable::Runs)),
            "rate" => Ok(Node::Variable(Variable::Rate)),
            "" if self.rest.is_empty() => Err("the formula ends too early".to_owned()),
            "" => Err(format!("the formula cannot be read from \"{}\" on", self.rest)),
            name => match Operation::named(name) {
                Some(operation) => self.call(name, operation),
                None => Err(format!(
                    "the formula uses the unknown name \"{name}\"; the names are passes, runs, rate, min, max, \
                     floor, ceil and round"
                )),
            },
        }
    }

    fn call(&mut self, name: &str, operation: Operation) -> Result<Node, String> {
        self.expect('(')?;
        let mut operands = vec![self.sum()?];
        while self.takes(',') {
            operands.push(self.sum()?);
        }
        self.expect(')')?;
        let is_of_many = matches!(operation, Operation::Min | Operation::Max);
        match operands.len() {
            1 if is_of_many => Err(format!("{name} in the formula needs two numbers or more")),
            1 => Ok(Node::Apply(operation, operands)),
            _ if is_of_many => Ok(Node::Apply(operation, operands)),
            _ => Err(format!("{name} in the formula needs exactly one number")),
        }
    }

    /// The letters and digits that come next.
    fn word(&mut self) -> &'a str {
        let is_part =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_';
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        word
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.takes(sign) {
            return Ok(());
        }
        match self.rest {
            "" => Err(format!("the formula ends where \"{sign}\" is missing")),
            rest => Err(format!("\"{sign}\" is missing in the formula before \"{rest}\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Formula;

    fn value(text: &str, passes: u64, runs: u64) -> f64 {
        Formula::parse(text)
            .unwrap_or_else(|problem| panic!("{text}: {problem}"))
            .value(passes, runs)
    }

    #[test]
    fn formulas_follow_the_rules_of_arithmetic() {
        for (text, expected) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("8 - 4 - 2", 2.0),
            ("8 / 4 / 2", 1.0),
            ("-2 + 5", 3.0),
            ("2 * -3", -6.0),
            ("min(3, 1, 2)", 1.0),
            ("max(3, 1, 2)", 3.0),
            ("floor(2.7) + ceil(2.2) + round(2.5)", 8.0),
            ("passes / runs - rate", 0.0),
            ("passes+runs", 27.0),
        ] {
            assert_eq!(value(text, 7, 20), expected, "{text}");
        }
    }

    #[test]
    fn rounding_does_not_depend_on_the_last_digit() {
        // 0.07 * 100 is a little more than 7, and 0.29 * 100 a little less than 29.
        assert_eq!(value("ceil(rate * 100)", 7, 100), 7.0);
        assert_eq!(value("floor(rate * 100)", 29, 100), 29.0);
    }

    #[test]
    fn a_course_gives_no_points_for_the_first_half() {
        let formula = Formula::parse("ceil(max(passes - 200, 0) / 2) / 100").expect("it is valid");
        assert_eq!(formula.check(400), Ok(()));
        let shares = [0, 200, 201, 202, 203, 399, 400].map(|passes| formula.share(passes, 400));
        assert_eq!(shares, [0.0, 0.0, 0.01, 0.01, 0.02, 1.0, 1.0]);
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for (text, problem) in [
            ("", "ends too early"),
            ("passes +", "ends too early"),
            ("passes runs", "from \"runs\" on"),
            ("pases / runs", "unknown name \"pases\""),
            ("(passes", "ends where \")\" is missing"),
            ("min(passes", "ends where \")\" is missing"),
            ("min(passes)", "min in the formula needs two numbers or more"),
            ("floor(1, 2)", "floor in the formula needs exactly one number"),
            ("floor 1", "\"(\" is missing in the formula before \"1\""),
            ("1.2.3", "\"1.2.3\" in the formula is not a number"),
            ("2x", "\"2x\" in the formula is not a number"),
            ("passes ^ 2", "from \"^ 2\" on"),
            ("\u{fc}", "from \"\u{fc}\" on"),
            (&"(".repeat(400), "nested more than 32 deep"),
            (&"-".repeat(400), "nested more than 32 deep"),
            (&"1+".repeat(300), "more than 500 characters"),
        ] {
            let found = Formula::parse(text).expect_err("it is refused");
            assert!(found.contains(problem), "{text}: {found}");
        }
        assert!(Formula::parse(&("1".to_owned() + &"+1".repeat(249))).is_ok());
    }

    #[test]
    fn a_formula_is_checked_with_every_number_of_passes() {
        for (text, problem) in [
            (
                "passes / 19",
                "gives 1.0526315789473684 for 20 of 20 passes, not a share from 0 to 1",
            ),
            ("rate - 0.1", "gives -0.1 for 0 of 20 passes, not a share from 0 to 1"),
            ("0.1 + rate / 2", "gives 0.1 for 0 of 20 passes; it must give 0"),
            ("rate / (passes - 7)", "for 1 of 20 passes, not a share"),
            ("max(0, 0 / (passes - 7))", "gives NaN for 7 of 20 passes"),
            ("min(1, 0 / passes)", "gives NaN for 0 of 20 passes"),
            ("rate * (1 - rate)", "falls from 0.25 to 0.2475 at 11 of 20 passes"),
        ] {
            let found = Formula::parse(text).expect("it is a formula").check(20);
            let found = found.expect_err("it is refused");
            assert!(found.contains(problem), "{text}: {found}");
        }
        let fine = Formula::parse("rate * 3 - rate * 2").expect("it is a formula");
        assert_eq!(fine.check(20), Ok(()));
        assert!(fine.check(u64::MAX).is_err_and(|found| found.contains("at most 100000 runs")));
    }

    #[test]
    fn a_share_is_from_0_to_1_even_for_what_was_not_planned() {
        let shares = |text| {
            let formula = Formula::parse(text).expect("it is a formula");
            [(30, 20), (0, 0)].map(|(passes, runs)| formula.share(passes, runs))
        };
        assert_eq!(shares("rate"), [1.0, 0.0]);
        assert_eq!(shares("-rate"), [0.0, 0.0]);
    }
}
