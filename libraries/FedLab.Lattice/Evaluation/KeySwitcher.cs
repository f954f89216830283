namespace FedLab.Lattice.Evaluation;

/// <summary>The key switch: Σ_i d_i·(b_i, a_i), divided by the special prime.</summary>
/// <remarks>
/// Digits are the residues in [0, q_i), not balanced ones, as SEAL takes them: twice the deviation, most of it in the slots next to 1 (see <see cref="Noise.NoisePlan"/>), but results compare with SEAL's
/// coefficient by coefficient. For each target prime products of several digits are added up before a reduction.
/// </remarks>
internal static class KeySwitcher
{
    /// <summary>Digits that are transformed and then multiplied together: with more their rows leave the second-level cache, with fewer the sums are read and written more often.</summary>
    private const int Group = 3;

    /// <summary>Rows of scratch: a group, two remainders modulo the special prime, two sums.</summary>
    public const int ScratchRows = Group + 4;

    /// <summary>
    /// target0 = addend0 + first part, target1 = addend1 + second part (an addend may be null: zero), for a canonical polynomial of level + 1 rows
    /// in evaluation form. Targets may be the addends or the source.
    /// </summary>
    public static unsafe void Switch(CkksContext context, KeySwitchKey key, int level, double* source, double* addend0, double* addend1, double* target0, double* target1)
    {
        var degree = context.Degree;
        var special = context.SpecialIndex;
        var digits = context.Polynomials(1).Rent();
        var scratch = context.KeySwitchRows.Rent();
        fixed (double* digit = digits.Span, rows = scratch.Span)
        fixed (double* b = key.B(0))
        {
            var last0 = rows + ((long)Group * degree);
            var last1 = last0 + degree;
            var sum0 = last1 + degree;
            var sum1 = sum0 + degree;
            for (var i = 0; i <= level; i++)
            {
                var table = context.Tables[i];
                var row = digit + ((long)i * degree);
                new ReadOnlySpan<double>(source + ((long)i * degree), degree).CopyTo(new Span<double>(row, degree));
                context.Kernels.Inverse(table, row);
                context.Kernels.Canonicalise(table.Modulus, row, row, degree);
            }

            InnerProduct(context, b, level, special, digit, source, last0, last1, rows);
            ModulusDown.Prepare(context, special, last0);
            ModulusDown.Prepare(context, special, last1);
            for (var j = 0; j <= level; j++)
            {
                // Of the source only row j is read from here on, and before the targets' row j is written.
                var offset = (long)j * degree;
                InnerProduct(context, b, level, j, digit, source, sum0, sum1, rows);
                Finish(context, j, last0, sum0, addend0 is null ? null : addend0 + offset, target0 + offset, rows);
                Finish(context, j, last1, sum1, addend1 is null ? null : addend1 + offset, target1 + offset, rows);
            }
        }

        context.Polynomials(1).Return(digits, wasSecret: false);
        context.KeySwitchRows.Return(scratch, wasSecret: false);
    }

    private static unsafe void Finish(CkksContext context, int prime, double* remainders, double* sum, double* addend, double* target, double* scratch)
    {
        if (addend is null)
            ModulusDown.Apply(context, context.SpecialIndex, prime, remainders, sum, target, scratch);
        else
            ModulusDown.ApplyAdd(context, context.SpecialIndex, prime, remainders, sum, addend, target, scratch);
    }

    /// <summary>Σ_i d_i·(b_i, a_i) modulo one prime, balanced; <paramref name="rows"/> takes a group of transformed digits.</summary>
    private static unsafe void InnerProduct(CkksContext context, double* key, int level, int prime, double* digits, double* source, double* sum0, double* sum1, double* rows)
    {
        var degree = context.Degree;
        var length = (long)context.Lattice.PolynomialLength;
        var table = context.Tables[prime];
        for (var start = 0; start <= level; start += Group)
        {
            var count = Math.Min(Group, level + 1 - start);
            for (var i = start; i < start + count; i++)
            {
                var row = rows + ((long)(i - start) * degree);
                var digit = digits + ((long)i * degree);
                if (i == prime)
                {
                    // Modulo its own prime a digit is the polynomial itself.
                    new ReadOnlySpan<double>(source + ((long)i * degree), degree).CopyTo(new Span<double>(row, degree));
                    continue;
                }

                if (context.Tables[i].Modulus > table.Modulus)
                {
                    context.Kernels.Reduce(table.Modulus, table.Inverse, digit, row, degree);
                    digit = row;
                }

                context.Kernels.Forward(table, digit, row);
            }

            var pairs = key + (2 * start * length) + ((long)prime * degree);
            context.Kernels.InnerProduct(table.Modulus, table.Inverse, rows, pairs, 2 * length, length, count, sum0, sum1, degree, accumulate: start > 0, reduce: true);
        }
    }
}
