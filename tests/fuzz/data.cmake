foreach(format csv npy npz idx)
  qstill_fuzz_target(${format} USES data)
endforeach()
if(QSTILL_FUZZ)
  # Coverage of the code under test guides the fuzzer.
  target_compile_options(qsti_data PRIVATE -fsanitize=fuzzer-no-link)
endif()
