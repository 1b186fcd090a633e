# ui_assets(TARGET): bundles the web app in ui/ and compiles its files into TARGET.
find_program(FLAWLESS_NODE node)
find_program(FLAWLESS_NPM npm)

function(ui_assets TARGET)
  set(ui ${CMAKE_SOURCE_DIR}/ui)
  set(work ${CMAKE_CURRENT_BINARY_DIR})
  set(generated ${work}/embedded.cc)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ui}/src/*.ts ${ui}/src/*.tsx ${ui}/src/*.css ${ui}/src/*.svg)
  # Written from the API's description for the type checker; the bundle does not need it.
  list(FILTER sources EXCLUDE REGEX "(/api/schema|\\.test)\\.ts$")
  list(APPEND sources ${ui}/src/index.html ${ui}/scripts/build.mjs ${ui}/scripts/embed.mjs ${ui}/tsconfig.json)

  if(NOT FLAWLESS_NODE OR NOT FLAWLESS_NPM)
    add_custom_command(OUTPUT ${generated}
      COMMAND ${CMAKE_COMMAND} -E echo "The web app needs Node 18 or newer and npm: run scripts/build, which installs them."
      COMMAND ${CMAKE_COMMAND} -E false
      VERBATIM)
  else()
    add_custom_command(OUTPUT ${work}/packages.stamp
      COMMAND ${CMAKE_COMMAND} -D UI=${ui} -D NPM=${FLAWLESS_NPM} -P ${CMAKE_SOURCE_DIR}/cmake/ui_packages.cmake
      COMMAND ${CMAKE_COMMAND} -E touch ${work}/packages.stamp
      DEPENDS ${ui}/package.json ${ui}/package-lock.json ${CMAKE_SOURCE_DIR}/cmake/ui_packages.cmake
      COMMENT "Installing the web app's packages" VERBATIM)
    add_custom_command(OUTPUT ${generated}
      COMMAND ${FLAWLESS_NODE} ${ui}/scripts/build.mjs --out ${work}/dist
      COMMAND ${FLAWLESS_NODE} ${ui}/scripts/embed.mjs ${work}/dist ${generated}
      DEPENDS ${sources} ${work}/packages.stamp
      COMMENT "Bundling the web app" VERBATIM)
  endif()
  target_sources(${TARGET} PRIVATE ${generated})
  if(FLAWLESS_TESTS AND FLAWLESS_NPM AND NOT FLAWLESS_SANITIZE)
    add_test(NAME ui COMMAND ${FLAWLESS_NPM} run --silent check WORKING_DIRECTORY ${ui})
  endif()
endfunction()
