/* Guards against a release of the engine whose realms are made of something else than those that
   template.c copies and release.c frees: at build time the sizes of what is copied, and whenever a
   template is built each allocation in it. */

/* A template holds these structures, byte for byte. A size that changed means fields that
   templates do not know yet: see list_volatiles() and share_outside(), then write the new size
   here. */
static_assert(sizeof(JSContext) == 600, "contexts are copied with their templates");
static_assert(sizeof(JSObject) == 72, "objects are copied with their templates");
static_assert(sizeof(JSShape) == 56, "shapes are copied with their templates");
static_assert(sizeof(JSShapeProperty) == 8, "properties of shapes are copied with their templates");
static_assert(sizeof(JSProperty) == 16, "properties are copied with their templates");
static_assert(sizeof(JSMallocBlockHeader) == 8, "headers of allocations are copied with templates");
static_assert(sizeof(JSGCObjectHeader) == 16, "links of objects are copied with their templates");

/* What realms' own C takes apart beside templates. A new field needs a look at weak.c and at the files
   of modules. */
static_assert(sizeof(JSModuleDef) == 328, "modules made by hand are held by what their fields say");
static_assert(sizeof(JSMapRecord) == 80, "weak.c follows the records of weak maps");
static_assert(sizeof(JSWeakRefRecord) == 24, "weak.c follows what refers weakly");

/* The address at which one of a block's objects was allocated, and further allocations that it owns
   alone. The count of addresses, or -1: an object of a kind that no realm was made of before. */
static int allocations_of(const Sandtide *s, JSGCObjectHeader *gp, void **addresses)
{
    JSObject *p = (JSObject *)gp;
    int n = 0;

    switch (JS_GC_TYPE(gp)) {
    case JS_GC_OBJ_TYPE_SHAPE:
        addresses[n++] = get_alloc_from_shape((JSShape *)gp);
        return n;
    case JS_GC_OBJ_TYPE_JS_CONTEXT:
        addresses[n++] = gp;
        addresses[n++] = ((JSContext *)gp)->class_proto;
        return n;
    case JS_GC_OBJ_TYPE_JS_OBJECT:
        addresses[n++] = p;
        addresses[n++] = p->prop;
        break;
    default:
        return -1;
    }
    if (p->class_id == s->global_class)
        return n;
    switch (p->class_id) {
    case JS_CLASS_ARRAY:
        if (p->u.array.u.values)
            addresses[n++] = sandtide_array_block(p);
        return n;
    case JS_CLASS_C_FUNCTION_DATA:
        addresses[n++] = p->u.c_function_data_record;
        return n;
    case JS_CLASS_OBJECT:
    case JS_CLASS_C_FUNCTION:
    case JS_CLASS_NUMBER:
    case JS_CLASS_STRING:
    case JS_CLASS_BOOLEAN:
        return n;
    default:
        return -1;
    }
}

/* Whether each live allocation of the block belongs to an object of a known kind. */
static bool block_is_known(const Sandtide *s, const Block *block, const Template *t)
{
    void *addresses[3];
    uint32_t i, owned = 0;
    int j, n;

    for (i = 0; i < t->objects_count; i++) {
        n = allocations_of(s, (JSGCObjectHeader *)((uint8_t *)block + t->objects[i]), addresses);
        if (n < 0)
            return false;
        for (j = 0; j < n; j++) {
            if (!block_contains(block, addresses[j]))
                return false;
        }
        owned += n;
    }
    return owned == block->live;
}
