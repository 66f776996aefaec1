//! Reading formulas.

use super::expression::{Node, Operation, Variable};

/// The longest formula, in bytes. It bounds the depth of what is evaluated.
const LONGEST: usize = 500;

/// How deep parentheses and signs may be nested.
const DEEPEST: u32 = 32;

/// Reads a formula.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    if text.len() > LONGEST {
        return Err(format!("the formula has more than {LONGEST} characters"));
    }
    let mut parser = Parser { rest: text.trim(), depth: 0 };
    let node = parser.sum()?;
    match parser.rest {
        "" => Ok(node),
        rest => Err(format!("the formula cannot be read from \"{rest}\" on")),
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
