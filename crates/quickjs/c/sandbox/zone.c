/* Whose clock a date's hours are, and how ECMA-262 reads what it shows. */

static sandtide_zone_clock *sandtide_clock;

void sandtide_set_zone_clock(sandtide_zone_clock *clock)
{
    sandtide_clock = clock;
}

/* How many ms the clock is ahead of UTC at a time, in ms since 1970. Only a realm (a runtime that was
   opened for Node's programs) has the host's time zone; guests have their run's. A realm's runtime has
   its own state from before its first script to its end. */
static int64_t sandtide_ahead_at(JSContext *ctx, int64_t time)
{
    if (ctx->rt->sandtide)
        return (int64_t)getTimezoneOffset(time) * -60000;
    return sandtide_clock ? sandtide_clock(ctx, time) : 0;
}

/* The same for what the clock shows. What it shows twice is the first of both times; what it skips is
   read as if it had not been changed (ECMA-262, UTC ( t )). */
static int64_t sandtide_ahead_when_it_shows(JSContext *ctx, int64_t local)
{
    const int64_t day = 86400000;
    int64_t before, after;

    /* Far beyond what dates can be, and beyond what can be added to. */
    if (local < INT64_C(-8700000000000000) || local > INT64_C(8700000000000000))
        return 0;
    /* No clock is more than a day from UTC, so these are times before and after. */
    before = sandtide_ahead_at(ctx, local - day);
    after = sandtide_ahead_at(ctx, local + day);
    if (before == after || sandtide_ahead_at(ctx, local - before) == before)
        return before;
    return sandtide_ahead_at(ctx, local - after) == after ? after : before;
}
