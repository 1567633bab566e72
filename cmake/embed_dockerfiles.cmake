# The Dockerfiles of the example's steps as text in a source file: `cupel init` writes the same ones.
#   cmake -DOUTPUT=FILE -DSTEPS=FOLDER -P embed_dockerfiles.cmake
set(source "#include \"cli/project_files.h\"\n\nnamespace cupel::cli {\n\nstd::string_view step_dockerfile(std::string_view step) {\n")
foreach(step check train validate)
  file(READ ${STEPS}/${step}/Dockerfile text)
  string(APPEND source "  if (step == \"${step}\") return R\"docker(${text})docker\";\n")
endforeach()
string(APPEND source "  return {};\n}\n\n}  // namespace cupel::cli\n")
file(WRITE ${OUTPUT} "${source}")
