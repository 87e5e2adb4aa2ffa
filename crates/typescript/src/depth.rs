//! How deep a text nests, before it is parsed: the parser recurses, and its stack is not watched.
//!
//! Counts what is open, and what leads from one level to the next without a bracket: prefixes,
//! assignments, arrows, conditions, statements that are bodies. It reads tokens only, so it cannot always
//! tell what is text: a slash after a bracket divides or begins a regular expression, a quote in JSX begins a
//! string or is one of its text's. What would be skipped then is read as code as well, and counts.

/// How deep a text may nest.
pub(crate) const MAX_DEPTH: u32 = 500;
/// Members and calls in one expression, of which each is the object of the next.
const MAX_LINKS: u32 = 1_000;
/// How much of what leads deeper may have ended by a `>` that ends a list of types, or so it seems.
const MAX_UNSURE: u32 = 500;

/// Text that is read twice, and again within itself, because nobody knows whether it is code: so often.
const MAX_READINGS: u32 = 3;
/// How much may be read again in all: so many times the source, and so many bytes more.
const REREAD: (usize, usize) = (8, 64 << 10);

/// Where a text nests too deeply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooDeep {
    /// In bytes.
    pub(crate) at: usize,
}

#[derive(Clone, Copy, Default)]
struct Level {
    /// How many levels of recursion lead to here since the level's statement began.
    chain: u32,
    links: u32,
    /// What of the chain ended by a `>` that perhaps was none of a list of types.
    unsure: u32,
    /// Lists of types that perhaps are open.
    angles: u32,
    /// Whether the bracket is `${`.
    template: bool,
    /// Whether the bracket belongs to `if (…)` or its like, after which a statement begins.
    head: bool,
}

/// What stands before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// What an expression may end with.
    Operand,
    /// The same: `)` or `]`.
    Closed,
    /// A closing brace: of a block, or of an object.
    Brace,
    /// A `>` that perhaps ends a list of types.
    Angle,
    /// What an expression goes on after.
    Operator,
}

/// Words that an operand follows.
const PREFIXES: [&str; 15] = [
    "typeof", "void", "delete", "new", "await", "yield", "async", "keyof", "unique", "readonly",
    "infer", "return", "throw", "abstract", "asserts",
];
/// Words that begin a part of a statement, wherever they stand.
const PARTS: [&str; 2] = ["case", "default"];
/// Words between two operands.
const BETWEEN: [&str; 7] = ["extends", "in", "of", "as", "satisfies", "instanceof", "is"];
/// Words of statements whose body is a statement.
const BODIES: [&str; 7] = ["if", "else", "for", "while", "do", "with", "try"];

struct Scan<'s> {
    source: &'s [u8],
    at: usize,
    levels: Vec<Level>,
    /// The sum of the levels' chains, and of the levels.
    depth: u32,
    /// The sum of what is unsure in the levels.
    unsure: u32,
    /// Levels that are perhaps open in what was skipped.
    hidden: u32,
    /// The most of `depth` and `hidden` together that there was.
    deepest: u32,
    /// Bytes that may still be read again.
    reread: usize,
    /// How often what is read here is read already.
    reading: u32,
    jsx: bool,
    /// Whether a word was just read whose bracket is a head.
    head_comes: bool,
    before: Before,
}

/// Checks how deep `source` nests. In `jsx` there may be JSX, whose text is anything.
pub(crate) fn check(source: &str, jsx: bool) -> Result<(), TooDeep> {
    let (times, more) = REREAD;
    let mut scan = Scan::new(source.as_bytes(), jsx, source.len() * times + more, 0);
    scan.run().map_err(|at| TooDeep { at: at.min(source.len()) })
}

impl<'s> Scan<'s> {
    fn new(source: &'s [u8], jsx: bool, reread: usize, reading: u32) -> Scan<'s> {
        Scan {
            source,
            at: 0,
            levels: vec![Level::default()],
            depth: 0,
            unsure: 0,
            hidden: 0,
            deepest: 0,
            reread,
            reading,
            jsx,
            head_comes: false,
            before: Before::Operator,
        }
    }

    /// Reads it to the end, or to where it nests too deeply.
    fn run(&mut self) -> Result<(), usize> {
        while let Some(&byte) = self.source.get(self.at) {
            self.token(byte);
            let links = self.levels.last().map_or(0, |level| level.links);
            self.deepest = self.deepest.max(self.depth + self.hidden);
            if self.deepest > MAX_DEPTH || links > MAX_LINKS || self.unsure > MAX_UNSURE {
                return Err(self.at);
            }
        }
        Ok(())
    }

    /// Reads as code what is perhaps skipped wrongly. What it leaves open counts from now on.
    fn perhaps_code(&mut self, start: usize, end: usize) {
        let end = end.min(self.source.len());
        let text = self.source.get(start..end).unwrap_or_default();
        let Some(left) = self.reread.checked_sub(text.len()) else {
            self.hidden = MAX_DEPTH + 1;
            return;
        };
        if self.reading == MAX_READINGS {
            // Whatever opens something does.
            let opens = text.iter().filter(|byte| !byte.is_ascii_alphanumeric() && **byte != b' ');
            self.hidden = self.hidden.saturating_add(opens.count() as u32).min(MAX_DEPTH + 1);
            return;
        }
        let mut inner = Scan::new(text, self.jsx, left, self.reading + 1);
        let read = inner.run();
        self.reread = inner.reread;
        self.deepest = self.deepest.max(self.depth + self.hidden + inner.deepest);
        let open = inner.levels.len() as u32 - 1 + inner.hidden;
        self.hidden = if read.is_err() { MAX_DEPTH + 1 } else { self.hidden + open };
    }
}

impl Scan<'_> {
    fn token(&mut self, byte: u8) {
        match byte {
            b'\'' | b'"' => {
                let start = self.at + 1;
                let whole = self.string(byte);
                if self.jsx && !whole {
                    // A string ends in its line, so this was text.
                    self.at = start;
                    return;
                }
                if self.jsx {
                    self.perhaps_code(start, self.at - 1);
                }
                self.before = Before::Operand;
            }
            b'`' => {
                self.at += 1;
                if self.before != Before::Operator {
                    self.link();
                }
                self.template();
            }
            b'(' | b'[' | b'{' => self.open(false),
            b'}' if self.levels.last().is_some_and(|level| level.template) => {
                self.close();
                self.template();
            }
            b')' | b']' | b'}' => {
                self.before = match (self.close(), byte) {
                    (true, _) => Before::Operator,
                    (false, b'}') => Before::Brace,
                    (false, _) => Before::Closed,
                };
            }
            b'/' => self.slash(),
            b';' | b',' => {
                self.at += 1;
                self.statement();
                self.before = Before::Operator;
            }
            b'.' => {
                self.at += 1;
                self.link();
                self.before = Before::Operator;
            }
            byte if byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'$' | b'#' | b'\\' | 128..) =>
            {
                self.word();
            }
            byte if byte.is_ascii_graphic() => self.operator(byte),
            _ => self.at += 1,
        }
    }

    fn open(&mut self, template: bool) {
        self.at += 1;
        if self.before != Before::Operator {
            self.link();
        }
        let head = self.head_comes && self.source.get(self.at - 1) == Some(&b'(');
        self.head_comes = false;
        self.levels.push(Level { template, head, ..Level::default() });
        self.depth += 1;
        self.before = Before::Operator;
    }

    /// Whether what was closed is the head of a statement.
    fn close(&mut self) -> bool {
        self.at += 1;
        self.head_comes = false;
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.depth -= level.chain + 1;
            self.unsure -= level.unsure;
            return level.head;
        }
        false
    }

    fn link(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.links += 1;
        }
    }

    fn deeper(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.chain += 1;
            self.depth += 1;
        }
    }

    /// A statement or an element of a list begins.
    fn statement(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.depth -= level.chain;
            self.unsure -= level.unsure;
            *level = Level { template: level.template, head: level.head, ..Level::default() };
        }
    }

    /// A statement or a member seems to begin after a list of types.
    fn perhaps_statement(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.depth -= level.chain;
            self.unsure += level.chain;
            level.unsure += level.chain;
            level.chain = 0;
        }
    }

    fn operator(&mut self, byte: u8) {
        let next = self.source.get(self.at + 1);
        self.at += 1;
        if matches!(byte, b'+' | b'-') && next == Some(&byte) {
            self.at += 1;
            if self.before == Before::Operator {
                self.deeper();
            }
            return;
        }
        if byte == b'=' && next == Some(&b'>') {
            self.at += 1;
            self.deeper();
            self.before = Before::Operator;
            return;
        }
        if let Some(level) = self.levels.last_mut() {
            if byte == b'<' {
                level.angles += 1;
            } else if byte == b'>' && level.angles > 0 {
                level.angles -= 1;
                self.before = Before::Angle;
                return;
            }
        }
        if byte == b'!' && self.before != Before::Operator {
            return self.link();
        }
        // Operators between operands are parsed in a loop, but for these, which nest to the right;
        // and `<`, which may begin a list of types.
        let nests = matches!(byte, b'=' | b'?' | b':' | b'*' | b'<');
        if nests || self.before == Before::Operator {
            self.deeper();
        }
        self.before = Before::Operator;
    }

    fn word(&mut self) {
        let start = self.at;
        let of_word = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#' | b'\\' | 128..)
        };
        while self.source.get(self.at).is_some_and(of_word) {
            self.at += 1;
        }
        let word = std::str::from_utf8(&self.source[start..self.at]).unwrap_or_default();
        let is_member = start > 0 && self.source[start - 1] == b'.';
        self.head_comes = !is_member
            && (matches!(word, "if" | "for" | "while" | "with")
                || (word == "await" && self.head_comes));
        if BETWEEN.contains(&word) {
            self.deeper();
            self.before = Before::Operator;
        } else if BODIES.contains(&word) {
            // After an operand or a block only `else` goes on with the statement.
            match self.before {
                Before::Operator => {}
                _ if word == "else" => {}
                Before::Angle => self.perhaps_statement(),
                _ => self.statement(),
            }
            self.deeper();
            self.before = Before::Operator;
        } else if PARTS.contains(&word) {
            self.statement();
            self.before = Before::Operator;
        } else {
            match self.before {
                Before::Operator => {}
                Before::Angle => self.perhaps_statement(),
                _ => self.statement(),
            }
            if PREFIXES.contains(&word) {
                self.deeper();
                self.before = Before::Operator;
            } else {
                self.before = Before::Operand;
            }
        }
    }

    /// The rest of a string, or of its line. Whether the string ended.
    fn string(&mut self, quote: u8) -> bool {
        self.at += 1;
        while let Some(&byte) = self.source.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'\n' | b'\r' => return false,
                _ => {
                    self.at += 1;
                    if byte == quote {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// The rest of a template, or up to its next expression.
    fn template(&mut self) {
        let start = self.at;
        self.rest_of_template();
        if self.jsx {
            self.perhaps_code(start, self.at);
        }
    }

    fn rest_of_template(&mut self) {
        while let Some(&byte) = self.source.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.before = Before::Operand;
                    return;
                }
                b'$' if self.source.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    self.before = Before::Operator;
                    self.open(true);
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn slash(&mut self) {
        let rest = &self.source[self.at..];
        if rest.starts_with(b"//") {
            let line = rest.iter().position(|&byte| matches!(byte, b'\n' | b'\r'));
            self.at += line.unwrap_or(rest.len());
        } else if rest.starts_with(b"/*") {
            let end = rest[2..].windows(2).position(|two| two == b"*/");
            self.at += end.map_or(rest.len(), |end| end + 4);
        } else if self.before == Before::Operator {
            self.regexp();
        } else {
            self.perhaps_regexp();
            self.operator(b'/');
        }
    }

    /// A slash that divides, unless it begins a regular expression: then what looks like the begin of a
    /// text in it is none, and what follows is code.
    fn perhaps_regexp(&mut self) {
        let (at, before) = (self.at, self.before);
        self.regexp();
        let end = self.at;
        (self.at, self.before) = (at, before);
        let inner = self.source.get(at + 1..end.min(self.source.len())).unwrap_or_default();
        let rest = self.source.get(end..).unwrap_or_default();
        let has = |text: &[u8], what: &[u8]| text.windows(what.len()).any(|it| it == what);
        if !inner.ends_with(b"/") {
            return;
        }
        let line = rest.iter().position(|&byte| matches!(byte, b'\n' | b'\r'));
        let line = line.map_or(self.source.len(), |line| end + line);
        // The expression's own end may begin a comment with what follows.
        let far = inner.contains(&b'`') || has(inner, b"/*") || rest.starts_with(b"*");
        if far {
            self.perhaps_code(end, self.source.len());
        } else if inner.iter().any(|byte| matches!(byte, b'\'' | b'"'))
            || has(inner, b"//")
            || rest.starts_with(b"/")
        {
            self.perhaps_code(end, line);
        }
    }

    fn regexp(&mut self) {
        self.at += 1;
        let mut class = false;
        while let Some(&byte) = self.source.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' | b'\r' => return,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.before = Before::Operand;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_deeper_is_counted_with_and_without_brackets() {
        let deep = [
            "(",
            "[",
            "{",
            "a[",
            "f(",
            "- ",
            "!",
            "typeof ",
            "a=",
            "a=>",
            "a?b:",
            "a?",
            "if(a)",
            "async a=>",
            "a:",
            "new ",
            "await ",
            "`${",
            "a**",
            "else if(a){}",
            "as T ",
            "a<b?x>\n",
            "a!.",
            "``",
            "a.",
            "T extends U?V:",
            "A<",
            "keyof ",
            "()=>",
            "do ",
            "for(;;)",
            "while(a)",
            "<a>",
            "if(a)x:",
            "while(a)x:",
            "for(;;)x:",
            "for await(a of b)x:",
            "if(a)/'/;(",
            "a=b()/'/;[",
            "if(a)/[//]/;(",
            "(a)/`/;{",
        ];
        for piece in deep {
            assert!(check(&piece.repeat(100_000), false).is_err(), "{piece}");
            assert!(check(&piece.repeat(100_000), true).is_err(), "{piece} in JSX");
        }
    }

    #[test]
    fn what_is_perhaps_no_text_hides_nothing() {
        let hide = [
            "if(a)/'/;",
            "if(a)/\"/;",
            "if(a)/`/;",
            "if(a)/[//]/;",
            "if(a)/[/*]/;",
            "x\n{}/'/;",
            "a<b>/'/;",
            "<a>don't {",
            "<a>` {",
            "<a>don't {won't} ",
            "<a>don't {f(\"it's\")} ",
        ];
        for begin in hide {
            for piece in ["(", "[", "- ", "!", "a=>", "{"] {
                let text = format!("{begin}{}", piece.repeat(100_000));
                assert!(check(&text, true).is_err(), "{text:.40}");
                if !begin.starts_with('<') {
                    assert!(check(&text, false).is_err(), "{text:.40}");
                }
                let closed = format!("{begin}{}won't</a>", piece.repeat(100_000));
                assert!(check(&closed, true).is_err(), "{closed:.40}");
            }
        }
        // Each hides a little.
        for piece in ["if(a)/'/;(b\n", "if(a)/`/;(b\n"] {
            assert!(check(&piece.repeat(10_000), false).is_err(), "{piece}");
        }
        assert!(check(&"<a>don't {(won't\n".repeat(10_000), true).is_err());
    }

    #[test]
    fn long_texts_that_do_not_nest_are_let_through() {
        let flat = [
            "a = 1\n",
            "const a: T = 1\n",
            "readonly a: string\n",
            "if (a) { b() }\n",
            "f(a)\n",
            "a + ",
            "a, ",
            "'(' + ",
            "/[(]/.test(a);",
            "// (((\n",
            "/* ((( */",
            "`((`;",
            "interface A { b?: C<D>\n }\n",
            "interface A { b: C<D>\n c: D<E>\n }\n",
            "function f(a: A<B>): C { return a / b / c }\n",
            "case 'a': return b\n",
            "case a:\n",
            "i++\n",
            "x = <T>(y)\n",
            "f<T>(y);",
            "export const a = (b: C) => b\n",
            "if (a) b(c)\n",
            "a = (b + c) / 2 + '/';\n",
            "const a = f(b) / 2; // it's half\n",
        ];
        for piece in flat {
            assert_eq!(check(&piece.repeat(10_000), false), Ok(()), "{piece}");
        }
        for piece in [
            "<p>Don't you (or I)?</p>;\n",
            "<p className=\"bg-[url(a.png)]\">{f('(')}</p>;\n",
            "const a = <A b='c' d={`e ${f(g)} h`} />;\n",
            "<path d=\"M10-5.2,3-4-5Z\" />;\n",
        ] {
            assert_eq!(check(&piece.repeat(400), true), Ok(()), "{piece}");
        }
    }
}
