/* Numbers as decimal text: how the standard lays out the digits (Number::toString of ECMA-262), and
   reading. The digits are found by src/numbers.rs. */

/* The powers of ten by which an integer of up to 15 digits is divided exactly: both numbers are exact then,
   and so their quotient is rounded once. */
static const double exact_powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
                                       1e14, 1e15 };

/* A finite number other than zero; 32 bytes are enough for the longest, -1.2345678901234567e-308. */
static int sandtide_number_text(char *out, double value)
{
    char digits[32], *p = out;
    int exponent, len = sandtide_shortest_digits(fabs(value), digits, &exponent);
    int point = exponent + 1; /* digits before the point, where it stands among them */

    if (value < 0)
        *p++ = '-';
    if (point > 21 || point <= -6) {
        *p++ = digits[0];
        if (len > 1) {
            *p++ = '.';
            memcpy(p, digits + 1, len - 1);
            p += len - 1;
        }
        *p++ = 'e';
        *p++ = exponent < 0 ? '-' : '+';
        return p - out + u32toa(p, exponent < 0 ? -exponent : exponent);
    }
    if (point <= 0) {
        memcpy(p, "0.", 2);
        memset(p + 2, '0', -point);
        p += 2 - point;
        point = len;
    } else if (point > len) {
        memcpy(p, digits, len);
        memset(p + len, '0', point - len);
        return p - out + point;
    }
    memcpy(p, digits, point);
    p += point;
    if (point < len) {
        *p++ = '.';
        memcpy(p, digits + point, len - point);
        p += len - point;
    }
    return p - out;
}

/* toFixed() of a number below 2^53 and up to 19 digits: an integer of 53 bits times 10^19 has 117, so that
   it is rounded exactly. The length of the text, for which 48 bytes are enough; 0: it is left to the engine. */
static int sandtide_fixed_text(char *out, double value, int digits)
{
    static const uint64_t powers[] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
        100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000,
        100000000000000000, 1000000000000000000, 10000000000000000000u
    };
    char text[48], *p = text + sizeof(text), *end = p, *q = out;
    unsigned __int128 n;
    uint64_t bits, low;
    int exponent, shift;

    if (!(fabs(value) < 0x1p53) || digits < 0 || digits >= (int)countof(powers))
        return 0;
    memcpy(&bits, &value, sizeof(bits));
    exponent = bits >> 52 & 0x7ff;
    bits &= ((uint64_t)1 << 52) - 1;
    if (exponent > 0)
        bits |= (uint64_t)1 << 52;
    else
        exponent = 1;
    shift = 1075 - exponent; /* the number is `bits` divided by two to this power */
    n = (unsigned __int128)bits * powers[digits];
    if (shift > 120)
        n = 0;
    else if (shift > 0)
        n = (n + ((unsigned __int128)1 << (shift - 1))) >> shift;

    while (n > UINT64_MAX) {
        *--p = '0' + (int)(n % 10);
        n /= 10;
    }
    for (low = n; low > 0 || end - p <= digits; low /= 10)
        *--p = '0' + low % 10;
    if (value < 0)
        *q++ = '-';
    memcpy(q, p, end - p - digits);
    q += end - p - digits;
    if (digits > 0) {
        *q++ = '.';
        memcpy(q, end - digits, digits);
        q += digits;
    }
    return q - out;
}

/* parseFloat, and parseInt to the base of ten: of texts that begin with a plain number of up to 15 digits. */
static bool sandtide_leading_number(JSValueConst text, bool fraction, JSValue *result)
{
    const uint8_t *p, *end, *start, *point = NULL;
    uint64_t n = 0;
    bool negative;
    double d;
    JSString *s;

    if (JS_VALUE_GET_TAG(text) == JS_TAG_INT) {
        *result = text;
        return true;
    }
    if (JS_VALUE_GET_TAG(text) != JS_TAG_STRING)
        return false;
    s = JS_VALUE_GET_STRING(text);
    if (s->is_wide_char || s->len == 0)
        return false;
    p = str8(s);
    end = p + s->len;
    negative = *p == '-';
    p += negative;
    start = p;
    for (; p < end && is_digit(*p); p++)
        n = n * 10 + (*p - '0'); /* wraps where it has too many digits to be used */
    if (p == start)
        return false;
    if (fraction && p < end && *p == '.') {
        point = ++p;
        for (; p < end && is_digit(*p); p++)
            n = n * 10 + (*p - '0');
    }
    /* an exponent, or a prefix of another base */
    if (p - start - (point != NULL) > 15 || (p < end && ((*p | 0x20) == 'e' || (*p | 0x20) == 'x')))
        return false;
    if (n <= INT32_MAX && (n > 0 || !negative) && (!point || p == point)) {
        *result = js_int32(negative ? -(int32_t)n : (int32_t)n);
        return true;
    }
    d = n;
    if (point)
        d /= exact_powers[p - point];
    *result = js_float64(negative ? -d : d);
    return true;
}
