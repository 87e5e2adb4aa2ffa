/* Where a match can begin: found when an expression is compiled, kept in the header of its code, and asked by
   searches, which would else try each place with the matcher. Included by libregexp.c before lre_compile. */

#define FIRST_STEPS 64

/* What the header says at RE_HEADER_FIRST; then the one byte of FIRST_BYTE, then a bit for each byte. */
enum {
    FIRST_STICKY, /* there is no search */
    FIRST_ANY,
    FIRST_BYTES, /* with a character whose bit is set, or with one beyond 255 */
    FIRST_BYTE, /* the same, of one byte */
    FIRST_START, /* at the start of the text */
    FIRST_LINE, /* at the start of a line */
};

typedef struct {
    uint8_t bits[32];
    int steps; /* that may still be looked at */
} FirstSet;

static inline bool bits_have(const uint8_t *bits, uint32_t c)
{
    return bits[c >> 3] >> (c & 7) & 1;
}

static void first_add(FirstSet *set, uint32_t c)
{
    if (c < 256)
        set->bits[c >> 3] |= 1 << (c & 7);
}

/* The bits of an instruction for a class: of each byte, whether the class has it. */
static int re_emit_class_bits(REParseState *s, const CharRange *cr)
{
    FirstSet set = {};
    uint32_t c;
    int i;

    for (c = 0; c < 256; c++) {
        const uint32_t folded = s->ignore_case ? lre_canonicalize(c, s->is_unicode) : c;
        for (i = 0; i < cr->len; i += 2) {
            if (folded >= cr->points[i] && folded < cr->points[i + 1])
                first_add(&set, c);
        }
    }
    return dbuf_put(&s->byte_code, set.bits, sizeof(set.bits));
}

/* Whether the code is one instruction that takes one character. */
static bool is_one_character(const uint8_t *code, int len)
{
    switch (len > 0 ? code[0] : REOP_invalid) {
    case REOP_char:
    case REOP_char_i:
    case REOP_char32:
    case REOP_char32_i:
    case REOP_dot:
    case REOP_any:
    case REOP_space:
    case REOP_not_space:
        return len == reopcode_info[code[0]].size;
    case REOP_range:
    case REOP_range_i:
        return len > 3 && len == reopcode_info[code[0]].size + get_u16(code + 1) * 4;
    case REOP_range32:
    case REOP_range32_i:
        return len > 3 && len == reopcode_info[code[0]].size + get_u16(code + 1) * 8;
    default:
        return false;
    }
}

/* Adds what the code at `pc` may begin with. False: nearly anything, or nothing at all. What only
   looks at the place is passed over, which can only make the set too large. */
static bool first_of(FirstSet *set, const uint8_t *pc)
{
    uint32_t c;

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
            first_add(set, get_u16(pc));
            return true;
        case REOP_char_i:
            c = get_u16(pc);
            if (c >= 128)
                return false;
            first_add(set, c);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
                first_add(set, c ^ 32);
            return true;
        case REOP_char32:
            return get_u32(pc) < UINT32_MAX;
        case REOP_space:
            for (c = 0; c < 256; c++) {
                if (lre_is_space(c))
                    first_add(set, c);
            }
            return true;
        case REOP_range:
        case REOP_range_i:
        case REOP_range32:
        case REOP_range32_i:
            for (c = 0; c < 32; c++)
                set->bits[c] |= pc[2 + c];
            return true;
        case REOP_run:
        case REOP_lazy_run:
            if (get_u32(pc + 4) == 0) {
                if (!first_of(set, pc + 12))
                    return false;
                pc += get_u32(pc);
            }
            pc += 12;
            break;
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

/* What lre_compile writes before an expression that is not sticky: a loop over all places. */
#define SEARCH_LEN 11

/* Writes RE_HEADER_FIRST of finished code. */
static void re_find_first(uint8_t *bc_buf, bool is_sticky)
{
    const uint8_t *code = bc_buf + RE_HEADER_LEN + SEARCH_LEN;
    FirstSet set = { .steps = FIRST_STEPS };
    int kind = FIRST_ANY, only = 0, count = 0, i;

    if (is_sticky) {
        kind = FIRST_STICKY;
    } else if (code[3] == REOP_line_start) { /* behind the start of the whole match */
        kind = FIRST_START;
    } else if (code[3] == REOP_line_start_m) {
        kind = FIRST_LINE;
    } else if (first_of(&set, code)) {
        for (i = 0; i < 256; i++) {
            if (bits_have(set.bits, i)) {
                only = i;
                count++;
            }
        }
        kind = count == 1 ? FIRST_BYTE : count < 256 ? FIRST_BYTES : FIRST_ANY;
    }
    bc_buf[RE_HEADER_FIRST] = kind;
    bc_buf[RE_HEADER_FIRST + 1] = only;
    memcpy(bc_buf + RE_HEADER_FIRST + 2, set.bits, sizeof(set.bits));
}
