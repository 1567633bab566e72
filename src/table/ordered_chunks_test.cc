#include "table/ordered_chunks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <vector>

namespace cupel::table {
namespace {

TEST(OrderedChunks, AreMergedInOrderWhateverTheThreads) {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::int64_t> merged;
    ordered_chunks(40, threads, [](std::int64_t) {}, [&](std::int64_t chunk) {
      merged.push_back(chunk);
      return chunk < 30;
    });
    ASSERT_EQ(merged.size(), 31u) << threads;
    for (std::size_t i = 0; i < merged.size(); ++i) EXPECT_EQ(merged[i], static_cast<std::int64_t>(i));
  }
}

// Out of memory at each chunk in turn, at work and while merging: it comes out on the calling thread, and every thread has ended.
TEST(OrderedChunks, WhatIsThrownComesOutOnTheCallingThread) {
  for (const int threads : {1, 2, 5}) {
    for (std::int64_t bad = 0; bad < 20; ++bad) {
      for (const bool at_work : {true, false}) {
        std::atomic<int> at_once{0};
        const auto run = [&] {
          ordered_chunks(
              20, threads,
              [&](std::int64_t chunk) {
                ++at_once;
                const bool throws = at_work && chunk == bad;
                --at_once;
                if (throws) throw std::bad_alloc();
              },
              [&](std::int64_t chunk) {
                if (!at_work && chunk == bad) throw std::bad_alloc();
                return true;
              });
        };
        EXPECT_THROW(run(), std::bad_alloc) << threads << " " << bad;
        EXPECT_EQ(at_once, 0);
      }
    }
  }
}

}  // namespace
}  // namespace cupel::table
