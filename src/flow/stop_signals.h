#pragma once

#include <csignal>

#include "base/process.h"

namespace cupel::flow {

/// While it lives, SIGINT, SIGTERM and SIGHUP become readable here instead of ending this process, and a reader of its output that has gone
/// (SIGPIPE) does not end it either.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Readable when a signal has come.
  int descriptor() const { return file_.get(); }
  /// The next one that came; 0: none.
  int next() const;

 private:
  sigset_t before_{};
  struct sigaction pipe_before_ {};
  FileHandle file_;
};

}  // namespace cupel::flow
