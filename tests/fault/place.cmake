qstill_test(test_place_out_of_memory SOURCES test_place_out_of_memory.c USES place LABELS fault)
