//! Decimal text of numbers for the engine's C code: the shortest digits that read back as the same number, by
//! the crate that serde_json writes numbers with, and reading, by the core library. Both are several times as
//! fast as the engine's own, which works with large integers, and independent of the C library's locale.
//!
//! Must not know what a JavaScript value is, nor how the engine lays digits out.

use core::ffi::{c_char, c_int};
use core::slice;
use core::str;

/// More than the longest text of a number has: 17 digits, a point, and an exponent.
const LONGEST: usize = 32;

/// The digits of a finite number above zero, without a point, and the power of ten of the first of them.
fn shortest(value: f64, digits: &mut [u8; LONGEST]) -> Option<(usize, i32)> {
    if !value.is_finite() || value <= 0.0 {
        return None;
    }
    // It takes the even one of two texts that are equally short and near, as the standard recommends; the core
    // library takes the larger one.
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut power = exponent.parse::<i32>().ok()? + i32::try_from(whole.len()).ok()? - 1;
    let (mut len, mut end) = (0, 0);
    for digit in whole.bytes().chain(fraction.bytes()) {
        if len == 0 && digit == b'0' {
            power -= 1;
            continue;
        }
        *digits.get_mut(len)? = digit;
        len += 1;
        if digit != b'0' {
            end = len;
        }
    }
    Some((end, power))
}

/// Writes the digits of `value`, and answers how many there are; the first one's power of ten is left in
/// `exponent`. 0 for what has none.
///
/// # Safety
/// `digits` has room for 32 bytes, and `exponent` for its number.
#[unsafe(no_mangle)]
unsafe extern "C" fn sandtide_shortest_digits(
    value: f64,
    digits: *mut c_char,
    exponent: *mut c_int,
) -> usize {
    let mut own = [0; LONGEST];
    let Some((len, power)) = shortest(value, &mut own) else { return 0 };
    // SAFETY: the caller's room, of which `shortest` fills no more than it has itself.
    unsafe {
        digits.cast::<u8>().copy_from_nonoverlapping(own.as_ptr(), len);
        exponent.write(power);
    }
    len
}

/// Reads a number: digits with a point among them or none, perhaps a sign before and an exponent behind
/// them. False: it is none.
///
/// # Safety
/// `text` has `len` bytes that can be read, and `value` room for its number.
#[unsafe(no_mangle)]
unsafe extern "C" fn sandtide_read_decimal(
    text: *const c_char,
    len: usize,
    value: *mut f64,
) -> bool {
    // SAFETY: the caller's bytes, which nothing changes meanwhile.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), len) };
    let Some(number) = str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()) else {
        return false;
    };
    // SAFETY: the caller's room.
    unsafe { value.write(number) };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_shortest_text_that_reads_back() {
        for (value, digits, power) in [
            (1.0, "1", 0),
            (0.1, "1", -1),
            (123.456, "123456", 2),
            (1e21, "1", 21),
            (5e-324, "5", -324),
            (f64::MAX, "17976931348623157", 308),
            (2_f64.powi(-44), "5684341886080802", -14),
            (9007199254740993.0, "9007199254740992", 15),
            (998_589_342_665_861.0 / 8.0, "12482366783323262", 14),
            (100.0, "1", 2),
            (0.00012, "12", -4),
        ] {
            let mut own = [0; LONGEST];
            let (len, exponent) = shortest(value, &mut own).unwrap();
            assert_eq!((str::from_utf8(&own[..len]).unwrap(), exponent), (digits, power));
        }
        assert_eq!(shortest(f64::NAN, &mut [0; LONGEST]), None);
        assert_eq!(shortest(f64::INFINITY, &mut [0; LONGEST]), None);
    }
}
