//! The options of `sandtide node`.

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The words before the script, as `process.execArgv` shows them.
    pub(crate) exec_argv: Vec<String>,
    /// The script, if there is one.
    pub(crate) script: Option<String>,
    /// The words after the script.
    pub(crate) args: Vec<String>,
}

impl Options {
    /// Reads the words after the program's name.
    pub(crate) fn parse(args: Vec<String>) -> Self {
        let mut words = args.into_iter();
        Self { exec_argv: Vec::new(), script: words.next(), args: words.collect() }
    }
}
