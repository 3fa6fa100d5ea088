qstill_test(test_golden_losses SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_losses.c USES learn LABELS golden quick)
qstill_test(test_golden_loss_methods SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_loss_methods.c USES learn LABELS golden quick)
