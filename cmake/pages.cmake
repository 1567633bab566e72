# The manual: every tests/<folder>/<name>.md is embedded, so that `cupel list` and `cupel explain` need no files.
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*/*.md)
set(page_texts ${CMAKE_BINARY_DIR}/generated/page_texts.cc)
# The list itself is an input: a page that went away must leave the program too.
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/pages.txt CONTENT "${pages}\n")
add_custom_command(
  OUTPUT ${page_texts}
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${page_texts} "-DPAGES=${pages}" -P ${CMAKE_SOURCE_DIR}/cmake/embed_pages.cmake
  DEPENDS ${pages} ${CMAKE_BINARY_DIR}/generated/pages.txt ${CMAKE_SOURCE_DIR}/cmake/embed_pages.cmake
  COMMENT "Embedding the manual's pages"
  VERBATIM)
add_library(cupel_pages STATIC ${CMAKE_SOURCE_DIR}/src/cli/pages.cc ${page_texts})
target_include_directories(cupel_pages PUBLIC ${CMAKE_SOURCE_DIR}/src)
target_compile_options(cupel_pages PRIVATE ${CUPEL_WARNINGS})
target_compile_features(cupel_pages PUBLIC cxx_std_20)
