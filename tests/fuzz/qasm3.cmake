qstill_fuzz_target(qasm3 USES qasm)
if(QSTILL_FUZZ)
  target_compile_options(qsti_qasm PRIVATE -fsanitize=fuzzer-no-link)
endif()
