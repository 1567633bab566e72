# The Arrow library takes longer to load than a small check takes to run, so the part of the source room that needs it is a module that is
# loaded when the first Parquet file is opened. It stands beside the executables, in the build and where they are installed.
file(GLOB parquet_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/source/parquet_*.cc)
list(FILTER parquet_sources EXCLUDE REGEX "_test\\.cc$")
if(NOT parquet_sources)
  return()
endif()
add_library(cupel_parquet MODULE ${parquet_sources})
target_compile_options(cupel_parquet PRIVATE ${CUPEL_WARNINGS})
target_link_libraries(cupel_parquet PRIVATE cupel_table cupel_arrow)
# Its copies of the rooms below are its own: nothing but the one entry is seen from outside.
target_link_options(cupel_parquet PRIVATE LINKER:--exclude-libs,ALL)
file(RELATIVE_PATH parquet_private_libraries /${CMAKE_INSTALL_LIBEXECDIR}/cupel /${CMAKE_INSTALL_LIBDIR}/cupel)
set_target_properties(cupel_parquet PROPERTIES
  PREFIX "" OUTPUT_NAME cupel-parquet SUFFIX .so CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec/cupel INSTALL_RPATH "$ORIGIN/${parquet_private_libraries}")
install(TARGETS cupel_parquet LIBRARY DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/cupel COMPONENT arrow)

add_dependencies(cupel_source cupel_parquet)
foreach(target cupel_source cupel_parquet)
  target_compile_definitions(${target} PRIVATE
    CUPEL_SOURCE_VERSION="${PROJECT_VERSION}" CUPEL_INSTALLED_LIBEXEC="${CMAKE_INSTALL_FULL_LIBEXECDIR}/cupel")
endforeach()
