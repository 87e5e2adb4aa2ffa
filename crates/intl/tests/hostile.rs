//! Numbers and options as no honest program has them: each is written or refused, and none panics.

use sandtide_intl::{Answer, Argument, Error, call};

/// Numbers that look random and are not (xorshift64).
struct Source(u64);

impl Source {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// The text of a number of any length, with an exponent of any size.
fn number(source: &mut Source) -> String {
    const LENGTHS: [usize; 8] = [1, 2, 3, 17, 300, 9_999, 15_000, 19_990];
    let exponents = [
        "",
        "",
        "e0",
        "e1",
        "e-1",
        "e20000",
        "e-20000",
        "e19999",
        "e-19999",
        "e20001",
        "e15000",
        "e32767",
        "e-32768",
        "e65536",
        "e99999999999999999999",
        "e-99999999999999999999",
        "e",
        "e+",
        "e+7",
    ];
    let digit = source.pick(&["0", "9", "1", "5"]);
    let mut text = source.pick(&["", "-", "+", "0", "0.", "-0.000"]).to_owned();
    text += &digit.repeat(LENGTHS[source.below(LENGTHS.len())]);
    if !text.contains('.') && source.below(3) == 0 {
        text += ".";
        text += &digit.repeat(LENGTHS[source.below(5)]);
    }
    text + source.pick(&exponents)
}

fn options(source: &mut Source) -> String {
    let (least, most) = [(0, 0), (0, 3), (2, 2), (0, 100), (100, 100)][source.below(5)];
    let significant = [
        "",
        r#""minimumSignificantDigits":1,"maximumSignificantDigits":1,"#,
        r#""minimumSignificantDigits":21,"maximumSignificantDigits":21,"#,
    ][source.below(3)];
    let style = source.pick(&["decimal", "percent", "unit", "currency"]);
    format!(
        r#"{{"locale":"{}","numberingSystem":"latn","style":"{style}","unit":"meter","unitDisplay":"long",
        "currency":"EUR","currencyDisplay":"{}","currencySign":"accounting","notation":"{}",
        "compactDisplay":"{}","minimumIntegerDigits":{},"minimumFractionDigits":{least},
        "maximumFractionDigits":{most},{significant}"roundingIncrement":{},"roundingMode":"{}",
        "roundingPriority":"{}","trailingZeroDisplay":"stripIfInteger","useGrouping":"{}","signDisplay":"{}"}}"#,
        source.pick(&["en", "de", "hi", "ar", "ja", "pl"]),
        source.pick(&["symbol", "name"]),
        source.pick(&["standard", "scientific", "engineering", "compact"]),
        source.pick(&["short", "long"]),
        source.pick(&["1", "21"]),
        source.pick(&["1", "5", "5000"]),
        source.pick(&["ceil", "expand", "trunc", "halfEven"]),
        source.pick(&["morePrecision", "lessPrecision", "auto"]),
        source.pick(&["auto", "always", "min2", "never"]),
        source.pick(&["auto", "always", "exceptZero"]),
    )
}

#[test]
fn hostile_numbers_are_written_or_refused_under_hostile_options() {
    let mut source = Source(0x5eed);
    let (mut written, mut refused) = (0, 0);
    for _ in 0..1_500 {
        let (options, first, second) =
            (options(&mut source), number(&mut source), number(&mut source));
        let operation = source.pick(&["number.format", "number.parts", "number.range"]);
        let arguments = [Argument::Text(&options), Argument::Text(&first), Argument::Text(&second)];
        match call(operation, &arguments) {
            Ok(Answer::Text(text)) => {
                assert!(!text.is_empty() && text.len() < 4_000_000, "{operation}: {}", text.len());
                written += 1;
            }
            Err(Error::Range(_)) => refused += 1,
            other => panic!("{operation} {options}: {other:?}"),
        }
    }
    assert!(written > 300 && refused > 100, "{written} written, {refused} refused");
}

#[test]
fn a_number_is_never_written_as_another() {
    let options = r#"{"locale":"en","numberingSystem":"latn","style":"decimal","minimumIntegerDigits":1,
        "minimumFractionDigits":0,"maximumFractionDigits":0,"useGrouping":"never"}"#;
    let write =
        |number: &str| call("number.format", &[Argument::Text(options), Argument::Text(number)]);
    for number in
        ["9".repeat(15_000) + "e20000", "1e20001".into(), "1e32768".into(), "0.1e-20000".into()]
    {
        assert!(matches!(write(&number), Err(Error::Range(_))), "{}", number.len());
    }
    let Ok(Answer::Text(text)) = write("9e20000") else { panic!("refused") };
    assert_eq!(text, "9".to_owned() + &"0".repeat(20_000));
    assert_eq!(write("1e-20000"), Ok(Answer::Text("0".into())));
    let scientific = options.replace(r#""style""#, r#""notation":"scientific","style""#);
    let arguments = [Argument::Text(&scientific), Argument::Text("1e-20000")];
    assert_eq!(call("number.format", &arguments), Ok(Answer::Text("1E-20000".into())));
}

/// Pieces of tags, codes and texts, put together at random.
fn soup(source: &mut Source, most: usize) -> String {
    let pieces = [
        "de",
        "-",
        "Latn",
        "US",
        "-u-",
        "ca",
        "buddhist",
        "x",
        "-t-",
        "1996",
        "zz",
        "419",
        "_",
        " ",
        "é",
        "👩‍👧",
        "\u{301}",
        "\u{0}",
        "\u{1f1e9}",
        "กขค",
        "日本",
        "\n",
        ".",
        "?",
        "a.b",
        "3,14",
        "\u{200d}",
        "ß",
    ];
    (0..=source.below(most)).map(|_| source.pick(&pieces)).collect()
}

#[test]
fn names_codes_and_texts_of_any_kind_are_answered_or_refused() {
    let mut source = Source(0x9e37_79b9_7f4a_7c15);
    fn text(text: &str) -> Argument<'_> {
        Argument::Text(text)
    }
    let mut answered = 0;
    for _ in 0..3_000 {
        let (tag, code, words) =
            (soup(&mut source, 4), soup(&mut source, 3), soup(&mut source, 60));
        let kind = source.pick(&["language", "region", "script", "currency", "calendar", "x"]);
        let granularity = source.pick(&["grapheme", "word", "sentence"]);
        let options = format!(r#"{{"region":{code:?},"keywords":{{"ca":{tag:?},{kind:?}:""}}}}"#);
        for (operation, arguments) in [
            ("segments.of", vec![text(granularity), text("th"), text(&words), text(&code)]),
            ("tag.make", vec![text(&tag), text(&options)]),
            ("tag.fields", vec![text(&tag)]),
            ("tag.likely", vec![text(&tag), text("more")]),
            ("tag.usual", vec![text(&tag), text(source.pick(&["zones", "week", "collations"]))]),
            (
                "display.name",
                vec![text("de"), text(kind), text("short"), text("dialect"), text(&code)],
            ),
            ("duration.separator", vec![text(&tag), text(&code)]),
            ("zone.canonical", vec![text(&code)]),
            ("values.supported", vec![text(kind)]),
        ] {
            match call(operation, &arguments) {
                Ok(Answer::Text(found)) => {
                    answered += 1;
                    if operation == "segments.of" {
                        let units: u32 = found.chars().map(|c| u32::from(c) / 2).sum();
                        let all = words.encode_utf16().count() as u32;
                        assert!(units == all || (!code.is_empty() && units <= all), "{words:?}");
                    }
                }
                Ok(_) => {}
                Err(error) => assert!(error.to_string().len() < 400, "{operation}: {error}"),
            }
        }
    }
    assert!(answered > 3_000, "{answered}");
}
