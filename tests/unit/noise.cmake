foreach(topic noise_channels noise_rules noise_readout)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c ${CMAKE_CURRENT_LIST_DIR}/dense_noise.c
    USES noise LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_test_ref)
endforeach()
