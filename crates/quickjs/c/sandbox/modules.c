/* What a compiled module tells of its text. */

bool sandtide_says_module(const JSModuleDef *module)
{
    return module->req_module_entries_count > 0 || module->export_entries_count > 0 ||
           module->star_export_entries_count > 0 || module->has_tla;
}
