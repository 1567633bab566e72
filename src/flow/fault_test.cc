#include "flow/fault.h"

#include <gtest/gtest.h>

#include <csignal>

#include "flow/inject.h"

namespace cupel::flow {
namespace {

EndOfCommand exited(int status, std::string_view errors = {}) {
  EndOfCommand end;
  end.outcome.exit_status = status;
  end.last_errors = errors;
  return end;
}

EndOfCommand killed(int signal) {
  EndOfCommand end;
  end.outcome.signal = signal;
  return end;
}

TEST(Fault, exit_statuses_have_their_classes) {
  EXPECT_EQ(diagnose(exited(0)).fault, Fault::none);
  EXPECT_EQ(diagnose(exited(1)).fault, Fault::failed);
  EXPECT_EQ(diagnose(exited(2, "cupel train: no such column\n")).why, "no such column");
  EXPECT_EQ(diagnose(exited(75, "cupel train: 900 rows\n\n")).fault, Fault::too_little_data);
  EXPECT_EQ(diagnose(exited(75, "cupel train: 900 rows\n\n")).why, "900 rows");
  EndOfCommand gate = exited(1);
  gate.gate = true;
  gate.last_output = "12 passed, 2 failed\n";
  EXPECT_EQ(diagnose(gate).fault, Fault::gate_failed);
  EXPECT_EQ(diagnose(gate).why, "12 passed, 2 failed");
  gate.last_errors = "validating  33 %, 2 min left\n";
  EXPECT_EQ(diagnose(gate).why, "12 passed, 2 failed") << "progress is no reason";
  gate.last_output = "";
  EXPECT_EQ(diagnose(gate).why, "validating  33 %, 2 min left") << "where there is nothing else";
  gate.last_errors = "";
  EXPECT_EQ(diagnose(gate).why, "the tests did not pass");
  gate.outcome.exit_status = 2;
  EXPECT_EQ(diagnose(gate).fault, Fault::failed) << "a gate that could not run has not said no";
}

TEST(Fault, kills_from_outside_are_interruptions_and_crashes_are_failures) {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGKILL}) {
    EXPECT_EQ(diagnose(killed(signal)).fault, Fault::interrupted) << signal;
    EXPECT_EQ(diagnose(exited(128 + signal)).fault, Fault::interrupted) << signal;
  }
  for (const int signal : {SIGSEGV, SIGABRT, SIGILL, SIGFPE, SIGBUS}) EXPECT_EQ(diagnose(killed(signal)).fault, Fault::failed) << signal;
  EXPECT_EQ(diagnose(killed(SIGSEGV)).why, "crashed by SIGSEGV");
  EXPECT_EQ(diagnose(exited(139)).why, "crashed by SIGSEGV");
  EndOfCommand memory = killed(SIGKILL);
  memory.kernel_killed_for_memory = true;
  EXPECT_EQ(diagnose(memory).fault, Fault::out_of_memory);
  EXPECT_EQ(diagnose(killed(SIGXCPU)).fault, Fault::timed_out);
  EXPECT_EQ(diagnose(killed(SIGXFSZ)).fault, Fault::disk_full);
}

TEST(Fault, a_full_disk_and_exhausted_memory_are_known_by_what_was_said) {
  EXPECT_EQ(diagnose(exited(2, "cannot write 'm': No space left on device")).fault, Fault::disk_full);
  EXPECT_EQ(diagnose(exited(1, "OSError: [Errno 27] File too large")).fault, Fault::disk_full);
  EXPECT_EQ(diagnose(exited(1, "MemoryError")).fault, Fault::out_of_memory);
  EXPECT_EQ(diagnose(exited(134, "terminate called after throwing an instance of 'std::bad_alloc'")).fault, Fault::out_of_memory);
  EXPECT_EQ(diagnose(exited(0, "warning: No space left on device")).fault, Fault::none);
}

TEST(Fault, a_stop_and_a_timeout_come_before_what_the_command_made_of_them) {
  EndOfCommand end = exited(0);
  end.timed_out = true;
  end.timeout_seconds = 90;
  EXPECT_EQ(diagnose(end).fault, Fault::timed_out);
  EXPECT_EQ(diagnose(end).why, "longer than its timeout of 1 min 30 s");
  end.cancelled = true;
  EXPECT_EQ(diagnose(end).fault, Fault::cancelled);
  EndOfCommand unknown;
  unknown.outcome.start_error = ENOENT;
  unknown.program = "nowhere";
  EXPECT_EQ(diagnose(unknown).why, "cannot start 'nowhere': No such file or directory");
}

TEST(Fault, names_go_there_and_back) {
  for (const FaultEntry& entry : faults()) EXPECT_EQ(fault_of(entry.name), entry.fault);
  for (const ResponseEntry& entry : responses()) EXPECT_EQ(response_of(entry.name), entry.response);
  EXPECT_FALSE(fault_of("no such"));
}

TEST(Inject, every_form_is_read) {
  EXPECT_EQ(parse_injection("train=rows:900")->value, 900);
  EXPECT_EQ(parse_injection("train=kill@50%")->induced, Induced::kill_at);
  EXPECT_EQ(parse_injection("train=kill@50%")->value, 50);
  EXPECT_EQ(parse_injection("train=kill:0.5")->induced, Induced::kill_after);
  EXPECT_EQ(parse_injection("train=exit:3")->induced, Induced::exit);
  EXPECT_EQ(parse_injection("train=hang")->induced, Induced::hang);
  EXPECT_EQ(parse_injection("a=oom")->step, "a");
  EXPECT_EQ(parse_injection("a=disk_full")->induced, Induced::disk_full);
  EXPECT_EQ(parse_injection("a=corrupt_output")->induced, Induced::corrupt_output);
  EXPECT_EQ(parse_injection("a=lost_output")->text, "lost_output");
}

TEST(Inject, mistakes_name_what_was_expected) {
  EXPECT_EQ(parse_injection("rows:900").error().message, "'rows:900' is not an injection, expected STEP=FAULT such as train=rows:900");
  EXPECT_EQ(parse_injection("train=row:900").error().message, "unknown fault 'row:900' to inject (nearest: 'rows')");
  EXPECT_EQ(parse_injection("train=rows:9x").error().message, "'train=rows:9x' expects a whole number of rows, such as rows:900");
  EXPECT_EQ(parse_injection("train=kill@150%").error().message, "'train=kill@150%' expects a share from 0% to 100%, such as kill@50%");
  EXPECT_EQ(parse_injection("train=exit:300").error().message, "'train=exit:300' expects an exit status from 0 to 255, such as exit:3");
  EXPECT_FALSE(parse_injection("train=rows:N"));
  EXPECT_FALSE(parse_injection("train=kill:SECONDS"));
}

}  // namespace
}  // namespace cupel::flow
