namespace FedLab.Synthesis;

/// <summary>A permutation of 0..count−1 that needs no memory: position ↦ position·multiplier mod count.</summary>
internal readonly record struct RowOrder(long Multiplier, int Count)
{
    /// <summary>The permutation with the smallest usable multiplier not below <paramref name="multiplier"/>.</summary>
    public static RowOrder Of(long multiplier, int count)
    {
        while (GreatestCommonDivisor(multiplier, count) != 1) multiplier++;
        return new RowOrder(multiplier, count);
    }

    public int this[int position] => (int)(position * Multiplier % Count);

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}
