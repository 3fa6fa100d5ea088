# The golden models are the rest of its corpus.
qstill_fuzz_target(onnx USES data import CORPUS ${PROJECT_SOURCE_DIR}/tests/golden/models)
if(QSTILL_FUZZ)
  target_compile_options(qsti_import PRIVATE -fsanitize=fuzzer-no-link)
endif()
