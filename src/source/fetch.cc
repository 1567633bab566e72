#include "source/fetch.h"

#include "source/load_module.h"

namespace cupel::source {

Result<Fetched> fetch(const std::string& address, const FetchOptions& options) {
  ASSIGN_OR_RETURN(const UrlModule* const module,
                   module_of<UrlModule>("cupel-url.so", "cupel_url_module", "fetches files from the network"));
  return module->fetch(address, options);
}

}  // namespace cupel::source
