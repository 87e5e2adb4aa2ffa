//! Lists of system calls as data, and the filter that is made of one. Must not know who may make
//! which.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::layers::{ConfineError, Layer};

/// A call, and what its arguments must be: each is the number of an argument and, unless it says otherwise, its lower
/// 32 bits.
#[derive(Clone, Copy, Debug)]
pub struct Allowed {
    /// The call's name.
    pub name: &'static str,
    pub(crate) number: libc::c_long,
    pub(crate) arguments: &'static [(u8, Argument)],
    /// Who makes the call, and when.
    pub needed_by: &'static str,
}

impl Allowed {
    /// The call's number on this processor.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }
}

/// What an argument must be. Those without a number of their own are known when the filter is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Argument {
    Is(u32),
    AtMost(u32),
    /// A size of at most so many bytes, in all its bits.
    SizeAtMost(u32),
    /// An address that is none, in all its bits.
    Null,
    /// The descriptor of the channel to the broker.
    Channel,
    /// The descriptor of userfaultfd.
    Faults,
    /// The descriptor of the process's pagemap.
    Pagemap,
    /// The kernel's number of the timer that ends runs.
    Timer,
    /// The kernel's number of the timer that samples them.
    SampleTimer,
    /// How the zygote forks, in all its bits: some kernels take more flags from the upper ones.
    ForkFlags,
}

/// A filter, compiled before the process is confined that takes it.
#[derive(Clone, Debug)]
pub struct Filter {
    program: BpfProgram,
}

impl Filter {
    /// Compiles a list. A call that stands in it more than once is allowed with each of the arguments;
    /// one with an argument for which there is no `value` is left out.
    pub(crate) fn of<'a>(
        calls: impl IntoIterator<Item = &'a Allowed>,
        value: impl Fn(Argument) -> Option<u32>,
    ) -> Result<Filter, ConfineError> {
        let failed = |error: seccompiler::BackendError| ConfineError::Filter(error.to_string());
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
        'calls: for call in calls {
            let mut conditions = Vec::with_capacity(call.arguments.len());
            for &(index, argument) in call.arguments {
                let (low, whole) = (SeccompCmpArgLen::Dword, SeccompCmpArgLen::Qword);
                let (size, is, value) = match argument {
                    Argument::Is(value) => (low, SeccompCmpOp::Eq, value),
                    Argument::AtMost(value) => (low, SeccompCmpOp::Le, value),
                    Argument::SizeAtMost(value) => (whole, SeccompCmpOp::Le, value),
                    Argument::Null => (whole, SeccompCmpOp::Eq, 0),
                    argument => {
                        let Some(value) = value(argument) else { continue 'calls };
                        let flags = matches!(argument, Argument::ForkFlags);
                        (if flags { whole } else { low }, SeccompCmpOp::Eq, value)
                    }
                };
                let condition = SeccompCondition::new(index, size, is, value.into());
                conditions.push(condition.map_err(failed)?);
            }
            let of_call = rules.entry(call.number).or_default();
            if !conditions.is_empty() {
                of_call.push(SeccompRule::new(conditions).map_err(failed)?);
            }
        }
        let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(failed)?;
        let (otherwise, matched) = (SeccompAction::KillProcess, SeccompAction::Allow);
        let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(failed)?;
        Ok(Filter { program: filter.try_into().map_err(failed)? })
    }

    /// Puts the filter on, for good.
    pub(crate) fn apply(&self) -> Result<(), ConfineError> {
        seccompiler::apply_filter(&self.program).map_err(|error| ConfineError::Layer {
            layer: Layer::SystemCalls,
            error: io::Error::other(error.to_string()),
        })
    }

    /// Instructions.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.program.len()
    }
}
