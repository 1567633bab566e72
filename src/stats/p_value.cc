#include "stats/p_value.h"

namespace cupel::stats {

std::string_view method_name(PValueMethod method) {
  switch (method) {
    case PValueMethod::asymptotic: return "asymptotic";
    case PValueMethod::exact: return "exact";
    case PValueMethod::simulated: return "simulated";
  }
  return "asymptotic";
}

}  // namespace cupel::stats
