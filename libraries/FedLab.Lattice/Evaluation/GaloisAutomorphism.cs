namespace FedLab.Lattice.Evaluation;

/// <summary>f(X) to f(X^g) in evaluation form, where it only moves values.</summary>
internal static class GaloisAutomorphism
{
    /// <summary>Row by row; the two must not overlap. Positions depend on the element only, so secrets may be moved.</summary>
    public static void Apply(CkksContext context, int element, ReadOnlySpan<double> source, Span<double> target)
    {
        var permutation = context.Permutation(element);
        for (var row = 0; row < source.Length; row += context.Degree)
            Move(permutation, source.Slice(row, context.Degree), target.Slice(row, context.Degree));
    }

    private static unsafe void Move(int[] permutation, ReadOnlySpan<double> source, Span<double> target)
    {
        fixed (int* from = permutation)
        fixed (double* values = source, moved = target)
        {
            for (var i = 0; i < permutation.Length; i += 4)
            {
                var v0 = values[from[i]];
                var v1 = values[from[i + 1]];
                var v2 = values[from[i + 2]];
                var v3 = values[from[i + 3]];
                moved[i] = v0;
                moved[i + 1] = v1;
                moved[i + 2] = v2;
                moved[i + 3] = v3;
            }
        }
    }
}
