# Run as a script: installs ui/node_modules as package-lock.json says, unless that is what is there. Build trees share
# it, so one waits for the other.
file(LOCK ${UI}/.packages.lock GUARD PROCESS TIMEOUT 600)
file(SHA256 ${UI}/package-lock.json wanted)
set(mark ${UI}/node_modules/.flawless)
if(EXISTS ${mark})
  file(READ ${mark} installed)
  if(installed STREQUAL wanted)
    return()
  endif()
endif()
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
                WORKING_DIRECTORY ${UI} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "npm ci failed in ui/: the web app's packages could not be installed. Is the registry reachable?")
endif()
file(WRITE ${mark} ${wanted})
