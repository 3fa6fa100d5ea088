# What `cmake --install` puts where: program and man page (cli/), libraries, public headers, data sets, recipes and
# qstill.pc.
install(TARGETS qstill_static qstill_shared
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/qstill DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/qstill/data
  FILES_MATCHING PATTERN "*.csv" PATTERN "*.csv.gz" PATTERN "README.md")
install(DIRECTORY examples/recipes DESTINATION ${CMAKE_INSTALL_DOCDIR}
  FILES_MATCHING PATTERN "*.yaml" PATTERN "*.csv")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_file(cmake/qstill.pc.in qstill.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/qstill.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
