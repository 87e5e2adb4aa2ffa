/* Where a match can begin: the characters below 256 that a regular expression's first step may take.
   Included by libregexp.c. A search that would try each place with the whole matcher tries only those. */

#define FIRST_STEPS 64

typedef struct {
    uint32_t bits[8];
    int steps; /* that may still be looked at */
} FirstSet;

static void first_add(FirstSet *set, uint32_t low, uint32_t high)
{
    for (; low <= high && low < 256; low++) {
        if ((low & 31) == 0 && high >= low + 31) {
            set->bits[low >> 5] = UINT32_MAX;
            low += 31;
        } else {
            set->bits[low >> 5] |= (uint32_t)1 << (low & 31);
        }
    }
}

static inline bool first_has(const FirstSet *set, uint32_t c)
{
    return c >= 256 || (set->bits[c >> 5] >> (c & 31) & 1);
}

static bool first_add_either_case(FirstSet *set, uint32_t c)
{
    if (c >= 128)
        return false;
    first_add(set, c, c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        first_add(set, c ^ 32, c ^ 32);
    return true;
}

/* Adds what the code at `pc` may begin with. False: nearly anything, or nothing at all. What only
   looks at the place is passed over, which can only make the set too large. */
static bool first_of(FirstSet *set, const uint8_t *pc)
{
    uint32_t n, i;

    while (--set->steps > 0) {
        const uint8_t op = *pc++;
        switch (op) {
        case REOP_save_start:
        case REOP_save_end:
        case REOP_save_reset:
        case REOP_set_char_pos:
        case REOP_set_i32:
        case REOP_word_boundary:
        case REOP_word_boundary_i:
        case REOP_not_word_boundary:
        case REOP_not_word_boundary_i:
        case REOP_line_start_m:
            pc += reopcode_info[op].size - 1;
            break;
        case REOP_char:
            first_add(set, get_u16(pc), get_u16(pc));
            return true;
        case REOP_char_i:
            return first_add_either_case(set, get_u16(pc));
        case REOP_range:
            n = get_u16(pc);
            for (i = 0; i < n; i++)
                first_add(set, get_u16(pc + 2 + 4 * i), get_u16(pc + 4 + 4 * i));
            return true;
        case REOP_goto:
            pc += 4 + (int32_t)get_u32(pc);
            break;
        case REOP_split_goto_first:
        case REOP_split_next_first:
            if (!first_of(set, pc + 4 + (int32_t)get_u32(pc)))
                return false;
            pc += 4;
            break;
        default:
            return false;
        }
    }
    return false;
}

/* The first place from `at` on where a match can begin; `end` if there is none. */
static const uint8_t *first_place(const FirstSet *set, int only, const uint8_t *at, const uint8_t *end,
                                  int wide)
{
    if (wide) {
        while (at < end && !first_has(set, *(const uint16_t *)at))
            at += 2;
        return at;
    }
    if (only >= 0) {
        const uint8_t *found = memchr(at, only, end - at);
        return found ? found : end;
    }
    while (at < end && !first_has(set, *at))
        at++;
    return at;
}

/* Runs the matcher from `cptr` on, as lre_exec_backtrack does. */
static intptr_t sandtide_search(REExecContext *s, uint8_t **capture, const uint8_t *pc,
                                const uint8_t *cptr)
{
    /* what lre_compile writes before an expression that is not sticky */
    const int split = reopcode_info[REOP_split_goto_first].size, any = reopcode_info[REOP_any].size;
    const int again = reopcode_info[REOP_goto].size, prefix = split + any + again;
    FirstSet set = { .steps = FIRST_STEPS };
    int only = -1, count = 0, i;

    if (s->cbuf_type > 1 || pc[0] != REOP_split_goto_first || get_u32(pc + 1) != (uint32_t)(any + again) ||
        pc[split] != REOP_any || pc[split + any] != REOP_goto || !first_of(&set, pc + prefix))
        return lre_exec_backtrack(s, capture, pc, cptr);
    for (i = 0; i < 256 && count < 2; i++) {
        if (set.bits[i >> 5] == 0) {
            i |= 31;
        } else if (first_has(&set, i)) {
            only = i;
            count++;
        }
    }
    if (count != 1)
        only = -1;
    for (;;) {
        intptr_t ret;
        cptr = first_place(&set, only, cptr, s->cbuf_end, s->cbuf_type);
        if (cptr >= s->cbuf_end)
            return 0;
        ret = lre_exec_backtrack(s, capture, pc + prefix, cptr);
        if (ret != 0)
            return ret;
        for (i = 0; i < s->capture_count * 2; i++)
            capture[i] = NULL;
        cptr += 1 << s->cbuf_type;
    }
}
