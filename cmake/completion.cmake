# The program's own scripts of completion, where each shell looks for them.
foreach(place bash:bash-completion/completions/tenon zsh:zsh/site-functions/_tenon
    fish:fish/vendor_completions.d/tenon.fish)
  string(REGEX MATCH "^([a-z]+):(.*)/([^/]+)$" unused ${place})
  set(script ${CMAKE_CURRENT_BINARY_DIR}/completion/${CMAKE_MATCH_3})
  install(CODE "execute_process(COMMAND \"$<TARGET_FILE:tenon>\" completion ${CMAKE_MATCH_1}
    OUTPUT_FILE \"${script}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${CMAKE_MATCH_2})
endforeach()
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/completion)
