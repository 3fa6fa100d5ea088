/* blas_claim.h: BLAS on one thread, so that its bits do not depend on how many there are.
 *
 * The number of its threads belongs to the process: one user at a time sets it and puts it back.
 */
#ifndef QSTI_LEARN_BLAS_CLAIM_H
#define QSTI_LEARN_BLAS_CLAIM_H

/* Waits for its turn. Gives the number to put back. */
int qsti_blas_claim(void);
void qsti_blas_release(int n_threads);

#endif
