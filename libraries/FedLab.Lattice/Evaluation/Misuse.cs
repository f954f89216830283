namespace FedLab.Lattice.Evaluation;

/// <summary>The checks that stand between a mistake and a wrong result; each names both sides and the remedy.</summary>
internal static class Misuse
{
    /// <summary>Scales that differ by less are one scale: the relative error stays below what 40 bits of precision show.</summary>
    public const double ScaleTolerance = 1.0 / (1L << 40);

    public static void CheckContext(CkksContext expected, CkksContext actual, string name)
    {
        if (!ReferenceEquals(expected, actual))
            throw new ArgumentException($"The context differs: degree {expected.Degree} with {expected.Tables.Length} primes is expected, {name} has degree {actual.Degree} with {actual.Tables.Length} primes and is of another CkksContext. Build every object from one CkksContext.", name);
    }

    public static void CheckLevels(int left, int right)
    {
        if (left != right)
            throw new ArgumentException($"The levels differ: {left} and {right}. Bring the higher one down with ModulusSwitchTo({Math.Min(left, right)}).", nameof(right));
    }

    public static void CheckScales(double left, double right)
    {
        if (!AreEqual(left, right))
            throw new ArgumentException($"The scales differ: {left:R} (2^{Math.Log2(left):F6}) and {right:R} (2^{Math.Log2(right):F6}). Encode the plaintext at the other's scale, or rescale both by the same primes.", nameof(right));
    }

    public static void CheckSize(int expected, int actual, string remedy)
    {
        if (expected != actual)
            throw new ArgumentException($"The ciphertext has {actual} polynomials where {expected} are needed: {remedy}.", nameof(actual));
    }

    public static bool AreEqual(double left, double right) => Math.Abs(left - right) <= ScaleTolerance * Math.Max(left, right);
}
