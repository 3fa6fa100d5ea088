/* squared_distance.c: how far apart two sampled models are, without the bias of their shots.
 *
 *   E sum (t - s)^2 = sum (m_t - m_s)^2 + sum var t + sum var s,
 *
 * for estimates t, s that are independent and without bias; so unbiased estimates of the variances are subtracted.
 * Sums may come out below 0. */
#include <qstill/measure.h>

static double sum_of(qst_const_matrix m)
{
    double sum = 0;
    for (size_t i = 0; i < m.n_rows * m.n_cols && m.data != NULL; i++)
        sum += m.data[i];
    return sum;
}

void qst_squared_distance(qst_const_matrix teacher, qst_const_matrix teacher_variances, qst_const_matrix student,
                          qst_const_matrix student_variances, double *out_raw, double *out_corrected)
{
    double raw = 0;
    for (size_t i = 0; i < teacher.n_rows * teacher.n_cols; i++) {
        double off = teacher.data[i] - student.data[i];
        raw += off * off;
    }
    *out_raw = raw;
    *out_corrected = raw - sum_of(teacher_variances) - sum_of(student_variances);
}
