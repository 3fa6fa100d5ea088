qstill_fuzz_target(device USES data device)
if(QSTILL_FUZZ)
  target_compile_options(qsti_device PRIVATE -fsanitize=fuzzer-no-link)
endif()
