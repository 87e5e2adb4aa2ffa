/* What of the engine's state must differ between two runs of one image. The list of all that must
   change after a restore is the caller's. */

void sandtide_reseed(JSContext *ctx, uint64_t random, const uint32_t *hash_seed)
{
    /* the generator would never leave 0 */
    ctx->random_state = random | 1;
    if (hash_seed)
        ctx->rt->sandtide_hash_seed = *hash_seed ? *hash_seed : 1; /* 0: none was drawn */
}

uint32_t sandtide_hash_seed(const JSContext *ctx)
{
    return ctx->rt->sandtide_hash_seed;
}

bool sandtide_holds_hashes(JSRuntime *rt)
{
    struct list_head *el;

    list_for_each(el, &rt->gc_obj_list) {
        JSGCObjectHeader *gc = list_entry(el, JSGCObjectHeader, link);
        if (JS_GC_TYPE(gc) == JS_GC_OBJ_TYPE_JS_OBJECT) {
            JSObject *p = (JSObject *)gc;
            if (p->class_id >= JS_CLASS_MAP && p->class_id <= JS_CLASS_WEAKSET)
                return true;
        }
    }
    return false;
}
