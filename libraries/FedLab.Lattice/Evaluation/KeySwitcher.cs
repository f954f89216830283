namespace FedLab.Lattice.Evaluation;

/// <summary>The key switch: Σ_i d_i·(b_i, a_i), divided by the special prime.</summary>
/// <remarks>
/// Digits are the residues in [0, q_i), not balanced ones, as SEAL takes them: noise is the same to within a constant, and results compare with SEAL's
/// coefficient by coefficient. For each target prime the products of all digits are added up without reduction as far as doubles hold them.
/// </remarks>
internal static class KeySwitcher
{
    /// <summary>
    /// target0 = addend0 + first part, target1 = addend1 + second part (an addend may be null: zero), for a canonical polynomial of level + 1 rows
    /// in evaluation form. Targets may be the addends or the source.
    /// </summary>
    public static unsafe void Switch(CkksContext context, KeySwitchKey key, int level, double* source, double* addend0, double* addend1, double* target0, double* target1)
    {
        var lattice = context.Lattice;
        var degree = context.Degree;
        var special = context.SpecialIndex;
        var digits = context.Polynomials(1).Rent();
        var scratch = lattice.Rows.Rent();
        var lasts = context.RowTriples.Rent();
        var sums = context.Polynomials(2).Rent();
        fixed (double* digit = digits.Span, row = scratch.Span, last0 = lasts.Span, total0 = sums.Span)
        fixed (double* b = key.B(0))
        {
            var last1 = last0 + degree;
            var total1 = total0 + ((long)context.DataPrimes * degree);
            for (var i = 0; i <= level; i++)
            {
                var from = source + ((long)i * degree);
                var into = digit + ((long)i * degree);
                new ReadOnlySpan<double>(from, degree).CopyTo(new Span<double>(into, degree));
                lattice.Kernels.Inverse(lattice.Tables[i], into);
                lattice.Kernels.Canonicalise(lattice.Tables[i].Modulus, into, into, degree);
            }

            InnerProduct(context, b, level, special, digit, source, last0, last1, row);
            ModulusDown.Prepare(context, special, last0);
            ModulusDown.Prepare(context, special, last1);
            for (var j = 0; j <= level; j++)
            {
                // All sums before the first target row is written: a target may be the source.
                var offset = (long)j * degree;
                InnerProduct(context, b, level, j, digit, source, total0 + offset, total1 + offset, row);
            }

            for (var j = 0; j <= level; j++)
            {
                var offset = (long)j * degree;
                Finish(context, j, last0, total0 + offset, addend0 is null ? null : addend0 + offset, target0 + offset, row);
                Finish(context, j, last1, total1 + offset, addend1 is null ? null : addend1 + offset, target1 + offset, row);
            }
        }

        context.Polynomials(1).Return(digits, wasSecret: false);
        lattice.Rows.Return(scratch, wasSecret: false);
        context.RowTriples.Return(lasts, wasSecret: false);
        context.Polynomials(2).Return(sums, wasSecret: false);
    }

    private static unsafe void Finish(CkksContext context, int prime, double* remainders, double* sum, double* addend, double* target, double* scratch)
    {
        if (addend is null)
            ModulusDown.Apply(context, context.SpecialIndex, prime, remainders, sum, target, scratch);
        else
            ModulusDown.ApplyAdd(context, context.SpecialIndex, prime, remainders, sum, addend, target, scratch);
    }

    /// <summary>Σ_i d_i·(b_i, a_i) modulo one prime, balanced.</summary>
    private static unsafe void InnerProduct(CkksContext context, double* key, int level, int prime, double* digits, double* source, double* sum0, double* sum1, double* scratch)
    {
        var degree = context.Degree;
        var length = context.Lattice.PolynomialLength;
        var table = context.Tables[prime];
        var pending = 0;
        new Span<double>(sum0, degree).Clear();
        new Span<double>(sum1, degree).Clear();
        for (var i = 0; i <= level; i++)
        {
            // Modulo its own prime a digit is the polynomial itself.
            var factor = source + ((long)i * degree);
            if (i != prime)
            {
                factor = scratch;
                var digit = digits + ((long)i * degree);
                if (context.Tables[i].Modulus > table.Modulus)
                {
                    context.Kernels.Reduce(table.Modulus, table.Inverse, digit, scratch, degree);
                    digit = scratch;
                }

                context.Kernels.Forward(table, digit, scratch);
            }

            var reduce = ++pending == context.MaximumPending || i == level;
            if (reduce)
                pending = 0;
            var b = key + ((2 * i * (long)length) + ((long)prime * degree));
            context.Kernels.MultiplyAccumulate(table.Modulus, table.Inverse, factor, b, b + length, sum0, sum1, degree, reduce);
        }
    }
}
