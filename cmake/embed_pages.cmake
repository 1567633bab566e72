# cmake -DOUTPUT=page_texts.cc "-DPAGES=tests/a/x.md;…" -P embed_pages.cmake: writes the source that holds the manual's pages.
set(entries "")
foreach(page IN LISTS PAGES)
  file(READ ${page} text)
  get_filename_component(name ${page} NAME_WE)
  get_filename_component(folder ${page} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  string(APPEND entries "    {\"${folder}\", \"${name}\", R\"cupel_page(${text})cupel_page\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "#include \"cli/page_texts_internal.h\"

#include <vector>

namespace cupel::cli {

std::span<const PageText> page_texts() {
  static const std::vector<PageText> k_texts = {
${entries}  };
  return k_texts;
}

}  // namespace cupel::cli
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
