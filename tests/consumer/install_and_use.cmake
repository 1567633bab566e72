# Installs BUILD into an empty folder, moves that folder (so that nothing points back), builds PROJECT against it and runs it; then runs the
# installed cupel.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output ERROR_VARIABLE output ECHO_ERROR_VARIABLE)
  message("${output}")
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first)
file(RENAME ${SCRATCH}/first ${SCRATCH}/installed)

set(flags "")
if(SANITIZE)
  set(flags -DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE})
endif()
run(${CMAKE_COMMAND} -S ${PROJECT} -B ${SCRATCH}/project -G Ninja -DCMAKE_PREFIX_PATH=${SCRATCH}/installed -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${flags})
run(${CMAKE_COMMAND} --build ${SCRATCH}/project)
run(${SCRATCH}/project/consumer)

# Programs of the build tree find their libraries there; the installed ones must find their own.
set(ENV{LD_LIBRARY_PATH} "")
run(${SCRATCH}/installed/bin/cupel --version)
file(GLOB programs ${SCRATCH}/installed/libexec/cupel/*)
foreach(program ${programs})
  run(ldd ${program})
  execute_process(COMMAND ldd ${program} OUTPUT_VARIABLE loaded)
  if(loaded MATCHES "not found" OR loaded MATCHES "/\\.deps/")
    message(FATAL_ERROR "${program} does not find its libraries in the installed tree:\n${loaded}")
  endif()
  if(NOT program MATCHES "\\.so$")
    run(${program} --version)
  endif()
endforeach()
run(${SCRATCH}/installed/bin/cupel explain list)
if(NOT EXISTS ${SCRATCH}/installed/share/cupel/pages/commands/list.md)
  message(FATAL_ERROR "the manual's pages are not installed")
endif()
