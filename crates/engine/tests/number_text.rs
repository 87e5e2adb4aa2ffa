//! Numbers as decimal text, and back.

mod common;

use common::Bench;
use sandtide_engine::Value;

/// Lays out what `toExponential` finds, whose digits come from the engine's own algorithm, as
/// Number::toString of ECMA-262 says.
const LAYOUT: &str = "
    function layout(text) {
        if (!text.includes('e')) return text;
        const [mantissa, power] = text.split('e');
        const sign = mantissa.startsWith('-') ? '-' : '';
        const digits = mantissa.replace('-', '').replace('.', ''), k = digits.length, n = Number(power) + 1;
        if (k <= n && n <= 21) return sign + digits + '0'.repeat(n - k);
        if (0 < n && n <= 21) return sign + digits.slice(0, n) + '.' + digits.slice(n);
        if (-6 < n && n <= 0) return sign + '0.' + '0'.repeat(-n) + digits;
        const e = (n > 0 ? '+' : '-') + Math.abs(n - 1);
        return sign + digits[0] + (k > 1 ? '.' + digits.slice(1) : '') + 'e' + e;
    }
    const bits = new BigUint64Array(1), number = new Float64Array(bits.buffer);
    function wrong(x) {
        const text = String(x), found = [layout(x.toExponential()), `${x}`, x.toString(), x + '', JSON.stringify(x)];
        if (!Number.isFinite(x)) found.length = 1, found[0] = text;
        if (found.some((other) => other !== text)) return `${text}: ${found}`;
        for (const back of [Number(text), parseFloat(text + 'x'), +` ${text} `, Number(x.toExponential(25))])
            if (!Object.is(back, x)) return `${text}: ${back}`;
        if (Number.isFinite(x) && (JSON.parse(text) !== x || eval('(' + text + ')') !== x)) return text;
    }";

#[test]
fn random_numbers_have_the_text_that_the_standard_says_and_read_back() {
    let mut bench = Bench::classic(LAYOUT, "0");
    let found = bench.eval(
        "const found = [];
         for (let i = 0; i < 4000; i++) {
             bits[0] = BigInt(Math.floor(Math.random() * 2 ** 32)) << 32n | BigInt(Math.floor(Math.random() * 2 ** 32));
             // of all sizes, and of those that programs have
             for (const x of [number[0], Math.random() * 10 ** (i % 40 - 20), Math.round(Math.random() * 1e6) / 100, (i - 2000) / 7])
                 if (!Number.isNaN(x)) found.push(wrong(x));
         }
         found.filter((text) => text).slice(0, 5).join('; ')",
    );
    assert_eq!(found, Value::from(""));
}

#[test]
fn numbers_at_the_edges_have_their_text() {
    let mut bench = Bench::classic(LAYOUT, "0");
    for (number, text) in [
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("123456789012345680000", "123456789012345680000"),
        ("1.5e300", "1.5e+300"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("-0.00000123", "-0.00000123"),
        ("-1.25e-7", "-1.25e-7"),
        ("5e-324", "5e-324"),
        ("2 ** -1074 * 3", "1.5e-323"),
        ("Number.MAX_VALUE", "1.7976931348623157e+308"),
        ("Number.EPSILON", "2.220446049250313e-16"),
        ("2 ** 53 + 2", "9007199254740994"),
        ("5e-7 * 2 ** 30", "536.870912"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("-0", "0"),
        ("1 / 0", "Infinity"),
        ("NaN", "NaN"),
    ] {
        assert_eq!(bench.eval(&format!("String({number})")), Value::from(text), "{number}");
        let keyed = format!("Object.keys({{ [{number}]: 1 }})[0]");
        assert_eq!(bench.eval(&keyed), Value::from(text), "{number} as a key");
    }
    for (text, number) in [
        ("5.", "5"),
        (".5", "0.5"),
        ("5.e2", "500"),
        ("-.5e-1", "-0.05"),
        ("1e400", "Infinity"),
        ("1e-400", "0"),
        ("00012", "12"),
        ("179769313486231580793728971405301e276", "1.7976931348623157e+308"),
        ("0.1e", "NaN"),
        (".", "NaN"),
        ("1_0", "NaN"),
        ("0x1F", "31"),
        ("1e", "NaN"),
        ("infinity", "NaN"),
        ("nan", "NaN"),
        ("-Infinity", "-Infinity"),
    ] {
        assert_eq!(bench.eval(&format!("String(Number('{text}'))")), Value::from(number), "{text}");
    }
    let long =
        format!("Number('0.{}1e9') + ',' + parseFloat('{}.5')", "0".repeat(400), "9".repeat(40));
    assert_eq!(bench.eval(&long), Value::from("0,1e+40"));
    assert_eq!(bench.eval("1_0.5_1 + ',' + 0b11 + ',' + 1_0e1"), Value::from("10.51,3,100"));
}
