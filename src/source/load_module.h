#pragma once

#include <string_view>

#include "base/result.h"

namespace cupel::source {

/// What a heavy library is needed for stands in a module of its own, a shared library that is loaded when it is first needed, so that those
/// who do not need it do not wait for it. A module is looked for in `$CUPEL_LIBEXEC`, beside the running program, in `libexec/cupel` below
/// and beside the program's folder, and where Cupel was installed.

/// The address of `symbol` in the module `file` ("cupel-parquet.so"), which is loaded once. The symbol is a struct whose first member is
/// `const char* version`; it must be this build's, as both are built from the same sources. `does` names what cannot be done without:
/// "reads and writes Parquet".
Result<const void*> load_module(const char* file, const char* symbol, std::string_view does);

/// The same, as its struct.
template <typename Module>
Result<const Module*> module_of(const char* file, const char* symbol, std::string_view does) {
  ASSIGN_OR_RETURN(const void* const module, load_module(file, symbol, does));
  return static_cast<const Module*>(module);
}

}  // namespace cupel::source
