//! What reading a source takes of memory, by the source's length: those who bound the one by the other rely
//! on it.

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

/// Bytes that the tree of a source takes for each byte of it.
fn bytes_of_a_byte(source: &str) -> usize {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::tsx()).parse();
    assert_eq!(parsed.diagnostics.errors().count(), 0, "{}", &source[..20]);
    allocator.used_bytes().div_ceil(source.len())
}

#[test]
fn lists_of_what_is_shortest_take_about_the_64_bytes_a_byte_that_limits_count() {
    // A list takes most when it has just grown.
    for count in [1 << 14, (1 << 14) + 1, 1 << 15, (1 << 15) + 1] {
        for (start, item, end) in [
            ("", ";", ""),
            ("", "a;", ""),
            ("", "{}", ""),
            ("[", ",", "]"),
            ("[", "a,", "]"),
            ("[", "``,", "]"),
            ("[", "_=>_,", "]"),
            ("", "_=>{};", ""),
            ("`", "${a}", "`"),
            ("[", "<a/>,", "]"),
            ("<a>", "{}", "</a>"),
        ] {
            let each = bytes_of_a_byte(&format!("{start}{}{end}", item.repeat(count)));
            assert!(each <= 64 + 16, "{each} for each byte of {count} {item}");
        }
    }
}

#[test]
fn a_program_takes_half_of_that_at_most() {
    let program = "export class Cart<T extends Item> { private readonly items: Map<string, T> = new Map();\n\
        add(item: T, count = 1): this { if (!this.items.has(item.id)) this.items.set(item.id, item);\n\
        for (let i = 0; i < count; i++) this.total += item.price * (1 - (item.rebate ?? 0)); return this }\n\
        total = 0 }\nexport const price = (cart: Cart<Item>): string => `${cart.total.toFixed(2)} EUR`;\n";
    let many: String = (0..300)
        .map(|at| {
            program.replace("Cart", &format!("C{at}")).replace("price =", &format!("p{at} ="))
        })
        .collect();
    assert!(bytes_of_a_byte(&many) <= 32, "{}", bytes_of_a_byte(&many));
}
