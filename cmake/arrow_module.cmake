# The Arrow library takes longer to load than a small check takes to run, so the part of the source room that needs it is a module that is
# loaded when the first Parquet or Arrow IPC file is opened. It stands beside the executables, in the build and where they are installed.
list(TRANSFORM source_PARTS REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/source/\\1*.cc" OUTPUT_VARIABLE arrow_patterns)
file(GLOB arrow_sources CONFIGURE_DEPENDS ${arrow_patterns})
list(FILTER arrow_sources EXCLUDE REGEX "_test\\.cc$")
if(NOT arrow_sources)
  return()
endif()
add_library(cupel_arrow_module MODULE ${arrow_sources})
target_compile_options(cupel_arrow_module PRIVATE ${CUPEL_WARNINGS})
target_link_libraries(cupel_arrow_module PRIVATE cupel_table cupel_arrow)
# Its copies of the rooms below are its own: nothing but the one entry is seen from outside.
target_link_options(cupel_arrow_module PRIVATE LINKER:--exclude-libs,ALL)
file(RELATIVE_PATH arrow_private_libraries /${CMAKE_INSTALL_LIBEXECDIR}/cupel /${CMAKE_INSTALL_LIBDIR}/cupel)
set_target_properties(cupel_arrow_module PROPERTIES
  PREFIX "" OUTPUT_NAME cupel-arrow SUFFIX .so CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec/cupel INSTALL_RPATH "$ORIGIN/${arrow_private_libraries}")
install(TARGETS cupel_arrow_module LIBRARY DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/cupel COMPONENT arrow)

add_dependencies(cupel_source cupel_arrow_module)
foreach(target cupel_source cupel_arrow_module)
  target_compile_definitions(${target} PRIVATE
    CUPEL_SOURCE_VERSION="${PROJECT_VERSION}" CUPEL_INSTALLED_LIBEXEC="${CMAKE_INSTALL_FULL_LIBEXECDIR}/cupel")
endforeach()

# The tests of these files write with the Arrow library itself, and read through the module as every program does.
list(TRANSFORM source_PARTS REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/source/\\1*_test.cc" OUTPUT_VARIABLE arrow_test_patterns)
file(GLOB arrow_tests CONFIGURE_DEPENDS ${arrow_test_patterns})
if(arrow_tests AND CUPEL_TESTS)
  test_program(cupel_arrow_test ${arrow_tests} LINK cupel_source cupel_arrow)
endif()
