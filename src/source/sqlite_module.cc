#include "source/load_database.h"
#include "source/sqlite_source.h"

extern "C" __attribute__((visibility("default")))
const cupel::source::DatabaseModule cupel_sqlite_module = {CUPEL_SOURCE_VERSION, cupel::source::open_sqlite_file};
