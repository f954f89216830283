using System.Runtime.CompilerServices;
using FedLab.Curve25519.Field;

namespace FedLab.Curve25519.Montgomery;

/// <summary>
/// What the ladder works on. Everything here tells about the scalar (projective coordinates do: Naccache, Smart, Stern 2004), so it
/// lives in a <see cref="SecretBuffer{T}"/>.
/// </summary>
internal struct LadderState<TField>
    where TField : unmanaged, IField<TField>
{
    /// <summary>The point that is multiplied, reduced.</summary>
    public TField Point;

    /// <summary>Numerator of the result.</summary>
    public TField X;

    /// <summary>Denominator of the result; zero for the neutral element.</summary>
    public TField Z;

    public TField NextX;
    public TField NextZ;
    public TField Sum;
    public TField Difference;
    public TField NextSum;
    public TField NextDifference;
    public TField SumSquared;
    public TField DifferenceSquared;
}

/// <summary>Scalar multiplication on Curve25519 and its twist by x-coordinates alone: the ladder of RFC 7748 section 5.</summary>
internal static class MontgomeryLadder<TField>
    where TField : unmanaged, IField<TField>
{
    private const int ScalarBits = 256;

    /// <summary>(486662 − 2) / 4, a24 of RFC 7748.</summary>
    private const uint A24 = 121665;

    /// <summary>
    /// Multiplies the point in each lane by one scalar; the product is X / Z.
    /// The sequence of operations and addresses is the same for every scalar and every point.
    /// </summary>
    /// <param name="scalar">32 bytes little-endian, used as they are: no clamping.</param>
    /// <param name="s">Holds the points on entry, the products afterwards.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ReadOnlySpan<byte> scalar, ref LadderState<TField> s)
    {
        // (X : Z) = k·P and (NextX : NextZ) = (k + 1)·P for the bits k read so far.
        var one = FieldElement.One;
        var zero = FieldElement.Zero;
        TField.Broadcast(in one, out s.X);
        TField.Broadcast(in zero, out s.Z);
        TField.Broadcast(in one, out s.NextZ);
        s.NextX = s.Point;
        ulong swap = 0;
        for (var bit = ScalarBits - 1; bit >= 0; bit--)
        {
            var current = (ulong)(scalar[bit >> 3] >> (bit & 7)) & 1;
            var mask = 0 - (swap ^ current);
            swap = current;
            TField.ConditionalSwap(mask, ref s.X, ref s.NextX);
            TField.ConditionalSwap(mask, ref s.Z, ref s.NextZ);

            // A, B, C, D, then DA and CB in place of C and D
            TField.Add(in s.X, in s.Z, out s.Sum);
            TField.Subtract(in s.X, in s.Z, out s.Difference);
            TField.Add(in s.NextX, in s.NextZ, out s.NextSum);
            TField.Subtract(in s.NextX, in s.NextZ, out s.NextDifference);
            TField.Multiply(in s.NextDifference, in s.Sum, out s.NextDifference);
            TField.Multiply(in s.NextSum, in s.Difference, out s.NextSum);
            TField.Square(in s.Sum, out s.SumSquared);
            TField.Square(in s.Difference, out s.DifferenceSquared);

            // x₃ = (DA + CB)², z₃ = x₁·(DA − CB)²
            TField.Add(in s.NextDifference, in s.NextSum, out s.Sum);
            TField.Subtract(in s.NextDifference, in s.NextSum, out s.Difference);
            TField.Square(in s.Sum, out s.NextX);
            TField.Square(in s.Difference, out s.NextZ);
            TField.Multiply(in s.Point, in s.NextZ, out s.NextZ);

            // x₂ = AA·BB, z₂ = E·(AA + a24·E) with E = AA − BB
            TField.Multiply(in s.SumSquared, in s.DifferenceSquared, out s.X);
            TField.Subtract(in s.SumSquared, in s.DifferenceSquared, out s.Difference);
            TField.MultiplySmall(in s.Difference, A24, out s.Sum);
            TField.Add(in s.SumSquared, in s.Sum, out s.Sum);
            TField.Multiply(in s.Difference, in s.Sum, out s.Z);
        }

        TField.ConditionalSwap(0 - swap, ref s.X, ref s.NextX);
        TField.ConditionalSwap(0 - swap, ref s.Z, ref s.NextZ);
    }
}
