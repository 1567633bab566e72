# `cmake --install`: the programs, the libraries that they load privately, the manual, and what find_package(Cupel) needs. One component an
# executable (`--component check`), so that a step's image can hold that step alone.
include(CMakePackageConfigHelpers)

set(private_folder ${CMAKE_INSTALL_LIBDIR}/cupel)

# Arrow and ONNX Runtime, unless they are the system's own.
function(install_private component library)
  cmake_path(IS_PREFIX CUPEL_DEPS ${library} NORMALIZE unpacked)
  if(NOT unpacked)
    return()
  endif()
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${library} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^\n ]+)" found "${headers}")
  set(soname ${CMAKE_MATCH_1})
  file(REAL_PATH ${library} file)
  install(FILES ${file} DESTINATION ${private_folder} RENAME ${soname} COMPONENT ${component})
endfunction()
install_private(arrow ${ARROW_LIBRARY})
install_private(arrow ${PARQUET_LIBRARY})
install_private(onnxruntime ${ONNXRUNTIME_LIBRARY})

file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*/*.md)
foreach(page ${pages})
  cmake_path(GET page PARENT_PATH folder)
  cmake_path(GET folder FILENAME folder)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_DATADIR}/cupel/pages/${folder} COMPONENT pages)
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT pages)

# The rooms behind the fluent API: a suite in C++, over data of one's own or read by Cupel.
set(exported base stats table source states suite expectations)
foreach(room ${exported})
  install(
    DIRECTORY ${CMAKE_SOURCE_DIR}/src/${room}/
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cupel/${room}
    COMPONENT development
    FILES_MATCHING PATTERN "*.h" PATTERN "*_internal.h" EXCLUDE)
  set_target_properties(cupel_${room} PROPERTIES EXPORT_NAME ${room})
  install(TARGETS cupel_${room} EXPORT Cupel ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Cupel)
install(EXPORT Cupel NAMESPACE Cupel:: FILE CupelTargets.cmake DESTINATION ${package_folder} COMPONENT development)
configure_package_config_file(cmake/CupelConfig.cmake.in ${CMAKE_BINARY_DIR}/CupelConfig.cmake INSTALL_DESTINATION ${package_folder}
  PATH_VARS private_folder)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/CupelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/CupelConfig.cmake ${CMAKE_BINARY_DIR}/CupelConfigVersion.cmake DESTINATION ${package_folder} COMPONENT development)
