# Some libraries take longer to load than a small check takes to run, and most users need none of them. So the parts of the source room that
# need them are modules, each loaded when it is first needed (src/source/load_module.h). They stand beside the executables, in the build and
# where they are installed.

# source_module(NAME PREFIXES prefixes... LINK libraries...): the room's files that begin with one of the prefixes as
# libexec/cupel/cupel-NAME.so, the install component NAME. Their tests use the library itself, and the module as every program does.
function(source_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "PREFIXES;LINK")
  list(TRANSFORM module_PREFIXES REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/source/\\1*.cc" OUTPUT_VARIABLE patterns)
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(target cupel_${name}_module)
  add_library(${target} MODULE ${sources})
  target_compile_options(${target} PRIVATE ${CUPEL_WARNINGS})
  target_compile_definitions(${target} PRIVATE CUPEL_SOURCE_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${target} PRIVATE cupel_table ${module_LINK})
  # Its copies of the rooms below are its own: nothing but the one entry is seen from outside.
  target_link_options(${target} PRIVATE LINKER:--exclude-libs,ALL)
  if(NOT CUPEL_SANITIZE)
    target_link_options(${target} PRIVATE LINKER:-z,defs)  # what it lacks is told now and not when it is loaded
  endif()
  file(RELATIVE_PATH private_libraries /${CMAKE_INSTALL_LIBEXECDIR}/cupel /${CMAKE_INSTALL_LIBDIR}/cupel)
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME cupel-${name} SUFFIX .so CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec/cupel INSTALL_RPATH "$ORIGIN/${private_libraries}")
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/cupel COMPONENT ${name})
  add_dependencies(cupel_source ${target})
  if(tests AND CUPEL_TESTS)
    test_program(cupel_${name}_test ${tests} LINK cupel_source ${module_LINK})
  endif()
endfunction()

target_compile_definitions(cupel_source PRIVATE
  CUPEL_SOURCE_VERSION="${PROJECT_VERSION}" CUPEL_INSTALLED_LIBEXEC="${CMAKE_INSTALL_FULL_LIBEXECDIR}/cupel")
source_module(arrow PREFIXES arrow_ ipc_ parquet_ LINK cupel_arrow)
source_module(postgresql PREFIXES postgresql_ LINK PkgConfig::PQ)
source_module(sqlite PREFIXES sqlite_ LINK SQLite::SQLite3)
source_module(url PREFIXES url_ LINK PkgConfig::CURL PkgConfig::LIBZIP)
