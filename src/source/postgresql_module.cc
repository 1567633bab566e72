#include "source/load_database.h"
#include "source/postgresql_source.h"

extern "C" __attribute__((visibility("default")))
const cupel::source::DatabaseModule cupel_postgresql_module = {CUPEL_SOURCE_VERSION, cupel::source::open_postgresql_rows};
