namespace FedLab.Lattice.Evaluation;

/// <summary>Division by one prime of the modulus, rounded to the nearest integer: (x - r)/p with r the residue of x in [-(p-1)/2, (p-1)/2].</summary>
/// <remarks>The remainder is exact, not approximate, so the result is SEAL's, coefficient by coefficient.</remarks>
internal static class ModulusDown
{
    /// <summary>The row of the prime that is divided by, from evaluation form within ±p to centred remainders.</summary>
    public static unsafe void Prepare(CkksContext context, int prime, double* row)
    {
        var table = context.Tables[prime];
        context.Kernels.Inverse(table, row);
        context.Kernels.Centre(table.Modulus, row, row, context.Degree);
    }

    /// <summary>
    /// One of the rows that stay, within ±q: the quotient's canonical evaluation form. <paramref name="scratch"/> takes N doubles; <paramref name="target"/>
    /// may be <paramref name="row"/>.
    /// </summary>
    public static unsafe void Apply(CkksContext context, int prime, int remaining, double* remainders, double* row, double* target, double* scratch)
    {
        var table = context.Tables[remaining];
        Lift(context, prime, remaining, remainders, scratch);
        context.Kernels.SubtractScaled(table.Modulus, table.Inverse, row, scratch, context.InverseOf(prime, remaining), target, context.Degree);
    }

    /// <summary>As <see cref="Apply"/> and adds a canonical row.</summary>
    public static unsafe void ApplyAdd(CkksContext context, int prime, int remaining, double* remainders, double* row, double* addend, double* target, double* scratch)
    {
        Apply(context, prime, remaining, remainders, row, scratch, scratch);
        context.Kernels.AddModular(context.Tables[remaining].Modulus, scratch, addend, target, context.Degree);
    }

    /// <summary>Integers within ±p/2 of one prime to the evaluation form modulo another.</summary>
    private static unsafe void Lift(CkksContext context, int prime, int remaining, double* remainders, double* target)
    {
        var table = context.Tables[remaining];
        if (context.Tables[prime].Modulus <= 2 * table.Modulus)
        {
            context.Kernels.Forward(table, remainders, target);
            return;
        }

        context.Kernels.Reduce(table.Modulus, table.Inverse, remainders, target, context.Degree);
        context.Kernels.Forward(table, target, target);
    }
}
