namespace FedLab.Curve25519;

/// <summary>
/// Bytes that should be a point are not one that may be computed with: not the canonical encoding, on no curve, or of so small an
/// order that a secret scalar takes it to the neutral element (which would make the result independent of the secret).
/// </summary>
public sealed class InvalidPointException : Exception
{
    internal InvalidPointException(string message, int index)
        : base(message) => Index = index;

    /// <summary>The position of the first such point, counted from zero; zero where there is only one point.</summary>
    public int Index { get; }
}
