namespace FedLab.Learning;

/// <summary>Symmetric matrices as their lower triangle, row by row.</summary>
internal static class SymmetricMatrix
{
    /// <summary>Length of the triangle of an order, and position of that row.</summary>
    public static int PackedLength(int order) => order * (order + 1) / 2;

    public static double At(ReadOnlySpan<double> packed, int row, int column) =>
        row >= column ? packed[PackedLength(row) + column] : packed[PackedLength(column) + row];
}
