/* Says what is wrong with a JSON text: the character that does not fit, and the text around it. */

#define JSON_CONTEXT 10 /* characters shown on each side */

static int character_bytes(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *next = p + 1;

    while (next < end && (*next & 0xc0) == 0x80)
        next++;
    return next - p;
}

/* Up to `count` characters on from `p`. */
static const uint8_t *characters_on(const uint8_t *p, const uint8_t *end, int count)
{
    while (count-- > 0 && p < end)
        p += character_bytes(p, end);
    return p;
}

static const uint8_t *characters_back(const uint8_t *p, const uint8_t *start, int count)
{
    while (count-- > 0 && p > start) {
        do {
            p--;
        } while (p > start && (*p & 0xc0) == 0x80);
    }
    return p;
}

/* The character within a token that does not fit: words may begin like `true`, `false` or `null`. */
static const uint8_t *misfit(const JSParseState *s)
{
    static const char *const words[] = { "true", "false", "null" };
    const uint8_t *p = s->token.ptr;
    size_t i, n;

    for (i = 0; i < countof(words); i++) {
        if (p < s->buf_end && *p == (uint8_t)words[i][0]) {
            for (n = 0; words[i][n] && p + n < s->buf_end && p[n] == (uint8_t)words[i][n]; n++)
                ;
            return p + n;
        }
    }
    return p;
}

/* Texts that other values become by mistake are shown whole. */
static bool is_no_json_at_all(const char *text, size_t len)
{
    static const char *const texts[] = { "undefined", "NaN", "Infinity", "[object Object]" };
    size_t i;

    for (i = 0; i < countof(texts); i++) {
        if (strlen(texts[i]) == len && memcmp(texts[i], text, len) == 0)
            return true;
    }
    return false;
}

static void sandtide_json_unexpected(JSParseState *s)
{
    const uint8_t *start = s->buf_start, *end = s->buf_end, *at = misfit(s), *from = start, *to = end;
    bool is_long;

    s->wrong_from = at;
    if (is_no_json_at_all((const char *)start, end - start)) {
        js_parse_error(s, "\"%.*s\" is not valid JSON", (int)(end - start), start);
        return;
    }
    if (at >= end) {
        js_parse_error(s, "Unexpected end of JSON input");
        return;
    }
    is_long = characters_on(start, end, 2 * JSON_CONTEXT) < end;
    if (is_long) {
        from = characters_back(at, start, JSON_CONTEXT);
        to = characters_on(at, end, JSON_CONTEXT);
    }
    js_parse_error(s, "Unexpected token '%.*s', %s\"%.*s\"%s is not valid JSON", character_bytes(at, end), at,
                   from > start ? "..." : "", (int)(to - from), from, to < end ? "..." : "");
}

/* What is said where a property's name should stand: after a comma there must be one. */
static const char *sandtide_json_name_expected(JSParseState *s)
{
    const uint8_t *p = s->token.ptr;

    while (p > s->buf_start && strchr(" \t\r\n", p[-1]))
        p--;
    return s->ctx->rt->sandtide && p > s->buf_start && p[-1] == ',' ? "Expected double-quoted property name"
                                                                     : "Expected property name or '}'";
}
