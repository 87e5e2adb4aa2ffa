/* Whose clock a date's hours are. */

/* Only a realm (a runtime that was opened for Node's programs) has the host's time zone; guests have
   UTC. A realm's runtime has its own state from before its first script to its end. */
static bool sandtide_has_host_zone(JSContext *ctx)
{
    return ctx->rt->sandtide != NULL;
}
