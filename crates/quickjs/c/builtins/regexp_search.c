/* Searches with a regular expression: the matcher at each place where a match can begin. Included by
   libregexp.c before lre_exec. */

/* The most repetitions that a state counts: more than a text has characters. */
#define RUN_MAX ((1u << 30) - 1)

/* Counts work that is done in one go, and asks for the deadline where it has come to a turn's worth. */
static inline int spend(REExecContext *s, size_t work)
{
    if (likely(work < (size_t)s->interrupt_counter)) {
        s->interrupt_counter -= work;
        return 0;
    }
    s->interrupt_counter = 0;
    return lre_poll_timeout(s);
}

/* Elements of the stack among which a register's last change is looked for: two a change. */
#define LOOKED_BACK 128

/* Makes room for n elements. */
static no_inline int grow_states(REExecContext *s, size_t n)
{
    const bool first = s->stack_buf == s->static_stack_buf;
    size_t size = s->stack_size * 3 / 2;
    StackElem *grown;

    if (size < n)
        size = n;
    /* what a state says of the one below it has 31 bits */
    if (size > INT32_MAX)
        return -1;
    grown = lre_realloc(s->opaque, first ? NULL : s->stack_buf, size * sizeof(StackElem));
    if (!grown)
        return -1;
    if (first)
        memcpy(grown, s->stack_buf, s->stack_size * sizeof(StackElem));
    s->stack_buf = grown;
    s->stack_size = size;
    return 0;
}

/* Whether one of an instruction's ranges, which stand behind their count and the class's bits, has it. */
static bool in_ranges(const uint8_t *pc, uint32_t c)
{
    int low = 0, high = get_u16(pc) - 1;

    pc += 34;
    /* 0xffff at the end is infinity */
    if (c >= 0xffff && get_u16(pc + 4 * high + 2) == 0xffff)
        return true;
    while (low <= high) {
        const int i = (low + high) / 2;
        if (c < get_u16(pc + 4 * i))
            high = i - 1;
        else if (c > get_u16(pc + 4 * i + 2))
            low = i + 1;
        else
            return true;
    }
    return false;
}

static bool in_ranges32(const uint8_t *pc, uint32_t c)
{
    int low = 0, high = get_u16(pc) - 1;

    pc += 34;
    while (low <= high) {
        const int i = (low + high) / 2;
        if (c < get_u32(pc + 8 * i))
            high = i - 1;
        else if (c > get_u32(pc + 8 * i + 4))
            low = i + 1;
        else
            return true;
    }
    return false;
}

#define CHARS 0
#define MATCH(name) name##_bytes
#include "builtins/regexp_match.c"
#undef CHARS
#undef MATCH
#define CHARS 1
#define MATCH(name) name##_units
#include "builtins/regexp_match.c"
#undef CHARS
#undef MATCH
#define CHARS 2
#define MATCH(name) name##_utf16
#include "builtins/regexp_match.c"
#undef CHARS
#undef MATCH

static intptr_t match_at(REExecContext *s, uint8_t **capture, const uint8_t *pc, const uint8_t *at)
{
    switch (s->cbuf_type) {
    case 0:
        return match_bytes(s, capture, pc, at);
    case 1:
        return match_units(s, capture, pc, at);
    default:
        return match_utf16(s, capture, pc, at);
    }
}

/* The first place from `at` on where a match can begin, NULL if there is none. */
static const uint8_t *first_place(const REExecContext *s, const uint8_t *first, const uint8_t *at)
{
    const uint8_t *const end = s->cbuf_end;
    const uint8_t *const bits = first + 2;
    const int width = 1 << (s->cbuf_type > 0);

    switch (first[0]) {
    case FIRST_START:
        return at == s->cbuf ? at : NULL;
    case FIRST_LINE:
        for (; at <= end; at += width) {
            if (at == s->cbuf || is_line_terminator(width == 1 ? at[-1] : ((const uint16_t *)at)[-1]))
                return at;
        }
        return NULL;
    case FIRST_BYTE:
        if (width == 1)
            return at < end ? memchr(at, first[1], end - at) : NULL;
        /* fallthrough */
    case FIRST_BYTES:
        if (width == 1) {
            for (; at < end; at++) {
                if (bits_have(bits, *at))
                    return at;
            }
            return NULL;
        }
        for (; at < end; at += 2) {
            const uint16_t c = *(const uint16_t *)at;
            if (c < 256 ? bits_have(bits, c)
                        : !(s->cbuf_type == 2 && at > s->cbuf && is_lo_surrogate(c) &&
                            is_hi_surrogate(((const uint16_t *)at)[-1])))
                return at;
        }
        return NULL;
    default:
        return at <= end ? at : NULL;
    }
}

static int search_from(REExecContext *s, uint8_t **capture, const uint8_t *bc_buf, const uint8_t *at)
{
    const uint8_t *const first = bc_buf + RE_HEADER_FIRST;
    const uint8_t *pc = bc_buf + RE_HEADER_LEN;
    int found;

    if (first[0] == FIRST_STICKY)
        return match_at(s, capture, pc, at);
    pc += SEARCH_LEN;
    for (;;) {
        const uint8_t *const from = at;
        at = first_place(s, first, at);
        if (spend(s, ((at ? at : s->cbuf_end) - from) >> 6))
            return LRE_RET_TIMEOUT;
        if (!at)
            return 0;
        found = match_at(s, capture, pc, at);
        if (found != 0)
            return found;
        if (lre_poll_timeout(s))
            return LRE_RET_TIMEOUT;
        if (at >= s->cbuf_end)
            return 0;
        if (s->cbuf_type == 0) {
            at++;
        } else {
            const uint16_t *next = (const uint16_t *)at + 1;
            if (s->cbuf_type == 2 && is_hi_surrogate(next[-1]) &&
                next < (const uint16_t *)s->cbuf_end && is_lo_surrogate(*next))
                next++;
            at = (const uint8_t *)next;
        }
    }
}

/* Work after which a search asks for the deadline also when it ends: many that follow each other would else
   not ask for long. */
#define SEARCH_WORK 100

/* As lre_exec answers. */
static int sandtide_search(REExecContext *s, uint8_t **capture, const uint8_t *bc_buf, const uint8_t *at)
{
    const int found = search_from(s, capture, bc_buf, at);

    if (found >= 0 && s->interrupt_counter < INTERRUPT_COUNTER_INIT - SEARCH_WORK &&
        lre_check_timeout(s->opaque))
        return LRE_RET_TIMEOUT;
    return found;
}
