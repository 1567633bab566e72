#pragma once

#include <cstdint>
#include <functional>

namespace cupel::table {

/// Threads to use for a request of `threads` (0: one a core).
int thread_count(int threads);

/// Runs `work(i)` for every i in [0, num_chunks) spread over threads, and `merge(i)` in ascending order of i on the calling thread, which
/// also works while nothing waits to be merged. At most `2 * threads + 2` chunks are worked on or wait at any moment. `merge` answers
/// false to stop: chunks that were begun end, no others start. What one throws (out of memory) stops the others likewise and comes out here, on the
/// calling thread.
void ordered_chunks(std::int64_t num_chunks, int threads, const std::function<void(std::int64_t)>& work,
                    const std::function<bool(std::int64_t)>& merge);

}  // namespace cupel::table
