#include "source/ipc_reader.h"
#include "source/load_arrow.h"
#include "source/parquet_reader.h"
#include "source/parquet_writer.h"

extern "C" __attribute__((visibility("default"))) const cupel::source::ArrowModule cupel_arrow_module = {
    CUPEL_SOURCE_VERSION, cupel::source::open_parquet_file, cupel::source::open_ipc_file, cupel::source::write_parquet_file};
