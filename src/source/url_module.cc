#include "source/fetch.h"
#include "source/url_fetch.h"

extern "C" __attribute__((visibility("default")))
const cupel::source::UrlModule cupel_url_module = {CUPEL_SOURCE_VERSION, cupel::source::fetch_url};
