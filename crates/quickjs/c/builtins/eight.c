/* Eight characters of eight bits at a time. Knows nothing of strings. */

/* A byte in each of eight places. */
#define EIGHT(byte) (0x0101010101010101ull * (byte))

static inline uint64_t read_eight(const uint8_t *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof(word));
    return word;
}

/* A bit for what does not stand for itself between the quotes of JSON: controls, quotes, backslashes. The
   lowest bit is right; those above it may be set for nothing. */
static inline uint64_t special_in_json(uint64_t word)
{
    uint64_t quotes = word ^ EIGHT('"'), slashes = word ^ EIGHT('\\');

    return (((word - EIGHT(0x20)) & ~word) | ((quotes - EIGHT(1)) & ~quotes) |
            ((slashes - EIGHT(1)) & ~slashes)) & EIGHT(0x80);
}

/* The place of the lowest bit's byte in memory, or one before it. */
static inline int place_of_lowest(uint64_t bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_ctzll(bits) >> 3;
#else
    return 0;
#endif
}

static bool sandtide_is_ascii(const uint8_t *text, size_t length)
{
    uint64_t all = 0;
    size_t i = 0;

    for (; length - i >= 8; i += 8)
        all |= read_eight(text + i);
    for (; i < length; i++)
        all |= text[i];
    return !(all & EIGHT(0x80));
}
