/* The matcher of regular expressions: runs the code that lre_compile makes at one place of a text. Included
   by libregexp.c once for each kind of text, as `MATCH(name)` with `CHARS`: 0 bytes, 1 units of 16 bits,
   2 the same as UTF-16. Each instruction jumps to the next one's code, and a character that is repeated is
   one instruction (`run`), whose ways back are one state. Must not know JavaScript's objects. */

/* Whether the instruction `op`, whose operands are at `pc`, takes the character. */
static inline __attribute__((always_inline)) bool
MATCH(takes)(const REExecContext *s, int op, const uint8_t *pc, uint32_t c)
{
    switch (op) {
    case REOP_char:
        return c == get_u16(pc);
    case REOP_char32:
        return c == get_u32(pc);
    case REOP_char_i:
        return c == get_u16(pc) || (uint32_t)lre_canonicalize(c, s->is_unicode) == get_u16(pc);
    case REOP_char32_i:
        return (uint32_t)lre_canonicalize(c, s->is_unicode) == get_u32(pc);
    case REOP_any:
        return true;
    case REOP_dot:
        return !is_line_terminator(c);
    case REOP_space:
        return lre_is_space(c);
    case REOP_not_space:
        return !lre_is_space(c);
    case REOP_range:
    case REOP_range_i:
        if (CHARS == 0 || c < 256)
            return bits_have(pc + 2, c);
        return in_ranges(pc, op == REOP_range_i ? lre_canonicalize(c, s->is_unicode) : c);
    case REOP_range32:
    case REOP_range32_i:
        if (CHARS == 0 || c < 256)
            return bits_have(pc + 2, c);
        return in_ranges32(pc, op == REOP_range32_i ? lre_canonicalize(c, s->is_unicode) : c);
    default:
        abort();
    }
}

#define NEXT_CHAR(c, at) GET_CHAR(c, at, cbuf_end, CHARS)

/* How many characters in a row, at most `max`, the instruction at `pc` takes; `*at` is moved past them. */
static inline uint32_t MATCH(run)(const REExecContext *s, const uint8_t *pc, const uint8_t **at, uint32_t max)
{
    const uint8_t *const cbuf_end = s->cbuf_end;
    const uint8_t *end = *at, *next = end;
    const int op = *pc++;
    uint32_t count = 0, c;

#define RUN(op)                                                                                           \
    case op:                                                                                              \
        while (count < max && next < cbuf_end) {                                                          \
            NEXT_CHAR(c, next);                                                                           \
            if (!MATCH(takes)(s, op, pc, c))                                                              \
                break;                                                                                    \
            end = next;                                                                                   \
            count++;                                                                                      \
        }                                                                                                 \
        break
    switch (op) {
        RUN(REOP_char);
        RUN(REOP_char_i);
        RUN(REOP_char32);
        RUN(REOP_char32_i);
        RUN(REOP_dot);
        RUN(REOP_any);
        RUN(REOP_space);
        RUN(REOP_not_space);
        RUN(REOP_range);
        RUN(REOP_range_i);
        RUN(REOP_range32);
        RUN(REOP_range32_i);
    default:
        abort();
    }
#undef RUN
    *at = end;
    return count;
}

/* Whether the character at `at` is the one that the code at `pc` begins with, where it begins with one. */
static inline bool MATCH(may_go_on)(const REExecContext *s, const uint8_t *pc, const uint8_t *at)
{
    uint32_t c;

    if (*pc != REOP_char)
        return true;
    if (at >= s->cbuf_end)
        return false;
    PEEK_CHAR(c, at, s->cbuf_end, CHARS);
    return c == get_u16(pc + 1);
}

/* 1: a match, 0: none, and `capture` is as it was; below 0: LRE_RET_ of an error. */
static intptr_t MATCH(match)(REExecContext *s, uint8_t **capture, const uint8_t *pc, const uint8_t *cptr)
{
    const uint8_t *const cbuf_end = s->cbuf_end;
    StackElem *sp = s->stack_buf, *bp = sp, *stack_end = sp + s->stack_size;
    uint32_t val, c, idx;

    static const void *const code_of[] = {
#define DEF(id, size) &&op_##id,
#include "libregexp-opcode.h"
#undef DEF
    };

#define NEXT goto *code_of[*pc++]

    /* Room for n elements. */
#define ROOM(n)                                                                                           \
    if (unlikely(stack_end - sp < (n))) {                                                                 \
        size_t saved_sp = sp - s->stack_buf, saved_bp = bp - s->stack_buf;                                \
        if (grow_states(s, saved_sp + (n)))                                                               \
            return LRE_RET_MEMORY_ERROR;                                                                  \
        stack_end = s->stack_buf + s->stack_size;                                                         \
        sp = s->stack_buf + saved_sp;                                                                     \
        bp = s->stack_buf + saved_bp;                                                                     \
    }

    /* A state that the matcher may come back to. What is changed in `capture` since lies above it, in
       pairs of an index and the value before. */
#define STATE(to_pc, to_cptr, how, times)                                                                 \
    do {                                                                                                  \
        ROOM(3);                                                                                          \
        sp[0].ptr = (uint8_t *)(to_pc);                                                                   \
        sp[1].ptr = (uint8_t *)(to_cptr);                                                                 \
        sp[2].bp.val = bp - s->stack_buf;                                                                 \
        sp[2].bp.count = (times);                                                                         \
        sp[2].bp.type = (how);                                                                            \
        sp += 3;                                                                                          \
        bp = sp;                                                                                          \
    } while (0)

#define POP_STATE                                                                                         \
    do {                                                                                                  \
        sp = bp - 3;                                                                                      \
        bp = s->stack_buf + sp[2].bp.val;                                                                 \
    } while (0)

#define UNDO_CAPTURES                                                                                     \
    while (sp > bp) {                                                                                     \
        capture[sp[-2].val] = sp[-1].ptr;                                                                 \
        sp -= 2;                                                                                          \
    }

#define SET_CAPTURE(index, value)                                                                         \
    do {                                                                                                  \
        ROOM(2);                                                                                          \
        sp[0].val = (index);                                                                              \
        sp[1].ptr = capture[index];                                                                       \
        sp += 2;                                                                                          \
        capture[index] = (value);                                                                         \
    } while (0)

    /* The same, of a register that loops set many times within one state. It is looked for among the last
       changes only: one that stands there twice is undone rightly all the same, from the top. */
#define SET_REGISTER(index, value)                                                                        \
    do {                                                                                                  \
        StackElem *changed = sp;                                                                          \
        const StackElem *const least = sp - bp > LOOKED_BACK ? sp - LOOKED_BACK : bp;                     \
        while (changed > least && (uint32_t)changed[-2].val != (index))                                   \
            changed -= 2;                                                                                 \
        if (changed > least)                                                                              \
            capture[index] = (value);                                                                     \
        else                                                                                              \
            SET_CAPTURE(index, value);                                                                    \
    } while (0)

#define POLL                                                                                              \
    if (lre_poll_timeout(s))                                                                              \
        return LRE_RET_TIMEOUT

#define ONE(op, size)                                                                                     \
    op_##op:                                                                                              \
    if (cptr >= cbuf_end)                                                                                 \
        goto fail;                                                                                        \
    NEXT_CHAR(c, cptr);                                                                                   \
    if (!MATCH(takes)(s, REOP_##op, pc, c))                                                               \
        goto fail;                                                                                        \
    pc += (size);                                                                                         \
    NEXT

    NEXT;

    ONE(char, 2);
    ONE(char_i, 2);
    ONE(char32, 4);
    ONE(char32_i, 4);
    ONE(dot, 0);
    ONE(any, 0);
    ONE(space, 0);
    ONE(not_space, 0);
    ONE(range, 34 + 4 * get_u16(pc));
    ONE(range_i, 34 + 4 * get_u16(pc));
    ONE(range32, 34 + 8 * get_u16(pc));
    ONE(range32_i, 34 + 8 * get_u16(pc));

op_run: {
    const uint8_t *atom = pc + 12;
    const uint32_t min = get_u32(pc + 4);
    uint32_t count = MATCH(run)(s, atom, &cptr, get_u32(pc + 8));
    if (count < min)
        goto fail;
    pc = atom + get_u32(pc);
    if (spend(s, count >> 4))
        return LRE_RET_TIMEOUT;
    count -= min;
    while (!MATCH(may_go_on)(s, pc, cptr)) {
        if (count == 0)
            goto fail;
        PREV_CHAR(cptr, s->cbuf, CHARS);
        count--;
    }
    if (count > 0)
        STATE(pc, cptr, RE_EXEC_STATE_RUN, count);
    NEXT;
}
op_lazy_run: {
    const uint8_t *run = pc, *atom = pc + 12;
    const uint32_t min = get_u32(pc + 4), more = get_u32(pc + 8) - min;
    const uint32_t taken = MATCH(run)(s, atom, &cptr, min);
    if (spend(s, taken >> 4))
        return LRE_RET_TIMEOUT;
    if (taken < min)
        goto fail;
    pc = atom + get_u32(pc);
    if (more > 0)
        STATE(run, cptr, RE_EXEC_STATE_LAZY_RUN, more < RUN_MAX ? more : RUN_MAX);
    NEXT;
}
op_match:
    return 1;
op_lookahead_match: {
    /* The states since the lookahead go; what they changed in `capture` stays, with what it was before. */
    StackElem *top = sp, *from, *to;
    REExecStateEnum type;
    do {
        from = sp;
        sp = bp;
        pc = sp[-3].ptr;
        cptr = sp[-2].ptr;
        type = sp[-1].bp.type;
        bp = s->stack_buf + sp[-1].bp.val;
        sp[-1].ptr = (void *)from; /* where the changes above this state end */
        sp -= 3;
    } while (type != RE_EXEC_STATE_LOOKAHEAD);
    for (from = sp; from < top;) {
        to = (void *)from[2].ptr;
        from += 3;
        while (from < to)
            *sp++ = *from++;
    }
    NEXT;
}
op_negative_lookahead_match:
    for (;;) {
        REExecStateEnum type = bp[-1].bp.type;
        UNDO_CAPTURES;
        POP_STATE;
        if (type == RE_EXEC_STATE_NEGATIVE_LOOKAHEAD)
            goto fail;
    }
op_split_goto_first:
    val = get_u32(pc);
    pc += 4;
    STATE(pc, cptr, RE_EXEC_STATE_SPLIT, 0);
    pc += (int32_t)val;
    NEXT;
op_split_next_first:
    val = get_u32(pc);
    pc += 4;
    STATE(pc + (int32_t)val, cptr, RE_EXEC_STATE_SPLIT, 0);
    NEXT;
op_lookahead:
    POLL;
    val = get_u32(pc);
    pc += 4;
    STATE(pc + (int32_t)val, cptr, RE_EXEC_STATE_LOOKAHEAD, 0);
    NEXT;
op_negative_lookahead:
    POLL;
    val = get_u32(pc);
    pc += 4;
    STATE(pc + (int32_t)val, cptr, RE_EXEC_STATE_NEGATIVE_LOOKAHEAD, 0);
    NEXT;
op_goto:
    pc += 4 + (int32_t)get_u32(pc);
    POLL;
    NEXT;
op_line_start:
    if (cptr != s->cbuf)
        goto fail;
    NEXT;
op_line_start_m:
    if (cptr != s->cbuf) {
        PEEK_PREV_CHAR(c, cptr, s->cbuf, CHARS);
        if (!is_line_terminator(c))
            goto fail;
    }
    NEXT;
op_line_end:
    if (cptr != cbuf_end)
        goto fail;
    NEXT;
op_line_end_m:
    if (cptr != cbuf_end) {
        PEEK_CHAR(c, cptr, cbuf_end, CHARS);
        if (!is_line_terminator(c))
            goto fail;
    }
    NEXT;
op_save_start:
op_save_end:
    val = get_u16(pc);
    if (val >= (uint32_t)s->capture_count)
        return LRE_RET_BYTECODE_ERROR;
    idx = 2 * val + (pc[-1] - REOP_save_start);
    pc += 2;
    SET_CAPTURE(idx, (uint8_t *)cptr);
    NEXT;
op_save_reset: {
    const uint32_t last = get_u16(pc + 2);
    val = get_u16(pc);
    pc += 4;
    if (last >= (uint32_t)s->capture_count)
        return LRE_RET_BYTECODE_ERROR;
    for (idx = 2 * val; idx <= 2 * last + 1; idx++)
        SET_CAPTURE(idx, NULL);
    NEXT;
}
op_set_i32:
    idx = 2 * s->capture_count + pc[0];
    val = get_u32(pc + 1);
    pc += 5;
    SET_REGISTER(idx, (uint8_t *)(uintptr_t)val);
    NEXT;
op_loop:
    idx = 2 * s->capture_count + pc[0];
    val = get_u32(pc + 1);
    pc += 5;
    {
        const uint32_t left = (uintptr_t)capture[idx] - 1;
        SET_REGISTER(idx, (uint8_t *)(uintptr_t)left);
        if (left != 0) {
            pc += (int32_t)val;
            POLL;
        }
    }
    NEXT;
op_loop_split_goto_first:
op_loop_split_next_first:
op_loop_check_adv_split_goto_first:
op_loop_check_adv_split_next_first: {
    const int op = pc[-1];
    const uint32_t limit = get_u32(pc + 1);
    uint32_t left;
    idx = 2 * s->capture_count + pc[0];
    val = get_u32(pc + 5);
    pc += 9;
    left = (uintptr_t)capture[idx] - 1;
    SET_REGISTER(idx, (uint8_t *)(uintptr_t)left);
    if (left > limit) {
        pc += (int32_t)val;
        POLL;
        NEXT;
    }
    if ((op == REOP_loop_check_adv_split_goto_first || op == REOP_loop_check_adv_split_next_first) &&
        capture[idx + 1] == cptr && left != limit)
        goto fail;
    if (left != 0) {
        if (op == REOP_loop_split_next_first || op == REOP_loop_check_adv_split_next_first) {
            STATE(pc + (int32_t)val, cptr, RE_EXEC_STATE_SPLIT, 0);
        } else {
            STATE(pc, cptr, RE_EXEC_STATE_SPLIT, 0);
            pc += (int32_t)val;
        }
    }
    NEXT;
}
op_set_char_pos:
    idx = 2 * s->capture_count + *pc++;
    SET_REGISTER(idx, (uint8_t *)cptr);
    NEXT;
op_check_advance:
    idx = 2 * s->capture_count + *pc++;
    if (capture[idx] == cptr)
        goto fail;
    NEXT;
op_word_boundary:
op_word_boundary_i:
op_not_word_boundary:
op_not_word_boundary_i: {
    const int op = pc[-1];
    const bool folded = op == REOP_word_boundary_i || op == REOP_not_word_boundary_i;
    bool before = false, after = false;
    if (cptr != s->cbuf) {
        PEEK_PREV_CHAR(c, cptr, s->cbuf, CHARS);
        before = c < 256 ? lre_is_word_byte(c) != 0 : folded && (c == 0x017f || c == 0x212a);
    }
    if (cptr < cbuf_end) {
        PEEK_CHAR(c, cptr, cbuf_end, CHARS);
        after = c < 256 ? lre_is_word_byte(c) != 0 : folded && (c == 0x017f || c == 0x212a);
    }
    if ((before != after) != (op == REOP_word_boundary || op == REOP_word_boundary_i))
        goto fail;
    NEXT;
}
op_back_reference:
op_back_reference_i:
op_backward_back_reference:
op_backward_back_reference_i: {
    const int op = pc[-1];
    const bool folded = op == REOP_back_reference_i || op == REOP_backward_back_reference_i;
    const bool forward = op == REOP_back_reference || op == REOP_back_reference_i;
    const uint8_t *groups = pc + 1, *start, *end;
    const int n = *pc;
    uint32_t c1;
    int i;
    pc += 1 + 2 * n;
    for (i = 0; i < n; i++) {
        val = get_u16(groups + 2 * i);
        if (val >= (uint32_t)s->capture_count)
            goto fail;
        start = capture[2 * val];
        end = capture[2 * val + 1];
        /* of groups with one name, the first that took part */
        if (start && end)
            break;
    }
    if (i == n)
        NEXT;
    if (end > start && spend(s, (end - start) >> 4))
        return LRE_RET_TIMEOUT;
    while (start < end) {
        if (cptr == (forward ? cbuf_end : s->cbuf))
            goto fail;
        if (forward) {
            const uint8_t *const captured_end = end;
            GET_CHAR(c1, start, captured_end, CHARS);
            NEXT_CHAR(c, cptr);
        } else {
            const uint8_t *const captured_start = start;
            GET_PREV_CHAR(c1, end, captured_start, CHARS);
            GET_PREV_CHAR(c, cptr, s->cbuf, CHARS);
        }
        if (folded) {
            c1 = lre_canonicalize(c1, s->is_unicode);
            c = lre_canonicalize(c, s->is_unicode);
        }
        if (c1 != c)
            goto fail;
    }
    NEXT;
}
op_prev:
    if (cptr == s->cbuf)
        goto fail;
    PREV_CHAR(cptr, s->cbuf, CHARS);
    NEXT;
op_invalid:
    abort();

fail:
    UNDO_CAPTURES;
    if (bp == s->stack_buf)
        return 0;
    POLL;
    pc = bp[-3].ptr;
    cptr = bp[-2].ptr;
    switch ((REExecStateEnum)bp[-1].bp.type) {
    case RE_EXEC_STATE_LOOKAHEAD:
        POP_STATE;
        goto fail;
    case RE_EXEC_STATE_SPLIT:
    case RE_EXEC_STATE_NEGATIVE_LOOKAHEAD:
        POP_STATE;
        NEXT;
    case RE_EXEC_STATE_RUN: {
        uint32_t count = bp[-1].bp.count;
        do {
            PREV_CHAR(cptr, s->cbuf, CHARS);
            count--;
        } while (count > 0 && !MATCH(may_go_on)(s, pc, cptr));
        if (count == 0) {
            POP_STATE;
        } else {
            bp[-1].bp.count = count;
            bp[-2].ptr = (uint8_t *)cptr;
        }
        NEXT;
    }
    case RE_EXEC_STATE_LAZY_RUN: {
        const uint8_t *atom = pc + 12;
        uint32_t count = bp[-1].bp.count, taken = 0;
        pc = atom + get_u32(pc);
        do {
            if (MATCH(run)(s, atom, &cptr, 1) == 0) {
                if (spend(s, taken >> 4))
                    return LRE_RET_TIMEOUT;
                POP_STATE;
                goto fail;
            }
            count--;
            taken++;
        } while (count > 0 && !MATCH(may_go_on)(s, pc, cptr));
        if (spend(s, taken >> 4))
            return LRE_RET_TIMEOUT;
        if (count == 0) {
            POP_STATE;
        } else {
            bp[-1].bp.count = count;
            bp[-2].ptr = (uint8_t *)cptr;
        }
        NEXT;
    }
    }
    abort();
}

#undef NEXT
#undef ROOM
#undef STATE
#undef POP_STATE
#undef UNDO_CAPTURES
#undef SET_CAPTURE
#undef SET_REGISTER
#undef POLL
#undef ONE
#undef NEXT_CHAR
