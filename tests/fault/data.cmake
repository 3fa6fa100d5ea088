foreach(format csv npy npz idx)
  qstill_test(test_bad_${format}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_bad_${format}.c ${CMAKE_CURRENT_LIST_DIR}/bad_file.c
    USES data LABELS fault quick)
endforeach()
qstill_test(test_memory_of_readers SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_memory_of_readers.c USES data LABELS fault)
target_sources(test_bad_npz PRIVATE ${CMAKE_CURRENT_LIST_DIR}/make_zip.c)
qstill_test(test_data_out_of_memory SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_data_out_of_memory.c USES data LABELS fault quick)
