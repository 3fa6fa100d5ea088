qstill_fuzz_target(assembly USES data assembly)
if(QSTILL_FUZZ)
  target_compile_options(qsti_assembly PRIVATE -fsanitize=fuzzer-no-link)
endif()
