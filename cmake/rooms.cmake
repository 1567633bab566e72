# Every room is a static library of all its sources and one test program of all its tests: no hand-kept lists.
set(CUPEL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Woverloaded-virtual)
if(EXISTS ${CMAKE_SOURCE_DIR}/.git)
  list(APPEND CUPEL_WARNINGS -Werror)
  # What the optimizer believes to see differs from one version to the next; there, it is told and does not stop the build.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    foreach(guess array-bounds dangling-reference free-nonheap-object maybe-uninitialized restrict stringop-overflow stringop-overread)
      list(APPEND CUPEL_WARNINGS -Wno-error=${guess})
    endforeach()
  endif()
endif()

# A clean build spends most of its time on the same headers again and again. CUPEL_UNITY (the release preset has it) compiles six sources of a
# room at once where that pays (json and formatting: 2.5 times as fast) and the sources do not get in each other's way; it also optimises
# tests and the command line less. Every other preset compiles each source on its own.
option(CUPEL_UNITY "compile several sources at once where that is faster" OFF)
set(CUPEL_UNITED drift expectations flow registry robustness suite)
function(unite target)
  if(CUPEL_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  endif()
endfunction()

# Where tests find files of the tree and programs of the build.
set(CUPEL_TEST_PLACES CUPEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CUPEL_BINARY_DIR="${CMAKE_BINARY_DIR}")
if(CUPEL_TESTS)
  enable_testing()
  include(GoogleTest)
  set(CUPEL_PYTHON "" CACHE FILEPATH "a Python that has ONNX Runtime, for one comparison; default: that of .deps/, if there")
  if(NOT CUPEL_PYTHON AND EXISTS ${CUPEL_DEPS}/python/bin/python3)
    set(CUPEL_PYTHON ${CUPEL_DEPS}/python/bin/python3)
  endif()
endif()

# test_program(NAME sources... LINK libraries...): a GoogleTest program, each of its tests known to ctest.
function(test_program name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" LINK)
  add_executable(${name} ${test_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE ${CUPEL_WARNINGS})
  target_compile_options(${name} PRIVATE $<$<BOOL:${CUPEL_UNITY}>:-O1>)
  target_compile_definitions(${name} PRIVATE ${CUPEL_TEST_PLACES})
  target_link_libraries(${name} PRIVATE ${test_LINK} GTest::gtest GTest::gmock GTest::gtest_main)
  # All in one folder, from where ../libexec/cupel is found as from bin/.
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120 PROPERTIES ENVIRONMENT CUPEL_PYTHON=${CUPEL_PYTHON})
endfunction()

# library_of_sources(NAME sources... LINK libraries...): the sources as a library, their *_test.cc as the program NAME_test.
function(library_of_sources name)
  cmake_parse_arguments(PARSE_ARGV 1 library "" "" LINK)
  set(sources ${library_UNPARSED_ARGUMENTS})
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(include $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/cupel>)
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${include})
    list(REMOVE_ITEM library_LINK PRIVATE)
    target_link_libraries(${name} INTERFACE ${library_LINK})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${include})
  target_compile_options(${name} PRIVATE ${CUPEL_WARNINGS})
  target_link_libraries(${name} PUBLIC ${library_LINK})
  if(tests AND CUPEL_TESTS)
    test_program(${name}_test ${tests} LINK ${name})
  endif()
endfunction()

# room(NAME [rooms and libraries it links...]); files that begin with a prefix of ${NAME}_PARTS are left to room_part().
function(room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  foreach(prefix ${${name}_PARTS})
    list(FILTER sources EXCLUDE REGEX "/${prefix}[^/]*$")
  endforeach()
  library_of_sources(cupel_${name} ${sources} LINK ${ARGN})
  if(sources AND name IN_LIST CUPEL_UNITED)
    unite(cupel_${name})
  endif()
endfunction()

# room_part(ROOM PREFIX NAME [libraries...]): the room's files that begin with PREFIX, which need more libraries than the rest of it.
function(room_part room prefix name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/${prefix}*.cc)
  library_of_sources(cupel_${name} ${sources} LINK ${ARGN})
endfunction()

room(base fmt::fmt nlohmann_json::nlohmann_json PRIVATE yaml-cpp::yaml-cpp OpenSSL::Crypto PkgConfig::XXHASH)
room(stats cupel_base)
room(table cupel_base PRIVATE PkgConfig::RE2 ICU::uc Threads::Threads)
set(source_PARTS arrow_ ipc_ parquet_ postgresql_ sqlite_ url_)
room(source cupel_table PRIVATE ZLIB::ZLIB PkgConfig::ZSTD simdjson::simdjson Threads::Threads ${CMAKE_DL_LIBS})
include(modules)
room(states cupel_table cupel_stats Threads::Threads)
room(suite cupel_states)
room(expectations cupel_suite PRIVATE PkgConfig::RE2 ICU::uc)
room(prove cupel_expectations cupel_source PRIVATE Threads::Threads)
room(outline cupel_base)
set(model_PARTS train_)
room(model cupel_outline cupel_table cupel_stats PRIVATE cupel_onnxruntime Threads::Threads)
room_part(model train_ model_training cupel_model PRIVATE cupel_onnx cupel_onnxruntime cupel_xgboost)
room(robustness cupel_model cupel_suite PRIVATE ICU::uc)
room(drift cupel_suite cupel_model)
room(ab cupel_suite)
set(registry_PARTS archive_)
room(registry cupel_outline PRIVATE SQLite::SQLite3)
room_part(registry archive_ registry_archive cupel_registry PRIVATE LibArchive::LibArchive)
room(flow cupel_base)
target_compile_definitions(cupel_flow PRIVATE CUPEL_VERSION="${PROJECT_VERSION}")
room(report cupel_suite)
target_compile_definitions(cupel_report PRIVATE CUPEL_VERSION="${PROJECT_VERSION}")

# The frontier of every executable; the commands stand one a file in src/cli.
add_library(cupel_cli STATIC ${CMAKE_SOURCE_DIR}/src/cli/command.cc)
target_compile_options(cupel_cli PRIVATE ${CUPEL_WARNINGS})
target_compile_definitions(cupel_cli PUBLIC CUPEL_VERSION="${PROJECT_VERSION}")
target_link_libraries(cupel_cli PUBLIC cupel_base)

# What all commands with a table and verdicts share: reading options, printing results, writing failing rows.
add_library(cupel_cli_results STATIC ${CMAKE_SOURCE_DIR}/src/cli/readable_rows.cc ${CMAKE_SOURCE_DIR}/src/cli/data_options.cc ${CMAKE_SOURCE_DIR}/src/cli/failing_rows.cc
                                     ${CMAKE_SOURCE_DIR}/src/cli/result_output.cc)
target_compile_options(cupel_cli_results PRIVATE ${CUPEL_WARNINGS})
target_link_libraries(cupel_cli_results PUBLIC cupel_cli cupel_report cupel_source cupel_suite)

include(pages)

# executable(NAME "sources in src/cli" rooms...): the dispatcher goes to bin/, the others to libexec/cupel/ beside it; where they are installed,
# they find Cupel's private libraries relative to themselves. All of them are built by the target `programs`.
add_custom_target(programs)
file(GLOB command_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*.cc)  # so that a new one is noticed
file(RELATIVE_PATH CUPEL_PRIVATE_LIBRARIES /${CMAKE_INSTALL_LIBEXECDIR}/cupel /${CMAKE_INSTALL_LIBDIR}/cupel)
function(executable name sources)
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/src/cli/)
  foreach(source ${sources})
    if(NOT EXISTS ${source})
      message(STATUS "${name} is skipped: ${source} is not there")
      return()
    endif()
  endforeach()
  add_executable(${name} ${sources})
  target_compile_options(${name} PRIVATE ${CUPEL_WARNINGS})
  target_compile_options(${name} PRIVATE $<$<BOOL:${CUPEL_UNITY}>:-O1>)
  unite(${name})
  target_link_libraries(${name} PRIVATE cupel_cli ${ARGN})
  add_dependencies(programs ${name})
  if(name STREQUAL "cupel")
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cupel)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  else()
    string(REPLACE cupel- "" component ${name})
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/cupel COMPONENT ${component})
    set_target_properties(${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec/cupel INSTALL_RPATH "$ORIGIN/${CUPEL_PRIVATE_LIBRARIES}")
  endif()
endfunction()

executable(cupel "cupel.cc")
executable(cupel-check "main_check.cc;check.cc;generate.cc;init.cc;project_facts.cc;project_files.cc;list.cc;explain.cc;profile.cc;profile_data.cc;profile_text.cc;prove.cc" cupel_cli_results cupel_pages cupel_prove cupel_expectations cupel_source cupel_report)
set(dockerfiles ${CMAKE_BINARY_DIR}/generated/step_dockerfiles.cc)
set(steps ${CMAKE_SOURCE_DIR}/examples/reviews/steps)
add_custom_command(
  OUTPUT ${dockerfiles}
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${dockerfiles} -DSTEPS=${steps} -P ${CMAKE_SOURCE_DIR}/cmake/embed_dockerfiles.cmake
  DEPENDS ${steps}/check/Dockerfile ${steps}/train/Dockerfile ${steps}/validate/Dockerfile ${CMAKE_SOURCE_DIR}/cmake/embed_dockerfiles.cmake
  VERBATIM)
target_sources(cupel-check PRIVATE ${dockerfiles})
executable(cupel-suggest "main_suggest.cc;suggest.cc;load_model.cc" cupel_cli_results cupel_prove cupel_model cupel_registry cupel_source)
executable(cupel-train "main_train.cc;train.cc" cupel_cli_results cupel_model_training cupel_source)
executable(cupel-validate "main_validate.cc;validate.cc;predict.cc;load_model.cc" cupel_cli_results cupel_robustness cupel_source cupel_registry cupel_report)
executable(cupel-drift "main_drift.cc;drift.cc;load_model.cc" cupel_cli_results cupel_drift cupel_source cupel_registry cupel_report)
executable(cupel-ab "main_ab.cc;ab.cc;ab_analyze.cc;ab_assign.cc;ab_plan.cc;ab_simulate.cc" cupel_cli_results cupel_ab cupel_source cupel_report)
executable(cupel-models "main_models.cc;models.cc;models_export.cc;models_promote.cc;models_query.cc;models_words.cc" cupel_registry_archive cupel_registry cupel_table)
executable(cupel-run "main_run.cc;run.cc;runs.cc" cupel_flow)
executable(cupel-report "main_report.cc;report.cc" cupel_report cupel_flow)

# The command line's own tests: the manual, and the tables in step with it.
file(GLOB cli_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*_test.cc)
if(cli_tests AND CUPEL_TESTS)
  test_program(cupel_cli_test ${cli_tests} ${CMAKE_SOURCE_DIR}/src/cli/list.cc ${CMAKE_SOURCE_DIR}/src/cli/explain.cc LINK cupel_cli cupel_pages)
endif()
