# The files of tests/qasm, each with mutations, are most of its corpus.
qstill_fuzz_target(qasm2 USES qasm CORPUS ${PROJECT_SOURCE_DIR}/tests/qasm/valid2 ${PROJECT_SOURCE_DIR}/tests/qasm/invalid2)
if(QSTILL_FUZZ)
  target_compile_options(qsti_qasm PRIVATE -fsanitize=fuzzer-no-link)
  target_compile_options(qsti_assembly PRIVATE -fsanitize=fuzzer-no-link)
endif()
